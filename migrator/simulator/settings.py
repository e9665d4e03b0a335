"""What can be set about the embedded tenant: its limits, its faults, its lies, its habits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from migrator.model.errors import UsageError
from migrator.model.kind import Trust
from migrator.model.kinds import KINDS
from migrator.model.settings import DOCUMENTED_READS, DOCUMENTED_WRITES, Limit
from migrator.simulator.chance import roll
from migrator.simulator.sorts import SORTS_EMPTY_ON_THE_ITEM, SORTS_WITHOUT_EXPAND

DOCUMENTED_DIRECTORY = Limit(8000, 10.0)


class Fault(StrEnum):
    """What can go wrong with one request. Those from RESET_AFTER on have been carried out all the same."""

    INTERNAL = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    UNAVAILABLE_FOR = "503 with Retry-After"
    FORBIDDEN = "403"
    CONFLICT = "409"
    CLAIMS = "401 with a claims challenge"
    PROXY_PAGE = "a proxy's page with 200"
    RESET_BEFORE = "reset before applying"
    RESET_AFTER = "reset after applying"
    TIMEOUT_AFTER = "504 after applying"
    TRUNCATED = "truncated body"
    LAG = "reads lag"

    @property
    def applies(self) -> bool:
        """Whether the request is carried out although its answer says otherwise."""
        return self in _APPLIED


_APPLIED = frozenset({Fault.RESET_AFTER, Fault.TIMEOUT_AFTER, Fault.TRUNCATED, Fault.LAG})
PASSING_WRITE_FAULTS = tuple(f for f in Fault if f not in (Fault.FORBIDDEN, Fault.CONFLICT))
PASSING_READ_FAULTS = tuple(f for f in PASSING_WRITE_FAULTS if f is not Fault.LAG)


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, and how often.

    `writes` and `reads` give each fault's share of requests (0.02: two in a hundred). Which request it hits depends on
    the seed, on what is asked for and on how often it was asked for, so a run has the same troubles each time.
    `planned_writes` and `planned_reads` name a configuration (by id or by name) and the faults of its next requests,
    in this order; they come before the shares. `retry_after` is what a 503 asks for, in the tenant's seconds.
    """

    writes: Mapping[Fault, float] = field(default_factory=dict)
    reads: Mapping[Fault, float] = field(default_factory=dict)
    planned_writes: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    planned_reads: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    retry_after: float = 2.0

    @classmethod
    def everywhere(cls, share: float) -> Faults:
        """Every fault that passes by itself, so that `share` of all requests meets one."""
        return cls(
            writes=dict.fromkeys(PASSING_WRITE_FAULTS, share / len(PASSING_WRITE_FAULTS)),
            reads=dict.fromkeys(PASSING_READ_FAULTS, share / len(PASSING_READ_FAULTS)),
        )


class IsAssigned(StrEnum):
    """What the property `isAssigned` says."""

    HONEST = "honest"
    FALSE = "always false"
    ABSENT = "absent"
    VARIED = "one of these, by kind and seed"


@dataclass(frozen=True, slots=True)
class Lies:
    """Which ways of reading do not tell the truth. `Lies()` tells none.

    `list_empty` and `item_empty` name kinds, or configurations by id, name, type or template family, whose
    `$expand=assignments` answers an empty list, on the list or on the item; `item_expand_refused` names those that
    answer 400 to the option on the item. The others name kinds: `list_expand_refused` answer 400 to it on the list,
    `assignments_absent` do not serve `/assignments`, `refused` do not serve anything and answer this status (403, 404);
    there `operationApproval` stands for what waits for a second admin. With `members_forbidden` nobody may see who is
    in a group.
    """

    list_empty: frozenset[str] = frozenset()
    item_empty: frozenset[str] = frozenset()
    list_expand_refused: frozenset[str] = frozenset()
    item_expand_refused: frozenset[str] = frozenset()
    assignments_absent: frozenset[str] = frozenset()
    is_assigned: IsAssigned = IsAssigned.HONEST
    refused: Mapping[str, int] = field(default_factory=dict)
    members_forbidden: bool = False


def known_lies(seed: int) -> Lies:
    """What is known of Graph. Where nothing is known of `$expand`, a kind answers truly, emptily or not, by seed."""
    unknown_list = {k.name: roll(seed, "list", k.name) for k in KINDS.values() if k.list_expand is Trust.UNKNOWN}
    unknown_item = {k.name: roll(seed, "item", k.name) for k in KINDS.values() if k.item_expand is Trust.UNKNOWN}
    return Lies(
        list_empty=_kinds("list_expand", Trust.LIES) | {n for n, r in unknown_list.items() if r < 1 / 3},
        item_empty=_sorts_empty_on_the_item() | {n for n, r in unknown_item.items() if r < 1 / 3},
        list_expand_refused=_kinds("list_expand", Trust.ABSENT) | {n for n, r in unknown_list.items() if r > 2 / 3},
        item_expand_refused=_kinds("item_expand", Trust.ABSENT)
        | {n for n, r in unknown_item.items() if r > 2 / 3}
        | {*SORTS_WITHOUT_EXPAND},
        assignments_absent=_kinds("assignments", Trust.ABSENT),
        is_assigned=IsAssigned.VARIED,
    )


def _kinds(route: str, trust: Trust) -> frozenset[str]:
    return frozenset(k.name for k in KINDS.values() if getattr(k, route) is trust)


def _sorts_empty_on_the_item() -> frozenset[str]:
    liars = _kinds("item_expand", Trust.LIES)
    return frozenset(sort for kind in liars for sort in SORTS_EMPTY_ON_THE_ITEM.get(kind, (kind,)))


class RetryAfter(StrEnum):
    """How a refusal says when to come back."""

    SECONDS = "seconds"
    DATE = "date"
    ONE = "always 1"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Everything about the embedded tenant but what is in it. Seconds are the tenant's unless said otherwise.

    `writes`, `requests` (reads and writes together) and `directory` (resource units) are limits over a sliding window;
    `Limit(None)` lifts one. With `refused_count` a call that was refused counts as well. `latency` is the median time
    an answer takes. Page sizes are the most that one page holds; None lets the seed choose. `lag` is how long reads
    show the old list after a write that met `Fault.LAG`. `lies` None is what is known of Graph (`known_lies`).
    `vary` lets the seed choose where the documentation is silent; without it everything is as the documentation shows.

    `approval` names the kinds of which a second admin has to approve every write (Multi Admin Approval).

    `token_lifetime` and `device_code_interval` are in real seconds. `access_token` is a ready token that is always
    good ("": none), `certificate` the PEM of the app's certificate, `federated_token` the assertion it trusts.
    """

    seed: int = 1
    speed: float = 1.0
    writes: Limit = DOCUMENTED_WRITES
    requests: Limit = DOCUMENTED_READS
    directory: Limit = DOCUMENTED_DIRECTORY
    refused_count: bool = True
    retry_after: RetryAfter = RetryAfter.SECONDS
    latency: float = 0.0
    page_size: int | None = None
    assignments_page_size: int | None = None
    lag: float = 3.0
    faults: Faults = field(default_factory=Faults)
    lies: Lies | None = None
    vary: bool = True
    approval: frozenset[str] = frozenset()
    token_lifetime: float = 3600.0
    device_code_interval: int = 1
    client_id: str = "11112222-bbbb-3333-cccc-4444dddd5555"
    client_secret: str = field(default="invented-for-the-embedded-tenant", repr=False)
    access_token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    federated_token: str = field(default="", repr=False)
    port: int = 0
    sign_in_port: int = 0

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise UsageError("the speed of the embedded tenant must be more than 0")
        if unknown := self.approval - KINDS.keys():
            raise UsageError(f"there is no kind {', '.join(sorted(unknown))} for a second admin to approve")


def changed(settings: SimulatorSettings, patch: Mapping[str, Any]) -> SimulatorSettings:
    """The settings with what a JSON object says of them, nested ones key by key. Raises UsageError."""
    before = msgspec.to_builtins(settings)
    if before["lies"] is None and patch.get("lies") is not None:
        before["lies"] = msgspec.to_builtins(known_lies(settings.seed))
    unknown = sorted(set(patch) - set(before))
    if unknown:
        raise UsageError(f"no such setting of the embedded tenant: {', '.join(unknown)}")
    try:
        return msgspec.convert(_merged(before, patch), SimulatorSettings)
    except msgspec.ValidationError as error:
        raise UsageError(f"a setting of the embedded tenant is not right: {error}") from None


def _merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    return {**before, **{k: {**before[k], **v} if _nested(before.get(k), v) else v for k, v in patch.items()}}


def _nested(before: object, patch: object) -> bool:
    return isinstance(before, Mapping) and isinstance(patch, Mapping)
