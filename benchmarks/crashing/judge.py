"""Is everything as it must be once a round has ended? Each complaint is a sentence; there should be none."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks.crashing.case import Case, Held, Holding, holding, id_of
from benchmarks.crashing.journal import Told
from benchmarks.crashing.process import Ended

_FILTERS = {"include": "only devices in", "exclude": "all devices but those in"}
_KEPT = {"plan.xlsx", "summary.xlsx", "configurations", "run.sqlite", "run.log"}
Sheet = Sequence[Mapping[str, Any]]


def tenant_complaints(
    case: Case, state: Mapping[str, Any], told: Told, meddled: Mapping[str, Holding]
) -> Iterator[str]:
    """Holds the tenant against the model. `meddled` is what somebody else made of configurations in between."""
    found = {c["name"]: holding(c["assignments"]) for c in state["configurations"]}
    for name, before in case.before.items():
        outcome = told.standing.get(id_of(name))
        status = outcome["status"] if outcome else "no outcome"
        if name in meddled:
            wanted, expected = (meddled[name],), ("drifted",)
        elif name in case.rows:
            changes = case.after[name] != before
            wanted, expected = (case.after[name],), (("succeeded",) if changes else ("unchanged",))
        else:
            wanted, expected = (before,), ("no outcome",)
        if found.get(name) not in wanted:
            yield f"lost: {name} holds {_text(found.get(name, frozenset()))}, not {_text(wanted[0])}"
        if status not in expected:
            why = outcome["reason"] if outcome else ""
            yield f"lost: {name} is {status} ({why}), not {expected[0]}"


def doubled_complaints(log: Sequence[Mapping[str, Any]], told: Told, kept: Mapping[str, int]) -> Iterator[str]:
    """What was sent although it had succeeded. `kept` are the calls of each configuration that had been made when a
    process was killed and its outcome was in the journal."""
    calls = assign_calls(log)
    for id_, known in told.succeeded:
        late = [at for at in calls.get(id_, ()) if known and at > known]
        if late:
            yield f"doubled: {id_} was sent {min(late) - known:.3f} s after it had succeeded"
    for id_, number in kept.items():
        if len(calls.get(id_, ())) > number:
            yield f"doubled: {id_} was sent again by a command that found its success in the journal"


def assign_calls(log: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """When each configuration was sent, by its id, as the tenant has recorded it."""
    calls: dict[str, list[float]] = {}
    for entry in log:
        if entry["method"] == "POST" and entry["path"].endswith("/assign"):
            calls.setdefault(entry["path"].split("/")[-2].lower(), []).append(entry["time"])
    return calls


def report_complaints(case: Case, folder: Path, told: Told, meddled: Mapping[str, Holding]) -> Iterator[str]:
    """Opens every workbook again and holds it against the journal and the model."""
    books = {path.relative_to(folder).as_posix(): path for path in folder.glob("**/*.xlsx")}
    for name, path in books.items():
        try:
            with zipfile.ZipFile(path) as archive:
                broken = archive.testzip()
        except zipfile.BadZipFile:
            broken = name
        if broken:
            yield f"wrong: {name} is not whole"
            return
    failed = told.counts["failed"]
    wanted = {"plan.xlsx", "summary.xlsx", *(f"configurations/{name}.xlsx" for name in case.rows)}
    wanted |= {"retry.xlsx"} if failed else set()
    if books.keys() != wanted:
        yield f"wrong: there are the reports {sorted(books.keys() ^ wanted)} too many or too few"
        return
    yield from _plan(case, _opened(books["plan.xlsx"]))
    yield from _summary(case, _opened(books["summary.xlsx"]), told)
    for name in case.rows:
        yield from _configuration(case, name, _opened(books[f"configurations/{name}.xlsx"]), told, name in meddled)


def left_over_complaints(folder: Path, told: Told) -> Iterator[str]:
    """What a crash has left behind in a run's folder that is no use to anybody."""
    allowed = _KEPT | ({"retry.xlsx"} if told.counts["failed"] else set())
    left = {path.name for path in folder.iterdir()} - allowed
    left |= {path.name for path in (folder / "configurations").glob("*") if path.suffix != ".xlsx"}
    if left:
        yield f"left behind: {', '.join(sorted(left))}"


def journal_complaints(case: Case, told: Told) -> Iterator[str]:
    if told.sound != "ok":
        yield f"journal: {told.sound}"
    if told.standing.keys() != {id_of(name) for name in case.rows}:
        yield "journal: not every configuration of the mapping has an outcome"
    if not told.header.get("finished"):
        yield "journal: the run is not finished"


def status_complaints(ended: Ended, told: Told) -> Iterator[str]:
    """Holds what a command said at its end against the journal."""
    answer = json.loads(ended.stdout.splitlines()[-1]) if ended.stdout.strip() else {}
    if "succeeded" not in answer:  # it gave up before there were figures, as it may where Graph does not answer
        if ended.status != 1 or "error" not in answer:
            yield f"status: {ended.command} ended with {ended.status} and said {answer}: {ended.stderr[-500:]}"
        return
    counts = told.counts
    unseen = [i for i, o in told.standing.items() if o["status"] == "succeeded" and told.verified.get(i) != "verified"]
    wanted = 1 if counts["failed"] or unseen else 4 if counts["drifted"] else 0
    if ended.status != wanted:
        yield f"status: {ended.command} ended with {ended.status}, not {wanted}: {ended.stderr[-300:]}"
    for status in ("succeeded", "unchanged", "failed", "drifted", "waiting"):
        if answer[status] != counts[status]:
            yield f"status: --json says {answer[status]} {status}, the journal {counts[status]}"
    if (answer["unverified"], answer["requests"]) != (len(unseen), told.requests):
        yield f"status: --json says {answer['requests']} requests, the journal {told.requests}"


def _plan(case: Case, book: Mapping[str, Sheet]) -> Iterator[str]:
    shown = {row["Configuration"]: (row["Before"], row["After (planned)"]) for row in book["Configurations"]}
    if shown != {name: (len(case.before[name]), len(case.after[name])) for name in case.rows}:
        yield "wrong: plan.xlsx shows other configurations, or other numbers of assignments"
    for name in case.rows:
        rows = [row for row in book["Changes"] if row["Configuration"] == name]
        after = {row["After"] for row in rows if row["After"]}
        if after != {", ".join(filter(None, _shown(one))) for one in case.after[name]}:
            yield f"wrong: plan.xlsx shows for {name} afterwards {sorted(after)}"


def _summary(case: Case, book: Mapping[str, Sheet], told: Told) -> Iterator[str]:
    lines = book["Configurations"]
    if sorted(row["Configuration"] for row in lines) != sorted(case.rows):
        yield "wrong: summary.xlsx does not have a line for each configuration"
        return
    for row in lines:
        name, id_ = row["Configuration"], row["Configuration ID"]
        outcome = told.standing.get(id_, {})
        calls = max(outcome.get("tries", 0), told.assigns.get(id_, 0))
        wanted = (outcome.get("status"), told.verified.get(id_, "not read back"), calls)
        shown = (row["Status"], row["Read back"], row["Assign calls"] or 0)
        if shown != wanted:
            yield f"wrong: summary.xlsx says of {name} {shown}, the journal {wanted}"
        if (row["Before"], row["After (planned)"]) != (len(case.before[name]), len(case.after[name])):
            yield f"wrong: summary.xlsx counts the assignments of {name} otherwise"
    figures = _figures(book["Summary"])
    for status, count in {"configurations": len(case.rows), **_every_status(told)}.items():
        if figures.get(status) != count:
            yield f"wrong: the dashboard says {figures.get(status)} {status}, the journal {count}"
    if Counter(row["Configuration"] for row in book["Rows"]) != Counter({n: len(r) for n, r in case.rows.items()}):
        yield "wrong: summary.xlsx does not show each row of the mapping once"


def _configuration(case: Case, name: str, book: Mapping[str, Sheet], told: Told, meddled: bool) -> Iterator[str]:
    id_ = id_of(name)
    rows = book["Assignments"]
    before = {(row["Before"], row.get("Filter before")) for row in rows if row["Before"]}
    after = {(row["After"], row.get("Filter after")) for row in rows if row["After"]}
    if before != {_shown(one) for one in case.before[name]}:
        yield f"wrong: the workbook of {name} says that before it had {sorted(map(str, before))}"
    if after != {_shown(one) for one in case.after[name]}:
        yield f"wrong: the workbook of {name} says that afterwards it has {sorted(map(str, after))}"
    if told.verified.get(id_) == "verified" and not meddled:
        odd = {str(row["Found afterwards"]) for row in rows} - {"✓ found", "✓ gone"}
        if odd:
            yield f"wrong: the workbook of {name} was read back as intended and says {odd}"
    attempts = len([row for row in book["Attempts"] if row.get("Try")])
    if attempts != told.attempts.get(id_, 0):
        yield f"wrong: the workbook of {name} has {attempts} attempts, the journal {told.attempts.get(id_, 0)}"
    cells = [cell for row in book["Configuration"] for cell in row.values() if cell is not None]
    outcome = cells[cells.index("Outcome") + 1] if "Outcome" in cells else None
    if outcome != told.standing.get(id_, {}).get("status"):
        yield f"wrong: the workbook of {name} says {outcome}"


def _every_status(told: Told) -> dict[str, int]:
    return {s: told.counts[s] for s in ("succeeded", "unchanged", "failed", "drifted", "waiting")}


def _figures(sheet: Sheet) -> dict[Any, Any]:
    """The large figures and the words below them."""
    lines = [list(row.values()) for row in sheet]
    for numbers, words in pairwise(lines):
        if "configurations" in words and "succeeded" in words:
            return {word: number for word, number in zip(words, numbers, strict=True) if word is not None}
    return {}


def _opened(path: Path) -> dict[str, Sheet]:
    """Every sheet's lines by their headings; those of an overview, which has none, by their place."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        sheets = {}
        for sheet in book.worksheets:
            lines = list(sheet.iter_rows(values_only=True))
            first = [*lines[0]] if lines else []
            if sheet.title in ("Summary", "Configuration", "Plan"):
                sheets[sheet.title] = [dict(enumerate(line)) for line in lines]
            else:
                sheets[sheet.title] = [dict(zip(first, line, strict=False)) for line in lines[1:]]
        return sheets
    finally:
        book.close()


def _shown(one: Held) -> tuple[str, str | None]:
    how, _, name = one.filter.partition(" ")
    return _target(one), f"{_FILTERS[how]} {name}" if name else None


def _target(one: Held) -> str:
    return f"{'Excluded' if one.excluded else 'Included'}: {one.group}"


def _text(found: Iterable[Held]) -> str:
    return ", ".join(" ".join(filter(None, (_target(one), one.filter))) for one in sorted(found)) or "nothing"
