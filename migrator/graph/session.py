"""Transport, tokens and gates put together by the settings."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.graph.auth.registry import token_source
from migrator.graph.batch import LARGEST
from migrator.graph.client import Client
from migrator.graph.gates import Gates
from migrator.graph.pacing import Pacer
from migrator.graph.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from typing import Any

    from migrator.graph.gates import State
    from migrator.model.limits import Quota
    from migrator.model.outcome import Attempt
    from migrator.model.ports import Clock
    from migrator.model.settings import Settings


@asynccontextmanager
async def open_client(
    settings: Settings,
    clock: Clock,
    observe: Callable[[Attempt], None],
    say: Callable[[str], None],
    states: Mapping[str, State] | None = None,
) -> AsyncIterator[Client]:
    """A client for the Graph that the settings name. Nothing is sent before the first call, not even the sign-in.

    `observe` is told every try, `say` what a person has to know or do to sign in. `states` are what earlier pacers
    learned, as `Gates` takes it. UsageError for settings that cannot be used.
    """
    transport = Transport(settings.graph_url, clock, ca_bundle=settings.ca_bundle, connections=2 * settings.concurrency)
    graph_host = urlsplit(transport.graph_url).netloc
    tokens = token_source(settings.sign_in, graph_host, settings.ca_bundle, say)
    gated = gates(settings, clock, states)
    async with (
        transport,
        Client(transport, tokens, gated, clock, observe, api_version=settings.api_version) as client,
    ):
        yield client


def gates(settings: Settings, clock: Clock, states: Mapping[str, State] | None = None) -> Gates:
    """The gates for these settings, with a pacer each.

    As many reads as writes may be on the wire, but a batch carries many of them.
    """

    def pacer(quota: Quota, state: dict[str, Any] | None) -> Pacer:
        workers = settings.concurrency * (1 if quota.write else LARGEST)
        firm = quota.write and settings.limit is not None  # what a person states is not put to the question
        return Pacer(workers, quota.limit.calls, quota.limit.span, state, firm=firm)

    return Gates(clock, pacer, stated=settings.limit, states=states)
