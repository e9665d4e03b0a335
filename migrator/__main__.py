"""`python -m migrator` and the `migrator` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and leaves with its exit status, also where Ctrl-C comes before it is loaded."""
    try:
        from migrator.cli.main import run_command_line

        status = run_command_line(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("migrator: interrupted\n")
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
