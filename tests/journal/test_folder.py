from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder, find_run, list_runs, make_folder, new_run_id
from migrator.model.errors import RunNotFound, UsageError
from tests.journal.values import NOW

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's files by its own means")


def make_run(reports: Path, run_id: str) -> RunFolder:
    folder = make_folder(reports, run_id)
    folder.journal.touch()
    return folder


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [
        ("Contoso", "20261123-204512-contoso"),
        ("Müller & Söhne GmbH", "20261123-204512-muller-sohne-gmbh"),
        ("../..\\evil: name?", "20261123-204512-evil-name"),
        ("営業部", "20261123-204512-tenant"),
        ("", "20261123-204512-tenant"),
        ("x" * 300, "20261123-204512-" + "x" * 32),
    ],
)
def test_a_run_id_is_the_time_in_utc_and_the_tenant_made_safe(tenant: str, expected: str) -> None:
    assert new_run_id(NOW, tenant) == expected


def test_run_ids_sort_by_time() -> None:
    ids = [new_run_id(NOW + days * 86_400, "contoso") for days in range(40)]
    assert ids == sorted(ids)


def test_runs_of_the_same_second_get_a_suffix_each(tmp_path: Path) -> None:
    reports = tmp_path / "not" / "there yet"
    names = [make_folder(reports, "20261123-204512-contoso").id for _ in range(3)]
    assert names == ["20261123-204512-contoso", "20261123-204512-contoso-2", "20261123-204512-contoso-3"]


def test_a_place_that_cannot_hold_reports_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--reports"):
        make_folder(tmp_path / "file", "20261123-204512-contoso")


def test_the_files_of_a_run_are_where_they_are_promised(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "20261123-204512-contoso")
    paths = (
        folder.plan_xlsx,
        folder.summary_xlsx,
        folder.configurations,
        folder.retry_xlsx,
        folder.journal,
        folder.log,
    )
    names = ["plan.xlsx", "summary.xlsx", "configurations", "retry.xlsx", "run.sqlite", "run.log"]
    assert [p.relative_to(folder.path).as_posix() for p in paths] == names


@POSIX
def test_a_run_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "20261123-204512-contoso")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.configurations.mkdir()
    workbook = folder.configurations / "a.xlsx"
    workbook.touch(0o666)
    folder.protect()
    assert workbook.stat().st_mode & 0o777 == 0o600
    assert folder.configurations.stat().st_mode & 0o777 == 0o700


def test_a_run_is_found_by_id_by_folder_and_by_a_file_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path / "reports", "20261123-204512-contoso")
    reports = tmp_path / "reports"
    assert find_run(reports, run.id) == run
    assert find_run(reports, f" {run.path}{os.sep} ") == run
    assert find_run(tmp_path / "elsewhere", str(run.path)) == run
    assert find_run(reports, str(run.journal)) == run
    monkeypatch.chdir(run.path)
    assert find_run(reports, ".").id == run.id


def test_last_is_the_newest_run_and_no_other_folder(tmp_path: Path) -> None:
    make_run(tmp_path, "20261123-204512-contoso")
    for _ in range(11):
        newest = make_run(tmp_path, "20261124-080000-contoso")
    make_run(tmp_path, "zz copy of an old run")
    make_folder(tmp_path, "20261125-080000-contoso")  # no journal: it never came to be
    (tmp_path / "99999999-000000-notes.txt").touch()
    assert newest.id.endswith("-11")
    assert find_run(tmp_path, "last") == newest


def test_runs_are_listed_from_the_oldest_on(tmp_path: Path) -> None:
    ids = ["20261123-204512-contoso", "20261123-204512-contoso-2", "20270101-000000-fabrikam"]
    for run_id in reversed(ids):
        make_run(tmp_path, run_id)
    assert [run.id for run in list_runs(tmp_path)] == ids
    assert list_runs(tmp_path / "nowhere") == ()


def test_a_run_that_is_not_there_is_answered_with_the_near_ones(tmp_path: Path) -> None:
    make_run(tmp_path, "20261123-204512-contoso")
    make_run(tmp_path, "20270101-000000-fabrikam")
    with pytest.raises(RunNotFound, match="near it: 20261123-204512-contoso"):
        find_run(tmp_path, "20261123-204512-contosso")
    with pytest.raises(RunNotFound, match="20270101-000000-fabrikam, 20261123-204512-contoso"):
        find_run(tmp_path, "?")
    with pytest.raises(RunNotFound):
        find_run(tmp_path, "")
    with pytest.raises(RunNotFound):
        find_run(tmp_path, "x" * 5000)


def test_where_there_is_no_run_at_all_that_is_what_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound, match="makes the first"):
        find_run(tmp_path, "last")
    with pytest.raises(RunNotFound, match="--reports"):
        find_run(tmp_path, "20261123-204512-contoso")
