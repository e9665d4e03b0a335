"""Real time."""

from __future__ import annotations

import time

import pytest

from migrator.graph.clock import SystemClock


async def test_real_time_passes() -> None:
    clock = SystemClock()
    assert clock.time() == pytest.approx(time.time(), abs=60)
    before = clock.monotonic()
    await clock.sleep(0.001)
    await clock.sleep(-1)
    assert clock.monotonic() > before
