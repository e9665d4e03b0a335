"""What the doctor says of a tenant that does not serve everything, and of a sign-in that may not do everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.model.configuration import Whereabouts
from migrator.model.impact import Membership, Side
from migrator.model.kinds import KINDS
from migrator.model.settings import Auth, Secret
from migrator.operations.doctor import Health, Symptom, examine
from migrator.operations.where import assignable
from migrator.simulator.builder import Builder
from migrator.simulator.settings import Lies
from migrator.simulator.tokens import roles, web_token
from tests.memory import MemoryTenant
from tests.whole import World, world

CATALOG, OFFICE, CLOUD_PC = (
    "configurationPolicies",
    "officeClientConfigurations",
    ("provisioningPolicies", "userSettings"),
)


async def examined(there: World, *kinds: str, token: str = "") -> Sequence[Symptom]:
    settings = replace(there.settings, kinds=kinds)
    if token:
        settings = replace(settings, sign_in=replace(settings.sign_in, auth=Auth.TOKEN, token=Secret(token)))
    there.settings = settings
    async with there.connection() as connection:
        return [symptom async for symptom in examine(there.settings, connection)]


def of(symptoms: Sequence[Symptom], subject: str) -> Symptom:
    (found,) = [symptom for symptom in symptoms if symptom.subject == subject]
    return found


def status(symptoms: Sequence[Symptom]) -> int:
    return max(symptom.exit_code for symptom in symptoms)


async def test_every_kind_is_looked_in_and_told_in_one_line(tmp_path: Path) -> None:
    builder = Builder(1)
    for kind in (CATALOG, OFFICE, "mobileApps"):
        builder.configuration_called(KINDS[kind], "One")
    async with world(builder.build(), tmp_path) as there:
        found = await examined(there)
    number = len(assignable())
    assert of(found, "kinds").said == f"{number} of {number} kinds can be read, 3 configurations"
    assert [of(found, subject).health for subject in ("members", "recycle bin", "writing")] == [Health.GOOD] * 3
    assert not {KINDS[name].title for name in assignable()} & {symptom.subject for symptom in found}
    assert status(found) == 0


async def test_what_is_not_served_or_not_allowed_is_a_line_each_and_no_error(tmp_path: Path) -> None:
    lies = Lies(refused={OFFICE: 404, **dict.fromkeys(CLOUD_PC, 403)})
    async with world(Builder(1).build(), tmp_path, lies=lies) as there:
        found = await examined(there)
    number = len(assignable())
    assert of(found, "kinds").said.startswith(f"{number - 3} of {number} kinds can be read")
    assert of(found, "not served").said == "this tenant does not serve Office client configuration"
    assert of(found, "not allowed").said == (
        "Cloud PC provisioning policy, Cloud PC user settings may not be read: grant the application CloudPC.Read.All "
        "or CloudPC.ReadWrite.All"
    )
    assert of(found, "not allowed").health is Health.ODD
    assert status(found) == 0


@pytest.mark.parametrize(("refused", "code"), [(403, 3), (404, 0)])
async def test_a_kind_that_was_asked_for_and_may_not_be_read_is_an_error(
    tmp_path: Path, refused: int, code: int
) -> None:
    async with world(Builder(1).build(), tmp_path, lies=Lies(refused={OFFICE: refused})) as there:
        found = await examined(there, OFFICE, CATALOG)
    assert of(found, "Settings catalog policy").said == "0 can be read"
    assert of(found, "Office client configuration").health is (Health.BAD if code else Health.ODD)
    assert status(found) == code


@pytest.mark.parametrize(("refused", "code"), [(403, 3), (404, 1)])
async def test_where_nothing_can_be_read_that_is_an_error(tmp_path: Path, refused: int, code: int) -> None:
    lies = Lies(refused=dict.fromkeys(KINDS, refused))
    async with world(Builder(1).build(), tmp_path, lies=lies) as there:
        found = await examined(there)
    assert of(found, "kinds").health is Health.BAD
    assert status(found) == code


async def test_a_kind_that_fails_is_told_by_itself_and_is_an_error(tmp_path: Path) -> None:
    async with world(Builder(1).build(), tmp_path, lies=Lies(refused={OFFICE: 409})) as there:
        found = await examined(there)
    assert "409" in of(found, "Office client configuration").said
    assert status(found) == 1


async def test_what_may_be_written_is_told_by_permission(tmp_path: Path) -> None:
    granted = [role for role in roles() if not role.startswith("CloudPC")]
    token = web_token({"roles": granted})
    async with world(Builder(1).build(), tmp_path, access_token=token) as there:
        every = of(await examined(there, token=token), "writing")
        named = await examined(there, *CLOUD_PC, token=token)
        other = await examined(there, CATALOG, token=token)
    number = len(assignable())
    assert every.said == (
        f"{number - 2} of {number} kinds may be written; the token lacks CloudPC.ReadWrite.All (for Cloud PC "
        "provisioning policy, Cloud PC user settings)"
    )
    assert (every.health, every.exit_code) == (Health.ODD, 0)
    assert (of(named, "writing").health, status(named)) == (Health.BAD, 3)
    assert (of(other, "writing").health, status(other)) == (Health.GOOD, 0)


async def test_what_is_not_served_needs_no_permission_to_write(tmp_path: Path) -> None:
    token = web_token({"scp": " ".join(role for role in roles() if not role.startswith("CloudPC"))})
    lies = Lies(refused=dict.fromkeys(CLOUD_PC, 404))
    async with world(Builder(1).build(), tmp_path, access_token=token, lies=lies) as there:
        writing = of(await examined(there, token=token), "writing")
    assert (writing.health, "CloudPC" in writing.said) == (Health.GOOD, False)


async def test_that_nobody_can_be_counted_is_told_and_no_error(tmp_path: Path) -> None:
    async with world(Builder(1).build(), tmp_path, lies=Lies(members_forbidden=True)) as there:
        found = await examined(there)
    assert of(found, "members").health is Health.ODD
    assert "GroupMember.Read.All" in of(found, "members").said
    assert status(found) == 0


async def test_that_the_recycle_bin_is_closed_is_told_and_no_error(tmp_path: Path) -> None:
    class Closed(MemoryTenant):
        async def members(self, groups: Iterable[str], *_: object) -> Mapping[str, Membership]:
            return {group: Membership(Side(0), Side(0)) for group in groups}

        async def deleted_groups(self, ids: object) -> Whereabouts:
            return Whereabouts(unnamed="the recycle bin may not be read: grant the application Group.Read.All")

    async with world(Builder(1).build(), tmp_path) as there, there.connection() as connection:
        closed = replace(connection, tenant=Closed())
        found = [symptom async for symptom in examine(there.settings, closed)]
    assert (of(found, "recycle bin").health, of(found, "recycle bin").exit_code) == (Health.ODD, 0)
    assert "Group.Read.All" in of(found, "recycle bin").said
