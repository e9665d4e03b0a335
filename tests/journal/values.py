"""Plans and outcomes for the journal's tests: plain ones to name, and any at all for the property tests."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from migrator.model.assignment import Assignment, Filter, FilterMode, Target, TargetType
from migrator.model.configuration import Configuration, Coverage, Group, Key, Served, TenantInfo
from migrator.model.finding import Finding, Level
from migrator.model.outcome import Attempt, Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import Change, ConfigurationPlan, Effect, Names, Plan, PlannedRow
from migrator.model.reading import Reading, Route, RouteAnswer
from migrator.model.record import RunHeader
from migrator.model.row import Action, Ref, Row
from migrator.model.throttle import GateState, Lost, ThrottleState

NOW = 1795466712.0  # 2026-11-23 20:45:12 UTC
KIND = "officeClientConfigurations"


def key(number: int) -> Key:
    return Key(KIND, f"policy-{number:05}")


def header(**changes: Any) -> RunHeader:
    whole = RunHeader(
        id="20261123-204512-contoso",
        command="run",
        version="1.2.3",
        started=NOW,
        tenant_id="11111111-2222-3333-4444-555555555555",
        tenant_name="Contoso",
        graph_url="https://graph.microsoft.com",
        options=(("mode", "replace"),),
    )
    return dataclasses.replace(whole, **changes)


def assignment(group: str, **changes: Any) -> Assignment:
    whole = Assignment(
        Target(TargetType.GROUP, group), filter=Filter("f1", FilterMode.EXCLUDE), rest='{"a":1}', raw='{"id":"x"}'
    )
    return dataclasses.replace(whole, **changes)


def configuration_plan(number: int = 0) -> ConfigurationPlan:
    before, after = (assignment("legacy"), assignment("stays")), (assignment("new"), assignment("stays"))
    row = Row("Sheet1", number + 2, Action.SWAP, configuration=Ref(f"Policy {number}", " Policy ", "A"))
    return ConfigurationPlan(
        configuration=Configuration(KIND, key(number).id, f"Policy {number}", priority=number),
        reading=Reading(before, True, (RouteAnswer(Route.LIST, before), RouteAnswer(Route.ITEM, None, "404"))),
        after=after,
        changes=(
            Change(Effect.SWAPPED, before[0], after[0], rows=(number,)),
            Change(Effect.KEPT, before[1], after[1]),
        ),
        rows=(PlannedRow(number, row, True, "the new group stands where the legacy one stood"),),
    )


def plan(configurations: int = 3) -> Plan:
    return Plan(
        mapping="mapping.xlsx",
        mapping_sha256="ab" * 32,
        tenant=TenantInfo("11111111-2222-3333-4444-555555555555", "Contoso"),
        created=NOW,
        configurations=tuple(configuration_plan(n) for n in range(configurations)),
        names=Names((Group("new", "営業部"),)),
        coverage=(Coverage(KIND, Served.READ, configurations),),
        findings=(Finding(Level.WARNING, "twice", "said twice", "Sheet1", 7, "C"),),
        fingerprint="1111-2222",
    )


def attempt(number: int = 1, **changes: Any) -> Attempt:
    whole = Attempt("assign", "POST", "/assign", number, NOW, 0.25, 429, "r-1", "c-1", retry_after=3.0, subject=key(0))
    return dataclasses.replace(whole, **changes)


def outcome(number: int, status: Status = Status.SUCCEEDED, **changes: Any) -> Outcome:
    whole = Outcome(key(number), status, "added", settled=Settled.ANSWER, confirmed=(assignment("new"),), tries=1)
    return dataclasses.replace(whole, **changes)


def verification(number: int, verdict: Verdict = Verdict.VERIFIED, at: float = NOW) -> Verification:
    return Verification(key(number), verdict, at, (assignment("new"),))


def throttle(at: float = NOW) -> ThrottleState:
    gate = GateState("writes", True, "60/20s", 3.0, "100/20s", used=60, wait=7.0, why="full", lost=Lost(4.0, 2.0))
    return ThrottleState(at, (gate,), Lost(4.0, 2.0), begins=True)


def anything(type_: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a type of the model: any text, any finite number, any length."""
    return st.deferred(lambda: _anything(type_))


def _anything(type_: Any) -> st.SearchStrategy[Any]:
    if type_ is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if type_ is str:
        return st.text(st.characters(exclude_categories=()), max_size=8)  # half surrogate pairs, too
    if type_ is int:
        return st.integers(-(2**40), 2**40)
    if isinstance(type_, type) and dataclasses.is_dataclass(type_):
        hints = get_type_hints(type_)
        parts = {f.name: anything(hints[f.name]) for f in dataclasses.fields(type_)}
        if type_ is Reading:
            parts["given_up"] = st.just("")  # no plan is made of such a reading
        return st.builds(type_, **parts)
    if type_ is Key:
        return st.builds(Key, anything(str), anything(str))
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is tuple:
        first, *others = arguments
        if others == [...]:
            return st.lists(anything(first), max_size=2).map(tuple)
        return st.tuples(*(anything(a) for a in arguments))
    if arguments:
        return st.one_of([anything(a) for a in arguments])
    return st.from_type(type_)
