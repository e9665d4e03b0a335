"""What of a saved plan may be carried out: its fingerprint, a reviewed copy of plan.xlsx, names that a person picks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from migrator.mapping.cells import Cell, shown
from migrator.mapping.readers import Content, read_file
from migrator.model.choice import Approval, LeftOut
from migrator.model.errors import UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.model.version import VERSION
from migrator.planning.fingerprint import fingerprint
from migrator.reporting.decisions import decided, more
from migrator.reporting.formats.plan import APPROVED, CONFIGURATIONS, FILE, OVERVIEW, REMARK
from migrator.reporting.returned import Sheets, differences, missing_sheets, run_of, stray_words, words
from migrator.reporting.write import write_plan
from migrator.resolving.selection import passed_over

_TOLD = 5  # differences that are told one by one


def left_out(record: RunRecord, approval: Approval) -> tuple[LeftOut, ...]:
    """What of a run's plan is not to be carried out.

    UsageError where another fingerprint was approved, where the file that came back is not this plan as it was sent
    out or does not say what is approved, and where a name matches nothing.
    """
    if approval.fingerprint is not None:
        check_fingerprint(record.plan, approval.fingerprint)
    plans = record.plan.configurations
    unapproved = _not_approved(record, approval.file) if approval.file is not None else [""] * len(plans)
    options = passed_over([(p.configuration.name, p.configuration.id) for p in plans], approval.selection)
    reasons = (f"left out by {option}" if option else why for option, why in zip(options, unapproved, strict=True))
    return tuple(LeftOut(plan.key, reason) for plan, reason in zip(plans, reasons, strict=True) if reason)


def check_fingerprint(plan: Plan, approved: str) -> None:
    """UsageError where another plan was approved; case, blanks and dashes do not matter."""
    if not _bare(approved):
        raise UsageError("--approved needs the fingerprint that was approved, and it is empty; nothing was sent")
    if _bare(approved) != _bare(plan.fingerprint):
        raise UsageError(
            f"the plan has the fingerprint {plan.fingerprint}, and {approved.strip()} was approved; nothing was sent"
        )
    found = fingerprint(plan.configurations)
    if found != plan.fingerprint:
        raise UsageError(
            f"the plan in the journal has the fingerprint {found}, but says of itself {plan.fingerprint}: it was "
            "changed, or made by another version; plan again. Nothing was sent"
        )


def is_filled_in(path: Path) -> bool:
    """Whether a reviewer wrote anything into the open columns of a plan.xlsx; False for what is none."""
    try:
        rows = read_sheets(path).get(CONFIGURATIONS, ())
    except UsageError:
        return False
    places = [at for at, heading in enumerate(rows[0] if rows else ()) if heading in (APPROVED, REMARK)]
    return any(row[at].strip() for row in rows[1:] for at in places if at < len(row))


def _not_approved(record: RunRecord, path: Path) -> list[str]:
    back = read_sheets(path)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sent = read_sheets(write_plan(record.plan, Path(folder), record.header.id))
    _check(record, path, sent, back)
    return decided(record.plan.configurations, words(sent, back), path.name)


def _check(record: RunRecord, path: Path, sent: Sheets, back: Sheets) -> None:
    """UsageError where a file is not the plan of this run as it was sent out."""
    missing = missing_sheets(sent, back)
    if OVERVIEW in missing or CONFIGURATIONS in missing:
        raise UsageError(
            f"{path.name} is not a plan.xlsx as `migrator plan` writes it: it has no sheet {missing[0]}. "
            "Nothing was sent"
        )
    run = run_of(back)
    if run != record.header.id:
        whose = f"the plan of run {run}" if run else "a plan that does not name its run"
        raise UsageError(f"{path.name} is {whose}, not of run {record.header.id}; nothing was sent")
    if missing:
        raise UsageError(f"{path.name}: the sheet {', '.join(missing)} is missing; {_AS_SENT}")
    if not any(APPROVED in row for row in back[CONFIGURATIONS][:1]):
        raise UsageError(
            f"{path.name}: the sheet {CONFIGURATIONS} has no column {APPROVED}; where an older migrator wrote it, "
            f"`migrator report {record.header.id}` writes {FILE} again with one. Nothing was sent"
        )
    wrong = list(differences(sent, back))
    if wrong:
        told = "; ".join(map(str, wrong[:_TOLD])) + more(len(wrong) - _TOLD)
        other = record.header.version
        version = f" (the run was planned by migrator {other}, this is {VERSION})" if other != VERSION else ""
        raise UsageError(f"{path.name} is not the plan any more: {told}{version}; {_AS_SENT}")
    for stray in islice(stray_words(sent, back), 1):
        raise UsageError(
            f"{path.name}: {CONFIGURATIONS}!{stray.cell} says {stray.text.strip()!r} where there is no configuration; "
            "nothing was sent"
        )


_AS_SENT = f"only the columns {APPROVED} and {REMARK} may be filled in. Nothing was sent"


def _bare(text: str) -> str:
    """A fingerprint as it is compared."""
    return "".join(c for c in text.casefold() if unicodedata.category(c) not in ("Pd", "Zs", "Cc", "Cf"))


def read_sheets(path: Path) -> Sheets:
    """A workbook's cells as texts; UsageError with one sentence where it cannot be read."""
    return {tab.name: _texts(tab.open()) for tab in read_file(path).tabs}


def _texts(content: Content) -> list[list[str]]:
    hidden = content.concealed
    pad = [""] * content.offset
    rows = []
    for number, row in enumerate(content.rows, start=1):
        texts = pad + [_text(cell) for cell in row]
        for index in range(len(texts)):
            if (number, index) in hidden.errors:
                texts[index] = "#ERROR"
            elif (number, index) in hidden.uncalculated:
                texts[index] = "(a formula)"
        rows.append(_trimmed(texts))
    return _trimmed_rows(rows)


def _text(cell: Cell) -> str:
    """What a cell says; programs that save a time again may move it by less than a second."""
    if isinstance(cell, datetime):
        return str((cell + timedelta(milliseconds=500)).replace(microsecond=0))
    return shown(cell).replace("\r\n", "\n")


def _trimmed(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _trimmed_rows(rows: Iterable[list[str]]) -> list[list[str]]:
    kept = list(rows)
    while kept and not kept[-1]:
        kept.pop()
    return kept
