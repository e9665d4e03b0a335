"""What a service tells of its load, and how far that is believed."""

from __future__ import annotations

import math

import pytest

from migrator.graph.pacing.hints import Hints
from migrator.graph.pacing.history import History
from migrator.graph.pacing.mirror import Mirror

NOW = 5.0
FULL, NEARLY = [1.0] * 4, [0.9] * 4  # each agrees with the one before, often enough


class Service:
    """A window of 100 calls in 20 seconds for us, `inside` of which were used when the service begins to tell."""

    def __init__(self, inside: int, limit: float = 100.0) -> None:
        self.history = History()
        for call in range(inside):
            self.history.admit(call / 100, call / 100)
        self.mirror = Mirror(self.history, limit, 20.0)
        self.hints = Hints()

    def tells(self, *loads: float) -> bool:
        """Says whether it is full after the last of them."""
        return [self.hints.hear(NOW, load, self.mirror, self.history) for load in loads][-1]


def test_a_service_that_says_again_and_again_that_it_is_full_tells_the_limit_before_anything_is_refused() -> None:
    service = Service(60)
    assert service.tells(*FULL)
    assert service.mirror.limit == 60


def test_it_is_not_believed_at_once() -> None:
    service = Service(60)
    assert not service.tells(1.0, 1.0)
    assert service.mirror.limit == 100


def test_it_tells_a_limit_that_nobody_knew() -> None:
    service = Service(60, limit=math.inf)
    assert service.tells(*FULL)
    assert service.mirror.limit == 60


@pytest.mark.parametrize("load", [1.06, 1.2, 2.0, 100.0, math.inf, math.nan])
def test_whoever_lets_calls_through_above_the_limit_tells_of_none(load: float) -> None:
    service = Service(60)
    assert not service.tells(load, load, load, load)
    assert service.mirror.limit == 100
    assert service.hints.width(NOW) == math.inf


@pytest.mark.parametrize("load", [-1.0, 0.0, 0.5, 0.79])
def test_below_four_fifths_nothing_is_meant(load: float) -> None:
    service = Service(60)
    assert not service.tells(load, load, load, load)
    assert service.hints.width(NOW) == math.inf


def test_hints_that_contradict_each_other_are_not_believed() -> None:
    service = Service(60)
    service.tells(1.0)
    for _ in range(3):  # with as many inside: now another limit, now the first again
        service.history.admitted[:] = service.history.admitted[: len(service.history.admitted) // 2]
        assert not service.tells(1.0)
    assert service.mirror.limit == 100


def test_near_the_limit_no_more_fly_than_there_is_room_for_and_only_for_a_while() -> None:
    service = Service(54)
    assert not service.tells(*NEARLY)  # so the limit is 60
    assert service.hints.width(NOW) == 6
    assert service.hints.width(NOW + 10 * service.history.latency) == math.inf
    assert service.mirror.limit == 100


def test_what_the_mirror_knows_already_narrows_nothing() -> None:
    service = Service(54, limit=60)
    service.tells(*NEARLY)
    assert service.hints.width(NOW) == math.inf


def test_somebody_may_always_fly() -> None:
    service = Service(60)
    service.tells(*FULL)
    assert service.hints.width(NOW) >= 1


def test_what_was_under_way_when_it_was_full_and_was_admitted_had_been_counted() -> None:
    service = Service(60)
    service.tells(*FULL)
    service.hints.admitted(NOW - 0.1, service.mirror)
    service.hints.admitted(NOW, service.mirror)
    assert service.mirror.limit == 62
    service.hints.admitted(NOW + 1, service.mirror)
    assert service.mirror.limit == 62
