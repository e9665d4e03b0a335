"""Which service counts a call."""

from __future__ import annotations

import pytest

from migrator.graph.areas import area_of
from migrator.model.kind import Kind
from migrator.model.kinds import KINDS
from migrator.model.limits import CLOUD_PC, DIRECTORY, INTUNE, SCRIPTS, Area


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_says_it_for_all_that_is_below_it(kind: Kind) -> None:
    for version in kind.versions:
        for below in ("", "?$expand=assignments", "/some-id", "/some-id/assignments", "/some-id/assign"):
            assert area_of(f"/{version}{kind.path}{below}") is kind.area


def test_scripts_and_cloud_pcs_are_apart() -> None:
    assert {kind.name for kind in KINDS.values() if kind.area is CLOUD_PC} == {"provisioningPolicies", "userSettings"}
    assert {kind.name for kind in KINDS.values() if kind.area is SCRIPTS} == {
        "deviceComplianceScripts",
        "deviceCustomAttributeShellScripts",
        "deviceHealthScripts",
        "deviceManagementScripts",
        "deviceShellScripts",
    }


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/v1.0/groups?$filter=displayName%20in%20('a%2Fb')", DIRECTORY),
        ("/v1.0/groups/some-id/transitiveMembers", DIRECTORY),
        ("/v1.0/directoryObjects/getByIds", DIRECTORY),
        ("/v1.0/organization?$select=id", DIRECTORY),
        ("/beta/deviceManagement/assignmentFilters", INTUNE),
        ("/beta/deviceManagement/virtualEndpoint/cloudPCs", CLOUD_PC),
        ("/beta/DeviceManagement/DeviceShellScripts?$skiptoken=1", SCRIPTS),
        ("/beta/deviceManagement/deviceShellScriptsOfTomorrow", INTUNE),
        ("/beta/officeConfiguration/clientConfigurations", INTUNE),
        ("/beta/ofTomorrow/groups", INTUNE),
        ("/beta/", INTUNE),
        ("/beta", INTUNE),
    ],
)
def test_everything_else_belongs_by_the_beginning_of_its_path(path: str, area: Area) -> None:
    assert area_of(path) is area
