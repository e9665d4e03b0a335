"""A client put together by the settings, against the embedded tenant."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from migrator.graph.batch import send_batch
from migrator.graph.client import Client
from migrator.graph.protocol import Call
from migrator.graph.session import gates, open_client
from migrator.model.errors import SignInError, UsageError
from migrator.model.outcome import Attempt
from migrator.model.settings import Auth, Limit, Secret, Settings, SignIn
from migrator.simulator import Fault, Faults, Simulator, SimulatorSettings, tenant_of
from tests.virtual_clock import VirtualClock

CONFIGURATIONS = "/beta/officeConfiguration/clientConfigurations"
QUIET = SimulatorSettings(vary=False)


def settings_of(tenant: Simulator) -> Settings:
    known = tenant.settings
    sign_in = SignIn(Auth.SECRET, tenant.authority, tenant.state.id, known.client_id, Secret(known.client_secret))
    return Settings(tenant.graph_url, sign_in, ca_bundle=tenant.ca_bundle)


async def names(client: Client) -> list[str]:
    return [
        configuration["displayName"]
        async for page in client.pages(Call("GET", CONFIGURATIONS, "list"))
        for configuration in page["value"]
    ]


async def test_from_sign_in_to_the_last_page() -> None:
    wanted: dict[str, list[str]] = {f"Configuration {number}": [] for number in range(45)}
    attempts: list[Attempt] = []
    async with (
        Simulator(tenant_of(wanted), replace(QUIET, page_size=20)) as tenant,
        open_client(settings_of(tenant), VirtualClock(), attempts.append, print) as client,
    ):
        assert sorted(await names(client)) == sorted(wanted)
        ids = [tenant.state.configuration(name).id for name in wanted]
        calls = [Call("GET", f"{CONFIGURATIONS}/{one}/assignments", "read") for one in ids]
        assert all(answer.ok for answer in await send_batch(client, calls, "beta"))
    assert sum(not attempt.inner for attempt in attempts) == 3 + 3
    assert all(attempt.request_id for attempt in attempts)


async def test_a_claims_challenge_in_the_middle_of_it() -> None:
    faults = Faults(planned_reads={"One": (Fault.CLAIMS,)})
    attempts: list[Attempt] = []
    async with (
        Simulator(tenant_of({"One": []}), replace(QUIET, faults=faults)) as tenant,
        open_client(settings_of(tenant), VirtualClock(), attempts.append, print) as client,
    ):
        one = tenant.state.configuration("One").id
        answer = await client.send(Call("GET", f"{CONFIGURATIONS}/{one}", "read"))
    assert answer.require().json()["id"] == one
    assert [attempt.status for attempt in attempts] == [401, 200]


async def test_all_that_passes_by_itself_is_got_over() -> None:
    wanted: dict[str, list[str]] = {f"Configuration {number}": [] for number in range(200)}
    settings = replace(QUIET, page_size=5, faults=Faults.everywhere(0.3))
    attempts: list[Attempt] = []
    async with (
        Simulator(tenant_of(wanted), settings) as tenant,
        open_client(settings_of(tenant), VirtualClock(), attempts.append, print) as client,
    ):
        assert sorted(await names(client)) == sorted(wanted)
    assert len(attempts) > 40


async def test_a_token_that_lasts_is_given_though_nobody_is_there_any_more() -> None:
    attempts: list[Attempt] = []
    async with AsyncExitStack() as stack:
        async with Simulator(tenant_of({}), QUIET) as tenant:
            client = await stack.enter_async_context(
                open_client(settings_of(tenant), VirtualClock(), attempts.append, print)
            )
            token = await client.token()
        assert token
        assert await client.token() == token
    assert not attempts


async def test_a_ready_token_that_is_not_accepted_is_tried_twice() -> None:
    attempts: list[Attempt] = []
    async with Simulator(tenant_of({}), QUIET) as tenant:
        sign_in = SignIn(Auth.TOKEN, "", token=Secret("eyJ.not.good"))
        settings = replace(settings_of(tenant), sign_in=sign_in)
        async with open_client(settings, VirtualClock(), attempts.append, print) as client:
            with pytest.raises(SignInError) as caught:
                await names(client)
    assert [attempt.status for attempt in attempts] == [401, 401]
    assert "eyJ" not in str(caught.value)


async def test_settings_that_cannot_be_used_are_told_before_anything_is_sent() -> None:
    settings = Settings("http://graph.microsoft.com", SignIn(Auth.TOKEN, "", token=Secret("x")))
    with pytest.raises(UsageError, match="not encrypted"):
        async with open_client(settings, VirtualClock(), print, print):
            pass


@pytest.mark.parametrize(
    ("limit", "reads", "writes"),
    [(None, "900/20s", "100/20s"), (Limit(60, 20.0), "900/20s", "60/20s"), (Limit(None), "none", "none")],
)
async def test_a_limit_that_is_stated_is_the_writes(limit: Limit | None, reads: str, writes: str) -> None:
    settings = Settings("https://graph.microsoft.com", SignIn(Auth.TOKEN, ""), limit=limit)
    made = gates(settings, VirtualClock())
    assert made.of(Call("GET", CONFIGURATIONS, "list")).status().limit == reads
    assert made.of(Call("POST", f"{CONFIGURATIONS}/1/assign", "assign", write=True)).status().limit == writes


async def test_a_pacer_begins_with_what_was_learned() -> None:
    settings = Settings("https://graph.microsoft.com", SignIn(Auth.TOKEN, ""))
    made = gates(settings, VirtualClock(), {"writes": {"limit": 60, "span": 20.0, "age": 5.0}})
    assert made.of(Call("POST", f"{CONFIGURATIONS}/1/assign", "assign", write=True)).status().limit == "60/20s"
