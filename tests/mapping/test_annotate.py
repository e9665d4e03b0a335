"""A copy of a mapping in which every finding is marked where it is."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from migrator.cli.main import run_command_line
from migrator.mapping.load import load
from migrator.mapping.writers.annotate import annotate
from migrator.model.errors import UsageError
from migrator.model.finding import Finding, Level
from migrator.operations.check import check
from migrator.workbook.style import SHADES, Tone
from tests.mapping.sheets import HERE, rebuilt, rows, xlsx

HEADINGS = ("Policy", "Legacy group", "New group")
ERROR, WARNING, NOTE = ("FF" + SHADES[tone].tint.removeprefix("#") for tone in (Tone.BAD, Tone.WARN, Tone.ACCENT))


def finding(level: Level = Level.ERROR, row: int = 2, column: str = "B", **more: str) -> Finding:
    said = {"code": "wrong", "message": "mend it", "sheet": "Mapping", **more}
    return Finding(level, said["code"], said["message"], said["sheet"], row, column)


def marked(source: Path, *findings: Finding) -> Workbook:
    """The copy with these findings, opened again."""
    target = source.with_name("marked.xlsx")
    annotate(source, findings, target)
    return load_workbook(target, rich_text=True)


def cell(book: Workbook, place: str, sheet: str = "Mapping") -> Cell:
    found = book[sheet][place]
    assert isinstance(found, Cell)
    return found


def fill(at: Cell) -> str | None:
    return at.fill.fgColor.rgb if at.fill.fill_type == "solid" else None


def comment(at: Cell) -> str:
    return at.comment.text if at.comment else ""


def listed(book: Workbook, title: str = "Findings") -> list[tuple[object, ...]]:
    sheet = book[title]
    assert isinstance(sheet, Worksheet)
    return list(sheet.iter_rows(min_row=2, values_only=True))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return xlsx(tmp_path / "m.xlsx", [HEADINGS, ("P", "Old", "New"), ("", "Old", "New"), ("Q", "Old", "")])


def test_a_cell_is_filled_by_level_and_says_what_is_wrong(source: Path) -> None:
    book = marked(source, finding(), finding(Level.WARNING, 2, "C"), finding(Level.NOTE, 1, "A"))

    assert [fill(cell(book, place)) for place in ("B2", "C2", "A1", "A2")] == [ERROR, WARNING, NOTE, None]
    assert comment(cell(book, "B2")) == "Error: mend it [wrong]"
    assert comment(cell(book, "A2")) == ""


def test_several_findings_of_a_cell_share_a_comment_and_the_worst_colours_it(source: Path) -> None:
    book = marked(source, finding(Level.NOTE, code="odd"), finding(Level.ERROR), finding(Level.WARNING, code="old"))

    assert fill(cell(book, "B2")) == ERROR
    assert comment(cell(book, "B2")).split("\n\n") == [
        "Note: mend it [odd]",
        "Error: mend it [wrong]",
        "Warning: mend it [old]",
    ]


def test_a_finding_about_a_row_marks_its_first_cell_that_holds_something(source: Path) -> None:
    book = marked(source, finding(row=3, column=""))

    assert [fill(cell(book, place)) for place in ("A3", "B3", "C3")] == [None, ERROR, None]
    assert listed(book)[0][3] == "row 3"


def test_a_merged_cell_is_marked_where_it_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(source) as made:
        sheet = made.add_worksheet("Mapping")
        sheet.write_row(0, 0, HEADINGS)
        sheet.merge_range("A2:A4", "P")
    book = marked(source, finding(row=4, column="A"))

    assert fill(cell(book, "A2")) == ERROR
    assert comment(cell(book, "A2")) == "Error: A4: mend it [wrong]"


def test_all_findings_are_listed_first_in_the_book(source: Path) -> None:
    findings = (
        finding(Level.WARNING),
        Finding(Level.NOTE, "unread", "not read", "Mapping"),
        Finding(Level.ERROR, "flood", "50 more"),
    )
    book = marked(source, *findings)
    sheet = book.worksheets[0]

    assert book.sheetnames == ["Findings", "Mapping"]
    assert [c.value for c in sheet[1]] == ["Level", "Code", "Sheet", "Cell", "Finding"]
    assert listed(book) == [
        ("warning", "wrong", "Mapping", "B2", "mend it"),
        ("note", "unread", "Mapping", None, "not read"),
        ("error", "flood", None, None, "50 more"),
    ]
    assert sheet.auto_filter.ref == "A1:E4"
    assert sheet.freeze_panes == "A2"


def test_the_list_leads_to_every_cell(tmp_path: Path) -> None:
    source = xlsx(tmp_path / "m.xlsx", {"Owner's sheet": [HEADINGS, ("P", "Old", "New")]})
    book = marked(source, finding(sheet="Owner's sheet"))
    link = cell(book, "D2", "Findings").hyperlink

    assert link is not None
    assert (link.location, link.target) == ("'Owner''s sheet'!B2", None)


def test_only_the_list_is_selected_when_the_copy_opens(tmp_path: Path) -> None:
    source = xlsx(tmp_path / "m.xlsx", {"One": [HEADINGS], "Two": [HEADINGS]})
    book = marked(source, finding(sheet="Two"))

    assert book.active is book.worksheets[0]
    assert [sheet.sheet_view.tabSelected for sheet in book.worksheets] == [True, False, False]


def test_no_findings_are_said_as_well(source: Path) -> None:
    assert listed(marked(source)) == [("Nothing was found", None, None, None, None)]


def test_existing_comments_are_kept_and_ours_come_after_them_once(source: Path) -> None:
    book = load_workbook(source)
    book["Mapping"]["B2"].comment = Comment("Ask Anna", "Ben")
    book["Mapping"]["C2"].comment = Comment("Mine", "Ben")
    book.save(source)
    first = source.with_name("first.xlsx")
    annotate(source, [finding()], first)
    again = marked(first, finding())

    assert comment(cell(again, "B2")) == "Ask Anna\n\nError: mend it [wrong]"
    assert comment(cell(again, "C2")) == "Mine"
    assert again["Mapping"]["B2"].comment.author == "Ben"


def test_a_sheet_called_findings_stays(tmp_path: Path) -> None:
    source = xlsx(tmp_path / "m.xlsx", {"Mapping": [HEADINGS, ("P", "a", "b")], "FINDINGS": [("mine",)]})
    book = marked(source, finding())

    assert book.sheetnames == ["Findings (2)", "Mapping", "FINDINGS"]
    assert book["FINDINGS"]["A1"].value == "mine"


def test_what_the_workbook_looks_like_is_kept_and_dark_headings_stay_readable(tmp_path: Path) -> None:
    source = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(source) as made:
        sheet = made.add_worksheet("Mapping")
        dark = made.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#000000"})
        sheet.write_row(0, 0, HEADINGS, dark)
        sheet.write_rich_string(1, 0, "Policy ", dark, "One ")
        sheet.write_formula(1, 1, '="a"&"b"', None, "ab")
        sheet.set_column(0, 0, 33)
        sheet.freeze_panes(1, 0)
    book = marked(source, finding(row=1, column="B"))

    assert isinstance(cell(book, "A2").value, CellRichText)
    assert str(cell(book, "A2").value) == "Policy One "
    assert cell(book, "B2").value == '="a"&"b"'
    assert (fill(cell(book, "A1")), fill(cell(book, "B1"))) == ("FF000000", ERROR)
    assert cell(book, "B1").font.b
    assert cell(book, "B1").font.color.rgb == "FF" + SHADES[Tone.BAD].ink.removeprefix("#")
    assert book["Mapping"].freeze_panes == "A2"
    assert round(book["Mapping"].column_dimensions["A"].width) == 34


@pytest.mark.parametrize(("ending", "kept"), [(".xlsm", True), (".xlsx", False)])
def test_macros_are_kept_where_the_copy_can_hold_them(tmp_path: Path, ending: str, kept: bool) -> None:
    (tmp_path / "vba.bin").write_bytes(b"macros")
    source, target = tmp_path / "m.xlsm", tmp_path / f"marked{ending}"
    with xlsxwriter.Workbook(source) as made:
        sheet = made.add_worksheet("Mapping")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_comment("B2", "Ask Anna")
        made.add_vba_project(str(tmp_path / "vba.bin"))
    assert annotate(source, [finding()], target)

    with zipfile.ZipFile(target) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        assert (b"macroEnabled" in package.read("[Content_Types].xml")) is kept
        assert ("xl/vbaProject.bin" in names) is kept
    assert comment(cell(load_workbook(target), "B2")).startswith("Ask Anna")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://x","y")', "#N/A", "half \ud800, \x07"]
)
def test_nothing_that_comes_from_a_finding_is_ever_a_formula(source: Path, text: str) -> None:
    book = marked(source, finding(message=text, code=text), Finding(Level.NOTE, "c", "m", text))

    for place in ("B2", "E2", "C3"):
        at = cell(book, place, "Findings")
        assert at.data_type == "s"
        assert at.quotePrefix is (text[0] in "=+-@")
    assert text[:4] in comment(cell(book, "B2"))


@pytest.mark.parametrize("sheet", ["messy-long.xlsx", "matrix.xlsx", "two-sheets.xlsx"])
def test_the_copy_can_be_mended_and_used_in_place_of_the_original(tmp_path: Path, sheet: str) -> None:
    before = check(HERE / sheet)
    target = tmp_path / "marked.xlsx"
    assert annotate(HERE / sheet, before.findings, target)
    after = check(target)

    assert rows(after) == rows(before)
    assert [f for f in after.findings if f.sheet != "Findings"] == list(before.findings)
    assert [f.code for f in after.findings if f.sheet == "Findings"] == ["sheet_not_read"]


def test_a_delimited_file_becomes_a_workbook_with_its_text_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "Old [and] new.csv"
    source.write_text("Policy,Group\n00123,=cmd\n\n,TRUE\n#N/A,営業部 \n", encoding="utf-8")
    target = tmp_path / "marked.xlsx"
    mapping = check(source)
    assert not annotate(source, mapping.findings, target)
    book = load_workbook(target)

    assert book.sheetnames == ["Findings", "Old _and_ new"]
    assert [[c.value for c in row] for row in book.worksheets[1]] == [
        ["Policy", "Group"],
        ["00123", "=cmd"],
        [None, None],
        [None, "TRUE"],
        ["#N/A", "営業部 "],
    ]
    assert {c.data_type for row in book.worksheets[1] for c in row if c.value} == {"s"}
    assert fill(cell(book, "A4", "Old _and_ new")) == ERROR
    assert listed(book)[0][:4] == ("error", "no_configuration", "Old _and_ new", "A4")
    assert rows(load(target)) == rows(mapping)
    assert python_calamine.CalamineWorkbook.from_path(target).get_sheet_by_index(1).to_python()[1] == ["00123", "=cmd"]


def test_other_workbooks_are_copied_sheet_by_sheet_and_cell_by_cell(tmp_path: Path) -> None:
    source = tmp_path / "m.xls"
    made = xlwt.Workbook()
    for name in ("Mapping", "Hidden"):
        sheet = made.add_sheet(name)
        for number, row in enumerate([HEADINGS, ("P", "Old", 12), ("Q", True, 1.5)]):
            for column, value in enumerate(row):
                sheet.write(number + 2, column + 1, value)
    made.get_sheet(1).visibility = 1
    made.save(str(source))
    book = marked(source, finding(row=4, column="D"), finding(row=3, column="", sheet="Hidden"))

    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets[1:]] == [
        ("Mapping", "visible"),
        ("Hidden", "hidden"),
    ]
    assert [[c.value for c in row] for row in book["Mapping"]["B3:D5"]] == [
        list(HEADINGS),
        ["P", "Old", 12],
        ["Q", True, 1.5],
    ]
    assert fill(cell(book, "D4")) == ERROR
    assert fill(cell(book, "B3", "Hidden")) == ERROR


@pytest.mark.parametrize("target", ["marked.xlsx", "marked.xlsm"])
def test_a_workbook_that_only_excel_understands_is_copied_from_its_cells(
    tmp_path: Path, source: Path, target: str
) -> None:
    odd = rebuilt(source, tmp_path / "odd.xlsm", {"xl/styles.xml": (b'"gray125"', b'"plaid"')})
    if target.endswith("m"):
        with pytest.raises(UsageError, match=r"cannot be copied with its macros; let the copy end in \.xlsx"):
            annotate(odd, [finding()], tmp_path / target)
        return
    assert not annotate(odd, [finding()], tmp_path / target)
    assert fill(cell(load_workbook(tmp_path / target), "B2")) == ERROR


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("marked.csv", r"let .*marked\.csv end in \.xlsx"),
        ("marked", r"end in \.xlsx"),
        ("marked.xlsm", "would be a workbook with macros"),
        ("m.xlsx", "is the mapping itself"),
        ("nowhere/marked.xlsx", "there is no folder"),
        ("folder.xlsx", "is a folder"),
        ("kept.xlsx", "is marked read-only"),
        ("link.xlsx", "is the mapping itself"),
        ("x" * 300 + ".xlsx", "cannot be written"),
    ],
)
def test_where_no_copy_can_be_is_said_in_one_sentence(source: Path, name: str, why: str) -> None:
    folder = source.parent
    (folder / "folder.xlsx").mkdir()
    (folder / "kept.xlsx").touch(0o444)
    (folder / "link.xlsx").hardlink_to(source)
    before = source.read_bytes()
    with pytest.raises(UsageError, match=why):
        annotate(source, [finding()], folder / name)

    assert source.read_bytes() == before
    assert sorted(p.name for p in folder.iterdir()) == ["folder.xlsx", "kept.xlsx", "link.xlsx", "m.xlsx"]


def test_a_copy_that_is_there_is_replaced_and_nothing_is_left_beside_it(source: Path) -> None:
    marked(source, finding())
    book = marked(source)

    assert fill(cell(book, "B2")) is None
    assert sorted(p.name for p in source.parent.iterdir()) == ["m.xlsx", "marked.xlsx"]


def test_the_command_marks_contradictions_too_and_says_where_the_copy_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = xlsx(tmp_path / "m.xlsx", [HEADINGS, ("P", "Old", "New"), ("P", "Old", "Other")])
    target = tmp_path / "marked.xlsx"
    assert run_command_line(["check", str(source), "--annotate", str(target)]) == 2
    assert str(target) in capsys.readouterr().out
    assert "[legacy_goes_two_ways]" in comment(cell(load_workbook(target), "C3"))

    target.unlink()
    assert run_command_line(["check", str(source), "--annotate", str(target), "--json"]) == 2
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    assert json.loads(line)["findings"]
    assert str(target) in printed.err
    assert target.exists()


def test_the_command_refuses_a_bad_place_before_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", str(tmp_path / "m.csv"), "--annotate", str(tmp_path / "marked.csv")]) == 2
    assert "end in .xlsx" in capsys.readouterr().err


def test_a_check_without_a_copy_does_without_openpyxl(source: Path) -> None:
    program = (
        "import sys; from migrator.cli.main import run_command_line; "
        f"run_command_line(['check', {str(source)!r}]); print('openpyxl' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False"
