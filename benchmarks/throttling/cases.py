"""The usual cases, by family; those of our own are in harder.py."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.throttling.answers import RetryAfter, absent, always, date, date_rounded_down, half, honest, longer_by
from benchmarks.throttling.case import KNOWN, UNKNOWN, Case
from benchmarks.throttling.latencies import EVEN, NEAR, TAILS
from benchmarks.throttling.levels import bursts, steps, wave
from benchmarks.throttling.others import Others
from benchmarks.throttling.servers import Bucket, ClockWindow, Server, Unlimited, Window

FAMILIES = {
    "A": "a documented limit that is kept",
    "B": "a documented limit that is not so, or shared",
    "C": "a window that nobody documented",
    "D": "a bucket",
    "E": "Retry-After said badly",
    "F": "hints of the load",
    "G": "nothing that throttles",
    "H": "two clients on one quota",
}

HALVES = steps((0, 100), (150, 50))
UP_AND_DOWN = steps((0, 100), (90, 50), (180, 100), (270, 40), (360, 100))
SAID_BADLY: dict[str, RetryAfter] = {
    "absent": absent,
    "always 1": always(1.0),
    "a date": date,
    "a date rounded down": date_rounded_down,
    "half": half,
    "ten too long": longer_by(10.0),
}


def window() -> Server:
    return Window(100, 20)


def penal_window() -> Server:
    return Window(100, 20, penal=True)


def bucket() -> Server:
    return Bucket(10, 30)


def halving() -> Server:
    return Window(HALVES, 20)


def shared(rate: float) -> Server:
    return Window(100, 20, others=Others(rate))


def shared_with_a_wave() -> Server:
    return Window(100, 20, others=Others(wave(1.75, 1.25, 120)))


def documented_and_kept() -> Iterator[Case]:
    yield Case("A window", window, KNOWN)
    yield Case("A window, refusals count", penal_window, KNOWN)
    yield Case("A window, 50 ms", window, KNOWN, latency=NEAR)
    yield Case("A window, 300 ms", window, KNOWN, latency=EVEN)
    yield Case("A window, tails of 2 s and more", window, KNOWN, latency=TAILS)
    yield Case("A window, 300 calls", window, KNOWN, calls=300)
    yield Case("A window, 20,000 calls", window, KNOWN, calls=20_000)
    yield Case("A window, Retry-After a date", window, KNOWN, retry_after=date)
    yield Case("A window, admitted early", window, KNOWN, arrives=0.1)
    yield Case("A window, admitted late", window, KNOWN, arrives=0.9)
    yield Case("A by the clock", lambda: ClockWindow(100, 20), KNOWN)
    yield Case("A by the clock, begun at 13 s", lambda: ClockWindow(100, 20, 13), KNOWN)


def documented_wrongly() -> Iterator[Case]:
    yield Case("B really 60/20", lambda: Window(60, 20), KNOWN)
    yield Case("B really 30/20", lambda: Window(30, 20), KNOWN)
    yield Case("B really 300/20", lambda: Window(300, 20), KNOWN)
    yield Case("B really 100/30", lambda: Window(100, 30), KNOWN)
    yield Case("B halves at 150 s", halving, KNOWN)
    yield Case("B halves at 150 s, refusals count", lambda: Window(HALVES, 20, penal=True), KNOWN)
    yield Case("B 100, 50, 100, 40, 100 every 90 s", lambda: Window(UP_AND_DOWN, 20), KNOWN, calls=2000)
    yield Case("B the same, refusals count", lambda: Window(UP_AND_DOWN, 20, penal=True), KNOWN, calls=2000)
    yield Case("B others 2/s", lambda: shared(2.0), KNOWN)
    yield Case("B others 2/s, refusals count", lambda: Window(100, 20, penal=True, others=Others(2.0)), KNOWN)
    yield Case("B others 0.5 to 3/s in waves", shared_with_a_wave, KNOWN)
    yield Case("B others 4/s for 30 of 90 s", lambda: Window(100, 20, others=Others(bursts(4.0, 30, 90))), KNOWN)
    yield Case("B 40 to 100 in waves", lambda: Window(wave(70, 30, 150), 20), KNOWN)


def unknown_window() -> Iterator[Case]:
    yield Case("C 100/20", window)
    yield Case("C 100/20, refusals count", penal_window)
    yield Case("C 150/30", lambda: Window(150, 30))
    yield Case("C 60/20, refusals count", lambda: Window(60, 20, penal=True))
    yield Case("C 40/7", lambda: Window(40, 7))
    yield Case("C 37/13.3", lambda: Window(37, 13.3))
    yield Case("C 300/20", lambda: Window(300, 20))
    yield Case("C 200/60", lambda: Window(200, 60))
    yield Case("C 20/1", lambda: Window(20, 1))
    yield Case("C 100/20 halves at 150 s", halving)
    yield Case("C 50/20 doubles at 110 s", lambda: Window(steps((0, 50), (110, 100)), 20))
    yield Case("C by the clock", lambda: ClockWindow(100, 20))
    yield Case("C by the clock, begun at 13 s", lambda: ClockWindow(100, 20, 13))
    yield Case("C by the clock, begun at 13 s, refusals count", lambda: ClockWindow(100, 20, 13, penal=True))
    yield Case("C others 2/s", lambda: shared(2.0))
    yield Case("C others in waves", shared_with_a_wave)
    yield Case("C 100/20, 20,000 calls", window, calls=20_000)
    yield Case("C 100/20, 50 ms", window, latency=NEAR)
    yield Case("C 100/20, tails of 2 s and more", window, latency=TAILS)


def buckets() -> Iterator[Case]:
    yield Case("D 5/s, burst 20", lambda: Bucket(5, 20))
    yield Case("D 20/s, burst 40", lambda: Bucket(20, 40))
    yield Case("D 8/s, burst 15", lambda: Bucket(8, 15))
    yield Case("D 20/s, burst 5", lambda: Bucket(20, 5))
    yield Case("D 0.5/s, burst 10, 150 calls", lambda: Bucket(0.5, 10), calls=150)
    yield Case("D 5/s, burst 100, halves at 200 s", lambda: Bucket(steps((0, 5), (200, 2.5)), 100))
    yield Case("D 10/s, burst 30, doubles at 60 s", lambda: Bucket(steps((0, 10), (60, 20)), 30))
    up_and_down = steps((0, 10), (40, 4), (80, 10), (120, 20))
    yield Case("D 10, 4, 10, 20/s, burst 30", lambda: Bucket(up_and_down, 30))
    yield Case("D 10/s, burst 30, others 4/s", lambda: Bucket(10, 30, others=Others(4.0)))
    yield Case("D 5/s, burst 20, documented 100/20", lambda: Bucket(5, 20), KNOWN)
    yield Case("D 8/s, burst 15, tails of 2 s and more", lambda: Bucket(8, 15), latency=TAILS)
    yield Case("D 8/s, burst 15, 50 ms", lambda: Bucket(8, 15), latency=NEAR)
    yield Case("D 10/s, burst 30, 20,000 calls", bucket, calls=20_000)


def said_badly() -> Iterator[Case]:
    for how, retry_after in SAID_BADLY.items():
        yield Case(f"E 100/20, {how}", window, retry_after=retry_after)
        yield Case(f"E 60/20, refusals count, {how}", lambda: Window(60, 20, penal=True), retry_after=retry_after)
        yield Case(f"E 6/s, burst 30, {how}", lambda: Bucket(6, 30), retry_after=retry_after)
        yield Case(f"E documented, halves, {how}", halving, KNOWN, retry_after=retry_after)
    yield Case("E 100/20, always 300", window, retry_after=always(300.0))
    yield Case("E documented, halves, always 300", halving, KNOWN, retry_after=always(300.0))
    yield Case("E 6/s, burst 30, always 300", lambda: Bucket(6, 30), retry_after=always(300.0))


def hints() -> Iterator[Case]:
    yield Case("F 100/20", window, UNKNOWN, hint=honest)
    yield Case("F documented, halves", halving, KNOWN, hint=honest)
    yield Case("F documented, really 300/20", lambda: Window(300, 20), KNOWN, hint=honest)
    yield Case("F documented, others in waves", shared_with_a_wave, KNOWN, hint=honest)


def unlimited() -> Iterator[Case]:
    yield Case("G 60 calls", Unlimited, calls=60)
    yield Case("G 60 calls, documented", Unlimited, KNOWN, calls=60)
    yield Case("G 1,000 calls", Unlimited, calls=1000)
    yield Case("G 1,000 calls, 50 ms", Unlimited, calls=1000, latency=NEAR)


def two_clients() -> Iterator[Case]:
    yield Case("H documented", window, KNOWN, starts=(0.0, 0.0))
    yield Case("H documented, one 45 s later", window, KNOWN, starts=(0.0, 45.0))
    yield Case("H 100/20", window, starts=(0.0, 0.0))
    yield Case("H 10/s, burst 30", bucket, starts=(0.0, 0.0))
    yield Case("H 10/s, burst 30, one 30 s later", bucket, starts=(0.0, 30.0))


USUAL_CASES = (
    *documented_and_kept(),
    *documented_wrongly(),
    *unknown_window(),
    *buckets(),
    *said_badly(),
    *hints(),
    *unlimited(),
    *two_clients(),
)
