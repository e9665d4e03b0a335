"""Assignments as Graph spells them."""

from __future__ import annotations

from typing import Any

GROUP = "0a1b2c3d-0000-4000-8000-00000000000a"
OTHER_GROUP = "0a1b2c3d-0000-4000-8000-00000000000b"
FILTER = "0a1b2c3d-0000-4000-8000-0000000000f1"
FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"
ZERO = "00000000-0000-0000-0000-000000000000"


def group_target(group: str = GROUP, **more: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group, **more}


def element(group: str, **more: Any) -> dict[str, Any]:
    return {"id": f"x_{group}", "target": group_target(group), **more}
