"""Whatever is written into a sheet comes back as the same strings."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.mapping.cells import trimmed
from migrator.mapping.load import load
from migrator.model.row import Ref
from tests.mapping.sheets import xlsx

# What XML 1.0 and spreadsheets can hold; lone surrogates and most control characters cannot be written anywhere.
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\ufffe\uffff")
SPECIAL = st.sampled_from(
    ["00123", "NULL", "NA", "1.0", "TRUE", "=1+1", "a,b;c|d", 'say "hi"', "O'Brien", "営業部", " x "]
)
NAMES = st.one_of(st.text(LETTERS, min_size=1, max_size=12), SPECIAL).filter(trimmed)
TABLES = st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=8)


def written(ref: Ref | None) -> str:
    assert ref is not None
    assert ref.text == trimmed(ref.written)
    return ref.written


def loaded(path: Path) -> list[tuple[str, ...]]:
    mapping = load(path)
    assert not any(f.level == "error" for f in mapping.findings)
    return [(written(r.configuration), written(r.legacy), written(r.new)) for r in mapping.rows]


@settings(max_examples=60)
@given(TABLES)
def test_through_a_workbook(table: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as folder:
        path = xlsx(Path(folder) / "m.xlsx", [("Policy", "Old group", "New group"), *table])
        assert loaded(path) == table


@settings(max_examples=100)
@given(TABLES, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_through_a_delimited_file(
    table: list[tuple[str, str, str]], delimiter: str, encoding: str, everything_quoted: bool
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL if everything_quoted else csv.QUOTE_MINIMAL)
    writer.writerows([("Policy", "Old group", "New group"), *table])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.csv"
        path.write_text(buffer.getvalue(), encoding=encoding, newline="")
        assert loaded(path) == table
