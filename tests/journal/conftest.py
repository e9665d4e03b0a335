from __future__ import annotations

from pathlib import Path

import pytest

from migrator.journal.folder import RunFolder, make_folder
from migrator.journal.schema import create
from tests.journal.values import header, plan


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run whose journal holds a plan of three configurations, and nothing else yet."""
    folder = make_folder(tmp_path, "20261123-204512-contoso")
    create(folder, header(), plan())
    return folder
