"""Files that are made to do harm: what an attacker sends in place of a mapping."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import xlsxwriter
import xlwt

from tests.mapping.sheets import xlsx

MIB = 2**20
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
GOOD = [("Policy", "Group"), ("P", "a")]
_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "lol">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("k"))
)
_EXTERNAL = b'<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
_CONTENT = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """A good workbook in which one part is another."""
    good = xlsx(path.with_name("good-" + path.name), GOOD)
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))


def bomb(path: Path, part: str, before: bytes, unit: bytes, times: int, claimed: int | None = None) -> None:
    """A workbook in one part of which `unit` stands so many times, compressed without ever being there whole; the
    archive says the truth about its size, or `claimed`. It says 0 for: the part ends where `unit` begins, and its
    checksum agrees."""
    good = xlsx(path.with_name("good-" + path.name), GOOD)
    local, central = bytearray(), bytearray()
    with zipfile.ZipFile(good) as archive:
        names = archive.namelist()
        for name in names:
            content = archive.read(name)
            cut = content.index(before) if name == part else len(content)
            packed = _deflated(content[:cut]) + _deflated(unit) * (times if name == part else 0)
            packed += _deflated(content[cut:], last=True)
            size = len(content) + (len(unit) * times if name == part else 0)
            checksum = zlib.crc32(content)
            if name == part and claimed is not None:
                size = claimed or cut
                checksum = checksum if claimed else zlib.crc32(content[:cut])
            fields = struct.pack("<HHHIII", 8, 0, 33, checksum, len(packed), size)
            entry = name.encode()
            central += b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 0) + fields
            central += struct.pack("<HHHHHII", len(entry), 0, 0, 0, 0, 0, len(local)) + entry
            local += b"PK\x03\x04" + struct.pack("<HH", 20, 0) + fields + struct.pack("<HH", len(entry), 0)
            local += entry + packed
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(local), 0)
    path.write_bytes(bytes(local + central) + end)


def _deflated(content: bytes, *, last: bool = False) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def zip_bomb(path: Path) -> None:
    """10 MiB that would be nearly 4 GiB in ZIP's own measure, as the archive says."""
    bomb(path, SHEET, b"</sheetData>", b" " * MIB, 4_000)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", bytes(6 * MIB))


def zip_bomb_that_lies(path: Path) -> None:
    bomb(path, SHEET, b"</sheetData>", b" " * MIB, 10_000, claimed=900_000)


def sheet_that_goes_on(path: Path) -> None:
    """What reads as far as the part says it goes, sees nothing wrong; what reads to its end gets three gigabytes."""
    bomb(path, SHEET, b"</sheetData>", b"<row r='2'><c r='A2'><v>1</v></c></row>" * 27_000, 3_000, claimed=0)


def styles_that_go_on(path: Path) -> None:
    bomb(path, STYLES, b"<cellXfs", b"<!--" + b" " * MIB + b"-->", 3_000, claimed=0)


def large_styles(path: Path) -> None:
    changed(path, STYLES, lambda part: part.replace(b"<cellXfs", _dense(17) + b"<cellXfs"))


def large_book(path: Path) -> None:
    changed(path, "xl/workbook.xml", lambda part: part.replace(b"</sheets>", b"</sheets>" + _dense(17)))


def large_relations(path: Path) -> None:
    end = b"</Relationships>"
    changed(path, "xl/_rels/workbook.xml.rels", lambda part: part.replace(end, _dense(17) + end))


def large_properties(path: Path) -> None:
    end = b"</cp:coreProperties>"
    changed(path, "docProps/core.xml", lambda part: part.replace(end, _dense(17) + end))


def large_styles_that_call_themselves_a_sheet(path: Path) -> None:
    changed(path, STYLES, lambda part: part.replace(b"<styleSheet", b"<worksheet " + b" " * 17 * MIB))


def large_comments(path: Path) -> None:
    """A part that nothing leads to here; its name does not matter."""
    xlsx(path, GOOD)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/comments.xml", b"<comments>" + _dense(17) + b"</comments>")


def large_picture(path: Path) -> None:
    xlsx(path, GOOD)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/media/image1.png", b"\x89PNG" + random.Random(1).randbytes(MIB // 90).ljust(MIB, b"\0") * 65
        )


def large_manifest(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _CONTENT.format(""))
        archive.writestr("META-INF/manifest.xml", b"<manifest>" + _dense(17) + b"</manifest>")


def many_sheets(path: Path) -> None:
    again = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(2, 60_000))
    changed(path, "xl/workbook.xml", lambda part: part.replace(b"</sheets>", again + b"</sheets>"))


def blanks_before_an_entity_bomb(path: Path) -> None:
    changed(path, TEXTS, lambda part: b" " * 70_000 + _LAUGHS + part[part.index(b"<sst") :])


def many_styles(path: Path) -> None:
    """One MiB that a program which makes an object of each takes two hundred for."""
    changed(path, STYLES, lambda part: part.replace(b"</cellXfs>", b"<xf/>" * 210_000 + b"</cellXfs>"))


def _dense(mebibytes: int) -> bytes:
    """XML that does not look as if it expanded more than a table does."""
    return (b"<!--" + random.Random(1).randbytes(MIB // 90).hex().encode() + b"-->").ljust(MIB) * mebibytes


def texts_bomb(path: Path) -> None:
    bomb(path, TEXTS, b"</sst>", b"<si><t>aaaaaaaa</t></si>" * 43_000, 60)


def hidden_bomb(path: Path) -> None:
    """A bomb beside ten MiB that cannot be compressed, so that the file as a whole looks usual."""
    bomb(path, TEXTS, b"</sst>", b"<si><t>aaaaaaaa</t></si>" * 43_000, 1_000)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", zlib.compress(b"") + bytes(range(256)) * (40 * 1024))


def entity_bomb(path: Path) -> None:
    changed(path, TEXTS, lambda part: part.replace(b"?>", b"?>" + _LAUGHS, 1).replace(b"<t>a</t>", b"<t>&j;</t>"))


def late_entity_bomb(path: Path) -> None:
    late = b"?><!--" + b"<sst>" * 1000 + b"-->" + _LAUGHS
    changed(path, TEXTS, lambda part: part.replace(b"?>", late, 1).replace(b"<t>a</t>", b"<t>&j;</t>"))


def wide_entity_bomb(path: Path) -> None:
    def wide(part: bytes) -> bytes:
        return part.replace(b"UTF-8", b"UTF-16").replace(b"?>", b"?>" + _LAUGHS, 1).decode().encode("utf-16")

    changed(path, TEXTS, wide)


def external_entity(path: Path) -> None:
    changed(path, TEXTS, lambda part: part.replace(b"?>", b"?>" + _EXTERNAL, 1).replace(b"<t>a</t>", b"<t>&j;</t>"))


def wide_sheet(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["Policy", "Group", *(f"h{n}" for n in range(498))])
        for number in range(1, 200):
            sheet.write_row(number, 0, ["P", "a", *(f"v{number * n % 97}" for n in range(498))])


def far_cell(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, GOOD[0])
        sheet.write_string(1_048_570, 14, "x")


def far_cells_in_many_sheets(path: Path) -> None:
    book = xlwt.Workbook()
    for number in range(30):
        sheet = book.add_sheet(f"S{number}")
        sheet.write(0, 0, "Policy")
        sheet.write(65_535, 255, "x")
    book.save(str(path))


def far_binary_cell(path: Path) -> None:
    def record(kind: int, body: bytes = b"") -> bytes:
        name = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return name + bytes([len(body)]) + body

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    def row(number: int, column: int, value: str) -> bytes:
        return record(0, struct.pack("<II9x", number, 0)) + record(6, struct.pack("<II", column, 0) + text(value))

    sheet = record(129) + record(145) + row(0, 0, "Policy") + row(1_048_575, 90, "x") + record(146) + record(130)
    tabs = record(143) + record(156, struct.pack("<II", 0, 1) + text("rId1") + text("S")) + record(144)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", record(131) + tabs + record(132))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            'worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
        )


def repeated_cells(path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="200" office:value-type="string"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="400">{cell}</table:table-cell></table:table-row>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", _CONTENT.format(row * 400))


def endless_line(path: Path) -> None:
    path.write_bytes(b"Policy,Group\n" + b"b," * (10 * MIB))


def endless_field(path: Path) -> None:
    path.write_bytes(b"a" * (20 * MIB))


def endless_row(path: Path) -> None:
    path.write_bytes(b'Policy,Group\n"a\n' + b'","\n' * (5 * MIB))


def endless_search(path: Path) -> None:
    """Tags without an end, each of which a careless pattern would read on from to the end of the file."""
    changed(path, SHEET, lambda part: part.replace(b"</sheetData>", b"hidden=" + b"<row " * 150_000 + b"</sheetData>"))


def endless_blanks(path: Path) -> None:
    blanks = b"<row r='3'><c r='A3'><f>A1</f>" + b" " * 500_000 + b"</x></sheetData>"
    changed(path, SHEET, lambda part: part.replace(b"</sheetData>", blanks))


def protected(path: Path) -> None:
    """What Excel makes of a workbook with a password: a compound file with the package encrypted in it."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    path.write_bytes(head + "EncryptedPackage".encode("utf-16-le") + bytes(100_000))


def renamed_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 400)


def nested_zip(path: Path) -> None:
    inner = path.with_name("inner.zip")
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(20 * MIB))
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50):
            archive.write(inner, f"{number}.zip")


def twice_the_same_part(path: Path) -> None:
    """Two programs may each take another one of them."""
    xlsx(path, GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet9.xml", archive.read(SHEET))
    path.write_bytes(path.read_bytes().replace(b"xl/worksheets/sheet9.xml", SHEET.encode()))
