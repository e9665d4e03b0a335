"""What a command says when it is done: a few lines for people, or one JSON object."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from migrator.cli.pulse import losses
from migrator.cli.words import one_line, run_word
from migrator.model.finding import Finding, Level
from migrator.model.outcome import Status
from migrator.model.second_admin import DECLINED

if TYPE_CHECKING:
    from migrator.model.impact import Impact
    from migrator.model.plan import ConfigurationPlan
    from migrator.operations.finish import Result
    from migrator.operations.plan import Drawn
    from migrator.operations.run import Declined
    from migrator.reporting.facts import Facts, Line

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "cyan"}
_SHOWN = 50
_ALIKE = 3  # warnings and notes that say the same of other places
_TROUBLES = 5
IN_PLAN = "all of them are in plan.xlsx, sheet Findings"
_FIGURES = (
    "configurations",
    "succeeded",
    "unchanged",
    "failed",
    "drifted",
    "waiting",
    "unverified",
    "rows",
    "requests",
    "throttled",
    "retries",
)


def show_json(content: Mapping[str, object]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False))


def show_findings(
    findings: Iterable[Finding],
    *,
    as_json: bool,
    more: Mapping[str, object] | None = None,
    notes: bool = True,
    err: bool = False,
    listed: str = "--json lists all of them",
) -> None:
    """All findings: as JSON whole, for people every error up to a number, and of what is no error the first of each
    code; on standard error where `err` says so. `listed` is where those are that are only counted."""
    found = tuple(findings)
    if as_json:
        show_json({"findings": [_finding(f) for f in found], **(more or {})})
        return
    told = [f for f in found if notes or f.level is not Level.NOTE]
    counts = Counter(_sort(f) for f in told)
    shown: Counter[tuple[Level, str]] = Counter()
    for finding in told:
        shown[_sort(finding)] += 1
        if shown[_sort(finding)] <= _most(finding.level):
            place = f"{finding.place}  " if finding.place else ""
            click.echo(f"{_word(finding.level)}{place}{finding.message}  [{finding.code}]", err=err)
    for (level, code), number in counts.items():
        if number > _most(level):
            alike = f" like these  [{code}]" if code else ""
            click.echo(f"{_word(level)}… and {number - _most(level):,} more{alike}; {listed}", err=err)


def _sort(finding: Finding) -> tuple[Level, str]:
    """What is counted together: all errors, for each is to be mended, and what is no error by its code."""
    return finding.level, "" if finding.level is Level.ERROR else finding.code


def _most(level: Level) -> int:
    return _SHOWN if level is Level.ERROR else _ALIKE


def _word(level: Level) -> str:
    return click.style(f"{level:8}", fg=_COLOURS[level])


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "level": finding.level.value,
        "code": finding.code,
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "message": finding.message,
    }


def show_plan(drawn: Drawn, *, as_json: bool) -> int:
    """What a plan comes to; exit status 0."""
    from migrator.reporting.impact import impact_lines

    plan = drawn.plan
    changing = sum(c.changes_anything for c in plan.configurations)
    if as_json:
        show_json(
            {
                "run": drawn.folder.id,
                "folder": str(drawn.folder.path),
                "configurations": len(plan.configurations),
                "changing": changing,
                "unchanged": sum(not c.changes_anything and not c.blocked for c in plan.configurations),
                "blocked": sum(bool(c.blocked) for c in plan.configurations),
                "rows": plan.row_count,
                "fingerprint": plan.fingerprint,
                "findings": [_finding(f) for f in plan.findings],
                "impact": _impact(plan.impact),
            }
        )
        return 0
    show_findings(plan.findings, as_json=False, notes=False, listed=IN_PLAN)
    for line in (*plan_lines(plan.configurations), *impact_lines(plan.impact)):
        click.echo(line)
    click.echo(f"Plan          {drawn.folder.plan_xlsx}")
    click.echo(f"Fingerprint   {plan.fingerprint}")
    click.echo(f"Carry it out  migrator apply {run_word(drawn.folder)} --approved {plan.fingerprint}")
    return 0


def _impact(impact: Impact | None) -> dict[str, object] | None:
    """Whom a plan concerns, as numbers; None where nobody counted."""
    if impact is None:
        return None
    return {
        name: {
            "gain": moved.gain,
            "lose": moved.lose,
            "keep": moved.keep,
            "certainty": moved.certainty.value,
            "everybody": [word.value for word in moved.everybody],
        }
        for name, moved in (("people", impact.users), ("devices", impact.devices))
    }


def plan_lines(configurations: Iterable[object]) -> list[str]:
    """A plan in a few lines, for a person who is about to approve it."""
    from migrator.model.plan import ConfigurationPlan, Effect
    from migrator.reporting.words import count

    plans = [c for c in configurations if isinstance(c, ConfigurationPlan)]
    assumed = sum(c.reading.assumed for c in plans)
    changing = [c for c in plans if c.changes_anything and not c.blocked and not c.reading.assumed]
    effects = {effect: sum(c.count(effect) for c in plans if not c.reading.assumed) for effect in Effect}
    blocked = sum(bool(c.blocked) for c in plans)
    lines = [
        f"{count(len(plans), 'configuration')}: {len(changing):,} to change, "
        f"{len(plans) - len(changing) - blocked - assumed:,} to stay"
        + (f", {blocked:,} are left alone (what is assigned could not be read)" if blocked else "")
        + (f", {assumed:,} are left alone (changed since, or not readable)" if assumed else ""),
        "assignments: " + ", ".join(f"{number:,} {effect.value}" for effect, number in effects.items() if number),
    ]
    emptied = sum(c.empties for c in plans)
    if emptied:
        lines.append(click.style(f"{emptied:,} configurations lose every assignment", fg="red", bold=True))
    return lines


_FIRST = 8  # configurations that are named before a person is asked


def plan_details(configurations: Iterable[ConfigurationPlan]) -> list[str]:
    """What would happen to the first few configurations, those that lose something first."""
    from migrator.model.plan import Effect
    from migrator.reporting.tables import called

    changing = [c for c in configurations if c.changes_anything and not c.blocked and not c.reading.assumed]
    changing.sort(key=lambda c: (not c.empties, -c.count(Effect.REMOVED)))
    lines = []
    for plan in changing[:_FIRST]:
        counts = ((effect, plan.count(effect)) for effect in Effect if effect is not Effect.KEPT)
        told = ", ".join(f"{number:,} {effect.value}" for effect, number in counts if number)
        lines.append(f"  {called(plan)}: {told}; {plan.count(Effect.KEPT):,} kept")
    if len(changing) > _FIRST:
        lines.append(f"  … and {len(changing) - _FIRST:,} more")
    return lines


def show_result(result: Result | Declined, *, as_json: bool) -> int:
    """How a run went; its exit status."""
    from migrator.operations.run import Declined

    if isinstance(result, Declined):
        if as_json:
            show_json({"run": result.folder.id, "folder": str(result.folder.path), "declined": True})
        else:
            click.echo(f"Nothing was sent. The plan is kept; `migrator apply {run_word(result.folder)}` asks again")
        return 0
    figures = result.facts
    if as_json:
        content: dict[str, object] = {"run": figures.run, "folder": str(result.folder.path)}
        content |= {name: getattr(figures, name) for name in _FIGURES}
        content |= {name: number for name in ("left_out", "open") if (number := getattr(figures, name))}
        if figures.of:
            content["findings"] = [_finding(f) for f in result.record.plan.findings]
        ended = {"error": str(result.error)} if result.error else {}
        show_json({**content, "seconds": round(figures.seconds, 3), **ended})
        return result.exit_code
    for line in _story(result, figures):
        click.echo(line)
    return result.exit_code


def _story(result: Result, figures: Facts) -> Iterable[str]:
    from migrator.reporting.words import count

    told = {name: getattr(figures, name) for name in _FIGURES[1:6]}
    told["failed"] -= figures.open
    told["not finished"] = figures.open
    parts = [f"{number:,} {name}" for name, number in told.items() if number]
    if figures.of:
        yield f"Puts back     run {figures.of}"
    what = f"{count(figures.configurations, 'configuration')}, {count(figures.rows, 'row')}"
    left_out = f" ({figures.left_out:,} left out)" if figures.left_out else ""
    yield f"{what}: {', '.join(parts) or 'nothing to do'}{left_out}"
    verified = figures.succeeded - figures.unverified
    if figures.succeeded:
        yield f"Read back: {verified:,} of {figures.succeeded:,} hold what was intended"
    yield (
        f"{count(figures.requests, 'request')} in {figures.seconds:,.1f} s, "
        f"{figures.throttled:,} refused by throttling, {figures.retries:,} tried again"
    )
    held_back = losses(figures.lost)
    if held_back:
        yield f"Calls were {held_back}"
    yield from _troubles(result, figures)
    yield from _next_step(result, figures)
    yield f"Reports       {result.folder.summary_xlsx}"


def _troubles(result: Result, figures: Facts) -> Iterable[str]:
    """The first few of what is not as it should be."""
    from migrator.reporting.tables import called

    unlike = [line for line in figures.lines if line.as_intended and line.differs]
    wrong = [line for line in figures.lines if line.status in (Status.FAILED, Status.DRIFTED, Status.WAITING)]
    for line in unlike[:_TROUBLES]:
        yield (
            _red("differs") + f"{called(line.plan)}: {line.verification.note if line.verification else 'as read back'}"
        )
    tried = [line for line in wrong if not line.open]
    for line in tried[:_TROUBLES]:
        yield _red(line.status.value) + one_line(f"{called(line.plan)}: {line.reason}")
    more = max(0, len(unlike) - _TROUBLES) + max(0, len(tried) - _TROUBLES)
    if more:
        yield f"… and {more:,} more; all of them are in {result.folder.summary_xlsx.name}"
    if result.error is not None:
        yield _red("ended") + str(result.error)


def _next_step(result: Result, figures: Facts) -> Iterable[str]:
    """What a person does next, where there is anything."""
    if figures.put_back:
        yield f"This run was put back by run {figures.put_back}"
    elif result.stopped:
        yield f"Stopped. Go on with: migrator resume {run_word(result.folder)}"
    elif result.record.header.command == "verify" and figures.failed:
        yield "To make it as the mapping says: migrator run MAPPING"
    elif figures.failed and all(line.plan.blocked for line in figures.lines if line.status is Status.FAILED):
        yield f"What was left alone needs a new plan: migrator run {result.folder.retry_xlsx}"
    elif not result.record.header.approved and figures.open:
        yield f"It was never approved. Carry it out: migrator apply {run_word(result.folder)}"
    elif _is_up_to_people(figures):
        yield from _up_to_people(result, figures)
    elif figures.failed or figures.waiting or result.error is not None:
        yield f"Try again with: migrator resume {run_word(result.folder)}"
    elif figures.differing:
        again = f"migrator rollback {figures.of}" if figures.of else "migrator run MAPPING"
        yield f"It is not as intended any more (the workbooks show how); what is missing is set right by: {again}"
    elif figures.drifted and figures.of:
        yield f"What somebody changed since run {figures.of} was left alone: what shall hold there is for you to decide"
    elif figures.drifted:
        yield "Drifted configurations were left alone; plan them again with: migrator plan MAPPING"


def _up_to_people(result: Result, figures: Facts) -> Iterable[str]:
    if figures.waiting:
        yield f"Once a second admin approved what waits, go on with: migrator resume {run_word(result.folder)}"
    if any(line.code == DECLINED for line in _failed(figures)):
        again = f"rollback {figures.of}" if figures.of else f"run {result.folder.retry_xlsx}"
        yield f"What was declined needs a new plan where it is wanted all the same: migrator {again}"


def _is_up_to_people(figures: Facts) -> bool:
    """Whether nothing is left but what waits for a second admin, what waits behind that, and what one declined."""
    others = [line for line in _failed(figures) if line.code != DECLINED]
    if figures.waiting:
        return all(line.open for line in others)
    return bool(figures.failed) and not others


def _failed(figures: Facts) -> list[Line]:
    return [line for line in figures.lines if line.status is Status.FAILED]


def _red(word: str) -> str:
    return click.style(f"{word:10}", fg="red")
