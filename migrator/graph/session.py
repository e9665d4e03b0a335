"""Transport, tokens and pacers put together by the settings."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.graph.auth.registry import token_source
from migrator.graph.batch import LARGEST
from migrator.graph.client import Client, Pacers
from migrator.graph.pacing import Pacer
from migrator.graph.transport import Transport
from migrator.model.settings import DOCUMENTED_READS, DOCUMENTED_WRITES, Limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from migrator.model.outcome import Attempt
    from migrator.model.ports import Clock
    from migrator.model.settings import Settings


@asynccontextmanager
async def open_client(
    settings: Settings, clock: Clock, observe: Callable[[Attempt], None], say: Callable[[str], None]
) -> AsyncIterator[Client]:
    """A client for the Graph that the settings name. Nothing is sent before the first call, not even the sign-in.

    `observe` is told every try, `say` what a person has to know or do to sign in. UsageError for settings that cannot
    be used.
    """
    transport = Transport(settings.graph_url, clock, ca_bundle=settings.ca_bundle, connections=2 * settings.concurrency)
    graph_host = urlsplit(transport.graph_url).netloc
    tokens = token_source(settings.sign_in, graph_host, settings.ca_bundle, say)
    async with transport, Client(transport, tokens, pacers(settings), clock, observe) as client:
        yield client


def pacers(settings: Settings) -> Pacers:
    """A stated number limits the writes, which is what the service is strict about; `none` lifts both limits.

    As many reads as writes may be on the wire, but a batch carries many of them.
    """
    stated = settings.limit
    writes = stated or DOCUMENTED_WRITES
    reads = DOCUMENTED_READS if stated is None or stated.calls is not None else Limit(None)
    return Pacers(
        reads=Pacer(settings.concurrency * LARGEST, reads.calls, reads.span),
        writes=Pacer(settings.concurrency, writes.calls, writes.span),
    )
