"""A file that a command is to write: whether it can be, said before anything else is done."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from migrator.model.errors import UsageError


def check_target(path: Path, suffixes: Sequence[str], *, force: bool = True) -> None:
    """UsageError with one sentence where no such file can be written there, or, without `force`, where there is one."""
    if path.suffix.casefold() not in suffixes:
        raise UsageError(f"let {path} end in {' or '.join(suffixes)}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}; make it first, or name another one")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{path.parent} cannot be written to; name another folder")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already and may have been filled in; name another file, or say --force")
    if path.exists() and not os.access(path, os.W_OK):
        raise UsageError(f"{path} is marked read-only; name another file")


def unused(path: Path) -> Path:
    """The path, or where it is taken the same with a number: `where-….xlsx`, `where-…-2.xlsx`."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
