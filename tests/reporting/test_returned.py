"""A plan.xlsx that came back: what was changed in it, and what a reviewer decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.model.errors import UsageError
from migrator.model.plan import ConfigurationPlan
from migrator.operations.approval import read_sheets
from migrator.reporting.decisions import decide, decided
from migrator.reporting.returned import Sheets, Word, differences, missing_sheets, run_of, stray_words, words
from migrator.reporting.write import write_plan
from tests.reporting.eventful import eventful
from tests.reporting.records import RUN, configuration, configuration_plan, included, kept, swap_of

OPEN = ("Approved", "Remark")
WORDS = st.sampled_from(["yes", " Ja ", "X", "TRUE", "oui", "no", "Nein", "FALSE", "n", "", "  "])


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    return read_sheets(write_plan(eventful().plan, tmp_path_factory.mktemp("sent"), RUN))


def copied(sheets: Sheets) -> dict[str, list[list[str]]]:
    """With rows of one length, so that each cell can be edited."""
    wide = {name: max(map(len, rows)) for name, rows in sheets.items()}
    return {name: [[*row, *[""] * (wide[name] - len(row))] for row in rows] for name, rows in sheets.items()}


def told(sent: Sheets, back: Sheets) -> list[str]:
    return [str(one) for one in differences(sent, back)]


def test_what_comes_back_as_it_was_has_no_difference(sent: Sheets) -> None:
    assert told(sent, copied(sent)) == []
    assert missing_sheets(sent, {**sent, "Notes": [["x"]]}) == ()
    assert run_of(sent) == RUN


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_cell_that_is_compared_and_was_edited_is_found(sent: Sheets, data: st.DataObject) -> None:
    back = copied(sent)
    name = data.draw(st.sampled_from(sorted(back)))
    rows = back[name]
    row = data.draw(st.integers(0, len(rows) - 1))
    columns = [c for c in range(len(rows[row]) + 2) if row == 0 or name == "Plan" or [*rows[0], "", ""][c] not in OPEN]
    column = data.draw(st.sampled_from(columns))
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = data.draw(st.text(max_size=9).filter(lambda text: text != rows[row][column]))
    assert told(sent, back)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_line_that_was_added_or_taken_away_is_found(sent: Sheets, data: st.DataObject) -> None:
    back = copied(sent)
    name = data.draw(st.sampled_from([name for name, rows in sorted(back.items()) if len(rows) > 1]))
    line = data.draw(st.integers(1, len(back[name]) - 1).filter(lambda number: any(back[name][number])))
    if data.draw(st.booleans()):
        back[name].append(list(back[name][line]))
    else:
        del back[name][line]
    assert told(sent, back)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_sorted_lines_and_moved_columns_keep_each_word_beside_its_configuration(
    sent: Sheets, data: st.DataObject
) -> None:
    back = copied(sent)
    lines = back["Configurations"]
    at = lines[0].index("Approved")
    said = [data.draw(WORDS) for _ in lines[1:]]
    for line, word in zip(lines[1:], said, strict=True):
        line[at] = word
    for name in set(back) - {"Plan"}:
        back[name][1:] = data.draw(st.permutations(back[name][1:]))
    order = data.draw(st.permutations(range(len(lines[0]))))
    back["Configurations"] = [[line[i] for i in order] for line in back["Configurations"]]
    assert told(sent, back) == []
    assert [word.text for word in words(sent, back)] == said


def test_a_difference_says_where_it_stands_what_was_there_and_what_is(sent: Sheets) -> None:
    back = copied(sent)
    line = next(line for line in back["Configurations"] if line[0] == "Edge baseline")
    number = back["Configurations"].index(line) + 1
    line[1] = "nothing to do"
    assert told(sent, back) == [f"Configurations!B{number} was 'changes', is 'nothing to do'"]
    back["Configurations"].remove(line)
    assert told(sent, back) == ["sheet Configurations lacks the line of 'Edge baseline'"]
    back["Rows"].append(["Mapping", "99", "Edge baseline", "add", "", "Everybody"])
    assert told(sent, back)[1:] == [f"Rows row {len(back['Rows'])} was added ('Mapping')"]


def test_a_word_beside_no_configuration_is_found(sent: Sheets) -> None:
    back = copied(sent)
    at = back["Configurations"][0].index("Approved")
    back["Configurations"].append([*[""] * at, "yes"])
    assert told(sent, back) == []
    assert list(stray_words(sent, back)) == [Word(f"C{len(back['Configurations'])}", "yes")]


PLANS = [swap_of("One"), swap_of("Two"), swap_of("Three")]
SAME = configuration_plan(configuration("Same"), (kept(included("Everyone")),))
BLOCKED = configuration_plan(configuration("Doubtful"), (), blocked="two routes differ")


def left(plans: Sequence[ConfigurationPlan], *texts: str) -> list[bool]:
    said = [Word(f"C{number}", text) for number, text in enumerate(texts, start=2)]
    return [bool(reason) for reason in decided(plans, said, "plan.xlsx")]


@given(st.lists(WORDS, min_size=3, max_size=3).filter(lambda texts: any(map(str.strip, texts))))
def test_exactly_what_has_a_yes_is_carried_out(texts: list[str]) -> None:
    assert left(PLANS, *texts) == [decide(text) is not True for text in texts]


@pytest.mark.parametrize("word", ["maybe", "yes?", "later", "#ERROR", "2"])
def test_a_word_that_is_neither_yes_nor_no_is_an_error_with_its_cell(word: str) -> None:
    with pytest.raises(UsageError, match=r"plan\.xlsx: Configurations!C3 says .* neither yes nor no"):
        left(PLANS, "yes", word, "")


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_a_column_that_nobody_filled_in_approves_nothing(blank: str) -> None:
    with pytest.raises(UsageError, match="nobody filled it in"):
        left(PLANS, blank, blank, blank)


def test_where_nothing_happens_there_is_nothing_to_approve() -> None:
    assert left([SAME, PLANS[0]], "", "yes") == [False, False]
    assert left([SAME, PLANS[0]], "no", "yes") == [True, False]
    assert left([SAME], "") == [False]
    assert left([BLOCKED, PLANS[0]], "", "yes") == [True, False]


def test_it_says_in_which_file_it_was_not_approved() -> None:
    said = [Word("C2", "yes"), Word("C3", "no"), Word("C4", "")]
    reason = "left out: not approved in reviewed.xlsx"
    assert decided(PLANS, said, "reviewed.xlsx") == ["", reason, reason]


def test_a_file_of_the_same_plan_written_again_is_the_same(sent: Sheets, tmp_path: Path) -> None:
    assert told(sent, read_sheets(write_plan(eventful().plan, tmp_path, RUN))) == []
