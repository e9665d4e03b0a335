"""summary.xlsx."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from migrator.model.outcome import Settled, Status
from migrator.model.record import RunRecord
from migrator.model.throttle import GateState, Lost, ThrottleState
from migrator.reporting.write import write_reports
from tests.reporting.eventful import HOSTILE, eventful
from tests.reporting.records import RUN, STARTED, attempt, many, outcome, plan, record, swap_of
from tests.workbook.opened import formulas, opened, part, sheet, sheet_names, table, with_calamine, words


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    found = write_reports(eventful(), folder, only={"summary"}).summary
    assert found == folder / "summary.xlsx"
    return found


def test_its_sheets_go_from_the_whole_to_the_parts(summary: Path) -> None:
    assert sheet_names(summary) == ["Summary", "Configurations", "Rows", "Findings", "Coverage", "Timeline"]


def test_the_first_sheet_says_what_happened_where_and_what_to_do(summary: Path) -> None:
    told = words(summary, "Summary")
    for expected in (
        f"Contoso, run {RUN}",
        "FAILED IN PART",
        "3 of 19 configurations failed; 1 waits for a second administrator's approval, 12 succeeded, 2 needed nothing; "
        "1 of these holds something else than intended; 1 drifted.",
        "mappings/office-autumn.xlsx",
        "9f2c" * 16,
        "5d41402abc4b2a76b9719d911017c592",
        "https://graph.microsoft.com",
    ):
        assert expected in told
    assert any("migrator resume" in sentence for sentence in told)


def test_the_big_figures_add_up(summary: Path) -> None:
    with opened(summary) as book:
        page = sheet(book, "Summary")
        figures = [page.cell(6, column).value for column in range(2, 16, 2)]
        labels = [page.cell(7, column).value for column in range(2, 16, 2)]
    assert labels == ["configurations", "succeeded", "unchanged", "failed", "drifted", "waiting", "not verified"]
    assert figures == [19, 12, 2, 3, 1, 1, 1]


def test_pictures_are_drawn_from_its_own_cells_and_described(summary: Path) -> None:
    assert "doughnutChart" in part(summary, "xl/charts/chart1.xml")
    drawing = part(summary, "xl/drawings/drawing1.xml")
    assert 'descr="Ring chart: 12 succeeded, 2 unchanged, 3 failed, 1 drifted, 1 waiting."' in drawing
    assert "Timeline!$C$2" in part(summary, "xl/charts/chart3.xml")


def test_writes_and_reads_are_drawn_apart_each_with_its_limit(tmp_path: Path) -> None:
    run = replace(a_throttled_run(), throttle=THROTTLE)
    write_reports(run, tmp_path, only={"summary"})
    writes, reads = (part(tmp_path / "summary.xlsx", f"xl/charts/chart{i}.xml") for i in (3, 4))
    assert "Timeline!$F$2" in writes[writes.index("<c:lineChart>") :]
    assert "Timeline!$J$2" in reads[reads.index("<c:lineChart>") :]
    descriptions = part(tmp_path / "summary.xlsx", "xl/drawings/drawing1.xml")
    assert (
        'descr="Column chart of writes a second over the run: at most 30.0 were admitted, '
        'refusals in 1 span; allowed were 5.0 at first and 3.0 at last."' in descriptions
    )
    lines = table(tmp_path / "summary.xlsx", "Timeline")
    assert [line["Writes a second: limit in force"] for line in lines] == [5.0, 3.0, 3.0]
    assert lines[0]["Writes a second: refused"] == 2
    assert lines[2]["Writes a second, mean of 20 s: admitted"] == pytest.approx(31 / 20)


def test_the_first_sheet_says_which_limits_held_and_what_they_cost(tmp_path: Path) -> None:
    run = replace(a_throttled_run(), throttle=THROTTLE)
    write_reports(run, tmp_path, only={"summary"})
    told = words(tmp_path / "summary.xlsx", "Summary")
    for expected in (
        "2 of 34 calls, 5.9 %",
        "60/20s, 3.0 a second, learned (documented: 100/20s)",
        "900/20s, 45.0 a second, as documented",
        "12.0 s by the limit, 2 min 00 s waiting out refusals",
        "33 calls, 13.2 a second from first to last",
    ):
        assert expected in told
    assert any("each is drawn against its own" in sentence and "mean of as many" in sentence for sentence in told)


def test_a_journal_that_does_not_tell_of_limits_gives_a_summary_that_says_so(tmp_path: Path) -> None:
    write_reports(a_throttled_run(), tmp_path, only={"summary"})
    told = words(tmp_path / "summary.xlsx", "Summary")
    assert any("does not tell which limits held" in sentence for sentence in told)
    assert not any("Held back" in sentence for sentence in told)
    assert "lineChart" not in part(tmp_path / "summary.xlsx", "xl/charts/chart3.xml")


def test_where_no_limit_was_known_none_is_drawn_and_that_is_said(tmp_path: Path) -> None:
    free = ThrottleState(STARTED, (GateState("writes", True, "none", None, "none"),))
    write_reports(replace(a_throttled_run(), throttle=(free,)), tmp_path, only={"summary"})
    told = words(tmp_path / "summary.xlsx", "Summary")
    assert "no limit is known" in told
    assert any("No limit was known to hold" in sentence for sentence in told)
    assert "lineChart" not in part(tmp_path / "summary.xlsx", "xl/charts/chart3.xml")


READS = GateState("reads", False, "900/20s", 45.0, "900/20s")
THROTTLE = (
    ThrottleState(STARTED, (GateState("writes", True, "100/20s", 5.0, "100/20s"), READS), begins=True),
    ThrottleState(
        STARTED + 1, (GateState("writes", True, "60/20s", 3.0, "100/20s"), READS), Lost(paced=12.0, refused=120.0)
    ),
)


def a_throttled_run() -> RunRecord:
    """Thirty writes and two refusals in the first second, another write in the third, and a read."""
    calls = [attempt(started=STARTED, seconds=0.5) for _ in range(30)]
    calls += [attempt(None, 429, started=STARTED, seconds=0.6) for _ in range(2)]
    calls += [attempt(started=STARTED + 2, seconds=0.5), attempt(purpose="verify", started=STARTED + 2, seconds=0.1)]
    return record(plan([swap_of("one")]), attempts=calls)


def test_every_configuration_has_a_line_with_its_fate(summary: Path) -> None:
    lines = {line["Configuration"]: line for line in table(summary, "Configurations")}
    assert len(lines) == 19
    good = lines["Microsoft 365 Apps Köln"]
    assert (good["Status"], good["Read back"], good["Kind"]) == ("succeeded", "verified", "Office client configuration")
    counted = ("Rows", "Before", "Added", "Removed", "Swapped", "Changed", "Kept", "After (planned)")
    assert [good[name] for name in counted] == [2, 2, 1, 0, 1, 0, 1, 3]
    assert good["Duration (s)"] == pytest.approx(0.4)
    refused = lines["Defender antivirus"]
    assert refused["Status"] == "failed"
    assert "403" in str(refused["Reason"])
    assert "admin consent" in str(refused["Next step"])
    assert lines["Firewall rules"]["Reason"] == (
        "What is assigned could not be read beyond doubt: two routes disagree (3 and 5 assignments)."
    )


def test_reasons_of_what_went_well_are_short(tmp_path: Path) -> None:
    sent, settled, same = swap_of("sent"), swap_of("settled", 1), swap_of("same", 2)
    long = "sent once, and no answer says whether it was applied; reading it again shows the list as planned"
    outcomes = (
        outcome(sent.key, reason="Graph said 204."),
        outcome(settled.key, reason=long, settled=Settled.READING),
        outcome(same.key, Status.UNCHANGED, "Everything is so already.", settled=Settled.NOTHING_SENT),
    )
    write_reports(record(plan([sent, settled, same]), outcomes), tmp_path)
    lines = table(tmp_path / "summary.xlsx", "Configurations")
    assert [line["Reason"] for line in lines] == [None, "settled by reading", "nothing to change"]
    assert long in words(tmp_path / "configurations" / "settled.xlsx", "Configuration")


def test_what_was_only_planned_is_drawn_beside_what_was_confirmed(tmp_path: Path, summary: Path) -> None:
    assert part(summary, "xl/charts/chart2.xml").count("<c:ser>") == 2
    write_reports(many(1), tmp_path, only={"summary"})
    assert part(tmp_path / "summary.xlsx", "xl/charts/chart2.xml").count("<c:ser>") == 1


def test_a_sliver_of_the_ring_has_no_number(tmp_path: Path) -> None:
    plans = [swap_of(f"Policy {i}", i) for i in range(40)]
    outcomes = [outcome(p.key, Status.FAILED if i == 0 else Status.SUCCEEDED) for i, p in enumerate(plans)]
    write_reports(record(plan(plans), outcomes), tmp_path, only={"summary"})
    assert '<c:idx val="1"/><c:delete val="1"/>' in part(tmp_path / "summary.xlsx", "xl/charts/chart1.xml")


def test_every_line_leads_to_a_workbook_that_is_there(tmp_path: Path) -> None:
    run = many(3)
    write_reports(run, tmp_path)
    with opened(tmp_path / "summary.xlsx") as book:
        links = [cell.hyperlink for (cell,) in sheet(book, "Configurations")["A2:A4"] if cell.hyperlink]
    targets = [str(link.target).replace("\\", "/").replace("%20", " ") for link in links]
    assert targets == [f"configurations/Office policy 000{i}.xlsx" for i in range(3)]
    assert all((tmp_path / target).is_file() for target in targets)


def test_every_row_of_the_mapping_is_there_in_its_order(summary: Path) -> None:
    rows = table(summary, "Rows")
    assert [row["Row"] for row in rows] == list(range(2, 33))
    assert (rows[0]["Action"], rows[0]["Legacy group"], rows[0]["New group"], rows[0]["Status"]) == (
        "swap",
        "GPO-Office-Amsterdam",
        "M365-Apps-Amsterdam",
        "done",
    )
    assert {row["Status"] for row in rows} == {"done", "nothing to do", "failed", "left alone", "waiting"}


def test_findings_and_coverage_are_passed_on(summary: Path) -> None:
    first, second = table(summary, "Findings")
    assert (first["Level"], first["Row"], first["Code"]) == ("warning", 9, "twice")
    assert second["Column"] == "D"
    assert [line["Read"] for line in table(summary, "Coverage")] == ["read", "read", "forbidden"]


def test_the_timeline_has_real_times(summary: Path) -> None:
    lines = table(summary, "Timeline")
    assert isinstance(lines[0]["Time (UTC)"], datetime)
    assert [line["Seconds at work since the first call"] for line in lines] == list(range(len(lines)))


def test_hostile_names_are_text(summary: Path) -> None:
    assert formulas(summary) == []
    assert HOSTILE in [row[1] for row in with_calamine(summary, "Configurations")]


def test_a_run_of_nothing_has_a_summary(tmp_path: Path) -> None:
    write_reports(record(plan([])), tmp_path)
    told = words(tmp_path / "summary.xlsx", "Summary")
    assert "NOTHING TO DO" in told
    assert "The mapping names no configuration." in words(tmp_path / "summary.xlsx", "Configurations")


def test_a_run_that_was_stopped_says_so(tmp_path: Path) -> None:
    first, second = swap_of("first"), swap_of("second", 1)
    write_reports(record(plan([first, second]), [outcome(first.key)], finished=0.0), tmp_path)
    told = words(tmp_path / "summary.xlsx", "Summary")
    assert "NOT FINISHED" in told
    assert "not finished" in told
    assert [row["Status"] for row in table(tmp_path / "summary.xlsx", "Rows")] == ["done", "open"]
