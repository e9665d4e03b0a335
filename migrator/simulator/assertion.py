"""What an app shows instead of a secret: an assertion that its certificate signed, or that someone trusted gave it."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from migrator.simulator.settings import SimulatorSettings

_PADDINGS = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256().digest_size),
}


def accepted(settings: SimulatorSettings, assertion: str, audience: str) -> bool:
    """Whether an assertion is the federated one, or signed with the app's certificate for this token endpoint."""
    if settings.federated_token and assertion == settings.federated_token:
        return True
    if not settings.certificate:
        return False
    try:
        return _signed(x509.load_pem_x509_certificate(settings.certificate.encode()), assertion) and _says_so(
            settings, _part(assertion, 1), audience
        )
    except (InvalidSignature, ValueError, KeyError, IndexError, binascii.Error, msgspec.DecodeError):
        return False


def _signed(certificate: x509.Certificate, assertion: str) -> bool:
    header = _part(assertion, 0)
    # Entra still takes the older thumbprint, which is what names a certificate there and proves nothing by itself.
    prints = {"x5t#S256": hashes.SHA256(), "x5t": hashes.SHA1()}  # noqa: S303 - a name, not a protection # nosec B303
    if not any(_decode(header[name]) == certificate.fingerprint(h) for name, h in prints.items() if name in header):
        return False
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    signed, _, signature = assertion.rpartition(".")
    key.verify(_decode(signature), signed.encode(), _PADDINGS[header["alg"]], hashes.SHA256())
    return True


def _says_so(settings: SimulatorSettings, claims: dict[str, Any], audience: str) -> bool:
    return bool(
        claims["iss"] == claims["sub"] == settings.client_id
        and claims["aud"] == audience
        and float(claims["exp"]) > time.time()
    )


def _part(assertion: str, number: int) -> dict[str, Any]:
    return msgspec.json.decode(_decode(assertion.split(".")[number]), type=dict[str, Any])


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
