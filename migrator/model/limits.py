"""How many calls Graph admits, as far as Microsoft publishes it: per service, for reading and for writing.

The numbers are those for one app in one tenant, from "Microsoft Graph service-specific throttling limits"
(https://learn.microsoft.com/graph/throttling-limits): the sections Intune, Windows 365, Identity and access. That all
apps of a tenant share twice as much is nothing a program can count; its pacers learn it where it is felt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.model.settings import DOCUMENTED_READS, DOCUMENTED_WRITES, Limit

ABSURD_RETRY_AFTER = 3600.0
"""Seconds; a service that asks for more than this is not believed."""


@dataclass(frozen=True, slots=True, eq=False)
class Quota:
    """Calls that are counted together; `name` is what people read and what it is remembered by."""

    name: str
    limit: Limit
    write: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A service that counts for itself: what it admits of reads and of writes."""

    name: str
    reads: Quota
    writes: Quota

    def quota(self, *, write: bool) -> Quota:
        return self.writes if write else self.reads


def _area(name: str, *, reads: Limit, writes: Limit) -> Area:
    prefix = f"{name} " if name else ""
    return Area(name, Quota(f"{prefix}reads", reads), Quota(f"{prefix}writes", writes, write=True))


def _left(requests: Limit, writes: Limit) -> Limit:
    """What is left for reads of a limit that counts writes as well, while these use all that is theirs."""
    return Limit((requests.calls or 0) - (writes.calls or 0), requests.span)


_SCRIPT_REQUESTS, _SCRIPT_WRITES = Limit(2000, 20.0), Limit(200, 20.0)
_UNITS, _DEAREST = 3500, 5

INTUNE = _area("", reads=_left(DOCUMENTED_READS, DOCUMENTED_WRITES), writes=DOCUMENTED_WRITES)
"""Configurations, compliance, apps, updates, enrolment. Also whatever nothing is published for, officeConfiguration
above all: these are the strictest numbers there are for a write, and to count too much together costs a little time,
where to count too little costs refusals."""

SCRIPTS = _area("script", reads=_left(_SCRIPT_REQUESTS, _SCRIPT_WRITES), writes=_SCRIPT_WRITES)
"""Scripts of all sorts: "Intune devices service limits"."""

CLOUD_PC = _area("Cloud PC", reads=Limit(90, 60.0), writes=DOCUMENTED_WRITES)
"""Windows 365 publishes 90 lists and 270 single reads a minute, and nothing of writes: the stricter of the two, and
Intune's."""

DIRECTORY = _area("directory", reads=Limit(_UNITS // _DEAREST, 10.0), writes=Limit(3000, 150.0))
"""The directory counts resource units: 3,500 in 10 seconds in its smallest tenants, up to 8,000 in others. A look-up of
groups costs 1, `getByIds` 3, `transitiveMembers` 5. Here every call counts as the dearest, so no mixture of them is too
many; and one call looks up 15 names or 1,000 ids, so nobody waits for it."""


def quota_of(area: Area, *, write: bool, stated: Limit | None = None) -> Quota:
    """What a call to this area counts in. `stated` is what a person said of writes, None where nobody did.

    A stated limit is one for all writes together, for whoever states one means to keep it. Where it lets calls go
    faster than Intune's documented one does, everything else goes faster by as much; a slower one slows nothing else.
    Without any limit (`none`) no quota has one.
    """
    own = area.quota(write=write)
    if stated is None:
        return own
    if stated.calls is None:
        return replace(own, limit=stated)
    if write:
        return replace(INTUNE.writes, limit=stated)
    return replace(own, limit=_faster(own.limit, stated))


def _faster(limit: Limit, stated: Limit) -> Limit:
    pace = stated.rate / DOCUMENTED_WRITES.rate
    return Limit(limit.calls, limit.span / pace) if pace > 1 else limit
