"""Whom to trust: the system's own store of authorities, and a bundle of one's own beside it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import truststore

from migrator.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def context(ca_bundle: Path | None = None) -> ssl.SSLContext:
    """A client's TLS context; UsageError where the bundle cannot be read."""
    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_bundle is not None:
        try:
            trust.load_verify_locations(cafile=str(ca_bundle))
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"The CA bundle {ca_bundle} cannot be used: {error}; it must be a PEM file") from error
    return trust
