"""What was probably meant by a name that is not there."""

from __future__ import annotations

from migrator.resolving.suggest import MANY, Suggestions


def test_the_nearest_names_are_told_as_they_are_written_best_first() -> None:
    suggestions = Suggestions(["Sales EMEA", "Finance", "SALES EMEA 2", "Sales"])
    assert suggestions.did_you_mean("sales emae") == "; did you mean 'Sales EMEA' or 'SALES EMEA 2'?"


def test_nothing_is_said_where_nothing_is_near() -> None:
    assert Suggestions(["Sales", "Finance"]).did_you_mean("Kiosk devices") == ""
    assert Suggestions([]).did_you_mean("Sales") == ""


def test_names_that_are_shared_are_told_once() -> None:
    assert Suggestions(["Twins", "Twins"]).did_you_mean("Twin") == "; did you mean 'Twins'?"


def test_beyond_many_names_that_are_not_there_no_more_are_looked_for() -> None:
    suggestions = Suggestions([f"Group number {n}" for n in range(MANY + 1)])
    clauses = [suggestions.did_you_mean(f"Grup number {n}") for n in range(MANY + 1)]
    assert all(clauses[:MANY])
    assert clauses[MANY] == ""
    assert suggestions.did_you_mean("Grup number 0") == clauses[0]
