"""One assign call: everything a configuration shall be assigned to, and what the service made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.graph.odata import segment
from migrator.graph.protocol import Call, Meaning, in_words
from migrator.graph.tenant import second_admin
from migrator.graph.tenant.codec import body, parse_list
from migrator.model.kinds import KINDS
from migrator.model.lists import direct
from migrator.model.outcome import AssignAnswer, AssignState
from migrator.model.versions import not_carried

if TYPE_CHECKING:
    from migrator.graph.answer import Answer
    from migrator.graph.client import Client
    from migrator.model.assignment import Assignments
    from migrator.model.configuration import Configuration
    from migrator.model.kind import Kind
    from migrator.model.ports import Leaving
    from migrator.model.second_admin import Pending

_NO_SUCH_ACTION = ("no method match route template", "resource not found for the segment")
"""What Intune, and what Graph before it, says of a path that it does not have."""


async def assign(
    client: Client,
    configuration: Configuration,
    assignments: Assignments,
    leaving: Leaving | None = None,
    justification: str = "",
) -> AssignAnswer:
    """Replaces all assignments of a configuration by these. `leaving` is awaited before each try, once it may go.

    `justification` is for a second admin, where the tenant asks for one; "" sends none.
    Tries again where that is safe; a call that may have been applied is never sent twice (its state is UNKNOWN).
    Everything about this one call is in the answer; only the client's SignInError is raised.
    """
    kind = KINDS[configuration.kind]
    if kind.excluded:
        return AssignAnswer(AssignState.REFUSED, code="notAssignable", message=kind.excluded, tries=0)
    version = kind.version_for(client.api_version)
    lost = not_carried(kind, version, direct(assignments))
    if lost:
        message = f"{version} cannot carry {', '.join(lost)}, which would be lost; leave --api-version out"
        return AssignAnswer(AssignState.REFUSED, code="versionCannotCarry", message=message, tries=0)
    try:
        sent = body(kind, assignments, version)
    except ValueError as error:
        return AssignAnswer(AssignState.REFUSED, code="notAssignable", message=str(error), tries=0)
    tries = 0
    for assign_path in kind.assign_paths:
        path = f"/{version}{kind.path}/{segment(configuration.id)}/{assign_path}"
        call = Call("POST", path, "assign", sent, subject=configuration.key, write=True, repeatable=False)
        answer = await client.send(second_admin.asking(call, kind, configuration, justification), leaving)
        tries += answer.tries
        if not _knows_no_such_action(answer):
            break
    wants = second_admin.unjustified(answer, justification) if answer.meaning is Meaning.REFUSED else None
    asks = None if wants else _waiting(client, configuration, answer)
    return replace(wants or asks or _told_by(kind, version, answer), tries=tries)


async def assign_approved(
    client: Client, configuration: Configuration, pending: Pending, leaving: Leaving | None = None
) -> AssignAnswer:
    """Sends once more, to the byte, a call that waited, with the code of its request; otherwise as `assign`."""
    answer = await client.send(second_admin.approved(pending), leaving)
    version = pending.path.split("/", 2)[1]
    told = _waiting(client, configuration, answer) or _told_by(KINDS[configuration.kind], version, answer)
    return replace(told, tries=answer.tries)


def _waiting(client: Client, configuration: Configuration, answer: Answer) -> AssignAnswer | None:
    """Whether it was refused for want of a second admin's approval."""
    refused = answer.meaning is Meaning.REFUSED
    return second_admin.waiting(answer, configuration, client.clock.time()) if refused else None


def _told_by(kind: Kind, version: str, answer: Answer) -> AssignAnswer:
    told = _told(kind, answer)
    return replace(told, confirmed=None) if kind.unknown_in(version) else told  # it shows not all that holds


def _knows_no_such_action(answer: Answer) -> bool:
    """Whether the path is not the one: then nothing was applied, and another may be tried."""
    message = answer.reply.graph_error[1].casefold()
    return answer.reply.status == 400 and any(words in message for words in _NO_SUCH_ACTION)


def _told(kind: Kind, answer: Answer) -> AssignAnswer:
    status = answer.reply.status
    code, message = answer.reply.graph_error
    match answer.meaning:
        case Meaning.OK:
            return AssignAnswer(AssignState.CONFIRMED, status, confirmed=_confirmed(kind, answer))
        case Meaning.REFUSED:
            said = _refusal(kind, status, message, answer)
            return AssignAnswer(AssignState.REFUSED, status, code or f"http{status}", said)
        case _:
            times = "once" if answer.tries == 1 else f"{answer.tries} times"
            sentence = (
                f"sent {times}, and no answer says whether it was applied; the last was: {in_words(answer.reply)}"
            )
            return AssignAnswer(AssignState.UNKNOWN, status, code or str(answer.meaning), sentence)


def _confirmed(kind: Kind, answer: Answer) -> Assignments | None:
    """The list that the service says holds now; None where it lists nothing, or not whole."""
    if not answer.reply.is_json:
        return None
    try:
        document = answer.reply.json()
    except ValueError:
        return None
    return None if "@odata.nextLink" in document else parse_list(kind, document.get("value"))


def _refusal(kind: Kind, status: int, message: str, answer: Answer) -> str:
    said = message if message and status >= 400 else in_words(answer.reply)
    if status == 403:
        return (
            f"not allowed: {said} (needed: {kind.permission}, consented for this app; a scoped admin may only touch "
            "what is in scope)"
        )
    if status == 404:
        return f"the configuration no longer exists, or this tenant does not serve {kind.title}: {said}"
    return f"the service refused it: {said}"
