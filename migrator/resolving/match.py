"""Which configuration or group a name means. Pure: candidates in, one match or none out; never the first of many."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from migrator.model.row import Ref

T = TypeVar("T")

_GUID = re.compile(r"\{?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\}?", re.IGNORECASE)
_BLANK = "\u0000\t\n\v\f\r \u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff"
_OUTER = re.compile(f"^[{_BLANK}]+|[{_BLANK}]+$")


def guid(text: str) -> str:
    """The id in lower case and without braces, "" where the text is none."""
    found = _GUID.fullmatch(text.strip())
    return found[1].lower() if found else ""


def fold(text: str) -> str:
    """How names compare: without case, composed."""
    return unicodedata.normalize("NFC", text).casefold()


def trim(text: str) -> str:
    """A name without the blanks around it, visible or not."""
    return _OUTER.sub("", text)


def is_pattern(text: str) -> bool:
    """Whether a text may stand for several names: it has `*` or `?` in it."""
    return "*" in text or "?" in text


@lru_cache(maxsize=1_000)
def pattern(text: str) -> re.Pattern[str]:
    """Matches folded names: `*` stands for anything, `?` for one character, everything else for itself.

    What stands between two stars is found where it comes first and never looked for again, so that no text takes long.
    """
    first, *rest = (
        "".join("." if c == "?" else re.escape(c) for c in part) for part in re.split(r"\*+", fold(trim(text)))
    )
    if not rest:
        return re.compile(first, re.DOTALL)
    *between, last = rest
    return re.compile(first + "".join(f"(?>.*?{part})" for part in between) + f".*{last}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """One match, or why there is none: `found` None and no candidates means absent, several candidates ambiguous.

    `note` says what was odd about a match ("" for nothing).
    """

    found: T | None
    candidates: tuple[T, ...] = ()
    note: str = ""


class NameIndex(Generic[T]):
    """Things by their names, without case and outer blanks."""

    def __init__(self, things: Iterable[T], name: Callable[[T], str]) -> None:
        self._name = name
        self._by_name: defaultdict[str, list[T]] = defaultdict(list)
        for thing in things:
            self._by_name[fold(trim(name(thing)))].append(thing)

    def match(self, ref: Ref) -> Match[T]:
        """Whom a name means. One that is written without blanks prefers the one that bears it without."""
        there = self._by_name.get(fold(ref.text), [])
        if not there:
            return Match(None)
        exact = [thing for thing in there if fold(self._name(thing)) == fold(ref.text)]
        if exact and ref.written in ("", ref.text):
            there = exact
        if len(there) > 1:
            return Match(None, tuple(there))
        name = self._name(there[0])
        padded = fold(name) != fold(ref.text)
        return Match(there[0], note=f"its name in the tenant has blanks around it: {name!r}" if padded else "")
