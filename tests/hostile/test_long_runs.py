"""Runs that outlive their tokens, meet a challenge, lose their sign-in, or find the service gone for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.errors import GraphError, SignInError
from migrator.model.events import Dispatched, Event, Said
from migrator.model.settings import Caution, GuardMode
from migrator.operations.apply import apply, resume
from migrator.operations.carry_out import Stop
from migrator.operations.connect import connect
from migrator.operations.finish import Result
from migrator.simulator.settings import Fault, Faults, SimulatorSettings
from migrator.simulator.state import TenantState
from tests.moving import before, moved, swaps
from tests.virtual_clock import VirtualClock
from tests.whole import World, approved, world

NUMBER = 12
ROWS = swaps(NUMBER)


def tenant() -> TenantState:
    return before(NUMBER, "officeClientConfigurations")


def all_moved(there: World) -> bool:
    return moved(there, NUMBER)


class After:
    """Does something once so many calls of a kind of event were seen; remembers what was said."""

    def __init__(self, number: int, does: Callable[[], None], kind: type[Event] = Dispatched) -> None:
        self.left, self.does, self.kind, self.said = number, does, kind, list[str]()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Said):
            self.said.append(event.text)
        if isinstance(event, self.kind):
            self.left -= 1
            if not self.left:
                self.does()


async def applied(there: World, watch: Callable[[Event], None], settings: SimulatorSettings | None = None) -> Result:
    """A plan, and carrying it out with somebody who watches; `settings` hold from then on."""
    there.settings = replace(there.settings, concurrency=3)
    drawn = await there.plan(ROWS)
    if settings is not None:
        there.simulator.use(settings)
    async with asyncio.timeout(60), connect(there.settings, clock=there.clock, watch=watch) as connection:
        result = await apply(drawn.folder, there.settings, connection, approve=approved, stop=Stop())
    assert isinstance(result, Result)
    return result


async def test_a_run_outlives_its_tokens(tmp_path: Path) -> None:
    """A token lives for a second, is renewed a little before, and the run takes longer than two."""
    async with world(tenant(), tmp_path, token_lifetime=1.0, latency=0.1) as there:
        there.settings = replace(there.settings, concurrency=1, kinds=("officeClientConfigurations",))
        signed_in = there.simulator.service.tokens.issue
        issued = list[str]()

        def counting(audience: str, claims: str = "") -> str:
            issued.append(claims)
            return signed_in(audience, claims)

        there.simulator.service.tokens.issue = counting  # type: ignore[method-assign]
        result = await there.run(ROWS)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)
        assert len(issued) >= 2


@pytest.mark.parametrize("writes", [True, False], ids=["writes", "reads"])
async def test_a_challenge_in_the_middle_is_answered(tmp_path: Path, writes: bool) -> None:
    planned = {f"Policy {n:02d}": (Fault.CLAIMS,) for n in (3, 7)}
    faults = Faults(planned_writes=planned) if writes else Faults(planned_reads=planned)
    async with world(tenant(), tmp_path, faults=faults) as there:
        there.settings = replace(there.settings, concurrency=1)  # the tenant takes no two challenges for one
        result = await there.run(ROWS)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)
        if writes:
            assert sum(a.status == 401 for a in result.record.attempts) >= 2


async def test_a_sign_in_that_is_gone_in_the_middle_is_exit_3_and_resume_goes_on(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, clock=VirtualClock()) as there:
        good = there.simulator.settings

        def gone() -> None:
            """The secret is withdrawn, and the next write is challenged, so that the token is of no use any more."""
            challenged = {f"Policy {n:02d}": (Fault.CLAIMS,) for n in range(NUMBER)}
            faults = Faults(planned_writes=challenged)
            there.simulator.use(replace(good, client_secret="another", faults=faults))

        watch = After(4, gone)
        result = await applied(there, watch)
        assert result.exit_code == 3
        assert isinstance(result.error, SignInError)
        assert "the client secret is wrong" in str(result.error)
        assert 0 < result.facts.succeeded < NUMBER
        assert result.folder.summary_xlsx.is_file()
        there.simulator.use(good)
        resumed = await there.resume(result.folder)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)


async def test_what_is_refused_again_when_the_run_is_gone_on_with_is_no_missing_permission(tmp_path: Path) -> None:
    """Some were out of a scoped admin's reach and the others succeeded: that is exit 1 the first time and any other."""
    out_of_reach = {f"Policy {n:02d}": (Fault.FORBIDDEN,) * 9 for n in range(4, NUMBER)}
    async with world(tenant(), tmp_path, faults=Faults(planned_writes=out_of_reach)) as there:
        first = await there.run(ROWS)
        again = await there.resume(first.folder)
        for result in (first, again):
            assert (result.exit_code, result.facts.succeeded, result.facts.failed) == (1, 4, NUMBER - 4)
            assert result.error is None
        assert sum(a.purpose == "assign" for a in again.record.attempts) == 4 + 2 * (NUMBER - 4)


DOWN = Faults(writes={Fault.UNAVAILABLE: 1.0}, reads={Fault.UNAVAILABLE: 1.0})


@pytest.mark.parametrize("guard", GuardMode)
async def test_an_outage_in_the_middle_is_waited_out(tmp_path: Path, guard: GuardMode) -> None:
    async with world(tenant(), tmp_path, clock=VirtualClock()) as there:
        there.settings = replace(there.settings, caution=Caution(guard=guard))
        good = there.simulator.settings
        back = After(1, lambda: there.simulator.use(good), Said)

        watch = After(4, lambda: there.simulator.use(replace(good, faults=DOWN)))

        def both(event: Event) -> None:
            watch(event)
            back(event)

        result = await applied(there, both)
        assert any("The service is down" in text for text in watch.said)
        assert result.error is None
        # One or two that came to nothing just as it came back are too few to be taken for an outage.
        assert result.facts.succeeded >= NUMBER - 2
        if result.facts.failed:
            result = await there.resume(result.folder)
        assert (result.exit_code, result.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)


@pytest.mark.parametrize("guard", GuardMode)
async def test_an_outage_that_stays_is_one_message_and_resume_goes_on(tmp_path: Path, guard: GuardMode) -> None:
    async with world(tenant(), tmp_path, clock=VirtualClock()) as there:
        there.settings = replace(there.settings, caution=Caution(guard=guard))
        good = there.simulator.settings
        watch = After(4, lambda: there.simulator.use(replace(good, faults=DOWN)))
        result = await applied(there, watch)
        assert result.exit_code == 1
        assert isinstance(result.error, GraphError)
        assert "the service is still down" in str(result.error)
        assert result.facts.open
        there.simulator.use(good)
        async with there.connection() as connection:
            resumed = await resume(result.folder, there.settings, connection, approve=approved, stop=Stop())
        assert isinstance(resumed, Result)
        assert (resumed.exit_code, resumed.facts.succeeded) == (0, NUMBER)
        assert all_moved(there)
