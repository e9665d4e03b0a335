"""Writing all reports: complete, again and again, and past files that refuse."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import migrator
from migrator.model.errors import UsageError
from migrator.reporting.formats import REPORTS
from migrator.reporting.write import write_plan, write_reports
from tests.reporting.eventful import eventful
from tests.reporting.records import RUN, configuration, configuration_plan, many, plan, record
from tests.workbook.opened import opened


def test_everything_is_written_and_told(tmp_path: Path) -> None:
    announced: list[int] = []
    told: list[int] = []
    written = write_reports(eventful(), tmp_path, total=announced.append, progress=told.append)
    assert written.summary == tmp_path / "summary.xlsx"
    assert written.retry == tmp_path / "retry.xlsx"
    assert announced == [21]
    assert len(written.files) == sum(told) == 21
    assert all(path.is_file() for path in written.files)
    on_disk = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert on_disk == set(written.files)


def test_only_what_is_named_is_written(tmp_path: Path) -> None:
    assert write_reports(eventful(), tmp_path, only=["summary", "plan"]).files == (
        tmp_path / "summary.xlsx",
        tmp_path / "plan.xlsx",
    )
    with pytest.raises(UsageError, match="no report is called pie; there are summary, "):
        write_reports(eventful(), tmp_path, only=["pie"])


def test_the_plan_that_was_approved_is_not_written_again_unasked(tmp_path: Path) -> None:
    approved = write_plan(eventful().plan, tmp_path, RUN)
    before = approved.read_bytes()
    write_reports(eventful(), tmp_path)
    assert approved.read_bytes() == before
    assert not REPORTS["plan"].by_default


def test_writing_again_gives_the_same_files(tmp_path: Path) -> None:
    first = {p.relative_to(tmp_path / "a"): p.read_bytes() for p in write_reports(eventful(), tmp_path / "a").files}
    second = {p.relative_to(tmp_path / "b"): p.read_bytes() for p in write_reports(eventful(), tmp_path / "b").files}
    assert first == second


def test_a_file_that_refuses_does_not_keep_the_others_from_being_written(tmp_path: Path) -> None:
    run = many(3)
    (tmp_path / "configurations" / "Office policy 0001.xlsx").mkdir(parents=True)
    written = write_reports(run, tmp_path)
    assert len(written.files) == 3
    (refused,) = written.unwritten
    assert refused.path.name == "Office policy 0001.xlsx"
    assert refused.reason
    assert not list(tmp_path.rglob("*.part"))


def test_a_plan_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").mkdir()
    with pytest.raises(UsageError, match=r"plan\.xlsx"):
        write_plan(plan([]), tmp_path, RUN)


def test_configurations_of_one_name_get_a_file_each(tmp_path: Path) -> None:
    plans = [configuration_plan(configuration(name)) for name in ("Word & Excel", "word & excel", "NUL")]
    written = write_reports(record(plan(plans)), tmp_path, only={"configurations"})
    assert [path.name for path in written.files] == ["Word & Excel.xlsx", "word & excel (2).xlsx", "NUL_.xlsx"]


def test_two_processes_write_what_one_does(tmp_path: Path) -> None:
    run = many(30)
    one = write_reports(run, tmp_path / "one", processes=1)
    two = write_reports(run, tmp_path / "two", processes=2)
    assert [p.name for p in one.files] == [p.name for p in two.files]
    assert [p.read_bytes() for p in one.files] == [p.read_bytes() for p in two.files]


def test_two_hundred_workbooks_take_no_longer_than_a_moment(tmp_path: Path) -> None:
    run = many(200)
    began = time.process_time()
    write_reports(run, tmp_path)
    assert time.process_time() - began < 4  # about one second; the rest is room for a busy machine


def test_a_retry_that_was_being_written_when_its_process_was_killed_does_not_stay(tmp_path: Path) -> None:
    (tmp_path / "retry.part").write_bytes(b"PK")
    write_reports(many(1), tmp_path)
    assert not (tmp_path / "retry.part").exists()


def test_helping_processes_end_with_the_one_that_they_help(tmp_path: Path) -> None:
    process = helped(tmp_path)
    process.kill()
    process.communicate(timeout=60)  # they have our pipe as well: it ends when the last of them does


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to a child alone")
def test_helping_processes_say_nothing_of_ctrl_c_that_a_terminal_sends_to_all(tmp_path: Path) -> None:
    process = helped(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert complaints.count(b"Traceback") == 1  # of the script that we have interrupted
    assert complaints.splitlines()[-1] == b"KeyboardInterrupt"
    assert not list(tmp_path.rglob("*.part"))
    assert len(list(tmp_path.rglob("*.xlsx"))) < 600  # and nothing more than what was at hand is written


def helped(folder: Path) -> subprocess.Popen[bytes]:
    """A process that writes the reports of a long run with two others, and has written a few."""
    path = folder / "script.py"
    path.write_text(HELPED, encoding="utf-8")
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(path), str(folder / "run")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline().strip() for _ in range(2)] == [b"one"] * 2
    return process


HELPED = """
if __name__ == "__main__":
    import sys
    from pathlib import Path
    from migrator.reporting.write import write_reports
    from tests.reporting.records import many
    write_reports(many(600), Path(sys.argv[1]), processes=2, progress=lambda _: print("one", flush=True))
"""


def test_an_old_retry_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "retry.xlsx").mkdir()
    (told,) = write_reports(many(1), tmp_path).unwritten
    assert told.path == tmp_path / "retry.xlsx"
    assert told.reason.startswith("It is out of date and could not be removed: ")


def test_other_processes_are_started_only_where_they_run_nothing_of_the_callers(tmp_path: Path) -> None:
    ask = "from migrator.reporting.write import _children_run_nothing_else as safe; print(safe())"
    (tmp_path / "unguarded.py").write_text(ask, encoding="utf-8")
    (tmp_path / "migrator_like").mkdir()
    (tmp_path / "migrator_like" / "__main__.py").write_text(ask, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(migrator.__file__).parents[1])}

    def answer(*command: str) -> str:
        run = [sys.executable, *command]
        return subprocess.run(
            run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert answer("unguarded.py") == "False"
    assert answer("-m", "unguarded") == "False"
    assert answer("-m", "migrator_like") == "True"
    assert answer("-c", ask) == "True"


def test_figures_are_had_without_the_writer_of_workbooks() -> None:
    code = "import sys, migrator.reporting.facts, migrator.reporting; print('xlsxwriter' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_opens_and_prints_every_report(tmp_path: Path) -> None:
    run = eventful()
    write_plan(run.plan, tmp_path, RUN)
    written = write_reports(run, tmp_path)
    chosen = [tmp_path / "plan.xlsx", *written.files[:1], *written.files[-2:]]
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", "pdf"]
    subprocess.run([*command, *map(str, chosen)], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    for path in chosen:
        assert (tmp_path / "pdf" / path.with_suffix(".pdf").name).read_bytes().startswith(b"%PDF")


def test_a_run_without_an_end_is_dated_by_its_start(tmp_path: Path) -> None:
    written = write_reports(record(plan([]), finished=0.0), tmp_path, only={"summary"})
    assert written.summary is not None
    with opened(written.summary) as book:
        created = book.properties.created
    assert created is not None
    assert f"{created:%Y-%m-%d %H:%M:%S}" == "2026-11-23 20:45:12"
