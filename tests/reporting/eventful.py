"""One run in which everything happened that can: every status, every effect, odd readings, refusals, hostile names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from migrator.model.assignment import Filter
from migrator.model.configuration import Coverage, FilterDefinition, Served
from migrator.model.finding import Finding, Level
from migrator.model.outcome import Attempt, Outcome, Settled, Status, Verdict, Verification
from migrator.model.plan import Change, ConfigurationPlan, PlannedRow
from migrator.model.reading import Route, RouteAnswer
from migrator.model.record import RunRecord
from migrator.model.row import Action
from tests.reporting.records import (
    ALL_USERS,
    OFFICE,
    STARTED,
    added,
    attempt,
    changed,
    configuration,
    configuration_plan,
    excluded,
    guid,
    included,
    kept,
    naming,
    outcome,
    plan,
    planned_row,
    record,
    removed,
    row,
    swap_of,
    swapped,
    verified,
)

SETTINGS = "configurationPolicies"
CORPORATE = FilterDefinition(guid("Corporate Windows devices"), "Corporate Windows devices")
PLACES = ("Amsterdam", "Berlin", "Brno", "Köln", "Łódź", "München", "Oslo", "Porto", "Zürich", "東京")
HOSTILE = "=cmd|' /C calc'!A0"
GHOST = "a group that was deleted"


@dataclass(frozen=True, slots=True)
class Plans:
    """The configurations of the run by what becomes of them."""

    good: tuple[ConfigurationPlan, ...]
    unchanged: tuple[ConfigurationPlan, ...]
    settings: ConfigurationPlan
    refused: ConfigurationPlan
    throttled: ConfigurationPlan
    drifted: ConfigurationPlan
    waiting: ConfigurationPlan
    different: ConfigurationPlan
    blocked: ConfigurationPlan

    def all(self) -> tuple[ConfigurationPlan, ...]:
        rest = (self.refused, self.throttled, self.drifted, self.waiting, self.different, self.blocked)
        return (*self.good, *self.unchanged, self.settings, *rest)


def eventful() -> RunRecord:
    """The run as its journal tells it."""
    plans = _plans()
    whole = plan(
        plans.all(),
        findings=(
            Finding(Level.WARNING, "twice", "Rows 3 and 9 say the same; they count once.", "Mapping", 9),
            Finding(Level.NOTE, "trimmed", "Blanks around “Pilot users ” were ignored.", "Mapping", 5, "D"),
        ),
    )
    coverage = (
        Coverage(OFFICE, Served.READ, 17),
        Coverage(SETTINGS, Served.READ, 212),
        Coverage("deviceManagementScripts", Served.FORBIDDEN, 0, "403: the sign-in may not read scripts"),
    )
    whole = replace(naming(whole, sorted(_groups(plans.all())), (CORPORATE,)), coverage=coverage)
    outcomes = tuple(_outcomes(plans))
    good = (*plans.good, plans.settings)
    different = Verification(
        plans.different.key, Verdict.DIFFERENT, STARTED + 9, plans.different.before, "The old list was still there."
    )
    return record(
        whole,
        outcomes,
        attempts=tuple(_attempts(plans, outcomes)),
        verifications=(*map(verified, good), different),
    )


def _plans() -> Plans:
    numbers = count()
    pilot = included("Pilot users")
    good = tuple(_office(place, numbers) for place in PLACES)
    unchanged = tuple(
        configuration_plan(configuration(name), (kept(pilot),), (_row(numbers, name, applies=False),))
        for name in ("Baseline Rome", HOSTILE)
    )
    settings = _settings(numbers)
    names = ("Defender antivirus", "Update ring 2", "Edge baseline", "Windows Hello", "OneDrive Known Folder Move")
    refused, throttled, drifted, waiting, different = (swap_of(name, next(numbers)) for name in names)
    blocked = configuration_plan(
        configuration("Firewall rules", SETTINGS),
        (kept(included("Everyone")),),
        (_row(numbers, "Firewall rules", applies=False),),
        blocked="what is assigned could not be read beyond doubt: two routes disagree (3 and 5 assignments).",
    )
    return Plans(good, unchanged, settings, refused, throttled, drifted, waiting, different, blocked)


def _row(numbers: Iterator[int], name: str, *, applies: bool = True) -> PlannedRow:
    index = next(numbers)
    return planned_row(index, row(index + 2, name, Action.ADD, new="Pilot users"), applies=applies)


def _office(place: str, numbers: Iterator[int]) -> ConfigurationPlan:
    name, legacy, new = f"Microsoft 365 Apps {place}", f"GPO-Office-{place}", f"M365-Apps-{place}"
    first = next(numbers)
    swap = planned_row(first, row(first + 2, name, legacy=legacy, new=new))
    add = _row(numbers, name)
    changes = (
        swapped(included(legacy), included(new), first),
        added(included("Pilot users"), add.index),
        kept(included("Everyone")),
    )
    of = configuration(name, description=f"Office apps of {place}", priority=first, modified="2026-10-02T08:15:00Z")
    return configuration_plan(of, changes, (swap, add))


def _settings(numbers: Iterator[int]) -> ConfigurationPlan:
    """A settings catalog policy with filters, an exclusion, all users, a deleted group, and a route that lied."""
    name = "BitLocker – corporate laptops"
    swap, remove, change = next(numbers), next(numbers), next(numbers)
    corporate = Filter(CORPORATE.id)
    changes: tuple[Change, ...] = (
        swapped(included("Laptops old", filter=corporate), included("Laptops new", filter=corporate), swap),
        removed(included("Kiosks"), remove),
        changed(included("Field staff"), included("Field staff", filter=corporate), change),
        kept(excluded("Break glass accounts")),
        kept(included(GHOST)),
        kept(ALL_USERS),
    )
    rows = (
        planned_row(swap, row(swap + 2, name, legacy="Laptops old", new="Laptops new")),
        planned_row(remove, row(remove + 2, name, Action.REMOVE, new="Kiosks")),
        planned_row(change, row(change + 2, name, Action.ADD, new="Field staff")),
    )
    before = tuple(c.before for c in changes if c.before)
    answers = (
        RouteAnswer(Route.LIST, ()),
        RouteAnswer(Route.ASSIGNMENTS, before),
        RouteAnswer(Route.ITEM, None, "400: $expand is not supported here"),
    )
    of = configuration(name, SETTINGS, description="Encrypts the system drive and keeps the key in Entra ID.")
    note = "list with $expand answered an empty list; /assignments, which is not empty, holds."
    return configuration_plan(of, changes, rows, answers=answers, note=note)


def _outcomes(plans: Plans) -> Iterator[Outcome]:
    for of in (*plans.good, plans.settings, plans.different):
        yield outcome(of.key)
    refusal = "Graph refused it: the principal may not write to this policy (403)."
    yield outcome(plans.refused.key, Status.FAILED, refusal, code="Forbidden")
    yield outcome(plans.throttled.key, Status.FAILED, "Throttled on each of 5 tries.", tries=5, finished=STARTED + 40)
    drift = "The list is neither the one before nor the one planned: somebody else changed it."
    yield outcome(plans.drifted.key, Status.DRIFTED, drift, settled=Settled.READING)
    yield outcome(plans.waiting.key, Status.WAITING, "The tenant asks for a second administrator's approval.")


def _attempts(plans: Plans, outcomes: Sequence[Outcome]) -> Iterator[Attempt]:
    yield attempt(
        None, purpose="list", method="GET", path="/beta/officeConfiguration/clientConfigurations", started=STARTED
    )
    for i, of in enumerate(plans.all()):
        yield attempt(
            of.key, purpose="read", method="GET", started=STARTED + 0.5, inner=True, seconds=0.2, number=1 + i % 2
        )
    yield attempt(None, purpose="read", path="/beta/$batch", started=STARTED + 0.5, seconds=0.3)
    statuses = {plans.refused.key: 403, plans.throttled.key: 429, plans.waiting.key: 412}
    for i, made in enumerate(outcomes):
        started = STARTED + 1 + i * 0.4
        if i % 4 == 3:
            yield attempt(made.key, 429, started=started, retry_after=2.0, error="TooManyRequests")
            started += 2
        error = "Forbidden" if made.code else ""
        yield attempt(made.key, statuses.get(made.key, 200), started=started, number=1 + (i % 4 == 3), error=error)
    yield attempt(plans.throttled.key, 0, number=2, started=STARTED + 8, seconds=3, error="the connection was reset")
    yield attempt(plans.throttled.key, 429, number=3, started=STARTED + 11, retry_after=1.5)


def _groups(plans: Iterable[ConfigurationPlan]) -> set[str]:
    told = {"Everyone", "Break glass accounts"}
    for one in plans:
        told |= {named.text for line in one.rows for named in (line.row.legacy, line.row.new) if named}
    return told
