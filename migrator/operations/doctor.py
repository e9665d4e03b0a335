"""Sign-in, permissions, reachability, clock, limits: what has to be in order before the first plan. Changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from migrator.graph.auth.claims import claims_in
from migrator.graph.protocol import Call, Meaning, Reply, in_words
from migrator.model.configuration import Coverage, Served, TenantInfo
from migrator.model.errors import GraphError, MigratorError, PermissionRefused, SignInError
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.model.limits import INTUNE, SCRIPTS
from migrator.model.settings import Settings
from migrator.operations.where import assignable
from migrator.resolving.configurations import told

if TYPE_CHECKING:
    from migrator.journal.learned import Learned
    from migrator.operations.connect import Connection
    from migrator.operations.memory import Memory

SKEW = 120.0
"""Seconds by which this computer's clock may be off before signing in and Retry-After dates suffer."""

_NO_GROUP = "5d0c7b0e-41c6-4d0a-9f6e-000000000000"
"""The id of a group that no tenant has: what is asked about it shows what may be asked."""
_TITLES = 10
"""So many kinds are named in one line where there are more of them."""


class Health(StrEnum):
    """How one thing stands."""

    GOOD = "ok"
    ODD = "look"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was looked at, with a sentence; `exit_code` is what it makes the command end with."""

    subject: str
    health: Health
    said: str
    exit_code: int = 0


async def examine(settings: Settings, connection: Connection) -> AsyncIterator[Symptom]:
    """One symptom after the other, as they are found; stops where nothing further can be found out."""
    yield _settings(settings)
    try:
        token = await connection.client.token()
    except SignInError as error:
        yield Symptom("sign-in", Health.BAD, str(error), SignInError.exit_code)
        return
    claims = claims_in(token)
    yield Symptom("sign-in", Health.GOOD, f"a token was had by {settings.sign_in.auth}{_who(claims)}")
    started = connection.clock.monotonic()
    try:
        answer = await connection.client.send(Call("GET", "/v1.0/organization?$select=id,displayName", "about"))
    except SignInError as error:
        yield Symptom("sign-in", Health.BAD, str(error), SignInError.exit_code)
        return
    seconds = connection.clock.monotonic() - started
    if answer.reply.status == 0 or answer.meaning in (Meaning.TRANSIENT, Meaning.UNKNOWN, Meaning.THROTTLED):
        said = f"{settings.graph_url} does not answer as Graph would: {in_words(answer.reply)}"
        yield Symptom("reachability", Health.BAD, said, GraphError.exit_code)
        return
    yield Symptom("reachability", Health.GOOD, f"{settings.graph_url} answers in {seconds:.2f} s")
    yield _clock(answer.reply, connection.clock.time())
    yield _tenant(await connection.tenant.about())
    async for symptom in _permissions(settings, connection, claims):
        yield symptom
    yield await _second_admin(connection)
    yield _limit(settings)
    yield _memory(connection.memory, connection.clock.time())


def _settings(settings: Settings) -> Symptom:
    sign_in = settings.sign_in
    tenant, app = sign_in.tenant_id or "not stated", sign_in.client_id or "not stated"
    return Symptom("settings", Health.GOOD, f"Graph {settings.graph_url}, tenant {tenant}, app {app}")


def _who(claims: dict[str, object]) -> str:
    who = claims.get("app_displayname") or claims.get("upn") or claims.get("appid")
    return f" as {who}" if who else ""


def _tenant(about: TenantInfo) -> Symptom:
    if about.name or about.id:
        return Symptom("tenant", Health.GOOD, about.name or about.id)
    said = "it does not say its name; Organization.Read.All would let it, and is needed for nothing else"
    return Symptom("tenant", Health.ODD, said)


def _clock(reply: Reply, now: float) -> Symptom:
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return Symptom("clock", Health.ODD, "the answer carries no time to compare this computer's clock with")
    off = now - theirs
    if abs(off) > SKEW:
        way = "ahead" if off > 0 else "behind"
        return Symptom("clock", Health.ODD, f"this computer's clock is {abs(off):.0f} s {way} of Graph's; set it right")
    return Symptom("clock", Health.GOOD, "this computer's clock agrees with Graph's")


async def _permissions(settings: Settings, connection: Connection, claims: dict[str, object]) -> AsyncIterator[Symptom]:
    """What may be read and written: kind by kind those that were asked for, or all there are in a few lines."""
    kinds = [KINDS[name] for name in settings.kinds or assignable()]
    listing = await connection.tenant.list_configurations(kinds)
    for symptom in map(_coverage, listing.coverage) if settings.kinds else _coverages(listing.coverage):
        yield symptom
    try:
        await connection.tenant.groups_by_name(["migrator doctor"])
        yield Symptom("groups", Health.GOOD, "groups can be looked up")
    except PermissionRefused:
        said = "groups may not be looked up: grant the application Group.Read.All or GroupMember.Read.All"
        yield Symptom("groups", Health.BAD, said, PermissionRefused.exit_code)
    except MigratorError as error:
        yield Symptom("groups", Health.BAD, str(error), error.exit_code)
    yield await _members(connection)
    yield await _recycle_bin(connection)
    served = [KINDS[one.kind] for one in listing.coverage if one.served is not Served.NOT_SERVED]
    yield _writing(served, _granted(claims), named=bool(settings.kinds))


async def _members(connection: Connection) -> Symptom:
    """Whether who is in a group can be counted; without that everything but the counting works."""
    try:
        found = (await connection.tenant.members([_NO_GROUP]))[_NO_GROUP]
    except SignInError as error:
        return Symptom("members", Health.BAD, str(error), error.exit_code)
    except MigratorError as error:
        return Symptom("members", Health.ODD, f"members of groups cannot be counted: {error}")
    if found.users.count is None:
        said = (
            f"members of groups cannot be counted: {found.reason}; grant the application GroupMember.Read.All, or plan "
            "with --no-impact"
        )
        return Symptom("members", Health.ODD, said)
    return Symptom("members", Health.GOOD, "members of groups can be counted")


async def _recycle_bin(connection: Connection) -> Symptom:
    try:
        found = await connection.tenant.deleted_groups([_NO_GROUP])
    except SignInError as error:
        return Symptom("recycle bin", Health.BAD, str(error), error.exit_code)
    except MigratorError as error:
        return Symptom("recycle bin", Health.ODD, f"the recycle bin could not be read: {error}")
    if trouble := found.unnamed or found.doubt:
        return Symptom("recycle bin", Health.ODD, f"deleted groups are shown by their ids: {trouble}")
    return Symptom("recycle bin", Health.GOOD, "deleted groups can be told by the names they had")


def _writing(kinds: Sequence[Kind], granted: set[str], *, named: bool) -> Symptom:
    """What the token may write of what the tenant serves; what is missing stops only who asked for it."""
    wanted: dict[str, list[str]] = {}
    for kind in kinds:
        wanted.setdefault(kind.permission, []).append(kind.title)
    if not granted:
        said = f"the token does not say what it may do; writing needs {', '.join(sorted(wanted)) or 'nothing'}"
        return Symptom("writing", Health.ODD, said)
    missing = sorted(wanted.keys() - granted)
    if not missing:
        return Symptom("writing", Health.GOOD, f"granted: {', '.join(sorted(wanted)) or 'nothing is needed'}")
    said = f"the token lacks {'; '.join(f'{one} (for {_titles(wanted[one])})' for one in missing)}"
    if named:
        return Symptom("writing", Health.BAD, said, PermissionRefused.exit_code)
    number = sum(len(titles) for one, titles in wanted.items() if one in granted)
    return Symptom("writing", Health.ODD, f"{number} of {len(kinds)} kinds may be written; {said}")


async def _second_admin(connection: Connection) -> Symptom:
    """Which kinds wait for a second admin; where that may not be read, only a write tells."""
    try:
        found = await connection.tenant.protections()
    except SignInError as error:
        return Symptom("second admin", Health.BAD, str(error), error.exit_code)
    except MigratorError as error:
        said = f"whether changes wait for a second admin (Multi Admin Approval) could not be read: {error}"
        return Symptom("second admin", Health.ODD, said)
    types = sorted({one.policy_type for one in found})
    if not types:
        return Symptom("second admin", Health.GOOD, "no change waits for a second admin (Multi Admin Approval)")
    covered = [f"{name}{_of_type(name)}" for name in types]
    said = (
        f"changes of these wait for a second admin (Multi Admin Approval): {'; '.join(covered)}. Runs end with exit "
        "status 5 there, and `migrator resume` goes on once they are approved"
    )
    return Symptom("second admin", Health.ODD, said)


def _of_type(policy_type: str) -> str:
    kinds = [kind.title for kind in KINDS.values() if kind.approval == policy_type]
    return f" (at least {', '.join(kinds)})" if kinds else ""


def _granted(claims: dict[str, object]) -> set[str]:
    """Application permissions (`roles`) and delegated ones (`scp`) alike."""
    roles = claims.get("roles")
    scopes = claims.get("scp")
    granted = {str(role) for role in roles} if isinstance(roles, list) else set()
    return granted | (set(scopes.split()) if isinstance(scopes, str) else set())


def _coverage(coverage: Coverage) -> Symptom:
    kind = KINDS[coverage.kind]
    match coverage.served:
        case Served.READ:
            return Symptom(kind.title, Health.GOOD, f"{coverage.count:,} can be read")
        case Served.NOT_SERVED:
            return Symptom(kind.title, Health.ODD, told(coverage))
        case Served.FORBIDDEN:
            return Symptom(kind.title, Health.BAD, told(coverage), PermissionRefused.exit_code)
        case _:
            return Symptom(kind.title, Health.BAD, told(coverage), GraphError.exit_code)


def _coverages(coverage: Sequence[Coverage]) -> Iterator[Symptom]:
    """All kinds in a few lines. That some may not be read is an error only where nothing can be."""
    read = [one for one in coverage if one.served is Served.READ]
    several = f"{len(read)} of {len(coverage)} kinds can be read, {sum(one.count for one in read):,} configurations"
    yield Symptom("kinds", Health.GOOD, several) if read else _nothing(coverage)
    absent = [one for one in coverage if one.served is Served.NOT_SERVED and not one.licence]
    if absent:
        yield Symptom("not served", Health.ODD, f"this tenant does not serve {_named(absent)}")
    for licence, those in _by(coverage, lambda one: one.licence):
        said = f"this tenant lacks the licence for {_named(those)}: Graph says “{licence}”"
        yield Symptom("not licensed", Health.ODD, said)
    for permission, those in _by(coverage, _permission_that_lacks):
        also = permission.replace(".Read.", ".ReadWrite.")
        said = f"{_named(those)} may not be read: grant the application {permission} or {also}"
        yield Symptom("not allowed", Health.ODD if read else Health.BAD, said)
    for one in coverage:
        if one.served is Served.FAILED:
            yield _coverage(one)


def _nothing(coverage: Sequence[Coverage]) -> Symptom:
    forbidden = any(one.served is Served.FORBIDDEN for one in coverage)
    code = PermissionRefused.exit_code if forbidden else GraphError.exit_code
    return Symptom("kinds", Health.BAD, f"none of {len(coverage)} kinds can be read", code)


def _by(coverage: Sequence[Coverage], what: Callable[[Coverage], str]) -> Iterator[tuple[str, Sequence[Coverage]]]:
    """Those that have something in common, by what it is; those that have nothing are left out."""
    found: dict[str, list[Coverage]] = {}
    for one in coverage:
        found.setdefault(what(one), []).append(one)
    return ((common, those) for common, those in found.items() if common)


def _permission_that_lacks(coverage: Coverage) -> str:
    forbidden = coverage.served is Served.FORBIDDEN
    return KINDS[coverage.kind].permission.replace(".ReadWrite.", ".Read.") if forbidden else ""


def _named(coverage: Sequence[Coverage]) -> str:
    return _titles([KINDS[one.kind].title for one in coverage])


def _titles(titles: Sequence[str]) -> str:
    """Some titles and how many there are beyond them."""
    return ", ".join(titles[:_TITLES]) + (f" and {len(titles) - _TITLES} more" if len(titles) > _TITLES else "")


def _limit(settings: Settings) -> Symptom:
    if settings.limit is None:
        said = (
            f"writes are paced at the documented {INTUNE.writes.limit}, of scripts {SCRIPTS.writes.limit}, "
            "which other tools of the same app share"
        )
    elif settings.limit.calls is None:
        said = "no limit is assumed, as you said, until a refusal teaches one"
    else:
        said = f"writes are paced at {settings.limit}, as you said"
    return Symptom("limits", Health.GOOD, said)


def _memory(memory: Memory | None, now: float) -> Symptom:
    """What the next run starts with, and how to make it forget."""
    if memory is None:
        said = (
            "nothing is remembered without a named tenant and app, with --limit none, or of this computer's own Graph"
        )
        return Symptom("memory", Health.GOOD, said)
    known = memory.recall(now)
    if not known:
        return Symptom("memory", Health.GOOD, f"nothing yet; what a run learns of limits is kept in {memory.path}")
    learned = ", ".join(f"{name} {_learned(one)}" for name, one in sorted(known.items()))
    return Symptom("memory", Health.GOOD, f"from earlier runs: {learned}; to forget it, delete {memory.path}")


def _learned(one: Learned) -> str:
    calls, span, rate = (one.snapshot.get(name) for name in ("limit", "span", "rate"))
    known = "without a limit"
    if isinstance(rate, (int, float)):
        known = f"{rate:.1f}/s"
    elif isinstance(calls, int) and isinstance(span, (int, float)):
        known = f"{calls}/{span:g}s"
    return f"{known}, {_ago(one.age)}"


def _ago(seconds: float) -> str:
    """In the largest unit that fits."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
