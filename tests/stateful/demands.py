"""What the promises demand of a story: of each assign call as it arrives, of each operation when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.graph.tenant.codec import render
from migrator.journal.reader import read_record
from migrator.model.errors import MappingError
from migrator.model.kinds import KINDS
from migrator.model.outcome import Status, Verdict
from migrator.model.plan import ConfigurationPlan, Plan
from migrator.model.settings import Settings
from migrator.operations.finish import Result
from migrator.sending.feed import FRESH
from migrator.simulator.messages import Call
from migrator.simulator.state import StoredConfiguration
from tests.stateful.meaning import Entries, Row, Unclear, Wrong, direct, entries_of, meant, named
from tests.stateful.tenant import CONFIGURATIONS, DIRECTORY, NOBODY, TOKEN, TWINS
from tests.stateful.watched import OTHERS, Watched
from tests.virtual_clock import VirtualClock


@dataclass
class Known:
    """What the model knows of a run: its rows, and for each configuration the list that was planned to be replaced.

    `wanted` are the lists that a rollback puts back, None for a run that has rows. A run that is `put_back` is over.
    """

    plan: Plan
    rows: Sequence[Row]
    before: dict[str, Entries]
    planned_at: int
    concluded: set[str]
    wanted: Mapping[str, Entries] | None = None
    put_back: bool = False

    def meant(self, name: str) -> Entries:
        """What shall stand afterwards, without what policy sets make. Raises Wrong and Unclear."""
        if self.wanted is not None:
            return direct(self.wanted[name])
        rows = [row for row in self.rows if row.configuration == name]
        return direct(meant(CONFIGURATIONS[name], self.before[name], rows, DIRECTORY))

    def clearly_meant(self, name: str) -> Entries | None:
        """The same, None where it is not clear."""
        try:
            return self.meant(name)
        except Unclear:
            return None


class Demands:
    """The checks of a story. What is found wrong while a call is served is kept until the operation is over."""

    service: Watched
    clock: VirtualClock
    settings: Settings
    rows: Sequence[Row]
    runs: dict[str, Known]
    _now: Known | None
    _began: int
    _wrong: list[str]

    def says(self, text: str) -> None:
        raise NotImplementedError

    def _takes(self, known: Known, one: ConfigurationPlan, *, restores: bool) -> None:
        """What a plan takes to stand must be what stands. A rollback goes by what its run sent, and leaves alone what
        is not so any more."""
        name = one.configuration.name
        before = entries_of(json.loads(a.raw) if a.raw else render(KINDS[one.key.kind], a) for a in one.before)
        known.before[name] = before
        history = self.service.history[name]
        changed = any(s.since > self._began for s in history)
        if not (restores or one.blocked or changed or self.service.lagged()) and before != history[-1].entries:
            self._wrong.append(f"the plan takes {name} to be {before}, but it is {history[-1].entries}")

    def _checks_write(self, configuration: StoredConfiguration, call: Call) -> None:
        """Every assign call as it reaches the service."""
        name = configuration.name or ""
        body = entries_of(next(iter(json.loads(call.body).values())))
        self.says(f"    → {name} {sorted(body)}")
        now = self._now
        if now is None:
            self._wrong.append(f"{name} was sent although nothing was approved")
            return
        planned = {p.configuration.name: p for p in now.plan.configurations}
        if name not in planned or planned[name].blocked or not planned[name].changes_anything:
            self._wrong.append(f"{name} was sent, which the plan does not change")
            return
        if name in now.concluded:
            self._wrong.append(f"{name} was sent again although it had succeeded")
        self._checks_body(now, name, body)
        self._checks_guard(now, name)

    def _checks_body(self, now: Known, name: str, body: Entries) -> None:
        if now.wanted is None:
            self._checks_bystanders([r for r in now.rows if r.configuration == name], now.before[name], name, body)
        try:
            expected = now.clearly_meant(name)
        except Wrong as wrong:
            self._wrong.append(f"{name} was sent although the mapping has an error: {wrong}")
            return
        if expected is not None and body != expected:
            self._wrong.append(f"{name}: sent {sorted(body)}, meant {sorted(expected)}")

    def _checks_bystanders(self, rows: Sequence[Row], before: Entries, name: str, body: Entries) -> None:
        """What no row names is sent as it stood, and nothing else that no row names."""
        touched = named(rows, DIRECTORY)
        replaces = any(row.does == "replace" for row in rows)
        lost = {e for e in direct(before) if e.audience not in touched and not replaces} - body
        if lost:
            self._wrong.append(f"the call for {name} loses {lost}")
        foreign = {e for e in body - before if e.audience not in touched}
        if foreign:
            self._wrong.append(f"the call for {name} brings {foreign}, which no row names")

    def _checks_guard(self, now: Known, name: str) -> None:
        """What others made since the plan is not written over, but in the short time after it was read."""
        stands = self.service.history[name][-1]
        if stands.by != OTHERS or direct(stands.entries) == direct(now.before[name]) or self.service.lagged():
            return
        seen = [tick for tick in self.service.reads.get(name, ()) if tick > max(self._began, stands.since)]
        if not direct(stands.entries):
            seen = []  # an empty list is no evidence beside one that the listing gave just before
        waited = self.clock.now - stands.at
        if seen or stands.since <= self._began or waited > 2 * FRESH:
            self._wrong.append(f"{name} was written over what others had made {waited:.0f} s before")

    def _checks_mapping(self, name: str, error: MappingError | None) -> None:
        """Whether a mapping with an error was refused, and one without was not."""
        if name not in ("plan", "run"):
            return
        if error is not None:
            self.says(f"  refused: {sorted({f.code for f in error.findings})}")
            assert self._now is None, "a refused mapping has a plan"
        certain = [r for r in self.rows if {r.legacy, r.new} & {TWINS, NOBODY} or r.configuration not in CONFIGURATIONS]
        assert not (certain and self._now), "a name that is unknown or ambiguous was planned with"
        if self._now is None:
            return
        for one in self._now.plan.configurations:
            try:
                _ = one.blocked or self._now.clearly_meant(one.configuration.name)
            except Wrong as wrong:
                raise AssertionError(f"a mapping with an error was planned: {wrong}") from wrong

    def _checks_result(self, result: Result) -> None:
        """Outcomes, verifications and figures against what happened, and against each other."""
        facts, record = result.facts, read_record(result.folder)
        assert record.outcome_of() == result.record.outcome_of()
        counts = (facts.succeeded, facts.unchanged, facts.failed, facts.drifted, facts.waiting)
        assert sum(counts) == facts.configurations == len(record.plan.configurations)
        by_status = [sum(o.status is s for o in record.outcomes) for s in Status]
        assert facts.succeeded == by_status[list(Status).index(Status.SUCCEEDED)]
        assert facts.drifted == by_status[list(Status).index(Status.DRIFTED)]
        wanted = 4 if facts.drifted else 0
        if result.exit_code in (0, 4):
            assert result.exit_code == wanted
            assert facts.failed == facts.differing == facts.unseen == 0
        for one in record.plan.configurations:
            self._checks_outcome(result, one)

    def _checks_outcome(self, result: Result, one: ConfigurationPlan) -> None:
        name, run_id = one.configuration.name, result.folder.id
        known = self.runs[run_id]
        outcome = result.record.outcome_of().get(one.key)
        seen = result.record.verification_of().get(one.key)
        history = self.service.history[name]
        ours = [s for s in history if s.by == run_id]
        if one.blocked:  # its rows were not even worked out, so what is wrong with them is not known either
            assert not ours, f"{name} was to be left alone, and was written"
            return
        expected = known.clearly_meant(name)
        if outcome is not None and outcome.status is Status.SUCCEEDED:
            applied = ours or [s for s in history if s.since >= known.planned_at and direct(s.entries) == expected]
            assert applied, f"{name} is said to have succeeded, and no call was applied"
        if outcome is not None and outcome.status is Status.UNCHANGED:
            assert not ours, f"{name} is said to be unchanged, and was written"
        if outcome is not None and outcome.status is Status.DRIFTED and not self.service.lagged():
            foreign = [s for s in history if s.by != run_id and s.since > known.planned_at]
            assert foreign, f"{name} is said to have drifted, and nobody but this run changed it"
        if seen is not None and seen.verdict is Verdict.VERIFIED and expected is not None:
            stood = [direct(s.entries) for s in history]
            assert expected in stood, f"{name} is said to be verified, and never was as intended"

    def _checks_end(self, known: Known, result: Result) -> None:
        """Nothing is open any more, and what stands is what the rows mean, or what others made."""
        facts = result.facts
        blocked = sum(bool(one.blocked) for one in known.plan.configurations)
        assert facts.failed == blocked, "something is left undone that nothing stood in the way of"
        assert result.exit_code in ((1,) if blocked else (0, 4, 1 if facts.differing else 0))
        for line in facts.lines:
            if line.plan.blocked:
                continue
            name = line.plan.configuration.name
            stands, expected = self.service.history[name][-1], known.clearly_meant(name)
            if line.status is Status.SUCCEEDED and stands.by == result.folder.id and expected is not None:
                assert direct(stands.entries) == expected, f"{name} is not as the rows mean"
            if line.status is Status.DRIFTED:
                assert stands.by != result.folder.id or self.service.history[name][-2].by == OTHERS

    def _checks_secrets(self) -> None:
        for path in self.settings.reports.rglob("*"):
            if path.is_file():
                assert TOKEN.encode() not in path.read_bytes(), f"the token is in {path.name}"


def lines_of(result: Result) -> Sequence[str]:
    return [f"{line.plan.configuration.name} {line.status} ({line.reason[:120]})" for line in result.facts.lines]
