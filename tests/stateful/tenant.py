"""The small tenant that stories play in, and what others do to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from migrator.model.kinds import KINDS
from migrator.model.settings import Limit
from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Lies, SimulatorSettings
from migrator.simulator.state import StoredConfiguration, TenantState
from migrator.simulator.stored import stored_assignment
from tests.stateful.meaning import ALL_DEVICES, ALL_USERS, APPS, CATALOG, OFFICE, Directory

TOKEN = "a-token-that-nobody-may-keep"
GROUPS = {f"G{n}": f"{n:08x}-0000-4000-8000-00000000000a" for n in range(1, 6)}
TWINS = "Twins"
NOBODY = "Nobody"
FILTERS = {"F1": "f1111111-0000-4000-8000-000000000001", "F2": "f2222222-0000-4000-8000-000000000002"}
CONFIGURATIONS = {"Office 1": OFFICE, "Office 2": OFFICE, "Catalog 1": CATALOG, "Catalog 2": CATALOG, "App 1": APPS}
DIRECTORY = Directory(GROUPS, FILTERS)
UNLIMITED = Limit(None)
QUIET = SimulatorSettings(
    access_token=TOKEN, lies=Lies(), vary=False, writes=UNLIMITED, requests=UNLIMITED, directory=UNLIMITED
)

_WHOLE_TENANT = {
    ALL_USERS: "#microsoft.graph.allLicensedUsersAssignmentTarget",
    ALL_DEVICES: "#microsoft.graph.allDevicesAssignmentTarget",
}


@dataclass(frozen=True)
class Spec:
    """An assignment as a story gives it, for any kind: what a kind does not take is left out."""

    group: str
    excluded: bool = False
    intent: str = "required"
    filter: str = ""
    mode: str = "include"
    extra: int = 0
    by_policy_set: bool = False

    def __str__(self) -> str:
        said = [self.group, *(["excluded"] if self.excluded else []), self.intent]
        said += [f"{self.filter} {self.mode}"] if self.filter else []
        said += [f"extra {self.extra}"] if self.extra else []
        return "/".join(said + (["by a policy set"] if self.by_policy_set else []))


def element(kind: str, spec: Spec) -> dict[str, Any] | None:
    """Graph's JSON of it; None where the kind has no such target."""
    whole = spec.group in _WHOLE_TENANT
    if kind == OFFICE:
        if whole:
            return None
        spelled = "#microsoft.graph.officeConfigurationGroupAssignmentTarget"
    elif whole:
        spelled = _WHOLE_TENANT[spec.group]
    else:
        spelled = f"#microsoft.graph.{'exclusionGroup' if spec.excluded else 'group'}AssignmentTarget"
    target: dict[str, Any] = {"@odata.type": spelled, **({} if whole else {"groupId": GROUPS[spec.group]})}
    given: dict[str, Any] = {"target": target}
    if kind != OFFICE and spec.filter and (whole or not spec.excluded):
        target["deviceAndAppManagementAssignmentFilterId"] = FILTERS[spec.filter]
        target["deviceAndAppManagementAssignmentFilterType"] = spec.mode
    if spec.extra:
        given["somethingNew"] = {"deep": [spec.extra, {"deeper": True}]}
        target["newOnTargets"] = spec.extra
    if kind == APPS:
        given["intent"] = spec.intent
        if spec.extra:
            given["settings"] = {"@odata.type": "#microsoft.graph.win32LobAppAssignmentSettings", "delay": spec.extra}
    if spec.by_policy_set and kind != OFFICE:
        given |= {"source": "policySets", "sourceId": "00000000-0000-4000-8000-0000000000ff"}
    return given


def stored(configuration: StoredConfiguration, specs: Iterable[Spec]) -> list[dict[str, Any]]:
    """The list that these make: one target (and intent) once, the first counts; a policy set's stands beside it."""
    kind, taken, made = configuration.kind.name, set[str](), dict[tuple[str, str, bool], dict[str, Any]]()
    for spec in specs:
        given = element(kind, spec)
        if given is None:
            continue
        one = stored_assignment(configuration, given, taken)
        place = (spec.group, spec.intent if kind == APPS else "", one.get("source") == "policySets")
        if place not in made:
            taken.add(one["id"])
            made[place] = one
    return list(made.values())


def tenant(assigned: Iterable[Iterable[Spec]]) -> TenantState:
    """The tenant, with what each configuration is assigned to at first."""
    twins = [{"id": f"0000000{n}-0000-4000-8000-0000000000bb", "displayName": TWINS} for n in (1, 2)]
    state = tenant_from_json(
        {
            "groups": [*twins, *({"id": id_, "displayName": name} for name, id_ in GROUPS.items())],
            "assignmentFilters": [{"id": id_, "displayName": name} for name, id_ in FILTERS.items()],
            "configurations": [{"kind": kind, "name": name} for name, kind in CONFIGURATIONS.items()],
        }
    )
    for name, specs in zip(CONFIGURATIONS, assigned, strict=True):
        configuration = state.configuration(name)
        configuration.begin_with(stored(configuration, specs))
    return state


def quiet(settings: SimulatorSettings) -> SimulatorSettings:
    """The same tenant without faults, lies and limits; its habits stay."""
    return replace(QUIET, seed=settings.seed, vary=settings.vary)


assert set(CONFIGURATIONS.values()) <= set(KINDS)
