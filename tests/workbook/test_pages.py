"""Overviews: laid out on a grid, readable without their colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migrator.workbook.book import About, Book
from migrator.workbook.cells import Column, Link, Shape, Tag, to_sheet
from migrator.workbook.charts import Cells, Chart, ChartType, Line, Series
from migrator.workbook.pages import Figure, Page
from migrator.workbook.style import INK, SHADES, Tone
from tests.workbook.opened import opened, part, sheet, words

ABOUT = About("Page", 1_795_466_712.0, run="run-1")


def fill(page: Page) -> None:
    page.title("Title", "Subtitle")
    page.lead(Tag("DONE", Tone.GOOD), "Everything is done.")
    page.figures((Figure(1234, "configurations"), Figure(0, "failed", Tone.BAD)))
    page.section("Details")
    page.pairs(
        (("Name", "=1+1", "value"), ("Nothing", "", "value"), ("Data", Link("there", to_sheet("Da'ta")), "value"))
    )
    page.steps(["First this.", "Then that. " * 30])


def test_blocks_follow_one_another(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        fill(book.page("Page"))
        book.table("Da'ta", [Column("A")], [["x"]])
    told = words(tmp_path / "a.xlsx", "Page")
    assert told[:8] == ["Title", "Subtitle", "DONE", "Everything is done.", "1234", "0", "configurations", "failed"]
    assert told[8:13] == ["Details", "Name", "=1+1", "Data", "there"]
    assert "Nothing" not in told


def test_a_title_is_on_two_lines_at_most(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        book.page("Short").title("A title", "Subtitle")
        book.page("Long").title("A  title\nof many words " * 30, "Subtitle")
    with opened(tmp_path / "a.xlsx") as again:
        short, long = sheet(again, "Short"), sheet(again, "Long")
        assert (short["B1"].value, short.row_dimensions[1].height) == ("A title", 38.25)
        assert str(long["B1"].value).startswith("A title of many words A title")
        assert str(long["B1"].value).endswith("…")
        assert 50 < (long.row_dimensions[1].height or 0) < 70


def test_columns_have_names_on_their_axes_and_labels_only_where_they_are_wanted(tmp_path: Path) -> None:
    drawn = columns(tmp_path, across="Time at work", upward="Calls a second", label_every=10)
    assert '<c:tickLblSkip val="10"/>' in drawn
    assert ">Time at work<" in drawn
    assert ">Calls a second<" in drawn
    assert "<c:lineChart>" not in drawn


def test_a_line_over_columns_has_a_gap_where_it_has_no_figure(tmp_path: Path) -> None:
    cells = Cells("Page", 0, 9, 1)
    drawn = columns(tmp_path, lines=(Line("Limit", cells, "#1F2933"),))
    line = drawn[drawn.index("<c:lineChart>") :]
    assert '<a:prstDash val="dash"/>' in line
    assert "$B$1:$B$10" in line
    assert "<c:dispBlanksAs" not in line  # which means a gap


def columns(folder: Path, **properties: Any) -> str:
    path = folder / "a.xlsx"
    with Book(path, ABOUT) as book:
        page = book.page("Page")
        cells = Cells("Page", 0, 9, 0)
        series = (Series("N", cells, ("#112233",)),)
        page.chart(Chart(ChartType.COLUMNS, "Speed", "Speed.", cells, series, 400, 200, **properties))
    return part(path, "xl/charts/chart1.xml")


def test_numbers_of_bars_stand_beside_them_in_dark_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Book(path, ABOUT) as book:
        page = book.page("Page")
        names, numbers = page.grid(
            ((Column("Status"), 4), (Column("Number", Shape.NUMBER), 3)), [("good", 3000), ("bad", 1)]
        )
        page.chart(Chart(ChartType.BARS, "Bars", "Bars.", names, (Series("N", numbers, ("#112233",)),), 400, 200))
    drawn = part(path, "xl/charts/chart1.xml")
    assert '<c:grouping val="clustered"/>' in drawn  # whose numbers stand at the outer end where nothing else is said
    assert "<c:dLblPos" not in drawn
    assert INK.lstrip("#") in drawn.split("<c:dLbls>")[1].split("</c:dLbls>")[0]


def test_a_figure_of_zero_is_quiet(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        fill(book.page("Page"))
    with opened(tmp_path / "a.xlsx") as again:
        page = sheet(again, "Page")
        zero, number = page["D6"], page["B6"]
        assert (number.value, zero.value) == (1234, 0)
        assert zero.font.color.rgb != "FF" + SHADES[Tone.BAD].ink.lstrip("#")


def test_blocks_beside_one_another_begin_in_the_same_row(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        page = book.page("Page")
        page.beside(
            lambda: page.pairs([("L", str(i), "value") for i in range(5)], span=6),
            lambda: page.pairs([("R", "1", "value")], at=7, span=7),
        )
        page.sentence("below both")
    with opened(tmp_path / "a.xlsx") as again:
        page_ = sheet(again, "Page")
        assert (page_["B1"].value, page_["I1"].value, page_["B7"].value) == ("L", "R", "below both")


def test_charts_draw_the_cells_of_the_page_and_describe_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Book(path, ABOUT) as book:
        page = book.page("Page")
        names, numbers = page.grid(
            ((Column("Status"), 4), (Column("Number", Shape.NUMBER), 3)), [("good", 3), ("bad", 1)]
        )
        for type_ in ChartType:
            series = (Series("Number", numbers, ("#112233", "#445566")),)
            page.chart(Chart(type_, "Status", "Three good, one bad.", names, series, 400, 200))
    ring = part(path, "xl/charts/chart1.xml")
    assert "Page!$F$2:$F$3" in ring
    assert "doughnutChart" in ring
    assert part(path, "xl/drawings/drawing1.xml").count('descr="Three good, one bad."') == 3


def test_a_page_is_printed_on_one_sheet_of_paper_upright_where_it_is_high(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", ABOUT) as book:
        fill(book.page("Low"))
        high = book.page("High")
        fill(high)
        high.steps(["line"] * 40)
        long = book.page("Long")
        long.steps(["line"] * 300)
    with opened(tmp_path / "a.xlsx") as again:
        setups = {name: sheet(again, name).page_setup for name in again.sheetnames}
        assert (setups["Low"].orientation, setups["Low"].fitToHeight) == ("landscape", None)
        assert (setups["High"].orientation, setups["High"].fitToHeight) == ("portrait", None)
        assert (setups["Long"].orientation, setups["Long"].fitToHeight) == ("portrait", 0)
