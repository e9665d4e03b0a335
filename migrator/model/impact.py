"""Whom a plan concerns: the members of its groups, and how many of them gain, lose or keep something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.assignment import Target
from migrator.model.configuration import Key


@dataclass(frozen=True, slots=True)
class Side:
    """The members of one type: how many (None: not known), and who, 16 bytes each (None: too many, or not known)."""

    count: int | None = None
    ids: frozenset[bytes] | None = None


UNKNOWN = Side()


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in a group, directly or by groups in it. `reason` says why something of it is not known, or that the group
    is gone ("" otherwise)."""

    users: Side = UNKNOWN
    devices: Side = UNKNOWN
    reason: str = ""


class Certainty(StrEnum):
    """What the numbers of a change are worth; each says less than the one before it."""

    EXACT = "exact"
    AT_MOST = "at most"  # some may be in another group that stays, whose members are not known
    SIZES = "sizes only"  # groups with too many members to compare
    UNKNOWN = "not counted"


class Everybody(StrEnum):
    """What all those of the tenant do whom nothing else is said of."""

    GAINS = "gain"
    LOSES = "lose"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many people, or devices, gain, lose and keep something; `everybody` else does what that says
    (empty: nothing)."""

    gain: int = 0
    lose: int = 0
    keep: int = 0
    certainty: Certainty = Certainty.EXACT
    everybody: tuple[Everybody, ...] = ()


@dataclass(frozen=True, slots=True)
class PairImpact:
    """One target that takes another one's place (None: nothing stood there, or nothing takes it), in so many
    configurations: what the difference of their members comes to."""

    before: Target | None
    after: Target | None
    configurations: int
    users: Moved
    devices: Moved


@dataclass(frozen=True, slots=True)
class ConfigurationImpact:
    """What becomes of one configuration, under one install intent of an app ("" elsewhere). Each member counts once."""

    key: Key
    intent: str
    users: Moved
    devices: Moved


@dataclass(frozen=True, slots=True)
class GroupSize:
    """How many members a group has (None: not known); `reason` as in its membership."""

    id: str
    users: int | None
    devices: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom a plan concerns. `users` and `devices` are those of all configurations together, each counted once: who
    keeps is who neither gains nor loses anything."""

    users: Moved
    devices: Moved
    pairs: tuple[PairImpact, ...]
    configurations: tuple[ConfigurationImpact, ...]
    groups: tuple[GroupSize, ...]
