"""What stands for the wire in most stories says of every trouble what the real transport says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.graph.protocol import Call, Meaning, Reply, classify
from migrator.graph.transport import Transport
from migrator.simulator.clock import Clock as ServiceClock
from migrator.simulator.server import Simulator
from migrator.simulator.service import Service
from migrator.simulator.settings import Fault, Faults
from migrator.simulator.state import TenantState
from tests.stateful.line import GRAPH_URL, Line
from tests.stateful.tenant import GROUPS, QUIET, TOKEN, Spec, tenant
from tests.virtual_clock import VirtualClock

BODY = (
    b'{"officeConfigurationAssignments": [{"target": {"@odata.type": '
    b'"#microsoft.graph.officeConfigurationGroupAssignmentTarget", "groupId": "%s"}}]}' % GROUPS["G2"].encode()
)


def call(state: TenantState, *, write: bool) -> Call:
    path = f"/beta/officeConfiguration/clientConfigurations/{state.configuration('Office 1').id}"
    if write:
        return Call("POST", f"{path}/assign", "assign", BODY, write=True, repeatable=False)
    return Call("GET", f"{path}/assignments", "read")


def said(asked: Call, reply: Reply) -> tuple[object, ...]:
    return classify(asked, reply), reply.status, reply.fault, reply.graph_error[0], "retry-after" in reply.headers


@pytest.mark.parametrize("write", [True, False], ids=["write", "read"])
@pytest.mark.parametrize("fault", [None, *Fault])
async def test_the_line_and_the_wire_say_the_same(fault: Fault | None, write: bool) -> None:
    clock = VirtualClock()
    plan = {"Office 1": (fault,)} if fault else {}
    settings = replace(QUIET, faults=Faults(planned_writes=plan, planned_reads=plan))
    one, other = (tenant([[Spec("G1")], [], [], [], []]) for _ in range(2))
    service = Service(one, settings, ServiceClock(1.0, clock.monotonic, clock.sleep), GRAPH_URL)
    by_line, _ = await Line(service, clock).exchange(call(one, write=write), TOKEN, "id")
    async with Simulator(other, settings) as simulator, Transport(simulator.graph_url, clock) as transport:
        by_wire, _ = await transport.exchange(call(other, write=write), TOKEN, "id")
    assert said(call(one, write=write), by_line) == said(call(other, write=write), by_wire)
    assert one.configuration("Office 1").group_ids() == other.configuration("Office 1").group_ids()
    assert fault or classify(call(one, write=write), by_line) is Meaning.OK
