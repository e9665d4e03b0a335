"""The audit in CI tells a service that cannot be reached from an audit that does not work."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def saying(out: str, err: str, status: int) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({out!r}); sys.stderr.write({err!r}); sys.exit({status})"]


def found(*vulnerabilities: str, **more: Any) -> str:
    vulns = [{"id": name, "fix_versions": ["2"]} for name in vulnerabilities]
    return json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": vulns, **more}]})


@pytest.mark.parametrize(
    ("out", "err", "status", "ends", "says"),
    [
        (found(), "", 0, 0, "no known vulnerability"),
        (found("PYSEC-1"), "", 1, 1, "a 1: PYSEC-1, mended in 2"),
        (found(skip_reason="not on PyPI"), "", 0, 0, "skipped"),
        ("", "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed", 1, 0, "skipped"),
        (
            "",
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x'): Max retries exceeded",
            1,
            0,
            "skipped",
        ),
        ("", "/usr/bin/python: No module named pip_audit", 1, 1, "failed, so nothing was audited (exit 1)"),
        ("", "pip_audit: error: unrecognized arguments: --format", 2, 1, "unrecognized arguments"),
        ("[]", "", 0, 1, "nothing was said"),
        ("", "", -9 % 256, 1, "failed"),
    ],
)
def test_only_a_lack_of_network_is_no_failure(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], out: str, err: str, status: int, ends: int, says: str
) -> None:
    assert audit.main(saying(out, err, status)) == ends
    assert says in capsys.readouterr().out
