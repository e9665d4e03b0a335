"""One peer's process: it is told a number of calls on standard input, makes them, and prints what they took.

    python -m benchmarks.client_peers.worker PEER [--uvloop] < orders

The first line it reads is the ground, as JSON; each further line a number of calls.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import sys
import time
from dataclasses import asdict

from benchmarks.client_peers.ground import Ground, Peer, Taken, fast_loop, unusable


async def taken(peer: Peer, ground: Ground, calls: int) -> Taken:
    """Everything is open and warm when the clock starts; what was promised is kept when it stops."""
    async with peer(ground) as make:
        await make(2 * ground.workers)
        gc.collect()
        began, used = time.perf_counter(), time.process_time()
        await make(calls)
        return Taken(calls, time.perf_counter() - began, time.process_time() - used)


def main() -> None:
    name, *options = sys.argv[1:]
    loop = fast_loop() if "--uvloop" in options else None
    if options and loop is None:
        unusable("uvloop is not installed")
    try:
        peer: Peer = importlib.import_module(f"benchmarks.client_peers.{name}").opened
    except ImportError as error:
        unusable(f"{error.name} is not installed")
    ground = Ground.from_json(sys.stdin.readline())
    print("ready", flush=True)
    for order in iter(sys.stdin.readline, ""):
        with asyncio.Runner(loop_factory=loop) as runner:
            print(json.dumps(asdict(runner.run(taken(peer, ground, int(order))))), flush=True)


if __name__ == "__main__":
    main()
