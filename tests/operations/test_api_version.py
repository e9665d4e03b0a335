"""Which version of Graph is spoken: the best for each kind, or the one that a person asks for, with nothing lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from migrator.model.errors import MappingError, UsageError
from migrator.model.kind import BETA, V1, VERSIONS
from migrator.model.kinds import KINDS
from migrator.operations.configure import configure
from migrator.operations.open_run import as_approved
from migrator.simulator.builder import Builder
from migrator.simulator.state import TenantState
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE
from tests.whole import World, plain, world

HEADINGS = ("Configuration", "Legacy group", "New group", "Kind")
FILTER = "0f17e500-0000-4000-8000-000000000001"


def tenant(kind: str, outer: Mapping[str, Any] | None = None, inner: Mapping[str, Any] | None = None) -> TenantState:
    """One configuration that is assigned to Old, with more in the assignment or its target, and a group New."""
    there = Builder(7)
    there.group("New")
    there.filter_called("Corporate", FILTER)
    one = there.configuration_called(KINDS[kind], "One")
    spelled = next(iter(KINDS[kind].targets.values()))
    target = {"@odata.type": spelled, "groupId": there.group("Old").id, **(inner or {})}
    there.assign(one, {"target": target, **(outer or {})})
    return there.build()


def asked_for(there: World, version: str) -> None:
    there.settings = configure(
        {"reports": there.settings.reports, "api_version": version},
        environ=there.simulator.environment,
        folder=there.folder,
    )


def versions_of(there: World, *, writes: bool) -> set[str]:
    """The versions in which the configurations' kind was asked."""
    kind = next(iter(there.simulator.state.every_configuration())).kind
    return {
        entry.path.split("/")[1]
        for entry in there.simulator.record.entries
        if kind.path in entry.path and entry.path.split("?")[0].endswith("/assign") is writes
    }


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if not k.excluded], ids=lambda k: k.name)
def test_the_version_that_is_chosen_shows_everything(kind: Any) -> None:
    assert not kind.unknown_in(kind.version)
    assert set(kind.versions) <= set(VERSIONS)
    others = [version for version in kind.versions[1:] if not kind.unknown_in(version)]
    assert BETA not in kind.versions[:1] or not others, "v1.0 serves all that is needed"


@pytest.mark.usefixtures("no_workbooks")
async def test_without_being_asked_each_kind_has_the_version_that_shows_it_whole(tmp_path: Path) -> None:
    for kind, version in (("mobileAppConfigurations", BETA), ("userSettings", V1)):
        (tmp_path / kind).mkdir()
        async with world(tenant(kind), tmp_path / kind) as there:
            result = await there.run([("One", "Old", "New", kind)], HEADINGS)
            assert (result.exit_code, there.names("One")) == (0, {"New"})
            assert versions_of(there, writes=True) == versions_of(there, writes=False) == {version}


async def test_beta_can_be_asked_for_where_v1_is_usual(tmp_path: Path) -> None:
    async with world(tenant("userSettings"), tmp_path) as there:
        asked_for(there, BETA)
        result = await there.run([("One", "Old", "New", "userSettings")], HEADINGS)
        assert result.exit_code == 0
        assert versions_of(there, writes=True) == versions_of(there, writes=False) == {BETA}


@pytest.mark.parametrize(
    ("kind", "outer"),
    [
        (
            "mobileApps",
            {"intent": "required", "settings": {"@odata.type": "#microsoft.graph.iosVppAppAssignmentSettings"}},
        ),
        ("deviceConfigurations", {"intent": "apply"}),
        ("iosManagedAppProtections", {}),
        ("provisioningPolicies", {}),
    ],
)
@pytest.mark.usefixtures("no_workbooks")
async def test_v1_is_written_to_where_it_is_asked_for_and_beta_says_what_stands(
    tmp_path: Path, kind: str, outer: dict[str, Any]
) -> None:
    async with world(tenant(kind, outer), tmp_path) as there:
        asked_for(there, V1)
        (before,) = there.assignments("One")
        result = await there.run([("One", "Old", "New", kind)], HEADINGS)
        assert result.exit_code == 0
        assert versions_of(there, writes=True) == {V1}
        assert "version_shows_less" in {f.code for f in result.record.plan.findings}
        (after,) = there.assignments("One")
        new = there.simulator.state.group("New").id
        expected = plain(before) | {"target": plain(before["target"]) | {"groupId": new}}
        assert plain(after) | {"target": plain(after["target"])} == expected


@pytest.mark.parametrize(
    ("kind", "outer", "inner", "lost"),
    [
        ("mobileAppConfigurations", {}, {FILTER_ID: FILTER, FILTER_TYPE: "include"}, FILTER_ID),
        ("mobileApps", {"intent": "required"}, {FILTER_ID: FILTER, FILTER_TYPE: "exclude"}, FILTER_ID),
        ("deviceConfigurations", {"intent": "remove"}, {}, "intent"),
        ("provisioningPolicies", {}, {"allotmentDisplayName": "Shift", "allotmentLicensesCount": 3}, "allotment"),
        (
            "provisioningPolicies",
            {"userSettingsPersistenceDetail": {"userSettingsPersistenceEnabled": True}},
            {},
            "user",
        ),
    ],
)
async def test_what_v1_would_lose_is_refused_before_anything_is_sent(
    tmp_path: Path, kind: str, outer: dict[str, Any], inner: dict[str, Any], lost: str
) -> None:
    async with world(tenant(kind, outer, inner), tmp_path) as there:
        asked_for(there, V1)
        before = there.assignments("One")
        with pytest.raises(MappingError) as refused:
            await there.run([("One", "Old", "New", kind)], HEADINGS)
        (finding,) = [f for f in refused.value.findings if f.code == "version_cannot_carry"]
        assert lost in finding.message
        assert "--api-version" in finding.message
        assert there.assignments("One") == before
        assert there.simulator.record.writes == 0


async def test_a_kind_that_does_not_have_it_keeps_its_own_and_that_is_said_once(tmp_path: Path) -> None:
    async with world(tenant("groupPolicyConfigurations"), tmp_path) as there:
        asked_for(there, V1)
        result = await there.run([("One", "Old", "New", "groupPolicyConfigurations")], HEADINGS)
        assert (result.exit_code, versions_of(there, writes=True)) == (0, {BETA})
        (said,) = [f.message for f in result.record.plan.findings if f.code == "version_not_there"]
        assert said == "there is no v1.0 of Administrative template, for which the other version is used"


async def test_what_v1_could_not_carry_any_more_when_it_is_sent_is_not_sent(tmp_path: Path) -> None:
    """A run that was planned in beta and is carried out with another version."""
    filtered = {FILTER_ID: FILTER, FILTER_TYPE: "include"}
    async with world(tenant("mobileAppConfigurations", {}, filtered), tmp_path) as there:
        drawn = await there.plan([("One", "Old", "New", "mobileAppConfigurations")], HEADINGS)
        before = there.assignments("One")
        asked_for(there, V1)
        result = await there.apply(drawn.folder)
        (outcome,) = result.record.outcomes
        assert (outcome.code, there.simulator.record.writes) == ("versionCannotCarry", 0)
        assert there.assignments("One") == before


async def test_a_run_is_gone_on_with_in_the_version_it_was_approved_with(tmp_path: Path) -> None:
    async with world(tenant("mobileAppConfigurations"), tmp_path) as there:
        asked_for(there, V1)
        drawn = await there.plan([("One", "Old", "New", "mobileAppConfigurations")], HEADINGS)
        result = await there.apply(drawn.folder)
        approved = as_approved(result.record.header)
        assert approved["api_version"] == V1
        around = {"MIGRATOR_API_VERSION": "beta"}
        assert configure({}, environ=around, folder=tmp_path, approved=approved).api_version == V1
        stated = {"api_version": "BETA"}
        assert configure(stated, environ=around, folder=tmp_path, approved=approved).api_version == BETA


@pytest.mark.parametrize(("text", "version"), [("", ""), ("beta", BETA), ("Beta", BETA), ("v1.0", V1), ("V1.0", V1)])
def test_a_version_may_come_from_anywhere(tmp_path: Path, text: str, version: str) -> None:
    assert configure({"api_version": text}, environ={}, folder=tmp_path).api_version == version
    assert configure({}, environ={"MIGRATOR_API_VERSION": text}, folder=tmp_path).api_version == version
    (tmp_path / "migrator.toml").write_text(f'api-version = "{text}"\n', encoding="utf-8")
    assert configure({}, environ={}, folder=tmp_path).api_version == version


@pytest.mark.parametrize("text", ["v2.0", "alpha", "1", "/beta"])
def test_another_word_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"there is no api-version .*; there are beta and v1\.0"):
        configure({"api_version": text}, environ={}, folder=tmp_path)
