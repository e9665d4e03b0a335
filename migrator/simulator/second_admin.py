"""Multi Admin Approval as the tenant plays it: what is protected, the requests, the second admin's word."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from migrator.model.kinds import KINDS
from migrator.simulator.messages import Answer, Call, Headers, Json, Refused, bad_request, failure, not_found
from migrator.simulator.odata import known
from migrator.simulator.state import StoredConfiguration, TenantState
from migrator.simulator.world import World

LIFETIME = 3 * 86_400.0
LONGEST = 1024
OPEN = ("needsApproval", "approved")
SECOND_ADMIN = "Second Admin"

_JUSTIFICATION = "x-msft-approval-justification"
_CODE = "x-msft-approval-code"


@dataclass(slots=True)
class Request:
    """A write that waits. `made` and `changed` are the tenant's seconds, `began` our own time (since 1970) at which it
    was made; `status` is the last that somebody gave it, without its lapse."""

    id: str
    configuration: StoredConfiguration
    method: str
    path: str
    body: bytes
    requestor: str
    asked: str
    made: float
    changed: float
    began: float
    status: str = "needsApproval"
    answered: str = ""
    by: str = ""

    def status_at(self, now: float) -> str:
        """Where it stands at a moment of the tenant's."""
        return "expired" if self.status in OPEN and now >= self.made + LIFETIME else self.status

    def is_for(self, call: Call, requestor: str) -> bool:
        """Whether it is this very call that waits, to the byte, and made by the same app."""
        return (self.method, self.path, self.body, self.requestor) == (
            *(call.method, f"/{call.version}{call.path}", call.body, requestor),
        )

    def to_json(self, world: World) -> Json:
        app = {"@odata.type": "microsoft.graph.identity", "id": self.requestor, "displayName": "migrator"}
        person = {"@odata.type": "microsoft.graph.identity", "id": None, "displayName": self.by}
        return {
            "id": self.id,
            "requestDateTime": self._stamp(world, self.made),
            "expirationDateTime": self._stamp(world, self.made + LIFETIME),
            "lastModifiedDateTime": self._stamp(world, self.changed),
            "requestor": {"application": app, "device": None, "user": None},
            "approver": {"application": None, "device": None, "user": person} if self.by else None,
            "status": self.status_at(world.clock.now()),
            "requestJustification": self.asked,
            "approvalJustification": self.answered,
            "requiredOperationApprovalPolicyTypes": [self.configuration.kind.approval or "unknown"],
        }

    def _stamp(self, world: World, at: float) -> str:
        """A moment of the tenant's as a client's clock has it."""
        moment = datetime.fromtimestamp(self.began + world.clock.real(at - self.made), UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"


def gate(world: World, call: Call, configuration: StoredConfiguration) -> Request | None:
    """Lets a write through: None where the kind is not protected, else the approved request that it is carried out by.

    Raises Refused, with the code of a request that waits from then on, for all others.
    """
    if configuration.kind.name not in world.settings.approval:
        return None
    requestor, now = world.settings.client_id, world.clock.now()
    code = call.headers.get(_CODE, "")
    if code:
        return _approved(world, call, code, requestor)
    asked = _justification(world, call)
    if any(r.configuration is configuration and r.status_at(now) in OPEN for r in world.tenant.requests.values()):
        raise Refused(failure(409, "Conflict", "An active Approval Request already exists for this entity."))
    request = Request(
        str(uuid.uuid4()),
        configuration,
        call.method,
        f"/{call.version}{call.path}",
        call.body,
        requestor,
        asked,
        now,
        now,
        datetime.now(UTC).timestamp(),
    )
    world.tenant.requests[request.id] = request
    raise Refused(_required(world, request))


def used(world: World, request: Request | None) -> None:
    """The write was carried out: its request is no good for another."""
    if request is not None:
        request.status, request.changed = "completed", world.clock.now()


def list_requests(world: World, call: Call) -> Answer:
    """GET …/operationApprovalRequests"""
    _check_readable(world, call)
    requests = list(world.tenant.requests.values())
    return world.page(call, requests, lambda r: r.to_json(world), world.habits.page_size)


def get_request(world: World, call: Call) -> Answer:
    """GET …/operationApprovalRequests/{id}"""
    _check_readable(world, call)
    request = world.tenant.requests.get(call.segments[-1].lower())
    if request is None:
        raise not_found(f"No approval request has the id '{call.segments[-1]}'.")
    return Answer(200, {**world.context(call), **request.to_json(world)})


def list_policies(world: World, call: Call) -> Answer:
    """GET …/operationApprovalPolicies: one for each type that the protected kinds come to."""
    _check_readable(world, call)
    types = sorted({KINDS[name].approval or "unknown" for name in world.settings.approval})
    return world.page(call, types, _policy, world.habits.page_size)


def decide(tenant: TenantState, wanted: Mapping[str, Any], now: float) -> None:
    """What a second admin does: `approve`, `reject` or `cancel` a request, by its id, or by its configuration's name or
    id; `*` stands for all that wait. `reason` and `by` say why and who.

    Raises LookupError where none waits, ValueError for what cannot be understood.
    """
    words = {"approve": "approved", "reject": "rejected", "cancel": "cancelled"}
    verbs = [verb for verb in words if verb in wanted]
    if len(verbs) != 1 or set(wanted) - {*verbs, "reason", "by"}:
        raise ValueError("a decision is one of 'approve', 'reject' and 'cancel', with a 'reason' and 'by' whom")
    asked = str(wanted[verbs[0]])
    found = [r for r in tenant.requests.values() if r.status_at(now) == "needsApproval" and _is_meant(r, asked)]
    if not found:
        raise LookupError(f"no request of {asked!r} waits")
    for request in found:
        request.status, request.changed = words[verbs[0]], now
        request.answered, request.by = str(wanted.get("reason", "")), str(wanted.get("by", SECOND_ADMIN))


def _check_readable(world: World, call: Call) -> None:
    known(call.options, "$select", "$top", "$skiptoken")
    status = world.lies.refused.get("operationApproval")
    if status:
        raise Refused(failure(status, "Forbidden", "It must have the scope DeviceManagementRBAC.Read.All."))


def _is_meant(request: Request, asked: str) -> bool:
    names = (request.id, request.configuration.id, request.configuration.name or "")
    return asked == "*" or asked.casefold() in [name.casefold() for name in names if name]


def _approved(world: World, call: Call, code: str, requestor: str) -> Request:
    request = world.tenant.requests.get(code.lower())
    if request is None:
        raise bad_request(f"No approval request has the id '{code}'.")
    status = request.status_at(world.clock.now())
    if status == "needsApproval":
        raise Refused(_required(world, request))
    if status != "approved":
        raise Refused(failure(409, "Conflict", f"The approval request '{code}' is {status}."))
    if not request.is_for(call, requestor):
        raise bad_request(f"The request is not the one that was approved as '{code}'.")
    return request


def _required(world: World, request: Request) -> Answer:
    said = f"Approval Required. Use the request ID in the response header. {_CODE}: {request.id}"
    status, code, in_header = world.habits.approval(request.configuration.kind)
    headers: Headers = ((_CODE, request.id),) if in_header else ()
    return failure(status, code, said, headers)


def _justification(world: World, call: Call) -> str:
    status = world.habits.unjustified()
    sent = call.headers.get(_JUSTIFICATION, "")
    if not sent:
        code = "BadRequest" if status == 400 else "Forbidden"
        raise Refused(failure(status, code, f"Header '{_JUSTIFICATION}' is required to request approval."))
    try:
        text = base64.b64decode(sent, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise bad_request(f"Header '{_JUSTIFICATION}' is not base64 of UTF-8.") from None
    if len(text) > LONGEST:
        raise bad_request(f"Header '{_JUSTIFICATION}' is longer than {LONGEST} characters.")
    return text


def _policy(policy_type: str) -> Json:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"policy {policy_type}")),
        "displayName": f"Second admin for {policy_type}",
        "description": "",
        "policyType": policy_type,
        "policyPlatform": "notApplicable",
        "policySet": {"policyType": policy_type, "policyPlatform": "notApplicable"},
        "approverGroupIds": [],
    }
