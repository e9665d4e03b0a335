"""Our client, complete: paced, tried again where it must be, each call's intent on disk before it leaves, its attempt
and its outcome after it, all of it on a live display. The body is encoded already, as it is for the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.client_peers.ground import Ground, Make, configuration, path, repeated
from benchmarks.client_peers.run import KIND, running
from migrator.graph.protocol import Call
from migrator.model.configuration import Key
from migrator.model.events import Concluded, Dispatched, Stage, StageAdvanced, StageFinished, StageStarted
from migrator.model.outcome import Outcome, Settled, Status


@asynccontextmanager
async def opened(ground: Ground) -> AsyncIterator[Make]:
    body = ground.body.encode()
    async with running(ground) as (_, connection, journal):
        client, clock, watch = connection.client, connection.clock, connection.watch

        async def post(number: int) -> None:
            key = Key(KIND.name, configuration(number))

            async def leaving() -> None:
                await journal.intend(key)
                watch(Dispatched(key))

            started = clock.time()
            call = Call("POST", path(number), "assign", body, subject=key, write=True, repeatable=False)
            answer = (await client.send(call, leaving)).require()
            outcome = Outcome(
                key,
                Status.SUCCEEDED,
                settled=Settled.ANSWER,
                tries=answer.tries,
                started=started,
                finished=clock.time(),
                http_status=answer.reply.status,
            )
            journal.concluded(outcome)
            watch(Concluded(outcome))
            watch(StageAdvanced(Stage.ASSIGN))

        send = repeated(post, ground.workers)

        async def make(calls: int) -> None:
            watch(StageStarted(Stage.ASSIGN, calls))
            await send(calls)
            await journal.kept()
            watch(StageFinished(Stage.ASSIGN))

        yield make
