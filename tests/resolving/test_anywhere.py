"""Rows that mean many configurations: which they reach, and where among these they apply."""

from __future__ import annotations

import fnmatch
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.assignment import VIRTUAL_ALL_USERS, Assignment, Target, TargetType
from migrator.model.choice import Selection
from migrator.model.configuration import Configuration, Coverage, Group, Key, Listed, Listing, Served
from migrator.model.errors import UsageError
from migrator.model.finding import Level, errors
from migrator.model.kinds import KINDS
from migrator.model.reading import Reading, Route, RouteAnswer
from migrator.model.row import Action, Mapping, Ref, Row
from migrator.resolving.anywhere import Ground
from migrator.resolving.configurations import coverage_findings, kinds_of, needed_kinds
from migrator.resolving.match import fold, pattern, trim
from migrator.resolving.resolve import Resolution, resolve
from migrator.resolving.selection import picked
from tests.memory import MemoryTenant, assigned, guid

OFFICE, CATALOG, APPS = "officeClientConfigurations", "configurationPolicies", "mobileApps"
AUTOPILOT = "windowsAutopilotDeploymentProfiles"
CONFIGURATIONS = [
    Configuration(OFFICE, guid(1), "Win - Office"),
    Configuration(CATALOG, guid(2), "Win - Edge"),
    Configuration(CATALOG, guid(3), "Win - *"),
    Configuration(CATALOG, guid(4), "Really?"),
    Configuration(CATALOG, guid(5), "Really1"),
    Configuration(APPS, guid(6), " win - Portal "),
    Configuration(AUTOPILOT, guid(7), "Win - Autopilot"),
    Configuration(AUTOPILOT, guid(8), "Win - Edge"),
]
KEY = {one.name.strip() if one.kind != AUTOPILOT else f"ap {one.name}": one.key for one in CONFIGURATIONS}
OLD, NEW = 100, 101


def tenant() -> MemoryTenant:
    return MemoryTenant(CONFIGURATIONS, groups=[Group(guid(OLD), "Old"), Group(guid(NEW), "New")])


def listing(*unread: Coverage) -> Listing:
    names = {one.kind for one in unread}
    listed = tuple(Listed(one) for one in CONFIGURATIONS if one.kind not in names)
    return Listing(listed, (*unread, *(Coverage(name, Served.READ) for name in KINDS if name not in names)))


def asked(configuration: str | None, action: Action = Action.ADD, **more: object) -> Row:
    old = None if action is Action.ADD else Ref("Old", column="B")
    new = None if action is Action.REMOVE else Ref("New", column="C")
    row = Row("S", 2, action, Ref(configuration, column="A") if configuration else None, legacy=old, new=new)
    return replace(row, **more)  # type: ignore[arg-type] # test data


async def reached(*rows: Row, ground: Ground | None = None, where: Listing | None = None) -> Resolution:
    return await resolve(rows, where or listing(), tenant(), ground or Ground())


def names(resolution: Resolution) -> set[str]:
    by_key = {one.key: one.name.strip() for one in CONFIGURATIONS}
    return {by_key[row.configuration] for row in resolution.rows}


@given(st.text("aB*?", max_size=7), st.text("abA", max_size=8))
def test_a_pattern_matches_what_a_shell_would_match_whatever_the_case(text: str, name: str) -> None:
    assert bool(pattern(text).fullmatch(name.casefold())) is fnmatch.fnmatchcase(name.casefold(), text.casefold())


@given(st.text(max_size=20))
def test_everything_but_stars_and_question_marks_stands_for_itself(name: str) -> None:
    if "*" not in name and "?" not in name and name == name.strip() and name:
        assert pattern(name).fullmatch(fold(trim(name)))
        assert not pattern(name).fullmatch(fold(trim(name + "x")))


def test_no_pattern_takes_long() -> None:
    began = time.perf_counter()
    assert not pattern("*a" * 300 + "b").fullmatch("a" * 5_000)
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("*", None, {"Win - Office", "Win - Edge", "Win - *", "Really?", "Really1", "win - Portal"}),
        ("win - ?*", None, {"Win - Office", "Win - Edge", "Win - *", "win - Portal"}),
        ("*", "App", {"win - Portal"}),
        ("Win - *", None, {"Win - *"}),
        ("Win - *", "Office client configuration", {"Win - Office"}),
        ("really?", None, {"Really?"}),
        ("REALLY?", "App", set()),
        ("Reall??", None, {"Really?", "Really1"}),
        ("Win - Edge", None, {"Win - Edge"}),
    ],
)
async def test_the_very_name_comes_first_then_the_pattern(text: str, kind: str | None, expected: set[str]) -> None:
    resolution = await reached(asked(text, kind=Ref(kind) if kind else None))
    assert names(resolution) == expected
    assert {f.code for f in errors(resolution.findings)} == (set() if expected else {"pattern_matches_nothing"})


async def test_each_match_is_a_row_that_names_it_and_stands_where_the_pattern_stood() -> None:
    resolution = await reached(asked("Win - E*"), asked("Really1", number=3))
    first, second = resolution.rows
    assert (first.index, first.anywhere, first.configuration, first.row.number) == (0, True, KEY["Win - Edge"], 2)
    assert first.row.configuration_id == Ref(guid(2), column="A")
    assert first.row.kind == Ref(CATALOG)
    assert (second.index, second.anywhere, second.row) == (1, False, asked("Really1", number=3))
    assert resolution.anywhere == {0}


async def test_a_pattern_beside_an_id_means_the_one_of_that_id_as_a_pattern_does() -> None:
    edge, star = Ref(guid(2), column="B"), Ref(guid(3), column="B")
    readings = {KEY["Win - Edge"]: Reading(assigned(7), True), KEY["Win - *"]: Reading(assigned(7), True)}
    failed = Coverage(APPS, Served.FAILED)
    for configuration, identity, expected in (("*", edge, []), ("Win - *", star, [False]), ("Win - **", star, [])):
        row = asked(configuration, Action.SWAP, configuration_id=identity)
        resolution = await reached(row, ground=Ground((), readings), where=listing(failed))
        assert [one.anywhere for one in resolution.rows] == expected
        assert "kind_unread_anywhere" not in {finding.code for finding in resolution.findings}
    (there,) = (await reached(asked("*", configuration_id=edge), ground=Ground((), readings))).rows
    assert (there.configuration, there.anywhere) == (KEY["Win - Edge"], True)
    (finding,) = (await reached(asked("*", configuration_id=Ref(guid(99), column="B")))).findings
    assert (finding.level, finding.code, finding.column) == (Level.ERROR, "unknown_configuration", "B")


@pytest.mark.parametrize(
    ("text", "kind", "others"), [("Win - *", None, 3), ("really?", None, 1), ("really?", "App", 0)]
)
async def test_a_name_that_is_a_pattern_as_well_is_warned_of(text: str, kind: str | None, others: int) -> None:
    findings = (await reached(asked(text, kind=Ref(kind) if kind else None))).findings
    told = [f for f in findings if f.code == "pattern_namesake"]
    assert [(f.level, f.row, f.column) for f in told] == [(Level.WARNING, 2, "A")] * bool(others)
    assert all(f"the {others} more" in f.message for f in told)
    assert len(names(await reached(asked(f"{text}*", kind=Ref(kind) if kind else None)))) == (
        others + 1 if others else 0
    )


async def test_what_cannot_be_assigned_anyway_is_no_reason_to_refuse() -> None:
    where = listing(Coverage(AUTOPILOT, Served.FAILED, reason="down"))
    for row in (asked("*"), asked("Really1")):
        assert not errors((await reached(row, where=where)).findings)


async def test_everybody_by_a_policy_set_is_told_where_a_kind_has_groups_only() -> None:
    protection = Configuration("iosManagedAppProtections", guid(20), "Protect")
    by_set = Assignment(Target(TargetType.GROUP, VIRTUAL_ALL_USERS), from_policy_set=True)
    where = Listing((Listed(protection),), (Coverage(protection.kind, Served.READ),))
    row = asked(None, Action.REMOVE, legacy=Ref("All users"))
    (finding,) = (
        await reached(row, where=where, ground=Ground((), {protection.key: Reading((by_set,), True)}))
    ).findings
    assert (finding.code, "'Protect'" in finding.message) == ("policy_set", True)


async def test_where_a_group_was_looked_for_in_vain_is_told_as_it_is() -> None:
    readings = {one.key: Reading((), True) for one in CONFIGURATIONS}
    for row, ground, expected in (
        (asked(None, Action.SWAP), Ground((), readings), "in no configuration, so"),
        (asked(None, Action.SWAP), Ground((APPS,), readings), "in no configuration of the kinds that are meant, so"),
        (asked(None, Action.SWAP, kind=Ref("App")), Ground((), readings), "of the kinds that are meant, so"),
        (asked("R*", Action.SWAP), Ground((), readings), "in none of the 2 configurations that 'R*' matches, so"),
        (
            asked("R*", Action.SWAP),
            Ground((), readings, {KEY["Really1"]}),
            "of the 1 configurations that 'R*' matches which",
        ),
        (
            asked(None, Action.SWAP),
            Ground((), readings, {KEY["Really1"]}),
            "in none of the 5 configurations which were picked",
        ),
    ):
        (finding,) = (await reached(row, ground=ground)).findings
        assert expected in finding.message


async def test_a_pattern_that_matches_nothing_is_told_near_names() -> None:
    (finding,) = (await reached(asked("Win - Edges*"))).findings
    assert (finding.level, finding.code, finding.column) == (Level.ERROR, "pattern_matches_nothing", "A")
    assert "'Win - Edge'" in finding.message


async def test_the_option_kind_says_what_everywhere_is() -> None:
    assert names(await reached(asked("*"), ground=Ground((APPS,)))) == {"win - Portal"}


async def test_a_swap_and_a_removal_go_where_the_legacy_group_stands() -> None:
    standing = Ground((), {KEY["Really1"]: Reading(assigned(OLD, 7), True), KEY["Win - Edge"]: Reading((), True)})
    for action in (Action.SWAP, Action.REMOVE):
        assert names(await reached(asked(None, action), ground=standing)) == {"Really1"}
        assert names(await reached(asked("R*", action), ground=standing)) == {"Really1"}
        nowhere = await reached(asked("Win - E*", action), ground=standing)
        assert [f.code for f in nowhere.findings] == ["assigned_nowhere"]
        assert not nowhere.rows


async def test_a_stated_direction_narrows_where_the_group_stands() -> None:
    out = (Assignment(Target(TargetType.EXCLUSION, guid(OLD))),)
    readings = {KEY["Really1"]: Reading(assigned(OLD), True), KEY["Win - Edge"]: Reading(out, True)}
    for exclude, expected in ((True, {"Win - Edge"}), (False, {"Really1"}), (None, {"Win - Edge", "Really1"})):
        row = asked(None, Action.SWAP, exclude=exclude)
        assert names(await reached(row, ground=Ground((), readings))) == expected


async def test_what_could_not_be_read_may_hold_the_group_and_is_not_passed_over() -> None:
    readings = {KEY["Really1"]: Reading((), False, note="two routes differ"), KEY["Win - Edge"]: Reading((), True)}
    assert names(await reached(asked(None, Action.SWAP), ground=Ground((), readings))) == {"Really1"}


async def test_what_a_policy_set_assigns_is_told_and_not_moved() -> None:
    by_set = (Assignment(Target(TargetType.GROUP, guid(OLD)), from_policy_set=True),)
    resolution = await reached(asked(None, Action.SWAP), ground=Ground((), {KEY["Really1"]: Reading(by_set, True)}))
    (finding,) = resolution.findings
    assert (finding.level, finding.code, resolution.rows) == (Level.WARNING, "policy_set", ())
    assert "'Really1'" in finding.message


async def test_what_is_not_assignable_this_way_is_told_by_name_by_kind_and_wherever_it_holds_the_group() -> None:
    (by_name,) = (await reached(asked("Win - Autopilot"))).findings
    (by_id,) = (await reached(asked(None, configuration_id=Ref(guid(7))))).findings
    (by_kind,) = (await reached(asked("Anything", kind=Ref("Autopilot deployment profile")))).findings
    assert {f.code for f in (by_name, by_id, by_kind)} == {"kind_not_assignable"}
    assert all(f.level is Level.ERROR and KINDS[AUTOPILOT].excluded in f.message for f in (by_name, by_id, by_kind))
    held = Ground((), {KEY["ap Win - Autopilot"]: Reading(assigned(OLD), True), KEY["Really1"]: Reading((), True)})
    resolution = await reached(asked(None, Action.SWAP), ground=held)
    assert not resolution.rows
    assert [(f.level, f.code) for f in resolution.findings] == [(Level.WARNING, "kind_not_assignable")]


async def test_one_match_among_all_kinds_is_used_and_several_are_listed() -> None:
    assert (await reached(asked("Win - Edge"))).rows[0].configuration == KEY["Win - Edge"]
    twice = Listing((*listing().listed, Listed(Configuration(APPS, guid(9), "Really1"))), listing().coverage)
    (error,) = (await reached(asked("Really1"), where=twice)).findings
    assert error.code == "ambiguous_configuration"
    assert all(text in error.message for text in (guid(5), "Settings catalog policy", guid(9), "App"))


@pytest.mark.parametrize(
    ("served", "level"), [(Served.FAILED, Level.ERROR), (Served.FORBIDDEN, Level.WARNING), (Served.NOT_SERVED, None)]
)
async def test_everything_must_mean_everything(served: Served, level: Level | None) -> None:
    where = listing(Coverage(APPS, served, reason="because"))
    found = [f for f in (await reached(asked("Win - ?*"), where=where)).findings if f.code == "kind_unread_anywhere"]
    assert [f.level for f in found] == ([level] if level else [])
    named = await reached(asked("Win - ?*", kind=Ref("Office client configuration")), where=where)
    assert not named.findings, "a kind that the row does not mean is none of its business"


def test_kinds_to_list_are_all_there_are_unless_rows_or_a_person_name_some() -> None:
    app, profile, plain = asked("A", kind=Ref("App")), asked("B", kind=Ref("profile")), asked("C")
    assert list(kinds_of([plain, app], ())) == list(KINDS)
    assert list(kinds_of([app], ())) == [APPS]
    assert list(kinds_of([app, plain], (OFFICE,))) == [OFFICE, APPS]
    assert AUTOPILOT not in kinds_of([profile], ())
    assert needed_kinds([app, profile, plain], (OFFICE,)) == {APPS, OFFICE}


def test_kinds_nobody_spoke_of_are_one_note_and_the_others_a_warning_each() -> None:
    coverage = [
        Coverage(OFFICE, Served.NOT_SERVED),
        Coverage(CATALOG, Served.FAILED, reason="500"),
        Coverage(APPS, Served.FORBIDDEN),
        Coverage("intents", Served.NOT_SERVED),
        Coverage("roleScopeTags", Served.READ),
    ]
    found = list(coverage_findings(coverage, {OFFICE}))
    assert [(f.level, f.code) for f in found] == [
        (Level.WARNING, "kind_not_read"),
        (Level.WARNING, "kind_not_read"),
        (Level.NOTE, "kinds_passed_over"),
    ]
    assert "2 kinds" in found[-1].message


def test_picking_goes_by_what_rows_came_to() -> None:
    mapping = Mapping("m", (asked("Win - ?*"), asked("Really1", number=3), asked(None, Action.SWAP, number=4)))
    chosen = picked(mapping, listing(), Selection(only=("*edge", "really1")))
    assert [row.number for row in chosen.mapping.rows] == [2, 3, 4]
    assert KEY["Win - Office"] in chosen.left_out
    assert chosen.left_out.isdisjoint({KEY["Win - Edge"], KEY["Really1"]})
    chosen = picked(mapping, listing(), Selection(without=("Win*",)))
    assert [row.number for row in chosen.mapping.rows] == [3, 4]
    renamed = asked("Of old", configuration_id=Ref(guid(5)), number=3)
    chosen = picked(Mapping("m", (asked("*"), renamed)), listing(), Selection(without=("Of old",)))
    assert ([row.number for row in chosen.mapping.rows], set(chosen.left_out)) == ([2], {KEY["Really1"]})
    with pytest.raises(UsageError, match="matches no configuration"):
        picked(mapping, listing(), Selection(only=("Mac*",)))


async def test_what_was_passed_over_is_left_alone_by_rows_that_mean_many() -> None:
    left_out = {Key(CATALOG, guid(2))}
    assert names(await reached(asked("Win - ?*"), ground=Ground((), {}, left_out))) == {
        "Win - Office",
        "Win - *",
        "win - Portal",
    }


async def test_what_one_route_alone_says_is_assigned_to_nobody_is_told_and_no_group_leaves_it() -> None:
    def empty(*routes: Route) -> Reading:
        return Reading((), settled=False, answers=tuple(RouteAnswer(route, ()) for route in routes))

    readings = {one.key: empty(Route.ASSIGNMENTS) for one in CONFIGURATIONS}
    readings[KEY["Win - Office"]] = empty(Route.ITEM)
    resolution = await reached(asked(None, Action.SWAP), ground=Ground((), readings, ()))
    assert names(resolution) == {"Win - Office"}
    (told,) = [one for one in resolution.findings if one.code == "nobody_unconfirmed"]
    assert told.level is Level.WARNING
    assert "'Win - Edge'" in told.message
    assert "'Win - Office'" not in told.message
