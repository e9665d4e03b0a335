"""JSON, fast where it is as it should be, and lenient where Graph's is not. Pure.

msgspec is several times faster than the standard library, and stricter: it knows no half of a surrogate pair, which a
text has that the service cut off in the middle of an emoji. Such a document takes the slower way.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec


def read(text: bytes | str) -> Any:
    """Whatever JSON there is; ValueError where there is none, or none that can be held (nested without end)."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):  # ValueError: bytes that are no UTF-8
        return _leniently(text)


def written(value: object) -> str:
    """The shortest JSON, in pure ASCII: no text that Graph ever sent stops its own way back. ValueError for what is
    nested too deeply."""
    try:
        fast = msgspec.json.encode(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return fast.decode("ascii") if fast.isascii() else json.dumps(value, separators=(",", ":"))


def _leniently(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
