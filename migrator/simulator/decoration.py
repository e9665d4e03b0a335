"""What real tenants have beside what a test would think of: settings, schedules, filters, exclusions, leftovers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from migrator.model.assignment import TargetType
from migrator.model.kind import Kind
from migrator.simulator.messages import Json
from migrator.simulator.sorts import ENDPOINT_SECURITY
from migrator.simulator.state import DirectoryGroup
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE, group_target

_OWN: Mapping[str, Callable[[int], Json]] = {
    "officeClientConfigurations": lambda number: {
        "@odata.type": "#microsoft.graph.windowsOfficeClientConfiguration",
        "priority": number,
        "userCheckinSummary": {"succeededUserCount": number % 7, "failedUserCount": 0},
        "checkinStatuses": [],
    },
    "configurationPolicies": lambda number: {
        "platforms": "windows10",
        "technologies": "mdm",
        "settingCount": number % 40,
        "templateReference": _template(number),
    },
}


def _template(number: int) -> Json:
    """Every fourth settings catalog policy is made from a template of endpoint security."""
    if number % 4:
        return {"templateId": "", "templateFamily": "none"}
    family = ENDPOINT_SECURITY[number // 4 % len(ENDPOINT_SECURITY)]
    return {"templateId": f"7a1e3f5c-2b4d-4c6e-8f90-{number:012d}_1", "templateFamily": family}


_KEPT: Mapping[str, Callable[[random.Random], Json]] = {
    "intent": lambda _: {"intent": "apply"},
    "installIntent": lambda chance: {"installIntent": chance.choice(("available", "required"))},
    "settings": lambda chance: {
        "settings": {
            "@odata.type": "#microsoft.graph.win32LobAppAssignmentSettings",
            "notifications": chance.choice(("showAll", "showReboot", "hideAll")),
            "restartSettings": None,
            "deliveryOptimizationPriority": "notConfigured",
        }
    },
    "runRemediationScript": lambda chance: {"runRemediationScript": chance.random() < 0.5},
    "runSchedule": lambda chance: {
        "runSchedule": {
            "@odata.type": "#microsoft.graph.deviceHealthScriptDailySchedule",
            "interval": chance.randint(1, 7),
            "time": f"{chance.randint(0, 23):02}:30:00.0000000",
            "useUtc": False,
        }
    },
    "userSettingsPersistenceDetail": lambda chance: {
        "userSettingsPersistenceDetail": {
            "storageConfiguration": {
                "allocatedStorageSizeCategory": chance.choice(("fourGB", "eightGB", "sixteenGB")),
                "storageSizingType": "fixed",
            }
        }
    },
}
_ODD: Json = {"deploymentNote": {"writtenBy": "another tool", "keep": [1, 2, {"deep": None}]}}


def own_properties(kind: Kind, number: int) -> Json:
    """What a configuration of this kind has beside its id and name; `number` tells one from the next."""
    return {
        "description": f"Kept as it is, number {number}" if number % 3 else None,
        "createdDateTime": "2025-03-01T08:00:00Z",
        "lastModifiedDateTime": f"2026-02-{number % 28 + 1:02}T10:00:00Z",
        **(_OWN[kind.name](number) if kind.name in _OWN else {"roleScopeTagIds": ["0"]}),
    }


def kept_properties(kind: Kind, chance: random.Random, intent: str = "required", *, excluded: bool = False) -> Json:
    """What an assignment of this kind carries and must not lose."""
    kept: Json = {}
    for name in kind.keep:
        kept |= _KEPT[name](chance) if name in _KEPT else {name: {"kept": chance.randint(1, 99)}}
    if excluded:
        kept.pop("settings", None)
    return {**kept, **({kind.intent_property: intent} if kind.intent_property else {})}


def extra_assignment(
    kind: Kind, chance: random.Random, groups: Sequence[DirectoryGroup], filters: Sequence[str]
) -> Json:
    """One assignment that the kind takes, of the sort that is found in real tenants."""
    type_ = _type(kind, chance)
    target = group_target(kind, type_, chance.choice(groups).id if type_ not in _WHOLE else "")
    if kind.takes_filters and type_ is not TargetType.EXCLUSION and chance.random() < 0.3:
        target |= {FILTER_ID: chance.choice(filters), FILTER_TYPE: chance.choice(("include", "exclude"))}
    intent, excluded = chance.choice(("required", "available")), type_ is TargetType.EXCLUSION
    assignment = {**kept_properties(kind, chance, intent, excluded=excluded), "target": target}
    if kind.takes_filters and chance.random() < 0.1:
        assignment |= _ODD
    if kind.takes_filters and chance.random() < 0.05:
        assignment |= {"source": "policySets", "sourceId": "5e7b1c2d-0000-4000-8000-000000000001"}
    return assignment


_WHOLE = (TargetType.ALL_USERS, TargetType.ALL_DEVICES)


def _type(kind: Kind, chance: random.Random) -> TargetType:
    if TargetType.EXCLUSION not in kind.targets:
        return TargetType.GROUP
    drawn = chance.random()
    if drawn < 0.15:
        return chance.choice(_WHOLE)
    return TargetType.EXCLUSION if drawn < 0.3 else TargetType.GROUP
