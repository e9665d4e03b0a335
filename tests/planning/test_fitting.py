"""Filters that can match nothing, and the default that cannot be assigned."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.errors import MappingError
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS
from migrator.model.platforms import as_listed, fits, listed, platforms, platforms_of_type
from migrator.simulator.builder import Builder
from tests.whole import World, world

HEADINGS = ("Configuration", "New group", "Action", "Kind", "Filter")


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("windows10GeneralConfiguration", "Windows"),
        ("win32LobApp", "Windows"),
        ("winGetApp", "Windows"),
        ("iosCompliancePolicy", "iOS"),
        ("macOSLobApp", "macOS"),
        ("macOsVppApp", "macOS"),
        ("androidWorkProfileCompliancePolicy", "Android"),
        ("aospDeviceOwnerDeviceConfiguration", "Android"),
        ("sharedPCConfiguration", "Windows"),
        ("webApp", ""),
        ("deviceEnrollmentLimitConfiguration", ""),
        ("", ""),
    ],
)
def test_a_type_begins_with_what_it_is_for(name: str, family: str) -> None:
    assert listed(platforms_of_type(name)) == family


@pytest.mark.parametrize(
    ("words", "families"),
    [
        ("windows10", "Windows"),
        ("iOS,macOS", "iOS, macOS"),
        ("iOS, macOS", "iOS, macOS"),
        ("androidForWork", "Android"),
        ("none", ""),
        ("windows10,ofTomorrow", ""),
        ("", ""),
    ],
)
def test_platforms_are_known_whole_or_not_at_all(words: str, families: str) -> None:
    assert listed(platforms(words)) == families
    assert as_listed(families) == platforms(words)


@given(st.sets(st.sampled_from(["Windows", "macOS", "iOS"])), st.sets(st.sampled_from(["Windows", "macOS", "iOS"])))
def test_what_is_not_known_fits_everything(some: set[str], others: set[str]) -> None:
    assert fits(frozenset(some), frozenset(others)) is (not (some and others) or bool(some & others))


def test_a_kinds_own_platform_is_a_known_one() -> None:
    assert all(platforms(kind.platform) for kind in KINDS.values() if kind.platform)


@pytest.mark.parametrize(
    ("kind", "properties", "platform", "codes"),
    [
        ("configurationPolicies", {"platforms": "windows10"}, "iOS", ["filter_of_another_platform"]),
        ("configurationPolicies", {"platforms": "windows10"}, "windows10AndLater", []),
        ("configurationPolicies", {"platforms": "none"}, "iOS", []),
        ("configurationPolicies", {}, "macOS", []),
        ("compliancePolicies", {"platforms": "linux"}, "windows10AndLater", ["filter_of_another_platform"]),
        (
            "deviceConfigurations",
            {"@odata.type": "#microsoft.graph.macOSGeneralDeviceConfiguration"},
            "windows10AndLater",
            ["filter_of_another_platform"],
        ),
        ("deviceConfigurations", {"@odata.type": "#microsoft.graph.iosUpdateConfiguration"}, "iOS", []),
        ("groupPolicyConfigurations", {}, "macOS", ["filter_of_another_platform"]),
        ("iosManagedAppProtections", {}, "iOS", ["filter_of_another_platform"]),
        ("iosManagedAppProtections", {}, "iOSMobileApplicationManagement", []),
        ("targetedManagedAppConfigurations", {}, "androidMobileApplicationManagement", []),
        ("targetedManagedAppConfigurations", {}, "androidForWork", ["filter_of_another_platform"]),
        ("deviceManagementScripts", {}, "windows10AndLater", ["filter_not_supported"]),
        (
            "deviceEnrollmentConfigurations",
            {"@odata.type": "#microsoft.graph.deviceEnrollmentNotificationConfiguration", "priority": 1},
            "iOS",
            ["filter_not_supported"],
        ),
        (
            "deviceEnrollmentConfigurations",
            {"@odata.type": "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration", "priority": 1},
            "iOS",
            [],
        ),
    ],
)
async def test_a_filter_that_cannot_match_is_told_at_its_cell(
    tmp_path: Path, kind: str, properties: dict[str, object], platform: str, codes: list[str]
) -> None:
    there = Builder(3)
    there.group("Staff")
    there.filter_called("Corporate", platform=platform)
    there.configuration(KINDS[kind], "One", properties=dict(properties))
    async with world(there.build(), tmp_path) as served:
        drawn = await served.plan([("One", "Staff", "add", kind, "Corporate")], HEADINGS)
        found = drawn.plan.findings
        assert [(f.level, f.code, f.row, f.column) for f in found] == [(Level.WARNING, code, 2, "E") for code in codes]


async def enrolment(served: World, row: tuple[str, ...]) -> tuple[Finding, ...]:
    with pytest.raises(MappingError) as refused:
        await served.run([row], HEADINGS)
    return refused.value.findings


async def test_the_enrolment_default_cannot_be_assigned(tmp_path: Path) -> None:
    there = Builder(3)
    there.group("Staff")
    kind = KINDS["deviceEnrollmentConfigurations"]
    there.configuration(kind, "All devices and users", properties={"priority": 0})
    there.configuration(kind, "Staff only", properties={"priority": 1})
    async with world(there.build(), tmp_path) as served:
        (finding,) = await enrolment(served, ("All devices and users", "Staff", "add", kind.name, ""))
        assert (finding.level, finding.code, finding.row, finding.column) == (
            Level.ERROR,
            "default_not_assignable",
            2,
            "A",
        )
        assert served.simulator.record.writes == 0
        nothing_to_do = await served.run([("All devices and users", "Staff", "remove", kind.name, "")], HEADINGS)
        other = await served.run([("Staff only", "Staff", "add", kind.name, "")], HEADINGS)
        assert (nothing_to_do.exit_code, other.exit_code) == (0, 0)


@pytest.mark.parametrize(("state", "codes"), [("processing", ["not_published"]), ("published", []), (None, [])])
async def test_an_app_that_is_not_published_yet_is_told(tmp_path: Path, state: str | None, codes: list[str]) -> None:
    there = Builder(3)
    there.group("Staff")
    properties = {"@odata.type": "#microsoft.graph.winGetApp", "publishingState": state}
    there.configuration(KINDS["mobileApps"], "Notes", properties=properties)
    async with world(there.build(), tmp_path) as served:
        headings = ("Configuration", "New group", "Kind", "Intent")
        drawn = await served.plan([("Notes", "Staff", "App", "required")], headings)
        assert [f.code for f in drawn.plan.findings] == codes
