"""A second Graph that is not ours, for all kinds: written from the documentation alone, sharing no line with the
package or its simulator.

It is strict about everything that it is sent, keeps what it was sent as it is, and plays the lies that are known of the
service: lists that are empty on one route, routes that are not served, paths that are not the one.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

Json = dict[str, Any]
TOKEN = "ready-made"
GRAPH = "#microsoft.graph."
FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"

GROUP, EXCLUSION = "groupAssignmentTarget", "exclusionGroupAssignmentTarget"
ALL_USERS, ALL_DEVICES = "allLicensedUsersAssignmentTarget", "allDevicesAssignmentTarget"
OFFICE_GROUP, CLOUD_GROUP = "officeConfigurationGroupAssignmentTarget", "cloudPcManagementGroupAssignmentTarget"
EVERYBODY = ("acacacac-9df4-4c7d-9d50-4ef0226f57a9", "adadadad-808e-44e2-905a-0b7873a8a531")

INTENTS = ("available", "availableWithoutEnrollment", "required", "uninstall")
DEVICES = (GROUP, EXCLUSION, ALL_USERS, ALL_DEVICES)
ONLY_GROUPS = (GROUP, EXCLUSION)

_SCHEDULE = {
    "@odata.type": f"{GRAPH}deviceHealthScriptDailySchedule",
    "interval": 8,
    "useUtc": True,
    "time": "11:58:36",
}
_REMEDIATION: Json = {"runRemediationScript": True, "runSchedule": _SCHEDULE}
_PERSISTENCE: Json = {
    "userSettingsPersistenceDetail": {
        "@odata.type": f"{GRAPH}cloudPCUserSettingsPersistenceDetail",
        "id": "30d0e128-de93-41dc-89ec-33d84bb662a0",
        "storageConfiguration": {
            "@odata.type": f"{GRAPH}cloudPcStorageConfiguration",
            "allocatedStorageSizeCategory": "eightGB",
            "storageSizingType": "fixed",
        },
    }
}
_SETTINGS: Json = {
    "settings": {
        "@odata.type": f"{GRAPH}winGetAppAssignmentSettings",
        "notifications": "showReboot",
        "restartSettings": {
            "@odata.type": f"{GRAPH}winGetAppRestartSettings",
            "gracePeriodInMinutes": 4,
            "countdownDisplayBeforeRestartInMinutes": 6,
            "restartNotificationSnoozeDurationInMinutes": 10,
        },
    }
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What Microsoft documents of one kind: where it is, how `assign` is spelled, whom it takes, and what is known of
    its routes (`works`, `empty`: answers empty though assigned, `refused`). `implied` is what an assignment comes to
    where it does not say it."""

    path: str
    element: str
    body: str = "assignments"
    targets: tuple[str, ...] = DEVICES
    success: int = 200
    name: str = "displayName"
    keep: Json = field(default_factory=dict)
    of_target: Json = field(default_factory=dict)
    read_only: tuple[str, ...] = ()
    implied: Json = field(default_factory=dict)
    versions: tuple[str, ...] = ("beta",)
    assign: str = "assign"
    on_list: str = "works"
    on_item: str = "works"
    served: bool = True

    @property
    def word(self) -> str:
        """The last part of its path, which names it."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_app(self) -> bool:
        return "settings" in self.keep

    @property
    def takes_filters(self) -> bool:
        return ALL_USERS in self.targets


BOTH = ("beta", "v1.0")
_APPS, _MANAGEMENT = "/deviceAppManagement", "/deviceManagement"
_PROTECTION = "targetedManagedAppPolicyAssignment"
_CATALOG = "deviceManagementConfigurationPolicyAssignment"
_SCRIPT, _SCRIPTS = "deviceManagementScriptAssignment", "deviceManagementScriptAssignments"
_HEALTH, _HEALTHS = "deviceHealthScriptAssignment", "deviceHealthScriptAssignments"
_CLOUD_PC: Any = {"targets": (CLOUD_GROUP,), "success": 204, "versions": BOTH, "on_list": "refused", "served": False}

FACTS = (
    Fact(
        "/officeConfiguration/clientConfigurations",
        "officeClientConfigurationAssignment",
        "officeConfigurationAssignments",
        (OFFICE_GROUP,),
    ),
    Fact(
        f"{_APPS}/iosLobAppProvisioningConfigurations",
        "iosLobAppProvisioningConfigurationAssignment",
        "iOSLobAppProvisioningConfigAssignments",
        success=204,
    ),
    Fact(
        f"{_APPS}/managedEBooks",
        "managedEBookAssignment",
        "managedEBookAssignments",
        success=204,
        keep={"installIntent": "required"},
        versions=BOTH,
    ),
    Fact(
        f"{_APPS}/mobileAppConfigurations",
        "managedDeviceMobileAppConfigurationAssignment",
        success=204,
        versions=BOTH,
        assign="microsoft.graph.managedDeviceMobileAppConfiguration/assign",
    ),
    Fact(
        f"{_APPS}/mobileApps",
        "mobileAppAssignment",
        "mobileAppAssignments",
        success=204,
        keep={"intent": "required", **_SETTINGS},
        versions=BOTH,
    ),
    Fact(f"{_APPS}/targetedManagedAppConfigurations", _PROTECTION, targets=ONLY_GROUPS, success=204, versions=BOTH),
    Fact(
        f"{_APPS}/wdacSupplementalPolicies",
        "windowsDefenderApplicationControlSupplementalPolicyAssignment",
        "wdacPolicyAssignments",
        success=204,
        versions=BOTH,
    ),
    Fact(f"{_APPS}/windowsManagedAppProtections", _PROTECTION, targets=ONLY_GROUPS, success=204),
    Fact(f"{_MANAGEMENT}/compliancePolicies", _CATALOG, name="name"),
    Fact(f"{_MANAGEMENT}/configurationPolicies", _CATALOG, name="name"),
    Fact(f"{_MANAGEMENT}/deviceCompliancePolicies", "deviceCompliancePolicyAssignment", versions=BOTH),
    Fact(f"{_MANAGEMENT}/deviceComplianceScripts", _HEALTH, _HEALTHS, success=204, keep=_REMEDIATION),
    Fact(
        f"{_MANAGEMENT}/deviceConfigurations",
        "deviceConfigurationAssignment",
        keep={"intent": "remove"},
        implied={"intent": "apply"},
        versions=BOTH,
    ),
    Fact(
        f"{_MANAGEMENT}/deviceCustomAttributeShellScripts",
        _SCRIPT,
        _SCRIPTS,
        success=204,
        on_list="refused",
        served=False,
    ),
    Fact(
        f"{_MANAGEMENT}/deviceEnrollmentConfigurations",
        "enrollmentConfigurationAssignment",
        "enrollmentConfigurationAssignments",
        success=204,
        versions=BOTH,
    ),
    Fact(f"{_MANAGEMENT}/deviceHealthScripts", _HEALTH, _HEALTHS, success=204, keep=_REMEDIATION),
    Fact(f"{_MANAGEMENT}/deviceManagementScripts", _SCRIPT, _SCRIPTS, success=204),
    Fact(f"{_MANAGEMENT}/deviceShellScripts", _SCRIPT, _SCRIPTS, success=204, served=False),
    Fact(f"{_MANAGEMENT}/embeddedSIMActivationCodePools", "embeddedSIMActivationCodePoolAssignment"),
    Fact(
        f"{_MANAGEMENT}/groupPolicyConfigurations",
        "groupPolicyConfigurationAssignment",
        read_only=("lastModifiedDateTime",),
    ),
    Fact(
        f"{_MANAGEMENT}/hardwareConfigurations", "hardwareConfigurationAssignment", "hardwareConfigurationAssignments"
    ),
    Fact(f"{_MANAGEMENT}/intents", "deviceManagementIntentAssignment", success=204, on_list="empty"),
    Fact(f"{_MANAGEMENT}/intuneBrandingProfiles", "intuneBrandingProfileAssignment", success=204, name="profileName"),
    Fact(
        f"{_MANAGEMENT}/resourceAccessProfiles",
        "deviceManagementResourceAccessProfileAssignment",
        keep={"intent": "apply"},
    ),
    Fact(f"{_MANAGEMENT}/roleScopeTags", "roleScopeTagAutoAssignment", on_list="empty"),
    Fact(
        f"{_MANAGEMENT}/virtualEndpoint/provisioningPolicies",
        "cloudPcProvisioningPolicyAssignment",
        keep=_PERSISTENCE,
        of_target={
            "servicePlanId": "9ecf691d-8b82-46cb-b254-cd061b2c02fb",
            "allotmentDisplayName": "First shift",
            "allotmentLicensesCount": 12,
        },
        read_only=("assignedUsers",),
        **_CLOUD_PC,
    ),
    Fact(
        f"{_MANAGEMENT}/virtualEndpoint/userSettings",
        "cloudPcUserSettingAssignment",
        read_only=("createdDateTime",),
        **_CLOUD_PC,
    ),
    Fact(f"{_MANAGEMENT}/windowsDriverUpdateProfiles", "windowsDriverUpdateProfileAssignment", success=204),
    Fact(f"{_MANAGEMENT}/windowsFeatureUpdateProfiles", "windowsFeatureUpdateProfileAssignment", success=204),
    Fact(f"{_MANAGEMENT}/windowsQualityUpdatePolicies", "windowsQualityUpdatePolicyAssignment", success=204),
    Fact(f"{_MANAGEMENT}/windowsQualityUpdateProfiles", "windowsQualityUpdateProfileAssignment", success=204),
    *(
        Fact(f"{_APPS}/{word}", _PROTECTION, targets=ONLY_GROUPS, success=204, versions=BOTH)
        for word in (
            "iosManagedAppProtections",
            "androidManagedAppProtections",
            "windowsInformationProtectionPolicies",
            "mdmWindowsInformationProtectionPolicies",
        )
    ),
)


class RefusedError(Exception):
    """What it does not take, and why."""


@dataclass(slots=True)
class Stored:
    """A configuration: what it is, and the JSON of its assignments as they were sent."""

    fact: Fact
    id: str
    properties: Json
    assignments: list[Json]


class ForeignKinds:
    """`groups` and `filters` hold names by id; `assigns` is a configuration's id for each call that was taken,
    `sent` the bodies by that id, `refusals` why others were not."""

    def __init__(self, groups: Json, filters: Json) -> None:
        self.groups, self.filters = groups, filters
        self.stored: dict[str, Stored] = {}
        self.assigns: list[str] = []
        self.sent: dict[str, Json] = {}
        self.refusals: list[str] = []
        self.url = ""
        self._ids = itertools.count(1)

    def add(self, fact: Fact, name: str, assignments: Iterable[Json], **properties: Any) -> Stored:
        """A configuration that is assigned already, whatever it is assigned to."""
        identity = f"{next(self._ids):08d}-0000-4000-8000-00000000000c"
        made = Stored(fact, identity, {"id": identity, fact.name: name, **properties}, [])
        made.assignments = [self._with_ids(made, one) for one in copy.deepcopy(list(assignments))]
        self.stored[identity] = made
        return made

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response(_error("InvalidAuthenticationToken", "sign in"), status=401)
        content = await request.content.read()
        body: Any = json.loads(content) if content else None
        parts = request.raw_path.split("/")
        if len(parts) == 3 and parts[2] == "$batch":
            answers = [self._one_of_a_batch(parts[1], one) for one in reversed(body["requests"])]
            assert 1 <= len(answers) <= 20
            return web.json_response({"responses": answers})
        status, told = self._respond(request.method, request.raw_path, body)
        if status == 204:
            return web.Response(status=204)
        return web.json_response(told, status=status)

    def _one_of_a_batch(self, version: str, asked: Json) -> Json:
        status, told = self._respond(asked["method"], f"/{version}{asked['url']}", asked.get("body"))
        return {"id": asked["id"], "status": status, "headers": {}, "body": told}

    def _respond(self, method: str, target: str, body: Any) -> tuple[int, Json]:
        parts = urlsplit(target)
        _, version, *segments = unquote(parts.path).split("/")
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        path = "/" + "/".join(segments)
        if version == "v1.0" and path == "/groups":
            wanted = {v.replace("''", "'").casefold() for v in re.findall(r"'((?:[^']|'')*)'", query["$filter"])}
            assert len(wanted) <= 15
            by_name = query["$filter"].startswith("displayName")
            return 200, {"value": [_group(i, n) for i, n in self.groups.items() if by_name and n.casefold() in wanted]}
        if version == "v1.0" and path == "/directoryObjects/getByIds":
            return 200, {"value": [_group(i, self.groups[i]) for i in body["ids"] if i in self.groups]}
        if path == "/deviceManagement/assignmentFilters":
            platform = "windows10AndLater"
            filters = [{"id": i, "displayName": n, "platform": platform} for i, n in self.filters.items()]
            return 200, {"value": filters}
        return self._kind(method, version, path, query, body)

    def _kind(self, method: str, version: str, path: str, query: Json, body: Any) -> tuple[int, Json]:
        fact = next((f for f in FACTS if path == f.path or path.startswith(f"{f.path}/")), None)
        if fact is None or version not in fact.versions:
            return 404, _error("ResourceNotFound", f"no segment {path}")
        below = path[len(fact.path) :].split("/", 2)[1:]
        if not below:
            return self._listed(fact, query)
        stored = self.stored.get(below[0])
        if stored is None or stored.fact is not fact:
            return 404, _error("ResourceNotFound", f"no {below[0]}")
        rest = below[1] if len(below) > 1 else ""
        if not rest:
            return self._item(stored, query)
        if rest == "assignments" and fact.served and method == "GET":
            return 200, {"value": stored.assignments}
        if rest == fact.assign and method == "POST":
            return self._assign(stored, body)
        if rest == "assign":
            return 400, _error("BadRequest", "No method match route template")
        return 404, _error("ResourceNotFound", f"Resource not found for the segment '{rest}'.")

    def _listed(self, fact: Fact, query: Json) -> tuple[int, Json]:
        expands = query.get("$expand") == "assignments"
        if expands and fact.on_list == "refused":
            return 400, _error("BadRequest", "Could not expand assignments")
        shown = []
        for one in self.stored.values():
            if one.fact is fact:
                told = {"assignments": [] if fact.on_list == "empty" else one.assignments} if expands else {}
                shown.append(one.properties | told)
        start, size = int(query.get("$skiptoken", 0)), 25
        page: Json = {"value": shown[start : start + size]}
        if start + size < len(shown):
            kept = "&".join(f"{k}={v}" for k, v in query.items() if k != "$skiptoken")
            version = fact.versions[0]
            page["@odata.nextLink"] = f"{self.url}/{version}{fact.path}?{kept}&$skiptoken={start + size}"
        return 200, page

    def _item(self, stored: Stored, query: Json) -> tuple[int, Json]:
        if query.get("$expand") != "assignments":
            return 200, stored.properties
        if "Notification" in str(stored.properties.get("@odata.type")) or stored.fact.on_item == "refused":
            return 400, _error("BadRequest", "Could not expand assignments")
        family = (stored.properties.get("templateReference") or {}).get("templateFamily", "")
        empty = stored.fact.on_item == "empty" or family.startswith("endpointSecurity")
        return 200, stored.properties | {"assignments": [] if empty else stored.assignments}

    def _assign(self, stored: Stored, body: Any) -> tuple[int, Json]:
        fact = stored.fact
        try:
            _demand(isinstance(body, dict) and list(body) == [fact.body], f"the body is {fact.body} and nothing else")
            for element in body[fact.body]:
                self._check(stored, element)
        except RefusedError as refused:
            self.refusals.append(f"{stored.properties[fact.name]}: {refused}")
            return 400, _error("BadRequest", str(refused))
        kept = [a for a in stored.assignments if a.get("source") == "policySets"]
        once: dict[str, Json] = {}
        for element in body[fact.body]:
            once.setdefault(_identity(fact, element), element)
        stored.assignments = [*kept, *(self._with_ids(stored, element) for element in once.values())]
        self.assigns.append(stored.id)
        self.sent[stored.id] = body
        return fact.success, {"value": stored.assignments} if fact.success == 200 else {}

    def _check(self, stored: Stored, element: Json) -> None:
        fact, standing = stored.fact, stored.assignments
        types = {GRAPH + fact.element, *(a.get("@odata.type") for a in standing)}
        _demand(element.get("@odata.type", GRAPH + fact.element) in types, "the element's type")
        known = {"@odata.type", "target", *fact.keep, *(name for a in standing for name in a)}
        for name in ("id", "source", "sourceId", *fact.read_only):
            known.discard(name)
        if fact.element.startswith("cloudPc"):
            ids = [a["id"] for a in standing if a["target"]["groupId"] == element["target"].get("groupId")]
            _demand(element.get("id") in (ids or (None,)), "the id of an assignment that stays, and of no other")
            known.add("id")
        _demand(set(element) <= known, f"{set(element) - known} is not to be written")
        if fact.is_app:
            _demand(
                element.get("intent") in ("available", "required", "uninstall", "availableWithoutEnrollment"), "intent"
            )
        target = element["target"]
        _demand(isinstance(target.get("@odata.type"), str), "the type of a target, which is abstract")
        if any(target == a["target"] for a in standing):
            return
        short = target["@odata.type"].removeprefix(GRAPH)
        _demand(short in fact.targets, f"a target of type {short}")
        if "roup" in short:
            everybody = EVERYBODY if fact.targets is ONLY_GROUPS else ()
            _demand(target.get("groupId") in (*self.groups, *everybody), "a group that exists")
        else:
            _demand("groupId" not in target, "no group beside all users or devices")
        if short == EXCLUSION:
            _demand(not element.get("settings"), "no settings on an exclusion")
        self._check_filter(stored, short, target)

    def _check_filter(self, stored: Stored, short: str, target: Json) -> None:
        identity, mode = target.get(FILTER_ID), target.get(FILTER_TYPE)
        _demand(mode in (None, "none", "include", "exclude"), "a filter's type")
        if identity is None:
            _demand(mode in (None, "none"), "a filter for a filter's type")
            return
        is_edge = stored.properties.get("@odata.type") == f"{GRAPH}windowsMicrosoftEdgeApp"
        _demand(stored.fact.takes_filters and short != EXCLUSION and not is_edge, "no filter here")
        _demand(identity in self.filters and mode in ("include", "exclude"), "a filter that exists, with its type")

    def _with_ids(self, stored: Stored, element: Json) -> Json:
        number = next(self._ids)
        times = {n: f"2026-03-01T10:00:{number % 60:02}Z" for n in stored.fact.read_only if n.endswith("Time")}
        made = {"id": f"{stored.id}_{number}", **times, **element}
        if stored.fact.targets is not DEVICES or element.get("source"):
            return made
        return {**made, "source": "direct", "sourceId": stored.id}


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise RefusedError(f"wanted: {what}")


def _identity(fact: Fact, element: Json) -> str:
    target = element["target"]
    where = {name: value for name, value in target.items() if not name.startswith("deviceAndApp")}
    return json.dumps([where, element.get("intent") if fact.is_app else ""], sort_keys=True)


def _group(identity: str, name: str) -> Json:
    return {"@odata.type": f"{GRAPH}group", "id": identity, "displayName": name, "securityEnabled": True}


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message}}


@asynccontextmanager
async def serving(graph: ForeignKinds) -> AsyncIterator[ForeignKinds]:
    runner = web.ServerRunner(web.Server(graph.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    graph.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield graph
    finally:
        await runner.cleanup()
