"""Mappings to measure with, each written by a process of its own.

python -m benchmarks.mappings long PATH ROWS [--distinct]
python -m benchmarks.mappings run PATH CONFIGURATIONS [--rows-each 2]
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.measure import measure, python

LONG = ("Configuration", "Kind", "Legacy group", "New group", "Action", "Filter", "Comment")
RUN = ("Configuration", "Kind", "Legacy group", "New group", "Action", "Comment")
KIND = "Settings catalog policy"

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Mapping" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def long_mapping(folder: Path, rows: int, *, distinct: bool = False) -> Path:
    """A mapping to load: 2,000 configurations and as many comments as rows; no row twice.

    There are 20,000 groups on either side, or, where `distinct`, as many as rows.
    """
    path = folder / f"long-{rows}{'-distinct' if distinct else ''}.xlsx"
    measure(python("benchmarks.mappings", "long", path, rows, *(["--distinct"] if distinct else [])))
    return path


def run_mapping(folder: Path, configurations: int, rows_each: int = 2) -> Path:
    """A mapping to carry out: every configuration swaps groups and adds one, none of which another one has.

    With two rows each there are three groups to a configuration.
    """
    path = folder / f"run-{configurations}-{rows_each}.xlsx"
    measure(python("benchmarks.mappings", "run", path, configurations, "--rows-each", rows_each))
    return path


def _long_rows(count: int, *, distinct: bool) -> Iterator[Sequence[str]]:
    for row in range(1, count + 1):
        group = row if distinct else (row // 2_000 + 97 * row) % 20_000
        yield (
            f"Win - Baseline - SC - Area {row % 40} - Policy {row % 2_000} - v3.2",
            KIND,
            f"GPO-Site-{group % 300}-Workstations-{group}",
            f"SG-Intune-{group % 300}-Workstations-{group}",
            "swap",
            "Corporate devices" if group % 3 else "",
            f"CHG{row:07}",
        )


def _run_rows(configurations: int, rows_each: int) -> Iterator[Sequence[str]]:
    for number in range(configurations):
        name = f"Win - Baseline - SC - Area {number % 40} - Policy {number}"
        for row in range(rows_each - 1):
            groups = f"GPO-Site-{number % 300}-{row}-Workstations-{number}", f"SG-Site-{number % 300}-{row}-{number}"
            yield (name, KIND, *groups, "swap", f"CHG{number:07}")
        yield (name, KIND, "", f"SG-Site-{number % 300}-Pilot-{number}", "add", f"CHG{number:07}")


def _write(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]], count: int) -> None:
    """A workbook of one sheet of so many rows with shared strings, as Excel saves it.

    It goes out row by row: no library writes a million of them in little memory.
    """
    extent = f"A1:{chr(64 + len(headings))}{count + 1}"
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for part, content in _PARTS.items():
            book.writestr(part, _XML + content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="{extent}"/><sheetData>'.encode())
            for number, row in enumerate(chain([headings], rows), start=1):
                cells = "".join(
                    f'<c r="{letter}{number}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
                    for letter, text in zip("ABCDEFG", row, strict=False)
                    if text
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as shared:
            shared.write(f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">'.encode())
            for text in strings:
                shared.write(f"<si><t>{escape(text)}</t></si>".encode())
            shared.write(b"</sst>")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shape", choices=("long", "run"))
    options.add_argument("path", type=Path)
    options.add_argument("count", type=int)
    options.add_argument("--distinct", action="store_true")
    options.add_argument("--rows-each", type=int, default=2)
    chosen = options.parse_args()
    if chosen.shape == "long":
        _write(chosen.path, LONG, _long_rows(chosen.count, distinct=chosen.distinct), chosen.count)
    else:
        _write(chosen.path, RUN, _run_rows(chosen.count, chosen.rows_each), chosen.count * chosen.rows_each)


if __name__ == "__main__":
    main()
