"""Commands that hold anybody's names: PowerShell must read each as one text, and nothing more."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migrator.reporting.power_shell import can_be_written, literal, new_filter, new_group, nicknames

QUOTES = "'‘’‚‛"
HOSTILE = st.text(st.sampled_from([*QUOTES, *'"`$();|&{}@#\\ab ']) | st.characters(codec="utf-8"))


def words(command: str) -> list[str]:
    """The words of a command as PowerShell reads them: a text in quotes ends with any of their sorts, unless two stand
    together, of which the first is meant."""
    found, at = [], 0
    while at < len(command):
        if command[at] == " ":
            at += 1
        elif command[at] in QUOTES:
            text, at = read_text(command, at)
            found.append(text)
        else:
            end = re.compile(r"[^ ]+").match(command, at)
            assert end is not None
            found.append(end[0])
            at = end.end()
    return found


def read_text(command: str, at: int) -> tuple[str, int]:
    text, at = "", at + 1
    while True:
        if command[at] in QUOTES:
            if at + 1 == len(command) or command[at + 1] not in QUOTES:
                return text, at + 1
            at += 1
        text += command[at]
        at += 1


@given(name=HOSTILE)
@example(name="a".join(QUOTES))
@example(name=QUOTES)
def test_a_name_is_one_word_whatever_is_in_it(name: str) -> None:
    assert read_text(literal(name), 0) == (name, len(literal(name)))
    if can_be_written(name):
        command = new_group(name, "nick")
        told = ["-DisplayName", name, "-MailNickname", "nick", "-MailEnabled:$false", "-SecurityEnabled"]
        assert words(command) == ["New-MgGroup", *told]
        assert len(command.splitlines()) == 1


@given(name=HOSTILE.filter(can_be_written))
def test_a_filter_asks_for_what_is_not_known(name: str) -> None:
    known, unknown = new_filter(name, "macOS"), new_filter(name, "")
    assert f"platform = 'macOS'; rule = (Read-Host {literal('Rule of ' + name)})" in known
    assert f"platform = (Read-Host {literal('Platform of ' + name)})" in unknown
    assert known.startswith(
        "Invoke-MgGraphRequest -Method POST -Uri 'beta/deviceManagement/assignmentFilters' -Body @{"
    )


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00", "a\u2028b", "\u202eabc", "x" * 257])
def test_what_does_not_show_or_is_too_long_is_in_no_command(name: str) -> None:
    assert not can_be_written(name)


@given(names=st.lists(HOSTILE | st.sampled_from(["Sales", "sales", "S" * 70, "S" * 80, "営業部"]), max_size=30))
def test_nicknames_are_what_graph_takes_and_each_only_once(names: list[str]) -> None:
    made = list(nicknames(names))
    assert len(made) == len(names) == len({nickname.casefold() for nickname in made})
    for nickname in made:
        assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?", nickname)
        assert ".." not in nickname


def test_a_nickname_is_near_the_name() -> None:
    assert list(nicknames(["SG EMEA (Sales)", "Büro", "SG-EMEA-Sales"])) == ["SG-EMEA-Sales", "Buro", "SG-EMEA-Sales-2"]
