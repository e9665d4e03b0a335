"""Sign-in as an app with a certificate: PEM that holds its key too, or PFX; with or without a password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.graph.auth.application import AppOnly, required
from migrator.graph.auth.remembered import Remembered
from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

    from migrator.graph.auth.interface import Circumstances, TokenSource

_KEY = re.compile(rb"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.*?-----END (?P=kind)-----", re.DOTALL)


def source(circumstances: Circumstances) -> TokenSource:
    """UsageError where the certificate is missing or cannot be opened."""
    sign_in = circumstances.sign_in
    path = Path(required(str(sign_in.certificate_path or ""), "a certificate (AZURE_CLIENT_CERTIFICATE_PATH)"))
    credential = _credential(path, sign_in.certificate_password.reveal())
    return Remembered(AppOnly(circumstances, lambda: credential), circumstances)


def _credential(path: Path, password: str) -> dict[str, str]:
    """What MSAL wants, whatever the file's format: both as PEM, the key in the open."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The certificate {path} cannot be read: {error.strerror or error}") from error
    try:
        key, certificate = (_from_pem if b"-----BEGIN" in content else _from_pfx)(content, password.encode() or None)
    except (ValueError, TypeError):
        # the cause is not chained: it may quote what it was given
        needs = "is the password right?" if password else "does it need AZURE_CLIENT_CERTIFICATE_PASSWORD?"
        raise UsageError(f"The certificate {path} cannot be opened: {needs}") from None
    if key is None or certificate is None:
        missing = "certificate" if key else "private key"
        raise UsageError(f"There is no {missing} in {path}; both are needed in one file, as PEM or PFX")
    return {
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
        "public_certificate": certificate.public_bytes(Encoding.PEM).decode("ascii"),
    }


def _from_pfx(content: bytes, password: bytes | None) -> tuple[PrivateKeyTypes | None, Certificate | None]:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    key, certificate, _ = load_key_and_certificates(content, password)
    return key, certificate


def _from_pem(content: bytes, password: bytes | None) -> tuple[PrivateKeyTypes | None, Certificate | None]:
    """The key and the first certificate; a password for a key that has none is no harm."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    found = _KEY.search(content)
    has_certificate = b"-----BEGIN CERTIFICATE-----" in content
    if not found:
        return None, None
    encrypted = b"ENCRYPTED" in found[0]
    key = load_pem_private_key(found[0], password if encrypted else None)
    return key, load_pem_x509_certificates(content)[0] if has_certificate else None
