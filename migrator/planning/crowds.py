"""Crowds: sets of people or devices, some of which are everybody but a few. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Ids = frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Those with these ids; or, where `but`, everybody in the tenant except them."""

    ids: Ids = frozenset()
    but: bool = False

    def __or__(self, other: Crowd) -> Crowd:
        if self.but and other.but:
            return Crowd(self.ids & other.ids, but=True)
        if self.but:
            return Crowd(self.ids - other.ids, but=True)
        return other | self if other.but else Crowd(self.ids | other.ids)

    def __and__(self, other: Crowd) -> Crowd:
        return ~(~self | ~other)

    def __sub__(self, other: Crowd) -> Crowd:
        return self & ~other

    def __invert__(self) -> Crowd:
        return Crowd(self.ids, not self.but)

    @property
    def size(self) -> int:
        """How many they are; 0 for everybody but a few, of whom nobody knows the number."""
        return 0 if self.but else len(self.ids)


NOBODY = Crowd()
EVERYBODY = Crowd(but=True)


def together(crowds: Iterable[Crowd]) -> Crowd:
    """All who are in one of them."""
    found, rest = set[bytes](), NOBODY
    for crowd in crowds:
        if crowd.but:
            rest |= crowd
        else:
            found |= crowd.ids
    return rest | Crowd(frozenset(found))
