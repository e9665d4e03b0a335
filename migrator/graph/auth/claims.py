"""What a token says of itself."""

from __future__ import annotations

import base64
import binascii
import json


def claims_in(token: str) -> dict[str, object]:
    """The claims of a token, unverified: good enough to show, or to tell one tenant from another. Empty where they
    cannot be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
