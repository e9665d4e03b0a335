"""configurations/<name>.xlsx: everything about one configuration in a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from migrator.model.assignment import Assignments
from migrator.model.configuration import Key, TenantInfo
from migrator.model.outcome import Attempt
from migrator.model.plan import Effect
from migrator.model.reading import Reading, RouteAnswer
from migrator.reporting.about import about_run
from migrator.reporting.advice import advice
from migrator.reporting.facts import Line, attempts_by_configuration
from migrator.reporting.formats import assignments
from migrator.reporting.formats.interface import CONFIGURATIONS, Job, Source
from migrator.reporting.names import Directory
from migrator.reporting.tables import ROW_COLUMNS, called, row_cells
from migrator.reporting.words import (
    EFFECT,
    PLANNED,
    ROW,
    SETTLED,
    count,
    duration,
    kind_title,
    moment,
    status,
    verdict,
)
from migrator.workbook.book import LARGE, About, Book
from migrator.workbook.cells import Column, Shape, Tag, Value
from migrator.workbook.pages import Figure, Page
from migrator.workbook.style import Tone


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything there is to say of one configuration; small, for it may travel to another process."""

    about: About
    run: str
    fingerprint: str
    tenant: TenantInfo
    mapping: str
    line: Line
    directory: Directory
    attempts: tuple[Attempt, ...]


def jobs(source: Source) -> Iterator[Job]:
    """A file for every configuration of the plan."""
    record, attempts = source.record, attempts_by_configuration(source.record.attempts)
    for line in source.facts.lines:
        yield Job(
            f"{CONFIGURATIONS}/{source.files[line.plan.key]}",
            partial(
                write,
                Dossier(
                    about_run(record, called(line.plan), kind_title(line.plan.key.kind)),
                    record.header.id,
                    record.plan.fingerprint,
                    record.plan.tenant,
                    record.plan.mapping,
                    line,
                    source.directory.only(_everything_shown(line)),
                    attempts.get(line.plan.key, ()),
                ),
            ),
            travels=True,
        )


def write(dossier: Dossier, path: Path) -> None:
    """Writes the workbook of one configuration."""
    line = dossier.line
    longest = max(len(line.plan.changes), len(line.plan.rows), len(dossier.attempts))
    with Book(path, dossier.about, large=longest > LARGE) as book:
        _overview(book.page("Configuration"), dossier)
        assignments.write(book, line, dossier.directory)
        _rows(book, line)
        _attempts(book, dossier.attempts)


def _everything_shown(line: Line) -> Assignments:
    found = line.verification.found if line.verification else None
    return (*line.plan.before, *line.plan.after, *(found or ()))


def _overview(page: Page, dossier: Dossier) -> None:
    line = dossier.line
    configuration = line.plan.configuration
    page.title(called(line.plan), kind_title(configuration.kind))
    page.lead(status(line), _outcome(line))
    page.figures(_figures(line))
    todo = advice(line, dossier.run)
    if todo:
        page.section("What to do next")
        page.steps([todo])
    page.beside(lambda: _what_it_is(page, dossier), lambda: _how_it_ended(page, dossier))
    _what_stood_before(page, line.plan.reading)


def _what_stood_before(page: Page, reading: Reading) -> None:
    if reading.assumed:
        page.section("What is taken to be assigned before")
    else:
        page.section("What was assigned before: how each way of reading answered")
        page.grid(
            ((Column("Way of reading"), 4), (Column("Assignments", Shape.NUMBER), 2), (Column("What it said"), 8)),
            [_route(answer, reading) for answer in reading.answers],
        )
    if reading.note:
        page.sentence(reading.note)


def _outcome(line: Line) -> str:
    said = line.reason or _DEFAULT_REASONS.get(line.status.value, "")
    code = f" ({line.code})" if line.code and line.code not in said and not line.left_out else ""
    return f"{said}{code}"


_DEFAULT_REASONS = {
    "succeeded": "The service confirmed the list as planned.",
    "unchanged": "Everything was as wanted already; nothing was sent.",
}


def _figures(line: Line) -> tuple[Figure, ...]:
    words = {effect: EFFECT[effect].text for effect in Effect} if line.as_intended else PLANNED
    effects = tuple(Figure(line.plan.count(e), words[e], EFFECT[e].tone) for e in Effect)
    return (Figure(len(line.plan.before), "before"), *effects, Figure(len(line.plan.after), "after, as planned"))


def _what_it_is(page: Page, dossier: Dossier) -> None:
    configuration = dossier.line.plan.configuration
    page.section("What it is", span=6)
    page.pairs(
        (
            ("ID", configuration.id, "value.id"),
            ("Kind", kind_title(configuration.kind), "value"),
            ("Kind in Graph", configuration.kind, "value.id"),
            ("Type", configuration.type, "value"),
            ("Priority", configuration.priority, "value.number"),
            ("Last modified", _for_people(configuration.modified), "value"),
            ("Tenant", dossier.tenant.name, "value"),
            ("Tenant ID", dossier.tenant.id, "value.id"),
            # The long ones last, where the words beside them have no colour that would grow with their height.
            ("Name", configuration.name or "(it has none)", "value"),
            ("Description", configuration.description, "value"),
        ),
        span=6,
    )


def _for_people(written: str) -> str:
    """A moment as Graph writes it, as all other moments stand in the reports; anything else as it is."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return moment(at.timestamp()) if at.tzinfo else written


def _how_it_ended(page: Page, dossier: Dossier) -> None:
    line = dossier.line
    read_back = line.verification
    page.section("What happened", at=7, span=7)
    page.pairs(
        (
            ("Outcome", status(line), "value"),
            ("How it is known", SETTLED[line.settled], "value"),
            ("Read back", verdict(read_back), "value"),
            ("Read back at", moment(read_back.at) if read_back else "", "value"),
            ("What was found", read_back.note if read_back else "", "value"),
            ("Assign calls", line.tries, "value.number"),
            ("Duration", duration(line.seconds) if line.tries else "", "value"),
            ("Rows", count(len(line.plan.rows), "row"), "value"),
            ("Mapping of that run" if line.of else "Mapping", dossier.mapping, "value"),
            ("Run", dossier.run, "value.id"),
            *((("Puts back run", line.of, "value.id"),) if line.of else ()),
            *((("Put back by run", line.put_back, "value.id"),) if line.put_back else ()),
            ("Plan fingerprint", dossier.fingerprint, "value.id"),
        ),
        at=7,
        span=7,
    )


def _route(answer: RouteAnswer, reading: Reading) -> tuple[Value, ...]:
    if answer.assignments is None:
        return (answer.route.value, None, Tag(answer.reason or "no usable answer", Tone.WARN))
    number = len(answer.assignments)
    if not number and reading.assignments:
        known = count(len(reading.assignments), "assignment")
        lied = Tag(f"lied: it answered an empty list although there are {known}; it was not believed", Tone.BAD)
        return (answer.route.value, number, lied)
    if number != len(reading.assignments):
        return (answer.route.value, number, Tag("another number than the list that holds", Tone.WARN))
    return (answer.route.value, number, Tag(answer.reason or "agrees", Tone.GOOD))


def _rows(book: Book, line: Line) -> None:
    columns = (
        *ROW_COLUMNS,
        Column("Status", narrowest=15),
        Column("Reason", Shape.WRAPPED, narrowest=36, widest=50),
        Column("Comment", Shape.WRAPPED, widest=32, optional=True),
    )
    rows = (
        (*row_cells(row.row), ROW[line.row_status(row)], line.row_reason(row), row.row.comment)
        for row in line.plan.rows
    )
    book.table("Rows", columns, rows, frozen=2, empty="No row of the mapping is about this configuration.")


def _attempts(book: Book, attempts: tuple[Attempt, ...]) -> None:
    columns = (
        Column("Purpose", narrowest=11),
        Column("Try", Shape.NUMBER, narrowest=7),
        Column("Sent (UTC)", Shape.MOMENT),
        Column("Method and path", Shape.WRAPPED, narrowest=40, widest=56),
        Column("Status", narrowest=14),
        Column("Seconds", Shape.SECONDS, narrowest=11),
        Column("Retry after (s)", Shape.RATE, narrowest=10, optional=True),
        Column("Error", Shape.WRAPPED, widest=44, optional=True),
        Column("In a batch", optional=True),
        Column("request-id", Shape.ID, narrowest=38, widest=42, printed=False),
        Column("client-request-id", Shape.ID, narrowest=38, widest=42, printed=False),
    )
    book.table("Attempts", columns, map(_attempt, attempts), frozen=2, empty="No call was made for it alone.")


def _attempt(attempt: Attempt) -> tuple[Value, ...]:
    return (
        attempt.purpose,
        attempt.number,
        attempt.started,
        f"{attempt.method} {attempt.path}",
        _http(attempt.status),
        attempt.seconds,
        attempt.retry_after,
        attempt.error,
        "yes" if attempt.inner else "",
        attempt.request_id,
        attempt.client_request_id,
    )


def _http(status: int) -> Tag:
    if not status:
        return Tag("no answer", Tone.BAD)
    if status < 400:
        return Tag(str(status), Tone.GOOD)
    if status == 429:
        return Tag("429 throttled", Tone.WARN)
    return Tag(str(status), Tone.BAD)


def file_titles(lines: tuple[Line, ...]) -> list[tuple[Key, str]]:
    """What each workbook is named after, in the order of the plan."""
    return [(line.plan.key, line.plan.configuration.name or f"unnamed {line.plan.key.id}") for line in lines]
