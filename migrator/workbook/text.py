"""What a cell may hold: any text as text, nothing that Excel would run, refuse or read otherwise."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 32_767
"""The characters a cell holds; Excel counts in units of UTF-16."""

_LETTERS_A_DIGIT = 1.12  # text of 10 points runs narrower than the digits of 11 that widths are counted in
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def shown(text: str) -> str:
    """The text as a cell can hold it: line breaks kept, characters that Excel refuses shown by their pictures (␀ …),
    half surrogates as �, and cut with an ellipsis where it is longer than a cell."""
    if _REFUSED.search(text):
        text = _REFUSED.sub(_picture, text.replace("\r\n", "\n"))
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # XlsxWriter takes exactly this for rich text of its own and would write it as markup
    return _cut(text) if len(text) > LIMIT // 2 else text


def width(text: str) -> int:
    """How many columns of ordinary letters it takes, by its longest line; wide scripts take two a letter."""
    longest = max(text.split("\n"), key=len, default="") if "\n" in text else text
    if longest.isascii():
        return len(longest)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in longest)


def lines(text: str, columns: float) -> int:
    """About how many lines it fills in a cell as wide as so many digits, rather one too many than one too few; what
    makes wrapped and merged cells high enough."""
    usable = max(int(columns * _LETTERS_A_DIGIT) - 2, 1)  # less an indent, and words that do not fill their line
    return sum(max(1, -(-width(line) // usable)) for line in text.split("\n"))


def shortened(text: str, length: int) -> str:
    """On one line, cut with an ellipsis where it is longer than so many letters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def for_print(text: str, length: int) -> str:
    """For a page's header or footer, where `&` is a command: doubled; cut to `length` characters."""
    return shown(shortened(text, length)).replace("&", "&&")


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LIMIT:
        return text
    return units[: 2 * (LIMIT - 1)].decode("utf-16-le", errors="ignore") + "…"
