"""Names of files: safe on every system, unique, readable, always the same."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.reporting.filenames import MOST_PATH, file_names, safe_stem

FOLDER = Path("/reports/20261123-204512-contoso/configurations")
DEVICES = {"con", "prn", "aux", "nul"} | {f"{p}{d}" for p in ("com", "lpt") for d in "0123456789¹²³"}

names = st.text(alphabet=st.characters(), max_size=300) | st.sampled_from(
    [
        "CON",
        "nul.",
        "NUL.txt",
        " aux ",
        "com1",
        "..",
        ".",
        "",
        "   ",
        "a/b",
        "A",
        "a",
        "Word & Excel",
        "word & excel",
        "~$x",
    ]
)


def assert_safe(file: str) -> None:
    stem = file.removesuffix(".xlsx")
    assert stem
    assert file == stem + ".xlsx"
    assert not set('<>:"/\\|?*#%[]') & set(file)
    assert ".." not in file
    assert stem == stem.strip(" .")
    assert not file.startswith(("~", "."))
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for c in file)
    assert stem.split(".")[0].rstrip().casefold() not in DEVICES
    assert unicodedata.is_normalized("NFC", file)
    assert len(file.encode()) <= 255


@given(st.lists(names, max_size=12))
def test_every_name_becomes_a_safe_one_of_its_own(given_names: list[str]) -> None:
    files = file_names(given_names, FOLDER)
    assert len(files) == len(given_names)
    for file in files:
        assert_safe(file)
        assert len(str(FOLDER / file)) <= MOST_PATH + 5
    assert len({unicodedata.normalize("NFKC", f).casefold() for f in files}) == len(files)
    assert file_names(given_names, FOLDER) == files


@given(names)
def test_making_a_name_safe_twice_changes_nothing(name: str) -> None:
    assert safe_stem(safe_stem(name)) == safe_stem(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Word & Excel", "Word & Excel"),
        ("営業部 – Büro", "営業部 – Büro"),
        ("O'Brien's team", "O'Brien's team"),
        ("a/b\\c:d", "a_b_c_d"),
        ("C# build 100%", "C_ build 100_"),
        ("NUL", "NUL_"),
        ("nul.txt", "nul_.txt"),
        ("COM¹", "COM¹_"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("  spaced   out. . ", "spaced out"),
        ("\u202eevil\u202c", "evil"),
        ("tab\tand\nline", "tab and line"),
        ("~$lock", "$lock"),
        ("e\u0301", "é"),
        ("", "unnamed"),
        ("...", "unnamed"),
        ("\x00", "unnamed"),
    ],
)
def test_names_stay_readable(name: str, expected: str) -> None:
    assert safe_stem(name) == expected


def test_names_that_differ_only_in_case_get_a_number() -> None:
    files = file_names(["Word & Excel", "word & excel", "WORD & EXCEL", "Word & Excel (2)"], FOLDER)
    assert files == (
        "Word & Excel.xlsx",
        "word & excel (2).xlsx",
        "WORD & EXCEL (3).xlsx",
        "Word & Excel (2) (2).xlsx",
    )


@pytest.mark.parametrize("letter", ["x", "é", "部", "😀"])
def test_long_names_are_cut_so_that_the_whole_path_fits(letter: str) -> None:
    folder = Path("/" + "f" * 120)
    files = file_names([letter * 500, letter * 500], folder)
    for file in files:
        assert_safe(file)
        assert len(str(folder / file).encode("utf-16-le")) // 2 <= MOST_PATH
    assert files[1].endswith(" (2).xlsx")


def test_a_folder_that_leaves_no_room_still_gives_names_that_differ() -> None:
    files = file_names(["Long name of a policy"] * 3, Path("/" + "f" * 300))
    assert len(set(files)) == 3
