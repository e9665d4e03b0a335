"""Number formats that pad with zeros: a cell that holds 123 and shows 00123."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.|(0)|(#)|(.)', re.DOTALL)
_LITERALS = set(" -/():'")


def pads(code: str) -> bool:
    """Whether a format code makes whole numbers longer by zeros, and does nothing else that would have to be known."""
    return _parse(code).count(None) > 1


def padded_text(number: float, code: str) -> str:
    """A whole number as the format shows it; "" where the number is none that it pads."""
    parts = _parse(code)
    if number < 0 or number != int(number):
        return ""
    digits = str(int(number)).zfill(parts.count(None))
    surplus = len(digits) - parts.count(None)
    text, taken = "", 0
    for part in parts:
        if part is None:
            end = taken + 1 + (surplus if taken == 0 else 0)
            text, taken = text + digits[taken:end], end
        else:
            text += part
    return text


def _parse(code: str) -> list[str | None]:
    """The format for positive numbers as literal text and, for every zero, None; empty where it is another sort."""
    parts: list[str | None] = []
    for quoted, escaped, zero, hash_, other in _TOKEN.findall(code.split(";")[0]):
        if zero:
            parts.append(None)
        elif other and other not in _LITERALS:
            return []
        elif not hash_:
            parts.append(quoted or escaped or other)
    return parts
