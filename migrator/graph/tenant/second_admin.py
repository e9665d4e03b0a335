"""Multi Admin Approval as Graph speaks of it: the headers of a call, its refusals, the requests, the policies."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from migrator.graph.protocol import Call
from migrator.model.outcome import AssignAnswer, AssignState
from migrator.model.second_admin import (
    LIFETIME,
    UNJUSTIFIED,
    ApprovalRequest,
    Pending,
    Protection,
    RequestStatus,
    justification,
    waits,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client
    from migrator.model.configuration import Configuration
    from migrator.model.kind import Kind

JUSTIFICATION = "x-msft-approval-justification"
CODE = "x-msft-approval-code"
_REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
_POLICIES = "/beta/deviceManagement/operationApprovalPolicies"
_CODE_IN_MESSAGE = re.compile(rf"{CODE}\W+([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})", re.IGNORECASE)

_PLAIN = re.compile(r"[0-9a-z._-]{1,64}", re.IGNORECASE | re.ASCII)
_LONGEST_TEXT = 1024  # characters of what a person wrote into a request, which the service takes no more of
_LAST_MOMENT = 253_402_128_000.0  # two days before the calendar ends: what is later is no time


def mark_of(call: Call) -> str:
    """What only this very call is known by, in a justification: the configuration's id and a digest of the call."""
    whole = b"\n".join((call.method.encode(), call.path.encode(), call.body or b""))
    identity = call.subject.id if call.subject else ""
    return f"{identity}; {sha256(whole).hexdigest()[:12]})"


def asking(call: Call, kind: Kind, configuration: Configuration, text: str) -> Call:
    """The call with a justification, by which its request can be told from any other; "" sends none."""
    if not text:
        return call
    reference = f"({kind.title}: {configuration.name or 'without a name'}, {mark_of(call)}"
    sent = base64.b64encode(justification(text, reference).encode("utf-8", "replace")).decode("ascii")
    return replace(call, headers=(*call.headers, (JUSTIFICATION, sent)))


def approved(pending: Pending) -> Call:
    """The identical call with the code of its request, and without a justification."""
    return Call(
        pending.method,
        pending.path,
        "assign",
        pending.body,
        headers=((CODE, pending.code),),
        subject=pending.key,
        write=True,
        repeatable=False,
    )


def waiting(answer: Answer, configuration: Configuration, now: float) -> AssignAnswer | None:
    """Whether a refusal means that a second admin has to approve the call."""
    reply, call = answer.reply, answer.call
    code, message = reply.graph_error
    named = _code_in(reply.headers.get(CODE, ""), message)
    asks = CODE not in dict(call.headers)  # of a call that has a code already, a conflict is about that
    submitted = asks and reply.status == 409 and "approval" in message.casefold()
    if reply.status >= 400 and (named or submitted or _asks_somebody(answer)):  # a redirect is nobody's word
        path = call.path
        pending = Pending(
            configuration.key, call.method, path, call.body or b"", named, mark_of(call), now, now + LIFETIME
        )
        return AssignAnswer(AssignState.WAITING, reply.status, named or code, waits(pending), pending=pending)
    return None


def _asks_somebody(answer: Answer) -> bool:
    """Whether the answer says that somebody has to approve the call, with or without a code that is any use."""
    code, message = answer.reply.graph_error
    required = answer.reply.status == 412 and "approval required" in message.casefold()
    return required or CODE in answer.reply.headers or code.casefold() == "approvalrequired"


def unjustified(answer: Answer, text: str) -> AssignAnswer | None:
    """Whether a refusal means that the service wants a justification other than this one ("": none was sent). Where
    none was sent and no request is named, nobody was asked, whatever the words."""
    message = answer.reply.graph_error[1]
    if _code_in(answer.reply.headers.get(CODE, ""), message):
        return None
    if JUSTIFICATION not in message.casefold() and (text or not _asks_somebody(answer)):
        return None
    sent = "the one that was sent was not taken" if text else "none was sent"
    sentence = (
        "a second admin has to approve such changes (Multi Admin Approval), and the tenant wants a justification: "
        f"{sent}; the service said: {message}"
    )
    return AssignAnswer(AssignState.REFUSED, answer.reply.status, UNJUSTIFIED, sentence)


async def requests(client: Client) -> Sequence[ApprovalRequest]:
    """All of the tenant's, all pages; PermissionRefused, NotServed or GraphError where they cannot be read."""
    call = Call("GET", _REQUESTS, "look up")
    return [
        _request(item)
        async for page in client.pages(call)
        for item in page["value"]
        if isinstance(item, dict) and _PLAIN.fullmatch(_id(item))
    ]


async def protections(client: Client) -> Sequence[Protection]:
    """What the tenant protects; errors as above."""
    call = Call("GET", _POLICIES, "look up")
    return [
        Protection(str(item.get("displayName") or ""), _policy_type(item))
        async for page in client.pages(call)
        for item in page["value"]
        if isinstance(item, dict)
    ]


def _code_in(header: str, message: str) -> str:
    """The code that an answer names, "" for none: only what may go into a header of ours, where it leads to a call."""
    told = header.partition(",")[0].strip()
    if _PLAIN.fullmatch(told):
        return told
    found = _CODE_IN_MESSAGE.search(message)
    return found[1] if found else ""


def _id(item: dict[str, Any]) -> str:
    """What its call has to name: the documentation has it as `requestId`, tenants list it as `id`."""
    return str(item.get("requestId") or item.get("id") or "")


def _request(item: dict[str, Any]) -> ApprovalRequest:
    status = str(item.get("status") or "")
    known = {one.value.casefold(): one for one in RequestStatus} | {"canceled": RequestStatus.CANCELLED}
    return ApprovalRequest(
        id=_id(item),
        status=known.get(status.casefold(), RequestStatus.UNKNOWN),
        made=_seconds(item.get("requestDateTime")),
        expires=_seconds(item.get("expirationDateTime")),
        asked=str(item.get("requestJustification") or ""),
        answered=_line(item.get("approvalJustification")),
        by=_who(item.get("approver")),
        changed=_seconds(item.get("lastModifiedDateTime")),
    )


def _who(identities: object) -> str:
    """The person, else the app, by name."""
    if not isinstance(identities, dict):
        return ""
    for sort in ("user", "application"):
        one = identities.get(sort)
        if isinstance(one, dict) and (name := one.get("displayName") or one.get("id")):
            return _line(name)
    return ""


def _line(text: object) -> str:
    """What a person wrote, on one line, and without what a terminal would obey."""
    written = str(text or "")[:_LONGEST_TEXT]
    return " ".join("".join(c if c.isprintable() else " " for c in written).split())


def _policy_type(item: dict[str, Any]) -> str:
    inner = item.get("policySet")
    nested = inner.get("policyType") if isinstance(inner, dict) else None
    return str(item.get("policyType") or nested or "")


def _seconds(moment: object) -> float:
    """Seconds since 1970 of a time as Graph writes it, 0.0 for none; the first and the last of all times, which stand
    for one that was never set, are none."""
    try:
        parsed = datetime.fromisoformat(str(moment))
    except ValueError:
        return 0.0
    seconds = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    return seconds if 0 < seconds < _LAST_MOMENT else 0.0
