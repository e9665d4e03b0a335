"""Harder cases of our own: servers that a pacer made for the usual ones has not met."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.throttling.answers import absent, always, always_says, decimals, honest, longer_by, moody, upside_down
from benchmarks.throttling.case import KNOWN, UNKNOWN, Case, Faults
from benchmarks.throttling.cases import bucket, penal_window, window
from benchmarks.throttling.latencies import EVEN, HEAVY_TAILS, NEAR, TAILS
from benchmarks.throttling.levels import steps, unsteady
from benchmarks.throttling.others import Others
from benchmarks.throttling.servers import AllOf, Bucket, FrayedWindow, Server, ShutFor, Unlimited, Window
from migrator.model.settings import Limit

HARDER_FAMILIES = {
    "I": "several limits at once",
    "J": "outages, faults, limits that come back",
    "K": "latencies and workers at the ends of the range",
    "L": "other windows and buckets",
    "M": "answers that mislead",
    "N": "clients that join",
}

TEN_MINUTES = 600.0


def two_windows() -> Server:
    return AllOf(Window(100, 20), Window(200, 60))


def bucket_behind() -> Server:
    return AllOf(Window(100, 20), Bucket(4, 40))


def of_app_and_tenant() -> Server:
    return AllOf(Window(100, 20), Window(200, 20, others=Others(6.0)))


def shut_at_60() -> Server:
    return ShutFor(Window(100, 20), 60.0, 60.0 + TEN_MINUTES)


def shut_at_first() -> Server:
    return ShutFor(Window(100, 20), 0.0, TEN_MINUTES)


def dips() -> Server:
    return Window(steps((0, 100), (100, 50), (200, 100)), 20)


def nearly_closes() -> Server:
    return Window(steps((0, 100), (100, 8), (220, 100)), 20)


def several_limits() -> Iterator[Case]:
    yield Case("I 100/20 and 200/60, the first documented", two_windows, KNOWN)
    yield Case("I 100/20 and 200/60", two_windows)
    yield Case("I 4/s, burst 40, behind the documented 100/20", bucket_behind, KNOWN)
    yield Case("I 4/s, burst 40, and 100/20", bucket_behind)
    yield Case("I a tenant's 200/20 with others over the app's 100/20", of_app_and_tenant, KNOWN)
    yield Case("I 20/1 under the documented 100/20", lambda: AllOf(Window(20, 1), Window(100, 20)), KNOWN)


def trouble() -> Iterator[Case]:
    for how, answer in (("absent", absent), ("always 1", always(1.0)), ("always 30", always(30.0))):
        yield Case(f"J ten minutes of 429, Retry-After {how}", shut_at_60, KNOWN, retry_after=answer)
        yield Case(f"J the same from the first call, {how}", shut_at_first, UNKNOWN, retry_after=answer)
    yield Case("J ten minutes of 429, said rightly", shut_at_60, KNOWN)
    yield Case("J 5 % end in a 503 or a reset", window, KNOWN, faults=Faults(0.05))
    yield Case("J 5 % end in a 503 or a reset, undocumented", window, faults=Faults(0.05))
    yield Case("J 2 % end in a time-out after 30 s", window, KNOWN, faults=Faults(0.02, longer=30.0))
    yield Case("J 503 for a minute", window, KNOWN, faults=Faults(steps((0, 0.0), (60, 1.0), (120, 0.0))))
    yield Case("J halves at 100 s, is back at 200 s", dips, KNOWN)
    yield Case("J halves at 100 s, is back at 200 s, undocumented", dips)
    yield Case("J 8/20 from 100 s to 220 s", nearly_closes, KNOWN)
    yield Case("J 8/20 from 100 s to 220 s, undocumented", nearly_closes)


def ends_of_the_range() -> Iterator[Case]:
    yield Case("K heavy tails, admitted late, documented", window, KNOWN, latency=HEAVY_TAILS, arrives=0.9)
    yield Case("K heavy tails, admitted late", window, latency=HEAVY_TAILS, arrives=0.9)
    yield Case("K admitted at any moment, documented", window, KNOWN, arrives=None)
    yield Case("K admitted at any moment, tails, documented", window, KNOWN, latency=TAILS, arrives=None)
    yield Case("K 1 worker, documented", window, KNOWN, workers=1, calls=800)
    yield Case("K 1 worker, bucket 1/s, burst 10", lambda: Bucket(1, 10), workers=1, calls=400)
    yield Case("K 256 workers, documented", window, KNOWN, workers=256)
    yield Case("K 256 workers, documented, refusals count", penal_window, KNOWN, workers=256)
    yield Case("K 256 workers, 100/20", window, workers=256)
    yield Case("K 256 workers, 10/s, burst 30", bucket, workers=256)
    yield Case("K 256 workers, nothing throttles", Unlimited, workers=256, calls=5000)
    yield Case("K 8 workers, 100/20", window, workers=8)


def other_servers() -> Iterator[Case]:
    yield Case("L 5/1", lambda: Window(5, 1))
    yield Case("L 10/1", lambda: Window(10, 1))
    yield Case("L 30/5", lambda: Window(30, 5))
    yield Case("L 1,000/20, 8,000 calls", lambda: Window(1000, 20), calls=8000)
    thousand = Limit(1000)
    yield Case("L 1,000/20, documented, 8,000 calls", lambda: Window(1000, 20), thousand, calls=8000, workers=64)
    yield Case("L 10/60, 150 calls", lambda: Window(10, 60), calls=150)
    yield Case("L 10/60, documented, 150 calls", lambda: Window(10, 60), Limit(10, 60.0), calls=150)
    yield Case("L 3/20, 60 calls", lambda: Window(3, 20), calls=60)
    yield Case("L 3/20, documented 100/20, 60 calls", lambda: Window(3, 20), KNOWN, calls=60)
    yield Case("L 50/s, burst 1", lambda: Bucket(50, 1))
    yield Case("L 10/s, burst 3", lambda: Bucket(10, 3))
    yield Case("L 30/s, burst 10", lambda: Bucket(30, 10))
    yield Case("L 2/s, burst 60, documented 100/20", lambda: Bucket(2, 60), KNOWN, calls=700)
    yield Case("L 8/s, burst 15, documented 100/20", lambda: Bucket(8, 15), KNOWN)
    yield Case("L 8/s, burst 15, documented 100/20, near", lambda: Bucket(8, 15), KNOWN, latency=NEAR)
    yield Case("L 4/s, burst 30, documented 100/20, near", lambda: Bucket(4, 30), KNOWN, latency=NEAR, calls=1000)
    yield Case("L 3/s, burst 20, documented 100/20, even", lambda: Bucket(3, 20), KNOWN, latency=EVEN, calls=600)
    yield Case("L 10/s, burst 40, documented 100/20, always 1", lambda: Bucket(10, 40), KNOWN, retry_after=always(1.0))
    yield Case("L 70 to 130/20 by chance every 15 s, documented", lambda: Window(unsteady(100, 30, 15), 20), KNOWN)
    yield Case("L frayed by a tenth, documented", lambda: FrayedWindow(100, 20, 0.1), KNOWN)
    yield Case("L frayed by a tenth", lambda: FrayedWindow(100, 20, 0.1))
    yield Case("L others 1/s on 40/20", lambda: Window(40, 20, others=Others(1.0)))


def misleading() -> Iterator[Case]:
    yield Case("M 100/20, Retry-After 0", window, retry_after=always(0.0))
    yield Case("M 6/s, burst 30, Retry-After 0", lambda: Bucket(6, 30), retry_after=always(0.0))
    yield Case("M documented, really 60/20, Retry-After 0", lambda: Window(60, 20), KNOWN, retry_after=always(0.0))
    yield Case("M 100/20, Retry-After a million", window, retry_after=always(1e6))
    yield Case("M 100/20, Retry-After 3,000", window, retry_after=always(3000.0))
    yield Case("M 100/20, a minute too long", window, retry_after=longer_by(60.0))
    yield Case("M documented, really 60/20, always 60", lambda: Window(60, 20), KNOWN, retry_after=always(60.0))
    yield Case("M 10/s, burst 30, always 60", bucket, retry_after=always(60.0))
    yield Case("M 100/20, moody", window, retry_after=moody)
    yield Case("M 10/s, burst 30, moody", bucket, retry_after=moody)
    yield Case("M 100/20, decimals", window, retry_after=decimals)
    yield Case("M 20/s, burst 5, decimals", lambda: Bucket(20, 5), retry_after=decimals)
    yield Case("M documented, the hint is always 1.2", window, KNOWN, hint=always_says(1.2))
    yield Case("M documented, the hint is always 0.85", window, KNOWN, hint=always_says(0.85))
    yield Case("M documented, the hint is upside down", window, KNOWN, hint=upside_down)
    yield Case("M 100/20, the hint is always 1.2", window, hint=always_says(1.2))
    yield Case("M nothing throttles, the hint is always 1.2", Unlimited, hint=always_says(1.2), calls=1000)
    yield Case("M 10/s, burst 30, hints", bucket, hint=honest)
    yield Case("M documented, others 2/s, hints", lambda: Window(100, 20, others=Others(2.0)), KNOWN, hint=honest)


def joining() -> Iterator[Case]:
    yield Case("N three, documented, 40 s apart", window, KNOWN, calls=3000, starts=(0.0, 40.0, 80.0))
    yield Case("N three, 100/20, 40 s apart", window, calls=3000, starts=(0.0, 40.0, 80.0))
    yield Case("N three, 10/s, burst 30, 20 s apart", bucket, calls=3000, starts=(0.0, 20.0, 40.0))
    yield Case("N two, 100/20, one 45 s later", window, calls=2000, starts=(0.0, 45.0))
    yield Case("N two, documented, one 90 s later", window, KNOWN, calls=2000, starts=(0.0, 90.0))
    yield Case("N two, documented, one 45 s later, refusals count", penal_window, KNOWN, calls=2000, starts=(0.0, 45.0))
    yield Case("N two, tails, one 45 s later", window, KNOWN, calls=2000, latency=TAILS, starts=(0.0, 45.0))
    yield Case("N two, 2/s, burst 20, one 30 s later", lambda: Bucket(2, 20), calls=1000, starts=(0.0, 30.0))


HARDER_CASES = (
    *several_limits(),
    *trouble(),
    *ends_of_the_range(),
    *other_servers(),
    *misleading(),
    *joining(),
)
