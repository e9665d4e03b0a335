"""The ways to read a mapping that `load` compares, one to a process.

    python -m benchmarks.reading WAY PATH

It imports nothing but what its way needs, and prints how many rows of data there were.
"""

from __future__ import annotations

import sys


def calamine(path: str) -> int:
    """The bare iteration of the rows, which is what all others are measured by."""
    from python_calamine import CalamineWorkbook

    return sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()) - 1


def pandas_with_openpyxl(path: str) -> int:
    """What most scripts do; nothing is understood or checked."""
    import pandas

    return len(pandas.read_excel(path, engine="openpyxl", dtype=str))


def load(path: str) -> int:
    """Rows that mean something, and every finding."""
    from migrator.mapping.load import load

    mapping = load(path)
    return _sound(len(mapping.rows), any(f.level == "error" for f in mapping.findings))


def check(path: str) -> int:
    """`migrator check`: rows that contradict each other are found besides."""
    from pathlib import Path

    from migrator.operations.check import check

    mapping = check(Path(path))
    return _sound(len(mapping.rows), any(f.level == "error" for f in mapping.findings))


def _sound(rows: int, wrong: bool) -> int:
    if wrong:
        raise SystemExit("the mapping has errors, so that less is measured than is meant")
    return rows


WAYS = {way.__name__: way for way in (calamine, pandas_with_openpyxl, load, check)}

if __name__ == "__main__":
    print(WAYS[sys.argv[1]](sys.argv[2]))
