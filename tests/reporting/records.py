"""Small factories of plans and runs for tests: say what matters, the rest is ordinary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

from migrator.model.assignment import Assignment, Filter, Target, TargetType
from migrator.model.configuration import Configuration, Coverage, FilterDefinition, Group, Key, Served, TenantInfo
from migrator.model.finding import Finding
from migrator.model.outcome import Attempt, Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import Change, ConfigurationPlan, Effect, Names, Plan, PlannedRow
from migrator.model.reading import Reading, Route, RouteAnswer
from migrator.model.record import RunHeader, RunRecord
from migrator.model.row import Action, Ref, Row

RUN = "20261123-204512-contoso"
STARTED = 1_795_466_712.0  # 2026-11-23 20:45:12 UTC
OFFICE = "officeClientConfigurations"


def guid(name: str) -> str:
    """An id that is always the same for a name."""
    return str(uuid5(NAMESPACE_OID, name))


def group(name: str) -> Group:
    return Group(guid(name), name)


def included(name: str, *, intent: str = "", filter: Filter | None = None, rest: str = "{}") -> Assignment:  # noqa: A002 - the field's word
    return Assignment(Target(TargetType.GROUP, guid(name)), intent, filter, rest)


def excluded(name: str) -> Assignment:
    return Assignment(Target(TargetType.EXCLUSION, guid(name)))


ALL_USERS = Assignment(Target(TargetType.ALL_USERS))


def added(what: Assignment, *rows: int, note: str = "") -> Change:
    return Change(Effect.ADDED, None, what, rows, note)


def removed(what: Assignment, *rows: int) -> Change:
    return Change(Effect.REMOVED, what, None, rows)


def swapped(before: Assignment, after: Assignment, *rows: int) -> Change:
    return Change(Effect.SWAPPED, before, after, rows)


def changed(before: Assignment, after: Assignment, *rows: int) -> Change:
    return Change(Effect.CHANGED, before, after, rows)


def kept(what: Assignment, note: str = "") -> Change:
    return Change(Effect.KEPT, what, what, (), note)


def ref(text: str) -> Ref | None:
    return Ref(text, text) if text else None


def row(
    number: int,
    configuration: str,
    action: Action = Action.SWAP,
    *,
    legacy: str = "",
    new: str = "",
    sheet: str = "Mapping",
    comment: str = "",
) -> Row:
    return Row(sheet, number, action, ref(configuration), legacy=ref(legacy), new=ref(new), comment=comment)


def planned_row(index: int, of: Row, *, applies: bool = True, note: str = "") -> PlannedRow:
    return PlannedRow(index, of, applies, note or ("will be done" if applies else "nothing to do: it is so already"))


def configuration(name: str, kind: str = OFFICE, **properties: object) -> Configuration:
    return replace(Configuration(kind, guid(f"configuration {name}"), name), **properties)  # type: ignore[arg-type] # any of its fields


def configuration_plan(
    of: Configuration,
    changes: Sequence[Change] = (),
    rows: Sequence[PlannedRow] = (),
    *,
    blocked: str = "",
    answers: Sequence[RouteAnswer] | None = None,
    note: str = "",
) -> ConfigurationPlan:
    """The lists before and after follow from the changes."""
    before = tuple(c.before for c in changes if c.before)
    after = tuple(c.after for c in changes if c.after)
    said = (RouteAnswer(Route.LIST, before), RouteAnswer(Route.ASSIGNMENTS, before)) if answers is None else answers
    reading = Reading(before, settled=not blocked, answers=tuple(said), note=note)
    return ConfigurationPlan(of, reading, after, tuple(changes), tuple(rows), blocked)


def plan(configurations: Iterable[ConfigurationPlan], *, findings: Sequence[Finding] = ()) -> Plan:
    held = tuple(configurations)
    return Plan(
        mapping="mappings/office-autumn.xlsx",
        mapping_sha256="9f2c" * 16,
        tenant=TenantInfo("1b2c3d4e-0000-4000-8000-5e6f7a8b9c0d", "Contoso"),
        created=STARTED - 60,
        configurations=held,
        names=Names(),
        coverage=(Coverage(OFFICE, Served.READ, len(held)),),
        findings=tuple(findings),
        fingerprint="5d41402abc4b2a76b9719d911017c592",
    )


def naming(of: Plan, groups: Iterable[str], filters: Iterable[FilterDefinition] = ()) -> Plan:
    """The plan with these groups known by name."""
    return replace(of, names=Names(tuple(group(name) for name in groups), tuple(filters)))


def outcome(key: Key, status: Status = Status.SUCCEEDED, reason: str = "", **properties: object) -> Outcome:
    made = Outcome(key, status, reason, settled=Settled.ANSWER, tries=1, started=STARTED + 2, finished=STARTED + 2.4)
    return replace(made, **properties)  # type: ignore[arg-type] # any of its fields


def attempt(key: Key | None = None, status: int = 200, **properties: object) -> Attempt:
    kind, id_ = key or (OFFICE, "")
    path = f"/beta/officeConfiguration/clientConfigurations/{id_}/assign" if kind == OFFICE else f"/beta/{kind}/{id_}"
    made = Attempt(
        purpose="assign",
        method="POST",
        path=path,
        number=1,
        started=STARTED + 2,
        seconds=0.4,
        status=status,
        request_id=guid(f"request {id_} {status}"),
        client_request_id=guid(f"client request {id_} {status}"),
        subject=key,
    )
    return replace(made, **properties)  # type: ignore[arg-type] # any of its fields


def verified(of: ConfigurationPlan) -> Verification:
    return Verification(of.key, Verdict.VERIFIED, STARTED + 9, of.after)


def record(
    of: Plan,
    outcomes: Sequence[Outcome] = (),
    *,
    attempts: Sequence[Attempt] = (),
    verifications: Sequence[Verification] = (),
    intended: Iterable[Key] = (),
    finished: float = STARTED + 12.5,
) -> RunRecord:
    header = RunHeader(
        id=RUN,
        command="run",
        version="0.1.0",
        started=STARTED,
        tenant_id=of.tenant.id,
        tenant_name=of.tenant.name,
        graph_url="https://graph.microsoft.com",
        approved=STARTED + 1,
        finished=finished,
    )
    called = frozenset((*intended, *(o.key for o in outcomes)))
    return RunRecord(header, of, called, tuple(outcomes), tuple(attempts), tuple(verifications))


def swap_of(name: str, index: int = 0) -> ConfigurationPlan:
    """A configuration with one group swapped by one row, and one kept."""
    legacy, new = f"{name} legacy", f"{name} new"
    line = planned_row(index, row(index + 2, name, legacy=legacy, new=new))
    changes = (swapped(included(legacy), included(new), index), kept(included("Everyone")))
    return configuration_plan(configuration(name), changes, (line,))


def swap_names(name: str) -> tuple[str, str, str]:
    return f"{name} legacy", f"{name} new", "Everyone"


def many(count: int) -> RunRecord:
    """A run of so many configurations in which everything went well."""
    plans = tuple(swap_of(f"Office policy {i:04d}", i) for i in range(count))
    names = {name for p in plans for name in swap_names(p.configuration.name)}
    return record(
        naming(plan(plans), sorted(names)),
        [outcome(p.key) for p in plans],
        attempts=[attempt(p.key, started=STARTED + i * 0.05) for i, p in enumerate(plans)],
        verifications=[verified(p) for p in plans],
    )
