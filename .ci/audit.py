"""Known vulnerabilities of everything that is installed here, by pip-audit; where its service cannot be reached, or
knows nothing of what is installed, that is said, and nothing fails for it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_PATIENCE = 120  # seconds for all of it


def main() -> int:
    """1 where a vulnerability is known, else 0."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run([*command, "--skip-editable"], capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 - our own command
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return _say("skipped: the vulnerability service cannot be reached from here, so nothing was audited", 0)
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
