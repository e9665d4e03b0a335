"""A tenant with something of everything: intents, exclusions, filters, policy sets, whole-tenant targets, namesakes."""

from __future__ import annotations

from typing import Any

from migrator.model.assignment import VIRTUAL_ALL_USERS
from migrator.simulator.description import tenant_from_json
from migrator.simulator.state import TenantState
from tests.graph_tenant.elements import FILTER_ID, FILTER_TYPE

FINANCE, KIOSKS, SALES, OTHER_SALES, NAMESAKE, GONE, LAB = (
    f"00000000-0000-4000-8000-0000000000{n:02}" for n in range(1, 8)
)
CORPORATE, TWIN = (f"00000000-0000-4000-8000-0000000001{n:02}" for n in range(1, 3))
_PREFIX = "#microsoft.graph."
APP, CATALOG, OFFICE, PROTECTION, SCRIPT, INTENT = (
    "mobileApps",
    "configurationPolicies",
    "officeClientConfigurations",
    "iosManagedAppProtections",
    "deviceHealthScripts",
    "intents",
)


def included(group: str, filter_: str = "", mode: str = "include", **more: Any) -> dict[str, Any]:
    return _element("groupAssignmentTarget", group, filter_, mode, more)


def excluded(group: str, **more: Any) -> dict[str, Any]:
    return _element("exclusionGroupAssignmentTarget", group, "", "", more)


def everybody(
    target: str = "allLicensedUsers", filter_: str = "", mode: str = "include", **more: Any
) -> dict[str, Any]:
    return _element(f"{target}AssignmentTarget", "", filter_, mode, more)


def _element(type_: str, group: str, filter_: str, mode: str, more: dict[str, Any]) -> dict[str, Any]:
    target: dict[str, Any] = {"@odata.type": f"{_PREFIX}{type_}"}
    if group:
        target["groupId"] = group
    if filter_:
        target |= {FILTER_ID: filter_, FILTER_TYPE: mode}
    return {"target": target, **more}


GROUPS: list[dict[str, Any]] = [
    {"displayName": "Finance", "id": FINANCE, "mailNickname": "finance", "description": "Everybody in Finance"},
    {"displayName": "Kiosks ", "id": KIOSKS, "membershipRule": '(device.displayName -startsWith "KIOSK")'},
    {"displayName": "Sales", "id": SALES},
    {"displayName": "Sales", "id": OTHER_SALES},
    {"displayName": "All users", "id": NAMESAKE},
    {"displayName": "=Lab", "id": LAB},
    {"displayName": "SG-Finance"},
]
_RULE = '(device.deviceOwnership -eq "Corporate")'
FILTERS: list[dict[str, Any]] = [
    {"displayName": "Corporate devices", "id": CORPORATE, "platform": "windows10AndLater", "rule": _RULE},
    {"displayName": "Twin", "id": TWIN, "platform": "iOS"},
    {"displayName": "Twin", "id": f"{TWIN[:-1]}9", "platform": "iOS"},
]


def configurations() -> list[dict[str, Any]]:
    return [
        {
            "kind": APP,
            "name": "Company Portal",
            "assignments": [
                included(FINANCE, CORPORATE, intent="required", settings={"notifications": "showAll"}),
                excluded(FINANCE, intent="uninstall"),
                everybody(intent="available"),
                included(SALES, intent="required", source="policySets", sourceId=GONE),
            ],
        },
        {
            "kind": APP,
            "name": "Editor",
            "assignments": [everybody("allDevices", CORPORATE, "exclude", intent="required")],
        },
        {
            "kind": CATALOG,
            "name": "Win - Firewall",
            "assignments": [included(FINANCE, TWIN, "exclude"), excluded(KIOSKS), included(GONE), included(NAMESAKE)],
        },
        {"kind": CATALOG, "name": "Twice", "assignments": [everybody()]},
        {"kind": CATALOG, "name": "Twice", "assignments": [included(OTHER_SALES), everybody("allDevices")]},
        {"kind": CATALOG, "name": "Idle", "assignments": []},
        {"kind": OFFICE, "name": "Baseline", "assignments": ["Finance", "=Lab"]},
        {
            "kind": PROTECTION,
            "name": "Phones",
            "assignments": [included(VIRTUAL_ALL_USERS), excluded(KIOSKS)],
        },
        {
            "kind": SCRIPT,
            "name": "Clean up",
            "assignments": [
                included(
                    FINANCE,
                    runRemediationScript=True,
                    runSchedule={
                        "@odata.type": f"{_PREFIX}deviceHealthScriptDailySchedule",
                        "interval": 2,
                        "time": "01:00",
                    },
                )
            ],
        },
        {"kind": INTENT, "name": "Endpoint baseline", "assignments": [included(FINANCE), excluded(SALES)]},
    ]


def rich_tenant() -> TenantState:
    return tenant_from_json(
        {
            "tenant": {"name": "Contoso"},
            "groups": GROUPS,
            "deletedGroups": [{"displayName": "Project Falcon", "id": GONE}],
            "assignmentFilters": FILTERS,
            "configurations": configurations(),
        }
    )
