"""What the operations do beyond the promises: tenants that do not serve, verification of a mapping, doctor, runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas
import pytest

import migrator
from migrator.model.errors import GraphError, MappingError, PermissionRefused, SignInError, UsageError
from migrator.model.finding import Level, errors
from migrator.model.kinds import KINDS
from migrator.model.settings import Limit, Secret
from migrator.operations.check import check
from migrator.operations.configure import configure
from migrator.operations.doctor import Health, examine
from migrator.operations.runs import report, runs
from migrator.operations.verify import verify_mapping
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Lies
from migrator.simulator.state import TenantState
from tests.whole import World, world, world_without_waiting

OFFICE, CATALOG = "officeClientConfigurations", "configurationPolicies"
ROWS = [("One", "Old", "New", ""), ("Two", "", "New", "add")]


def tenant() -> TenantState:
    return tenant_from_json(
        {
            "tenant": {"name": "Contoso & Söhne"},
            "groups": ["Old", "New", "Kept"],
            "configurations": [
                {"kind": OFFICE, "name": "One", "assignments": ["Old", "Kept"]},
                {"kind": CATALOG, "name": "Two", "assignments": ["All users"]},
            ],
        }
    )


def refusing(status: int, *kinds: str) -> Lies:
    return Lies(refused=dict.fromkeys(kinds, status))


async def test_a_tenant_that_serves_no_kind_says_so_once(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=refusing(404, *KINDS)) as there:
        with pytest.raises(GraphError, match="does not serve Office client configuration") as caught:
            await there.run(ROWS)
    assert len(str(caught.value)) < 1_500  # of some thirty kinds one tells what was answered


async def test_a_token_that_may_read_nothing_is_told_the_permission(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=refusing(403, *KINDS)) as there:
        with pytest.raises(PermissionRefused, match=r"DeviceManagementConfiguration\.Read\.All"):
            await there.run(ROWS)


async def test_kinds_that_are_not_served_are_one_note_where_the_mapping_does_not_need_them(tmp_path: Path) -> None:
    refused = Lies(refused={OFFICE: 404, "mobileApps": 403, "intents": 404})
    async with world(tenant(), tmp_path, lies=refused) as there:
        result = await there.run(ROWS[1:])
        assert result.exit_code == 0
        (found,) = result.record.plan.findings
        assert (found.level, found.code) == (Level.NOTE, "kinds_passed_over")
        assert all(title in found.message for title in ("Office client", "App", "Endpoint security intent"))


async def test_a_kind_that_was_asked_for_and_is_not_served_is_a_warning_of_its_own(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=refusing(404, OFFICE)) as there:
        there.settings = replace(there.settings, kinds=(OFFICE, CATALOG))
        result = await there.run(ROWS[1:])
        assert [(f.level, f.code) for f in result.record.plan.findings] == [(Level.WARNING, "kind_not_read")]


async def test_a_name_that_is_found_nowhere_may_be_in_a_kind_that_could_not_be_read(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=refusing(403, "mobileApps")) as there:
        with pytest.raises(MappingError) as caught:
            await there.run([("Something of an app's", "Old", "New", "")])
        (error,) = errors(caught.value.findings)
        assert error.code == "unknown_configuration"
        assert "DeviceManagementApps.Read.All" in error.message


async def test_a_mapping_is_verified_before_and_after_it_is_carried_out(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        mapping = there.mapping(ROWS)

        async def verify() -> int:
            async with there.connection() as connection:
                return (await verify_mapping(mapping, there.settings, connection)).exit_code

        assert await verify() == 1
        assert there.simulator.record.writes == 0
        assert (await there.run(ROWS)).exit_code == 0
        assert await verify() == 0


async def test_a_verification_cannot_be_carried_out(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        async with there.connection() as connection:
            result = await verify_mapping(there.mapping(ROWS), there.settings, connection)
        with pytest.raises(UsageError, match="only verified"):
            await there.apply(result.folder)


async def test_the_runs_are_listed_and_their_reports_written_again(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        result = await there.run(ROWS)
        (listed,) = runs(there.settings.reports)
        assert listed.header is not None
        assert listed.header.tenant_name == "Contoso & Söhne"
        assert listed.folder.id.endswith("-contoso-sohne")
        result.folder.summary_xlsx.unlink()
        result.folder.plan_xlsx.unlink()
        again = report(result.folder, lambda _: None, 0.0)
        assert again.exit_code == 0
        assert result.folder.summary_xlsx.is_file()
        assert result.folder.plan_xlsx.is_file()


async def test_tokens_are_renewed_while_a_run_goes_on(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, token_lifetime=0.2, latency=0.15) as there:
        assert (await there.run(ROWS)).exit_code == 0


async def test_the_whole_story_under_documented_limits_is_refused_next_to_never(tmp_path: Path) -> None:
    configurations = [{"kind": OFFICE, "name": f"Policy {n}", "assignments": ["Old"]} for n in range(150)]
    crowd = tenant_from_json({"groups": ["Old", "New"], "configurations": configurations})
    limits = {"writes": Limit(100, 20.0), "requests": Limit(1000, 20.0)}
    async with world_without_waiting(crowd, tmp_path, **limits) as there:
        result = await there.run([(f"Policy {n}", "Old", "New", "") for n in range(150)])
        assert result.exit_code == 0
        assert result.facts.throttled <= 5


async def symptoms(there: World) -> dict[str, Health]:
    async with there.connection() as connection:
        return {s.subject: s.health async for s in examine(there.settings, connection)}


async def test_doctor_finds_a_healthy_tenant_healthy(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        assert set((await symptoms(there)).values()) == {Health.GOOD}


async def test_doctor_names_what_may_not_be_read(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path, lies=refusing(403, OFFICE)) as there:
        there.settings = replace(there.settings, kinds=(OFFICE,))
        assert (await symptoms(there))["Office client configuration"] is Health.BAD


async def test_doctor_says_that_the_sign_in_is_refused(tmp_path: Path) -> None:
    async with world(tenant(), tmp_path) as there:
        environ = {**there.simulator.environment, "MIGRATOR_CLIENT_SECRET": "wrong"}
        there.settings = configure(environ=environ, folder=tmp_path)
        assert (await symptoms(there))["sign-in"] is Health.BAD
        with pytest.raises(SignInError, match="AADSTS7000215"):
            await there.run(ROWS)


async def test_frames_go_in_and_come_out(tmp_path: Path) -> None:
    frame = pandas.DataFrame(ROWS, columns=["Policy", "Old group", "New group", "Action"])
    async with world(tenant(), tmp_path) as there, migrator.connect(there.settings) as connection:
        drawn = await migrator.plan(frame, connection)
        result = await migrator.apply(drawn.folder, connection)
        assert isinstance(result, migrator.Result)
        opened = migrator.Run.open("last", there.settings.reports)
        assert list(opened.rows()["status"]) == ["done", "done"]
        assert list(opened.configurations()["verified"]) == ["verified", "verified"]
        assert set(opened.assignments()["effect"]) == {"swapped", "kept", "added"}
        assert (await migrator.verify("last", connection)).exit_code == 0


def test_check_joins_what_loading_and_planning_find(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("Policy,Old group,New group\nP,A,B\np,a,C\n,A,B\n", encoding="utf-8")
    found = {(f.code, f.row) for f in check(path).findings if f.level == "error"}
    assert found == {("legacy_goes_two_ways", 3), ("no_configuration", 4)}


def test_settings_come_from_options_environment_and_file_in_this_order(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text(
        'tenant-id = "file"\nclient_id = "file"\nlimit = "5/1s"\n[aliases]\nZielgruppe = "new group"\n',
        encoding="utf-8",
    )
    environ = {"MIGRATOR_CLIENT_ID": "environment", "AZURE_CLIENT_ID": "azure", "AZURE_CLIENT_SECRET": "s"}
    settings = configure({"tenant_id": "option"}, environ=environ, folder=tmp_path)
    assert (settings.sign_in.tenant_id, settings.sign_in.client_id) == ("option", "environment")
    assert settings.sign_in.secret == Secret("s")
    assert settings.limit == Limit(5, 1.0)
    assert settings.aliases == (("Zielgruppe", "new group"),)


def test_what_a_run_was_approved_with_counts_unless_a_person_says_otherwise_now(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text('limit = "5/1s"\nconcurrency = 3', encoding="utf-8")
    approved = {"limit": "7/1s", "concurrency": "9"}
    resumed = configure(environ={}, folder=tmp_path, approved=approved)
    assert (resumed.limit, resumed.concurrency) == (Limit(7, 1.0), 9)
    stated = configure({"limit": "8/1s"}, environ={"MIGRATOR_CONCURRENCY": "2"}, folder=tmp_path, approved=approved)
    assert (stated.limit, stated.concurrency) == (Limit(8, 1.0), 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cloud": "mars"}, "global"),
        ({"auth": "guess"}, "device-code"),
        ({"limit": "fast"}, "100/20s"),
        ({"concurrency": "0"}, "1 to 1000"),
        ({"mode": "swap"}, "replace"),
        ({"kind": ("nothing",)}, "no kind"),
        ({"graph_url": "https://graph.microsoft.com/beta"}, "without the version"),
        ({"ca_bundle": "nowhere.pem"}, "ca-bundle: nowhere.pem cannot be read"),
    ],
)
def test_settings_that_cannot_work_say_what_would(tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        configure(options, environ={}, folder=tmp_path)


def test_a_secret_in_the_settings_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "migrator.toml").write_text('client_secret = "s"', encoding="utf-8")
    with pytest.raises(UsageError, match="environment or the keyring"):
        configure(environ={}, folder=tmp_path)
