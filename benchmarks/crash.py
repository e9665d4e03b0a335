"""Kills runs at any instant, has them resumed, and looks whether the tenant and every report are right afterwards.

    python benchmarks/crash.py [--rounds 200] [--seed N] [--kills N] [--minutes N] [--keep DIR]

Each round makes a tenant and a mapping by chance, serves the tenant with faults, limits, lagging reads and lies, runs
`migrator run MAPPING --yes` as a process and kills it, then `migrator resume last --yes` and kills that, several times,
until one ends by itself. Then the tenant is held against a model of its own, the tenant's record of calls against the
journal, and every report against both. It ends early once `--kills` kills were made or `--minutes` have passed. The
exit status is 1 where anything was lost, sent twice or reported wrongly; `--keep` keeps the folders of such rounds.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.crashing.round import Round, Stop, play
from benchmarks.crashing.stages import STAGES
from benchmarks.measure import machine, table


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=200, help="at most so many (200)")
    options.add_argument("--seed", type=int, default=1, help="decides everything that is left to chance (1)")
    options.add_argument("--kills", type=int, default=0, help="enough once there were so many (0: all rounds)")
    options.add_argument("--minutes", type=float, default=math.inf, help="enough after so many (no limit)")
    options.add_argument("--keep", type=Path, help="where the folders of rounds with complaints are kept")
    options.add_argument("--verbose", action="store_true", help="a line for each round")
    chosen = options.parse_args(argv)
    print(f"crash: {machine()}, seed {chosen.seed}", flush=True)
    began, rounds = time.monotonic(), list[Round]()
    with suppress(KeyboardInterrupt):  # then what there is so far is shown
        for number in range(chosen.rounds):
            done = play(chosen.seed * 10_000 + number, keep=chosen.keep)
            rounds.append(done)
            for complaint in done.complaints:
                print(f"round {number}: {complaint}", flush=True)
            if chosen.verbose:
                print(f"round {number}: {' | '.join(done.story)}", flush=True)
            if chosen.kills and sum(len(one.kills) for one in rounds) >= chosen.kills:
                break
            if time.monotonic() - began > 60 * chosen.minutes:
                break
    print()
    print(figures(rounds))
    print(f"\n{time.monotonic() - began:.0f} s")
    return 1 if any(one.complaints for one in rounds) else 0


def figures(rounds: Sequence[Round]) -> str:
    """The kills of each stage, and what came of them."""
    first = Counter(kill.stage for one in rounds for kill in one.kills if kill.command == "run")
    again = Counter(kill.stage for one in rounds for kill in one.kills if kill.command != "run")
    lines = [(stage, first[stage], again[stage], first[stage] + again[stage]) for stage in STAGES]
    total = ("all", first.total(), again.total(), first.total() + again.total())
    complaints = [complaint for one in rounds for complaint in one.complaints]
    wrong = {kind: sum(c.startswith(kind) for c in complaints) for kind in ("lost", "doubled", "wrong")}
    others = len(complaints) - sum(wrong.values())
    summed = {name: sum(getattr(one, name) for one in rounds) for name in ("configurations", "calls", "faults")}
    stops = Counter(stop for one in rounds for stop in one.stops)
    aimed = sorted({stop.aim for stop in stops})
    stopped = [(aim, stops[Stop(aim, False)], stops[Stop(aim, True)]) for aim in aimed]
    return "\n".join(
        (
            table(("stage", "killed in run", "killed in resume", "kills"), [*lines, total]),
            "",
            table(("stopped by Ctrl-C at", "once", "twice"), stopped),
            "",
            f"{len(rounds)} rounds, {summed['configurations']:,} configurations, {summed['calls']:,} assign calls, "
            f"{summed['faults']:,} of all requests met a fault",
            f"{wrong['lost']} lost, {wrong['doubled']} sent twice, {wrong['wrong']} wrong reports, "
            f"{others} other complaints",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
