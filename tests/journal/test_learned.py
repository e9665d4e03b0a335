from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
import pytest

from migrator.journal.learned import OLDEST, Learned, path_of, recall, remember
from tests.journal.values import NOW

SCOPE = "https://graph.microsoft.com/contoso/app"
SNAPSHOT: dict[str, dict[str, Any]] = {
    "writes": {"limit": 95, "span": 20.0, "sent": [1.5, 2.5]},
    "reads": {"limit": None},
}


def learned(age: float) -> dict[str, Learned]:
    return {name: Learned(snapshot, age) for name, snapshot in SNAPSHOT.items()}


def test_what_was_remembered_comes_back_with_its_age(tmp_path: Path) -> None:
    assert remember(SCOPE, NOW, SNAPSHOT, tmp_path / "new folder")
    assert recall(SCOPE, NOW + 90, tmp_path / "new folder") == learned(90.0)


def test_the_newer_takes_the_place_of_the_older_of_its_name(tmp_path: Path) -> None:
    """A command that only reads forgets nothing of writing."""
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    remember(SCOPE, NOW + 5, {"reads": {"limit": 800}}, tmp_path)
    assert recall(SCOPE, NOW + 5, tmp_path) == {
        "writes": Learned(SNAPSHOT["writes"], 5.0),
        "reads": Learned({"limit": 800}, 0.0),
    }
    assert list(tmp_path.iterdir()) == [path_of(SCOPE, tmp_path)]


def test_what_is_too_old_is_believed_no_more_and_dropped(tmp_path: Path) -> None:
    remember(SCOPE, NOW, {"writes": {"limit": 95}}, tmp_path)
    assert recall(SCOPE, NOW + OLDEST, tmp_path)
    assert recall(SCOPE, NOW + OLDEST + 1, tmp_path) == {}
    remember(SCOPE, NOW + OLDEST + 1, {"reads": {}}, tmp_path)
    assert "writes" not in path_of(SCOPE, tmp_path).read_text(encoding="utf-8")


def test_deleting_the_file_forgets_it(tmp_path: Path) -> None:
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    path_of(SCOPE, tmp_path).unlink()
    assert recall(SCOPE, NOW, tmp_path) == {}


def test_every_scope_has_a_memory_of_its_own(tmp_path: Path) -> None:
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    assert recall(SCOPE + "2", NOW, tmp_path) == {}
    assert recall("../../etc/passwd\0", NOW, tmp_path) == {}


def test_a_clock_set_back_makes_no_negative_age(tmp_path: Path) -> None:
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    assert recall(SCOPE, NOW - 3600, tmp_path) == learned(0.0)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\xff", b'{"scope": 1}', b'{"scope":"another"}'])
def test_a_damaged_memory_is_none(tmp_path: Path, content: bytes) -> None:
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert recall(SCOPE, NOW, tmp_path) == {}


def test_a_memory_of_something_else_is_none(tmp_path: Path) -> None:
    remember(SCOPE, NOW, SNAPSHOT, tmp_path)
    (mine,) = tmp_path.iterdir()
    remember("another", NOW, SNAPSHOT, tmp_path)
    (other,) = set(tmp_path.iterdir()) - {mine}
    other.replace(mine)
    assert recall(SCOPE, NOW, tmp_path) == {}


def test_what_cannot_be_kept_is_not_kept_and_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not remember(SCOPE, NOW, SNAPSHOT, tmp_path / "file" / "below")
    assert not remember(SCOPE, NOW, {"writes": {"limit": object()}}, tmp_path)
    assert recall(SCOPE, NOW, tmp_path / "file") == {}


def test_it_is_kept_where_the_system_keeps_such_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")
    assert remember(SCOPE, NOW, SNAPSHOT)
    assert recall(SCOPE, NOW) == learned(0.0)
    assert (tmp_path / "state" / "learned").is_dir()
