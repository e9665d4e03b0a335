"""What is no mapping is refused with one sentence, before it is parsed."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter

from migrator.mapping import bounds
from migrator.mapping.load import load
from migrator.model.errors import UsageError
from tests.mapping.sheets import HERE, rebuilt, rows, xlsx

GOOD = [("Policy", "Group"), ("P", "a")]
DAMAGED = "open it in Excel, save it"


def refused(path: Path, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value) or "sheet" in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    refused(tmp_path / "none.xlsx", "there is no file")
    (tmp_path / "folder.xlsx").mkdir()
    refused(tmp_path / "folder.xlsx", "is a folder")
    with pytest.raises(UsageError, match="cannot be read"):
        load("nul\0.csv")


def test_files_that_are_empty(tmp_path: Path) -> None:
    for name in ("m.csv", "m.xlsx"):
        (tmp_path / name).write_bytes(b"")
        refused(tmp_path / name, "is empty")


def test_files_with_the_wrong_ending(tmp_path: Path) -> None:
    book = xlsx(tmp_path / "m.xlsx", GOOD).read_bytes()
    for name, content, says in (
        ("a.csv", book, "is no text but an Excel workbook (.xlsx); rename it"),
        ("b.xls", book, "is not what its ending says but an Excel workbook (.xlsx)"),
        ("c.ods", book, "is not what its ending says"),
        ("d.xlsx", b"Policy,Group\nP,a\n", "is not what its ending says but text (.csv)"),
        ("e.pdf", b"%PDF-1.7", "save it as one of .xlsx"),
        ("f", b"Policy,Group\nP,a\n", "save it as one of .xlsx"),
        ("g.csv", b"\x00\x01\x02\x03" * 3000, "is not written in one encoding"),
        ("h.csv", b"Policy,Group\nP,a\x00b\n", "is no text"),
    ):
        (tmp_path / name).write_bytes(content)
        if name != "g.csv":
            refused(tmp_path / name, says)
    with zipfile.ZipFile(tmp_path / "i.xlsx", "w") as archive:
        archive.writestr("letter.txt", "hello")
    refused(tmp_path / "i.xlsx", "but a zip archive")


def test_files_that_are_protected(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le") + bytes(1000))
    refused(path, "is protected by a password")


def test_files_that_are_damaged(tmp_path: Path) -> None:
    content = xlsx(tmp_path / "m.xlsx", GOOD).read_bytes()
    for name, damaged in (
        ("cut.xlsx", content[: len(content) // 2]),
        ("stub.xlsx", b"PK\x03\x04" + bytes(50)),
        ("junk.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
    ):
        (tmp_path / name).write_bytes(damaged)
        refused(tmp_path / name, "try again")


def test_files_whose_sheet_is_damaged(tmp_path: Path) -> None:
    good = xlsx(tmp_path / "m.xlsx", GOOD)
    damaged = rebuilt(good, tmp_path / "n.xlsx", {"xl/worksheets/sheet1.xml": (b"</sheetData>", b"</sheet")})
    refused(damaged, DAMAGED)


def test_damage_anywhere_gives_a_sentence_or_a_mapping(tmp_path: Path) -> None:
    content = (HERE / "messy-long.xlsx").read_bytes()
    path = tmp_path / "m.xlsx"
    for place in range(0, len(content), 61):
        damaged = bytearray(content)
        damaged[place] ^= 0x5A
        path.write_bytes(damaged)
        with suppress(UsageError):
            load(path)


def test_files_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path / "m.xlsx", GOOD)
    monkeypatch.setattr(bounds, "MAX_BYTES", 1000)
    refused(path, "split it into several mappings")


def test_files_that_blow_up(tmp_path: Path) -> None:
    path = rebuilt(
        xlsx(tmp_path / "m.xlsx", GOOD),
        tmp_path / "bomb.xlsx",
        {"xl/worksheets/sheet1.xml": (b"<sheetData>", b"<sheetData>" + b" " * (70 * 2**20))},
    )
    refused(path, "would expand to")


def test_files_that_declare_entities(tmp_path: Path) -> None:
    declaration = b'standalone="yes"?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    path = rebuilt(
        xlsx(tmp_path / "m.xlsx", GOOD),
        tmp_path / "entities.xlsx",
        {"xl/worksheets/sheet1.xml": (b'standalone="yes"?>', declaration)},
    )
    refused(path, "declares XML entities in xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("dimension", [b"A1:XFD1048576", b"A1:B2"])
def test_cells_far_away_are_found_before_memory_is_asked_for(tmp_path: Path, dimension: bytes) -> None:
    far = xlsx(tmp_path / "m.xlsx", GOOD)
    with xlsxwriter.Workbook(far) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, GOOD[0])
        sheet.write_string(1_048_575, 16_383, "stray")
    path = rebuilt(far, tmp_path / "far.xlsx", {"xl/worksheets/sheet1.xml": (b"A1:XFD1048576", dimension)})

    refused(path, "sheet 'S' has 16,384 columns and at most 256 are read; delete the stray cells")


def test_a_sheet_of_too_many_cells(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, GOOD[0])
        sheet.write_string(1_048_575, 200, "stray")

    refused(path, "spans 1,048,576 rows by 201 columns")


def test_cells_far_away_that_are_only_formatted_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate(GOOD):
            sheet.write_row(number, 0, row)
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert rows(load(path)) == [("add", "P", "", "a")]


def test_delimited_files_have_the_same_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.csv"
    path.write_text("Policy,Group\n" + "x," * 1000 + "\n", encoding="utf-8")
    refused(path, "1,001 columns")
    path.write_text('Policy,Group\nP,"' + "a" * 200_000, encoding="utf-8")
    refused(path, "is a quotation mark not closed there?")
    path.write_bytes("Policy,Group\nP,é\n".encode() + b"\x81\n")
    refused(path, "not written in one encoding")
    monkeypatch.setattr(bounds, "MAX_ROWS", 2)
    monkeypatch.setattr("migrator.mapping.readers.delimited.MAX_ROWS", 2)
    path.write_text("Policy,Group\nP,a\nQ,b\n", encoding="utf-8")
    refused(path, "split it into several mappings")
