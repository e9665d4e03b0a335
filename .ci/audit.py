"""Known vulnerabilities of everything that is installed here, by pip-audit; where its service cannot be reached, or
knows nothing of what is installed, that is said, and nothing fails for it. An audit that does not work fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

_PATIENCE = 120  # seconds for all of it
_NO_NETWORK = re.compile(  # what pip-audit, requests and urllib3 say where nobody answers
    r"ConnectionError|ConnectTimeout|ReadTimeout|ConnectTimeoutError|ReadTimeoutError|NewConnectionError|ProxyError"
    r"|SSLError|NameResolutionError|Max retries exceeded|Could not connect to|connection error|timed out",
    re.IGNORECASE,
)
_PIP_AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"),
    *("--timeout", "5", "--skip-editable"),
)


def main(command: Sequence[str] = _PIP_AUDIT) -> int:
    """1 where a vulnerability is known, or where the audit does not work; else 0."""
    unreachable = "skipped: the vulnerability service cannot be reached from here, so nothing was audited"
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 - our own command
    except subprocess.TimeoutExpired:
        return _say(unreachable, 0)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = done.stderr.decode("utf-8", "replace").strip()
        if _NO_NETWORK.search(said):
            return _say(unreachable, 0)
        last = said.splitlines()[-1] if said else "nothing was said"
        return _say(f"failed, so nothing was audited (exit {done.returncode}): {last}", 1)
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        return _say(f"skipped: the service knows none of {len(packages)} packages from here; nothing was audited", 0)
    vulnerable = [line for package in audited for line in _told(package)]
    for line in vulnerable:
        _say(line, 1)
    found = f"{len(vulnerable)} known vulnerabilities" if vulnerable else "no known vulnerability"
    return _say(f"{len(audited)} of {len(packages)} packages audited, {found}", 1 if vulnerable else 0)


def _told(package: dict[str, Any]) -> list[str]:
    """A line for each vulnerability of a package."""
    name = f"{package['name']} {package['version']}"
    return [
        f"{name}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version yet'}" for v in package["vulns"]
    ]


def _say(text: str, status: int) -> int:
    sys.stdout.write(f"pip-audit: {text}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
