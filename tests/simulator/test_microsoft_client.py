"""Microsoft's own Python client works against the embedded tenant, signed in by azure-identity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph_beta import GraphServiceClient
from msgraph_beta.generated.device_management.configuration_policies.configuration_policies_request_builder import (
    ConfigurationPoliciesRequestBuilder,
)
from msgraph_beta.generated.device_management.configuration_policies.item.assign.assign_post_request_body import (
    AssignPostRequestBody,
)
from msgraph_beta.generated.models.device_management_configuration_policy_assignment import (
    DeviceManagementConfigurationPolicyAssignment,
)
from msgraph_beta.generated.models.group_assignment_target import GroupAssignmentTarget
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import APIVersion, GraphClientFactory  # type: ignore[import-untyped]  # no types published
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder  # type: ignore[import-untyped]  # no types published
from msgraph_core.requests.batch_request_content import BatchRequestContent  # type: ignore[import-untyped]  # no types published
from msgraph_core.requests.batch_request_item import BatchRequestItem  # type: ignore[import-untyped]  # no types published

from migrator.simulator import Lies, Simulator, SimulatorSettings, TenantState, tenant_of
from tests.simulator.client import CATALOG

SETTINGS = SimulatorSettings(lies=Lies())
ListOptions = ConfigurationPoliciesRequestBuilder.ConfigurationPoliciesRequestBuilderGetQueryParameters


def tenant() -> TenantState:
    return tenant_of({f"P{n}": ["Old", "All devices"] for n in range(30)}, kind=CATALOG.name, groups=["New"])


@asynccontextmanager
async def microsoft_client(
    state: TenantState, settings: SimulatorSettings = SETTINGS
) -> AsyncIterator[tuple[GraphServiceClient, Simulator]]:
    async with (
        Simulator(state, settings) as simulator,
        AsyncClientSecretCredential(
            simulator.state.id,
            settings.client_id,
            settings.client_secret,
            authority=simulator.authority,
            connection_verify=str(simulator.ca_bundle),
        ) as credential,
    ):
        # Graph's middleware does not close the transport below it, so that one is kept at hand.
        transport = httpx.AsyncHTTPTransport()
        http = GraphClientFactory.create_with_default_middleware(
            APIVersion.beta, httpx.AsyncClient(transport=transport), options=options
        )
        adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential), http)
        adapter.base_url = f"{simulator.graph_url}/beta"
        async with http, transport:
            yield GraphServiceClient(request_adapter=adapter), simulator


async def test_azure_identity_signs_in_through_msal() -> None:
    async with Simulator(tenant(), SETTINGS) as simulator:

        def work() -> str:
            with ClientSecretCredential(
                simulator.state.id,
                SETTINGS.client_id,
                SETTINGS.client_secret,
                authority=simulator.authority,
                disable_instance_discovery=True,
                connection_verify=str(simulator.ca_bundle),
            ) as credential:
                return credential.get_token("https://127.0.0.1/.default").token

        token = await asyncio.to_thread(work)
        assert simulator.service.tokens.refuse(f"Bearer {token}") is None


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_it_lists_all_pages_with_their_assignments(seed: int) -> None:
    state = tenant()
    async with microsoft_client(state, replace(SETTINGS, seed=seed, page_size=25)) as (graph, _):
        policies = graph.device_management.configuration_policies
        configuration = RequestConfiguration(query_parameters=ListOptions(expand=["assignments"]))
        page = await policies.get(configuration)
        assert page is not None
        found = {p.name: p for p in page.value or []}
        assert len(found) == 25
        assert page.odata_next_link
        following = await policies.with_url(page.odata_next_link).get()
        assert following is not None
        found |= {p.name: p for p in following.value or []}
        assert set(found) == {f"P{n}" for n in range(30)}
        for policy in found.values():
            targets = [a.target for a in policy.assignments or []]
            groups = [t.group_id for t in targets if isinstance(t, GroupAssignmentTarget)]
            assert (len(targets), groups) == (2, [state.group("Old").id])


async def test_it_finds_groups() -> None:
    state = tenant()
    async with microsoft_client(state) as (graph, _):
        builder = type(graph.groups)
        query = builder.GroupsRequestBuilderGetQueryParameters(
            filter="displayName eq 'new'", select=["id", "displayName"]
        )
        page = await graph.groups.get(RequestConfiguration(query_parameters=query))
        assert page is not None
        assert [g.id for g in page.value or []] == [state.group("New").id]


def wanted(group_id: str) -> AssignPostRequestBody:
    target = GroupAssignmentTarget(group_id=group_id)
    return AssignPostRequestBody(assignments=[DeviceManagementConfigurationPolicyAssignment(target=target)])


async def test_it_assigns_and_what_it_does_not_name_is_gone() -> None:
    state = tenant()
    new, policy = state.group("New").id, state.configuration("P1")
    async with microsoft_client(state, replace(SETTINGS, vary=False)) as (graph, _):
        item = graph.device_management.configuration_policies.by_device_management_configuration_policy_id(policy.id)
        answer = await item.assign.post(wanted(new))
        assert answer is not None
        told = [a.target for a in answer.value or []]
        assert [t.group_id for t in told if isinstance(t, GroupAssignmentTarget)] == [new]
        assert (policy.group_ids(), len(policy.assignments)) == ({new}, 1)


async def test_it_understands_a_refusal() -> None:
    state = tenant()
    policy = state.configuration("P1")
    async with microsoft_client(state, replace(SETTINGS, vary=False)) as (graph, _):
        item = graph.device_management.configuration_policies.by_device_management_configuration_policy_id(policy.id)
        with pytest.raises(ODataError) as refused:
            await item.assign.post(wanted("99999999-0000-4000-8000-000000000000"))
        assert refused.value.response_status_code == 400
        assert refused.value.error is not None
        assert "does not exist" in str(refused.value.error.message)
        assert refused.value.error.inner_error is not None
        assert refused.value.error.inner_error.request_id
        assert len(policy.assignments) == 2


def batched(id_: str, url: str) -> BatchRequestItem:
    request = RequestInformation()
    request.http_method = Method.GET
    request.url = url
    return BatchRequestItem(request, id_)


async def test_it_batches() -> None:
    state = tenant()
    urls = {f"r{n}": f"{CATALOG.path}/{state.configuration(f'P{n}').id}/assignments" for n in range(19)}
    urls["missing"] = f"{CATALOG.path}/99999999-0000-4000-8000-000000000000"
    async with microsoft_client(state, replace(SETTINGS, vary=False)) as (graph, simulator):
        content = BatchRequestContent({id_: batched(id_, url) for id_, url in urls.items()})
        answer: Any = await BatchRequestBuilder(graph.request_adapter).post(content)
        statuses = answer.get_response_status_codes()
        assert statuses == {**dict.fromkeys(urls, 200), "missing": 404}
        # This client reads the statuses only: it takes no body that is a JSON object, which is what Graph sends.
        assert (simulator.record.requests, simulator.record.inner) == (1, 20)


async def test_it_writes_in_a_batch() -> None:
    state = tenant()
    new, policy = state.group("New").id, state.configuration("P7")
    async with microsoft_client(state, replace(SETTINGS, vary=False)) as (graph, _):
        item = graph.device_management.configuration_policies.by_device_management_configuration_policy_id(policy.id)
        request = item.assign.to_post_request_information(wanted(new))
        request.url = f"{CATALOG.path}/{policy.id}/assign"
        batch = BatchRequestContent({"w": BatchRequestItem(request, "w")})
        answer: Any = await BatchRequestBuilder(graph.request_adapter).post(batch)
        assert answer.get_response_status_codes() == {"w": 200}
        assert policy.group_ids() == {new}
