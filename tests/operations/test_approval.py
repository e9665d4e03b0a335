"""A plan that comes back from a reviewer as a file, through the hands of real programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_record
from migrator.journal.schema import create
from migrator.model.choice import Approval, Selection
from migrator.model.errors import UsageError
from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.operations.approval import left_out
from migrator.operations.runs import report
from migrator.planning.fingerprint import fingerprint
from migrator.reporting.write import write_plan
from tests.reporting.eventful import eventful
from tests.reporting.records import RUN, configuration, plan, record, swap_of
from tests.review import edited, fill_in

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

ODD = (
    "=cmd|' /C calc'!A0",
    "  blanks  ",
    "[x] 5 % & <b>",
    "东京 ✓",
    "line\nbreak",
    "x" * 300,
    "007",
    "TRUE",
    "1.50",
)
OFFICE = shutil.which("soffice")


def planned() -> Plan:
    """A plan whose configurations have names that spreadsheets like to take for something else."""
    return plan([swap_of(name, index) for index, name in enumerate(ODD)])


@pytest.fixture
def run(tmp_path: Path) -> RunRecord:
    made = planned()
    write_plan(made, tmp_path, RUN)
    return record(made, finished=0.0)


def names_left(run: RunRecord, path: Path, **more: object) -> set[str]:
    names = {c.key: c.configuration.name for c in run.plan.configurations}
    return {names[one.key] for one in left_out(run, Approval(file=path, **more))}  # type: ignore[arg-type] # its fields


def refusal(run: RunRecord, path: Path) -> str:
    with pytest.raises(UsageError) as refused:
        left_out(run, Approval(file=path))
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_what_has_a_yes_is_carried_out_and_nothing_else(run: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    said: dict[str, str | int] = {ODD[0]: "yes", ODD[1]: " Ja ", ODD[2]: True, ODD[3]: 1, ODD[4]: "x", ODD[5]: "no"}
    fill_in(path, {**said, ODD[6]: False, ODD[7]: 0})
    assert names_left(run, path) == set(ODD[5:])


def test_how_it_looks_does_not_matter(run: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    fill_in(path, {ODD[1]: "yes"})
    with edited(path) as book:
        sheet = book["Configurations"]
        lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(sorted(lines, key=lambda v: str(v[0]), reverse=True), start=2):
            for column, value in enumerate(values, start=1):
                cell = sheet.cell(number, column)
                cell.value = value
                cell.data_type = "s" if isinstance(value, str) else cell.data_type  # never a formula
        sheet.column_dimensions["A"].width = 90
        sheet.column_dimensions["E"].hidden = True
        sheet.row_dimensions[3].hidden = True
        sheet["A3"].fill = PatternFill("solid", fgColor="FFFF00")
        sheet["B4"].comment = Comment("Who asked for this?", "Reviewer")
        sheet["D2"] = "I would rather not"
        book.create_sheet("My notes")["A1"] = "ticket 4711"
        book.move_sheet("Changes", -1)
    assert names_left(run, path) == set(ODD) - {ODD[1]}


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_libreoffice_may_save_it_again(run: RunRecord, tmp_path: Path, ending: str) -> None:
    fill_in(tmp_path / "plan.xlsx", {ODD[1]: "yes"})
    assert OFFICE is not None
    again = [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", ending]
    arguments = [*again, "--outdir", str(tmp_path / "again"), str(tmp_path / "plan.xlsx")]
    subprocess.run(arguments, check=True, capture_output=True, timeout=120)
    assert names_left(run, tmp_path / "again" / f"plan.{ending}") == set(ODD) - {ODD[1]}


def test_picking_by_name_and_a_reviewed_file_hold_together(run: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    fill_in(path, {ODD[1]: "yes", ODD[2]: "yes"})
    assert names_left(run, path, selection=Selection(without=("[x]*",))) == set(ODD) - {ODD[1]}


def _swap(book: Workbook) -> None:
    book["Changes"]["D2"] = "Included: Everybody"


def _move(book: Workbook) -> None:
    book["Plan"]["B1"] = "Plan of something else"


def _drop_line(book: Workbook) -> None:
    book["Configurations"].delete_rows(4)


def _add_line(book: Workbook) -> None:
    book["Rows"].append(["Mapping", 99, "Another"])


def _drop_sheet(book: Workbook) -> None:
    del book["Changes"]


def _drop_column(book: Workbook) -> None:
    book["Configurations"].delete_cols(3)


def _say_below(book: Workbook) -> None:
    book["Configurations"]["C40"] = "yes"


def _say_perhaps(book: Workbook) -> None:
    book["Configurations"]["C3"] = "perhaps"


def _compute(book: Workbook) -> None:
    book["Configurations"]["C3"] = "=1=1"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_swap, "Changes!D2 was"),
        (_move, "Plan!B1 was 'Plan of assignments', is 'Plan of something else'"),
        (_drop_line, "sheet Configurations lacks the line of"),
        (_add_line, "Rows row 11 was added"),
        (_drop_sheet, "the sheet Changes is missing"),
        (_drop_column, "the sheet Configurations has no column Approved"),
        (_say_below, "Configurations!C40 says 'yes' where there is no configuration"),
        (_say_perhaps, "Configurations!C3 says 'perhaps', which is neither yes nor no"),
        (_compute, "Configurations!C3 says '(a formula)'"),
    ],
)
def test_a_file_that_is_not_the_plan_any_more_is_refused(
    run: RunRecord, tmp_path: Path, edit: Callable[[Workbook], None], said: str
) -> None:
    fill_in(tmp_path / "plan.xlsx", {ODD[1]: "yes"})
    with edited(tmp_path / "plan.xlsx") as book:
        edit(book)
    told = refusal(run, tmp_path / "plan.xlsx")
    assert said in told
    assert told.endswith("othing was sent")


def test_a_file_that_nobody_filled_in_is_refused(run: RunRecord, tmp_path: Path) -> None:
    assert "nobody filled it in" in refusal(run, tmp_path / "plan.xlsx")


def test_the_plan_of_another_run_is_refused(run: RunRecord, tmp_path: Path) -> None:
    other = write_plan(planned(), tmp_path / "other", "20261123-204513-contoso")
    fill_in(other, {ODD[1]: "yes"})
    assert "is the plan of run 20261123-204513-contoso, not of run 20261123-204512-contoso" in refusal(run, other)


def test_another_plan_under_the_name_of_this_run_is_refused(run: RunRecord, tmp_path: Path) -> None:
    other = write_plan(plan([swap_of(name) for name in (*ODD, "Smuggled")]), tmp_path / "other", RUN)
    fill_in(other, {"Smuggled": "yes"})
    assert "is not the plan any more" in refusal(run, other)


def test_what_is_no_plan_is_refused(run: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    whole = path.read_bytes()
    with edited(path) as book:
        for sheet in book.sheetnames[:-1]:
            del book[sheet]
    assert "is not a plan.xlsx" in refusal(run, path)
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refusal(run, path)
    path.write_bytes(b"")
    assert "is empty" in refusal(run, path)
    assert "there is no file" in refusal(run, tmp_path / "nowhere.xlsx")
    text = tmp_path / "plan.csv"
    text.write_text("Configuration,Approved\nOne,yes\n", encoding="utf-8")
    assert "is not a plan.xlsx" in refusal(run, text)


@pytest.mark.parametrize("written", ["{}", " {} ", "{upper}", "{bare}", "\u2013{}"])
def test_a_fingerprint_is_known_however_it_is_written(run: RunRecord, written: str) -> None:
    made = fingerprint(run.plan.configurations)
    honest = record(_with_fingerprint(run.plan, made))
    text = written.format(made, upper=made.upper(), bare=made.replace("-", ""))
    assert left_out(honest, Approval(text)) == ()


def test_another_fingerprint_is_refused_with_both(run: RunRecord) -> None:
    made = fingerprint(run.plan.configurations)
    honest = record(_with_fingerprint(run.plan, made))
    with pytest.raises(UsageError, match=f"{made}.*0000a-0000b"):
        left_out(honest, Approval("0000a-0000b"))
    with pytest.raises(UsageError, match="it is empty"):
        left_out(honest, Approval(" - "))
    with pytest.raises(UsageError, match="says of itself"):
        left_out(run, Approval(run.plan.fingerprint))


def _with_fingerprint(of: Plan, made: str) -> Plan:
    return Plan(**{name: getattr(of, name) for name in Plan.__slots__} | {"fingerprint": made})


def test_a_plan_that_was_filled_in_is_not_written_over(tmp_path: Path) -> None:
    found = eventful()
    folder = RunFolder(tmp_path / RUN)
    folder.path.mkdir()
    create(folder, found.header, found.plan)
    write_plan(found.plan, folder.path, RUN)
    fill_in(folder.plan_xlsx, {"Edge baseline": "yes"})
    report(folder, lambda _: None, 0.0)
    assert "Edge baseline" not in names_left(read_record(folder), folder.plan_xlsx)
    folder.plan_xlsx.write_bytes(b"not a workbook")
    report(folder, lambda _: None, 0.0)
    assert "nobody filled it in" in refusal(read_record(folder), folder.plan_xlsx)


def test_a_name_that_the_plan_does_not_have_is_an_error(run: RunRecord) -> None:
    near = record(plan([swap_of("Edge baseline"), *run.plan.configurations]))
    with pytest.raises(UsageError, match="did you mean 'Edge baseline'"):
        left_out(near, Approval(selection=Selection(only=("Edge base line",))))
    (one,) = left_out(record(plan([swap_of("One"), swap_of("Two")])), Approval(selection=Selection(only=("o?e",))))
    assert (one.key, one.reason) == (configuration("Two").key, "left out by --only")
