"""Who is in a group: direct members and those by groups in it, as objects of any type or of one, and their number."""

from __future__ import annotations

from migrator.simulator.directory import existing
from migrator.simulator.messages import Answer, Call, Json, Refused, bad_request, failure
from migrator.simulator.odata import MOST_PER_PAGE, known, needs_eventual, select
from migrator.simulator.state import Members
from migrator.simulator.world import World

_ROUTES = ("members", "transitivemembers")
_CAST = "microsoft.graph."
_COUNT = "$count"
_USUAL_PAGE = 100


def is_members(path: tuple[str, ...]) -> bool:
    """Whether a path in lower case leads here: `groups/{id}/transitiveMembers/microsoft.graph.user/$count`, or a part
    of that."""
    if path[:1] != ("groups",) or len(path) < 3 or path[2] not in _ROUTES:
        return False
    rest = path[3:-1] if path[-1] == _COUNT else path[3:]
    return not rest or (len(rest) == 1 and rest[0].startswith(_CAST))


def members(world: World, call: Call) -> Answer:
    """GET of a group's members. Types and numbers are for those only who take an answer that may be a little old."""
    if world.lies.members_forbidden:
        message = "Insufficient privileges to complete the operation."
        raise Refused(failure(403, "Authorization_RequestDenied", message))
    below = [segment.lower() for segment in call.segments[2:]]
    counts = below[-1] == _COUNT
    cast = next((part.removeprefix(_CAST) for part in below if part.startswith(_CAST)), "")
    _check_consistency(call, counts=counts, cast=cast)
    group = existing(call.segments[1], world.tenant.groups)
    if cast == "device" and group.mail_enabled and not group.security_enabled:
        raise bad_request("Filtering by this type is not supported for the group.", "Request_UnsupportedQuery")
    found = _listed(world.tenant.members_of(group.id, transitive=below[0] == _ROUTES[1]), cast)
    if counts:
        return Answer(200, text=str(len(found)))
    ordered = world.habits.order(found, "members", group.id)
    most = MOST_PER_PAGE if "$top" in call.options else _USUAL_PAGE
    asked = call.options.get("$count", "").lower() == "true"
    return world.page(call, ordered, lambda pair: _show(call, *pair, typed=not cast), most, count=asked)


def _check_consistency(call: Call, *, counts: bool, cast: str) -> None:
    known(call.options, "$select", "$top", "$count", "$skiptoken")
    needs_eventual(call.options, call.headers)
    eventual = call.headers.get("consistencylevel", "").lower() == "eventual"
    if counts and not eventual:
        raise Refused(failure(400, "Request_BadRequest", "$count is not currently supported."))
    if cast and not counts and (not eventual or call.options.get("$count", "").lower() != "true"):
        raise bad_request(
            "Listing by type needs $count=true and the header ConsistencyLevel: eventual.", "Request_UnsupportedQuery"
        )


def _listed(held: Members, cast: str) -> list[tuple[str, str]]:
    """Type and id of each member, of one type or of any."""
    by_type = {"user": held.users, "device": held.devices, "group": held.groups}
    return [(type_, id_) for type_, ids in by_type.items() if cast in ("", type_) for id_ in ids]


def _show(call: Call, type_: str, id_: str, *, typed: bool) -> Json:
    """An object without the rights to read more of it than its type and id."""
    shown = select({"id": id_, "displayName": None}, call.options)
    return {"@odata.type": f"#{_CAST}{type_}", **shown} if typed else shown
