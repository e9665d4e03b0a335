"""All benchmarks, or those that are named.

    python benchmarks [load] [growth] [end_to_end] [pacing] [client] [kinds] [--quick]

Each prints its figures with what they are compared with, and its bars. What each measures, with more options, is told
by `python benchmarks/NAME.py --help` and in README.md beside this file.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

NAMES = ("load", "growth", "end_to_end", "pacing", "client", "kinds")


def main() -> None:
    options = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("names", nargs="*", choices=NAMES, default=[], metavar="NAME", help=", ".join(NAMES))
    options.add_argument("--quick", action="store_true", help="a small version of each, in a minute")
    chosen = options.parse_args()
    for name in chosen.names or NAMES:
        import_module(f"benchmarks.{name}").main(["--quick"] if chosen.quick else [])
        print()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # `python benchmarks` puts this folder there only
    main()
