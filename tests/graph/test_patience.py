"""What takes too long is ended, and nothing else."""

from __future__ import annotations

import asyncio

from migrator.graph.patience import Patience


class Waiting:
    def __init__(self) -> None:
        self.given_up = asyncio.Event()

    def give_up(self) -> None:
        self.given_up.set()


async def test_each_is_given_up_in_turn_but_for_those_that_ended() -> None:
    patience = Patience(0.01)
    ended, first, second = Waiting(), Waiting(), Waiting()
    for one in (ended, first):
        patience.begin(one)
    patience.end(ended)
    await first.given_up.wait()
    patience.begin(second)
    patience.end(first)  # it may end once more when it hears of it
    await second.given_up.wait()
    assert not ended.given_up.is_set()


async def test_one_that_began_later_has_its_whole_time() -> None:
    patience = Patience(0.02)
    first, later = Waiting(), Waiting()
    patience.begin(first)
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, patience.begin, later)
    began = loop.time()
    await first.given_up.wait()
    await later.given_up.wait()
    assert loop.time() - began >= 0.03 - 0.002  # the loop's own resolution


async def test_when_it_is_closed_nothing_is_given_up_any_more() -> None:
    patience = Patience(0.0)
    one = Waiting()
    patience.begin(one)
    patience.close()
    patience.close()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not one.given_up.is_set()
