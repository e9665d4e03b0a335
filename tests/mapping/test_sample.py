"""The mappings that are shipped."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

from migrator.mapping.load import load
from migrator.model.assignment import TargetType
from migrator.model.kind import EVERY_TYPE
from migrator.model.kinds import KINDS, find_kinds
from migrator.planning.contradictions import contradictions
from migrator.planning.meaning import of_text
from tests.mapping.sheets import rows, text

FOLDER = Path(__file__).parents[2] / "mappings"


def test_the_sample_is_large_and_has_no_errors() -> None:
    mapping = load(FOLDER / "sample.xlsx")

    assert len({text(r.configuration) for r in mapping.rows}) >= 260
    assert len(mapping.rows) >= 3_200
    assert {f.code for f in mapping.findings} == {"blanks_trimmed", "repeated_row"}
    assert not list(contradictions(of_text(mapping.rows)))
    actions = Counter(r.action.value for r in mapping.rows)
    assert actions["swap"] > 10 * (actions["add"] + actions["remove"])


def test_the_sample_asks_of_every_kind_only_what_it_takes() -> None:
    for row in load(FOLDER / "sample.xlsx").rows:
        (kind,) = find_kinds(text(row.kind))
        assert row.filter is None or (kind.takes_filters and kind.unfiltered != EVERY_TYPE)
        assert not row.exclude or TargetType.EXCLUSION in kind.targets
        if text(row.new) in ("All users", "All devices"):
            assert TargetType.ALL_USERS in kind.targets or (kind.takes_virtual_groups and text(row.new) == "All users")
        assert not (row.exclude and row.filter)
        assert (row.intent is not None) is bool(kind.intent_property)


def test_the_sample_shows_kinds_of_every_sort() -> None:
    kinds = {kind for row in load(FOLDER / "sample.xlsx").rows for kind in find_kinds(text(row.kind))}

    assert len(kinds) >= 20
    assert {kind.area for kind in kinds} == {kind.area for kind in KINDS.values()}
    assert {id(kind.targets) for kind in kinds} == {id(kind.targets) for kind in KINDS.values() if not kind.excluded}


def test_the_sample_is_what_its_script_writes(tmp_path: Path) -> None:
    write = runpy.run_path(str(FOLDER / "build_sample.py"))["write"]
    write(tmp_path / "sample.xlsx")

    assert load(tmp_path / "sample.xlsx").rows == load(FOLDER / "sample.xlsx").rows


def test_the_example_shows_one_row_of_each_sort() -> None:
    mapping = load(FOLDER / "example.csv")

    assert mapping.findings == ()
    assert [r[0] for r in rows(mapping)] == ["swap", "add", "remove", "swap", "swap", "add", "replace"]
