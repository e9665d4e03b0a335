"""Stories: anything may happen between anything, and the promises hold.

MIGRATOR_EXAMPLES=1000 python -m pytest tests/stateful
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from migrator.model.settings import Limit
from migrator.operations.rollback import rollback
from migrator.reporting.write import Written
from migrator.simulator.settings import Fault, Faults, IsAssigned, Lies
from tests.stateful.meaning import ALL_DEVICES, ALL_USERS, Row
from tests.stateful.story import Story, Trouble
from tests.stateful.tenant import CONFIGURATIONS, GROUPS, NOBODY, QUIET, TWINS, Spec, tenant

_MEMORY = Path("/dev/shm")  # noqa: S108 - every story syncs its journals dozens of times; its folder has its own name
IN_MEMORY = _MEMORY if _MEMORY.is_dir() else None
NAMES = [*CONFIGURATIONS]
AUDIENCES = [*GROUPS, ALL_USERS, ALL_DEVICES]

specs = st.builds(
    Spec,
    st.sampled_from(AUDIENCES),
    excluded=st.sampled_from((False, False, True)),
    intent=st.sampled_from(("required", "uninstall")),
    filter=st.sampled_from(("", "", "F1", "F2")),
    mode=st.sampled_from(("include", "exclude")),
    extra=st.sampled_from((0, 0, 7)),
    by_policy_set=st.sampled_from((False,) * 7 + (True,)),
)
lists = st.lists(specs, max_size=4).map(tuple)
moments = st.integers(1, 40)
early_or_late = st.booleans()
troubles = st.lists(
    st.one_of(
        st.builds(Trouble, moments, st.sampled_from(("crash", "crash", "stop")), approved=st.just(True)),
        st.builds(Trouble, moments, st.just("others"), st.sampled_from(NAMES), lists, early_or_late),
        st.builds(Trouble, moments, st.just("crash")),
    ),
    max_size=2,
)
groups = st.sampled_from([*GROUPS] * 8 + [ALL_USERS] * 2 + [ALL_DEVICES] * 2 + [TWINS, NOBODY])
details = {
    "direction": st.sampled_from(("",) * 6 + ("include", "exclude")),
    "intent": st.sampled_from(("",) * 8 + ("required", "uninstall")),
    "filter": st.sampled_from(("",) * 8 + ("F1", "F2")),
    "mode": st.sampled_from(("",) * 10 + ("include", "exclude", "none")),
}
configurations = st.sampled_from([*NAMES * 6, "Nothing of that name"])


def rows_of(action: str, **more: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.builds(Row, configurations, action=st.just(action), **more)


plain_rows = st.one_of(
    rows_of("", legacy=groups, new=groups),
    rows_of("", new=groups),
    rows_of("remove", legacy=groups),
)
detailed_rows = st.one_of(
    rows_of("swap", legacy=groups, new=groups, **details),
    rows_of("add", new=groups, **details),
    rows_of("remove", new=groups, direction=details["direction"], intent=details["intent"]),
    rows_of("replace", new=groups, **details),
)
mappings = st.lists(st.one_of(plain_rows, plain_rows, detailed_rows), min_size=1, max_size=4)
likely_groups = st.sampled_from([*GROUPS])
certain_mappings = st.lists(
    st.one_of(
        st.builds(Row, st.sampled_from(NAMES[:4]), legacy=likely_groups, new=likely_groups),
        st.builds(Row, st.sampled_from(NAMES[:4]), new=likely_groups),
        st.builds(Row, st.sampled_from(NAMES), new=likely_groups, action=st.just("remove")),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row.configuration,
)
planned = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(tuple(Fault)), min_size=1, max_size=4).map(tuple), max_size=2
)
limits = st.sampled_from((Limit(None), Limit(None), Limit(2, 20.0)))


class Stories(RuleBasedStateMachine):
    """The rules only ever draw what does not depend on what happened, so that a story is the same when told again."""

    over_http = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stories-", dir=IN_MEMORY))
        self.story: Story

    @initialize(
        assigned=st.tuples(*(lists for _ in NAMES)),
        seed=st.integers(0, 3),
        workers=st.sampled_from((1, 1, 4)),
        limit=st.sampled_from((None, None, 2)),
    )
    def begin(self, assigned: Sequence[Sequence[Spec]], seed: int, workers: int, limit: int | None) -> None:
        service = replace(QUIET, seed=seed, vary=seed > 0)
        self.story = Story(
            tenant(assigned), service, self.folder, workers=workers, limit=limit, over_http=self.over_http
        )
        for name, given in zip(NAMES, assigned, strict=True):
            self.story.says(f"{name} is [{', '.join(map(str, given))}]")

    @rule(rows=mappings, troubles=troubles)
    def plan(self, rows: Sequence[Row], troubles: Sequence[Trouble]) -> None:
        self.story.writes_mapping(rows)
        self.story.plans(troubles)

    @rule(rows=mappings, troubles=troubles)
    def run(self, rows: Sequence[Row], troubles: Sequence[Trouble]) -> None:
        self.story.writes_mapping(rows)
        self.story.runs_mapping(troubles)

    @rule(rows=certain_mappings, troubles=troubles)
    def run_what_is_likely_right(self, rows: Sequence[Row], troubles: Sequence[Trouble]) -> None:
        self.story.writes_mapping(rows)
        self.story.runs_mapping(troubles)

    @rule(troubles=troubles)
    def apply(self, troubles: Sequence[Trouble]) -> None:
        self.story.applies(troubles)

    @rule(troubles=troubles)
    def resume(self, troubles: Sequence[Trouble]) -> None:
        self.story.resumes(troubles)

    @rule(troubles=troubles)
    def roll_back(self, troubles: Sequence[Trouble]) -> None:
        self.story.rolls_back(rollback, troubles)

    @rule(troubles=troubles)
    def verify(self, troubles: Sequence[Trouble]) -> None:
        self.story.verifies(troubles)

    @rule(name=st.sampled_from(NAMES), given=lists)
    def others_change_a_configuration(self, name: str, given: Sequence[Spec]) -> None:
        self.story.others_make(name, given)

    @rule(
        writes=planned,
        reads=planned,
        share=st.sampled_from((0.0, 0.0, 0.1, 0.3)),
        limit=limits,
        page=st.sampled_from((None, 1, 2)),
        empty_on_list=st.booleans(),
        empty_on_item=st.booleans(),
        is_assigned=st.sampled_from(IsAssigned),
        shortened=st.sampled_from(((), (), ("Catalog 1",), ("Office 1", "App 1"))),
    )
    def the_service_gets_worse(
        self,
        writes: dict[str, tuple[Fault, ...]],
        reads: dict[str, tuple[Fault, ...]],
        share: float,
        limit: Limit,
        page: int | None,
        empty_on_list: bool,
        empty_on_item: bool,
        is_assigned: IsAssigned,
        shortened: Sequence[str],
    ) -> None:
        faults = replace(Faults.everywhere(share), planned_writes=writes, planned_reads=reads)
        kinds = frozenset(CONFIGURATIONS.values())
        lies = Lies(
            list_empty=kinds if empty_on_list else frozenset(),
            item_empty=kinds if empty_on_item else frozenset(),
            is_assigned=is_assigned,
        )
        now = self.story.service.settings
        worse = replace(now, faults=faults, writes=limit, lies=lies, assignments_page_size=page)
        self.story.uses(worse, shortened)

    @rule()
    def time_passes(self) -> None:
        self.story.waits(100.0)

    def teardown(self) -> None:
        try:
            if hasattr(self, "story") and not self.story.ended:
                self.story.ends()
        except BaseException as error:
            self.story.tells(error)
            raise
        finally:
            if hasattr(self, "story"):
                self.story.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class StoriesOverHttp(Stories):
    over_http = True


EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "1000"))
PARTS = 4  # so that several workers share them
PHASES = (Phase.generate,) if os.environ.get("MIGRATOR_UNSHRUNK") else tuple(Phase)


@pytest.fixture
def without_workbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are three quarters of a run's time, and nothing is decided in them."""
    monkeypatch.setattr("migrator.operations.finish.write_reports", lambda record, folder, **_: Written(folder, ()))
    monkeypatch.setattr("migrator.operations.open_run.write_plan", lambda *_: None)


def tell(stories: type[Stories], examples: int, part: int = 0) -> None:
    """Plays so many; where examples are always the same ones (`--hypothesis-profile steady`), others in each part."""
    settings_ = settings(
        max_examples=examples,
        stateful_step_count=8,
        deadline=None,
        database=None,
        phases=PHASES,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type(f"{stories.__name__}{part}", (stories,), {}), settings=settings_)


@pytest.mark.usefixtures("without_workbooks")
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_the_promises_hold(part: int) -> None:
    tell(Stories, max(1, EXAMPLES // PARTS), part)


def test_the_promises_hold_with_all_reports_written() -> None:
    """A few of the same with every workbook."""
    tell(Stories, max(1, EXAMPLES // 40), PARTS)


@pytest.mark.usefixtures("without_workbooks")
def test_the_promises_hold_over_http() -> None:
    """A few of the same over the package's own transport and real sockets."""
    tell(StoriesOverHttp, max(1, EXAMPLES // 25))
