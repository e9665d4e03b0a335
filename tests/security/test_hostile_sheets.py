"""Files made to do harm end with exit 2 and one sentence, soon, and without taking memory: seen on whole processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mapping.sheets import xlsx
from tests.security import hostile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell what a child took")

MOST_MEMORY = 200.0  # MiB above a process that read a good mapping of one row
MOST_SECONDS = 10.0  # docs/security.md has figures of an idle machine; here many tests share two processors

_FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "bomb.xlsx": (hostile.zip_bomb, "would expand to"),
    "lying-bomb.xlsx": (hostile.zip_bomb_that_lies, "is not as long as it says"),
    "sheet-goes-on.xlsx": (hostile.sheet_that_goes_on, "sheet1.xml is not as long as it says"),
    "styles-go-on.xlsx": (hostile.styles_that_go_on, "styles.xml is not as long as it says"),
    "styles.xlsx": (hostile.large_styles, "has xl/styles.xml of 17 MiB and at most 16 are read there"),
    "sheet-styles.xlsx": (hostile.large_styles_that_call_themselves_a_sheet, "has xl/styles.xml of 17 MiB"),
    "book.xlsx": (hostile.large_book, "has xl/workbook.xml of 17 MiB"),
    "relations.xlsx": (hostile.large_relations, "has xl/_rels/workbook.xml.rels of 17 MiB"),
    "properties.xlsx": (hostile.large_properties, "has docProps/core.xml of 17 MiB"),
    "comments.xlsx": (hostile.large_comments, "has xl/worksheets/comments.xml of 17 MiB"),
    "picture.xlsx": (hostile.large_picture, "has xl/media/image1.png of 65 MiB and at most 64 are read there"),
    "manifest.ods": (hostile.large_manifest, "has META-INF/manifest.xml of 17 MiB"),
    "many.xlsx": (hostile.many_sheets, "has more than 1,000 sheets"),
    "blanks-entities.xlsx": (hostile.blanks_before_an_entity_bomb, "declares XML entities"),
    "texts-bomb.xlsx": (hostile.texts_bomb, "would expand to"),
    "hidden-bomb.xlsx": (hostile.hidden_bomb, "would expand to"),
    "entities.xlsx": (hostile.entity_bomb, "declares XML entities"),
    "late-entities.xlsx": (hostile.late_entity_bomb, "declares XML entities"),
    "wide-entities.xlsx": (hostile.wide_entity_bomb, "declares XML entities"),
    "external.xlsx": (hostile.external_entity, "declares XML entities"),
    "wide.xlsx": (hostile.wide_sheet, "has 500 columns and at most 256 are read"),
    "far.xlsx": (hostile.far_cell, "spans 1,048,571 rows by 26 columns"),
    "far.xls": (hostile.far_cells_in_many_sheets, "span 503,316,480 cells"),
    "far.xlsb": (hostile.far_binary_cell, "spans 1,048,576 rows by 91 columns"),
    "repeated.ods": (hostile.repeated_cells, "spans 160,000 rows by 200 columns"),
    "line.csv": (hostile.endless_line, "has a row of more than 1,048,576 characters"),
    "field.csv": (hostile.endless_field, "has a row of more than 1,048,576 characters"),
    "row.csv": (hostile.endless_row, "has a row of more than 1,048,576 characters"),
    "search.xlsx": (hostile.endless_search, "cannot be read"),
    "blanks.xlsx": (hostile.endless_blanks, "cannot be read"),
    "protected.xlsx": (hostile.protected, "is protected by a password"),
    "pdf.xlsx": (hostile.renamed_pdf, "is not what its ending says"),
    "pdf.xls": (hostile.renamed_pdf, "is not what its ending says"),
    "pdf.csv": (hostile.renamed_pdf, "is no text"),
    "nested.xlsx": (hostile.nested_zip, "a zip archive"),
    "twice.xlsx": (hostile.twice_the_same_part, "holds two parts of one name"),
}


@dataclass(frozen=True)
class Ended:
    """How a process ended, in how many seconds of its processor, and how many MiB it had at most."""

    status: int
    said: str
    seconds: float
    memory: float


# A small process between, since a child is charged with what its parent held when it began.
_MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "migrator", "check", *sys.argv[1:]], capture_output=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
said = (done.stdout + done.stderr).decode()
print(json.dumps([done.returncode, said, usage.ru_utime + usage.ru_stime, memory]))
"""


def check(path: Path, *options: str) -> Ended:
    measured = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURE, str(path), *options], capture_output=True, check=True, timeout=120
    )
    return Ended(*json.loads(measured.stdout))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    folder = tmp_path_factory.mktemp("hostile")
    paths = [xlsx(folder / "good.xlsx", hostile.GOOD)]
    for name, (make, _) in _FILES.items():
        make(folder / name)
        paths.append(folder / name)
    with ThreadPoolExecutor(2) as pool:
        yield dict(zip((path.name for path in paths), pool.map(check, paths), strict=True))
    for path in paths:
        path.unlink()


@pytest.mark.xdist_group("hostile sheets")
@pytest.mark.parametrize("name", list(_FILES))
def test_a_file_made_to_do_harm_is_refused_with_a_sentence(ended: dict[str, Ended], name: str) -> None:
    one, good = ended[name], ended["good.xlsx"]
    assert (good.status, one.status) == (0, 2), one.said
    assert _FILES[name][1] in one.said
    assert len(one.said.strip().splitlines()) == 1
    assert one.said.startswith("migrator: ")
    assert one.memory < good.memory + MOST_MEMORY
    assert one.seconds < MOST_SECONDS


@pytest.mark.xdist_group("hostile sheets")
def test_a_workbook_with_more_in_it_than_a_marked_copy_can_hold_is_marked_from_its_cells(
    tmp_path: Path, ended: dict[str, Ended]
) -> None:
    hostile.many_styles(tmp_path / "many-styles.xlsx")
    one = check(tmp_path / "many-styles.xlsx", "--annotate", str(tmp_path / "marked.xlsx"))
    assert one.status == 0, one.said
    assert "made from the mapping's cells" in one.said
    assert (tmp_path / "marked.xlsx").is_file()
    assert one.memory < ended["good.xlsx"].memory + MOST_MEMORY / 2
