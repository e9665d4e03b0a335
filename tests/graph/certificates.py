"""Certificates made on the spot."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

_LOOPBACK = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost"))


@dataclass(frozen=True)
class Issued:
    """A self-signed certificate and its key; for 127.0.0.1 it is its own authority."""

    key: EllipticCurvePrivateKey | RSAPrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, password: str = "") -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _locked(password))

    def pfx(self, password: str = "") -> bytes:
        # mypy cannot see that both kinds of key are among those that PFX takes
        return pkcs12.serialize_key_and_certificates(b"it", self.key, self.certificate, None, _locked(password))


def _locked(password: str) -> KeySerializationEncryption:
    return BestAvailableEncryption(password.encode()) if password else NoEncryption()


@cache
def for_loopback() -> Issued:
    return _issue(generate_private_key(SECP256R1()))


@cache
def for_an_app() -> Issued:
    return _issue(generate_rsa(65537, 2048))


@cache
def expired() -> Issued:
    return _issue(generate_private_key(SECP256R1()), ends=-timedelta(minutes=1))


@cache
def not_yet_valid() -> Issued:
    return _issue(generate_private_key(SECP256R1()), begins=timedelta(hours=1))


@cache
def for_another_host() -> Issued:
    return _issue(generate_private_key(SECP256R1()), names=[x509.DNSName("graph.elsewhere.example")])


def _issue(
    key: EllipticCurvePrivateKey | RSAPrivateKey,
    *,
    begins: timedelta = -timedelta(hours=1),
    ends: timedelta = timedelta(days=1),
    names: Sequence[x509.GeneralName] = _LOOPBACK,
) -> Issued:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "migrator test")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(names),
            critical=False,
        )
    )
    return Issued(key, builder.sign(key, hashes.SHA256()))


def server_context(folder: Path, issued: Issued | None = None) -> ssl.SSLContext:
    """TLS for a server on loopback; `folder` is where its key is put."""
    issued, both = issued or for_loopback(), folder / "server.pem"
    both.write_bytes(issued.key_pem() + issued.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def bundle(folder: Path, issued: Issued | None = None) -> Path:
    """The authority of `server_context`, as a CA bundle."""
    path = folder / "ca.pem"
    path.write_bytes((issued or for_loopback()).certificate_pem)
    return path
