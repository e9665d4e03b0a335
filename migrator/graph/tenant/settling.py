"""May what Graph's routes say be believed? Pure.

An empty list is no evidence: services answer empty lists for assigned policies. Writing on one that is not true would
wipe every assignment that stands. So it takes two routes that agree on nothing, and Graph's own `isAssigned` must not
deny it; while one list that is not empty is enough against any number of empty ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from migrator.model.assignment import Assignments
from migrator.model.kind import Kind, Trust
from migrator.model.lists import same
from migrator.model.reading import Reading, Route, RouteAnswer

_BY_HAND = "assign one group to it by hand, so that there is something to be read, and plan again"


class _Judgement(NamedTuple):
    assignments: Assignments
    settled: bool
    note: str


def settle(answers: Sequence[RouteAnswer], is_assigned: bool | None, *, unheard: bool = False) -> Reading:
    """The list that holds by these answers, in any order.

    Of several answers of one route the last counts, though an empty one never displaces one that was not. The reading
    carries one answer a route. One that is not settled gives the longest list, to be looked at, not to be written on.
    `unheard` says that `/assignments` is served and could not be read: then the two ways to expand, which lie alike,
    are no two witnesses of an empty list, and an empty item is none that the listing is whole.
    """
    latest = _one_a_route(answers)
    filled = [a for a in latest if a.assignments]
    empty = [a for a in latest if a.assignments == ()]
    judgement = _by_filled(filled, empty, unheard=unheard) if filled else _by_empty(empty, is_assigned, unheard=unheard)
    notes = [judgement.note, *(f"{a.route} gave nothing: {a.reason}" for a in latest if a.reason)]
    return Reading(judgement.assignments, judgement.settled, latest, "; ".join(n for n in notes if n))


def differ(answers: Sequence[RouteAnswer]) -> bool:
    """Whether routes gave lists that are not empty and not the same; only reading again can settle that."""
    first, *others = [a.assignments for a in _one_a_route(answers) if a.assignments] or [()]
    return any(not same(first, other) for other in others)


def next_route(
    kind: Kind, answers: Sequence[RouteAnswer], is_assigned: bool | None, *, unheard: bool = False
) -> Route | None:
    """The route to ask next; None where it is settled, where lists differ, or where no route is left.

    The listing comes late (it costs pages, not a twentieth of a call), and only as the second witness of an empty
    list: alone it settles nothing. A route that is said not to be served comes last, and as no more than that: a tenant
    that serves it all the same has two witnesses.
    """
    if settle(answers, is_assigned, unheard=unheard).settled or differ(answers):
        return None
    asked = {a.route for a in answers}
    routes = list(by_id(kind))
    if any(a.assignments is not None for a in answers):
        routes += [Route.LIST] if trust(kind, Route.LIST) not in (Trust.ABSENT, Trust.LIES) else []
        routes += [r for r in (Route.ASSIGNMENTS, Route.ITEM) if trust(kind, r) is Trust.ABSENT]
    routes.sort(key=lambda route: trust(kind, route) is Trust.LIES)
    return next((route for route in routes if route not in asked), None)


def by_id(kind: Kind) -> Sequence[Route]:
    """The routes of a kind that ask for one configuration by its id."""
    return [r for r in (Route.ASSIGNMENTS, Route.ITEM) if trust(kind, r) is not Trust.ABSENT]


def trust(kind: Kind, route: Route) -> Trust:
    """How far a route can be relied on for a kind, as far as is known."""
    return {
        Route.LIST: kind.list_expand,
        Route.ASSIGNMENTS: kind.assignments,
        Route.ITEM: kind.item_expand,
    }[route]


def heard(kind: Kind, route: Route, assignments: Assignments) -> RouteAnswer:
    """What a route's list is worth: an empty one counts for nothing where the route is known to answer so always."""
    if not assignments and trust(kind, route) is Trust.LIES:
        return RouteAnswer(route, None, "its empty list means nothing for this kind")
    return RouteAnswer(route, assignments)


def _one_a_route(answers: Iterable[RouteAnswer]) -> tuple[RouteAnswer, ...]:
    latest: dict[Route, RouteAnswer] = {}
    for answer in answers:
        before = latest.get(answer.route)
        if before is None or _weight(answer) >= _weight(before):
            latest[answer.route] = answer
    return tuple(latest[route] for route in Route if route in latest)


def _weight(answer: RouteAnswer) -> int:
    """A list weighs more than an empty one, and that more than none."""
    return 0 if answer.assignments is None else 1 + bool(answer.assignments)


def _by_filled(filled: Sequence[RouteAnswer], empty: Sequence[RouteAnswer], *, unheard: bool) -> _Judgement:
    longest = max((a.assignments or () for a in filled), key=len)
    if differ(filled):
        routes = ", ".join(f"{a.route}: {len(a.assignments or ())}" for a in filled)
        return _Judgement(longest, False, f"the routes answer different lists ({routes})")
    if (unheard or not empty) and all(a.route is Route.LIST for a in filled):
        return _Judgement(longest, False, "only the listing says what is assigned, and no second route confirms it")
    lied = " and ".join(a.route for a in empty)
    note = f"{lied} answered an empty list though {len(longest)} assigned" if lied else ""
    return _Judgement(longest, True, note)


def _by_empty(empty: Sequence[RouteAnswer], is_assigned: bool | None, *, unheard: bool) -> _Judgement:
    if not empty:
        return _Judgement((), False, "no route said what is assigned")
    if is_assigned:
        return _Judgement((), False, "every list is empty, yet isAssigned says that it is assigned")
    if len(empty) == 1:
        alone = f"only {empty[0].route} answered, and an empty list alone proves nothing"
        return _Judgement((), False, f"{alone}; where that stays so, {_BY_HAND}")
    if unheard and all(a.route is not Route.ASSIGNMENTS for a in empty):
        return _Judgement((), False, "every $expand is empty, which proves nothing while /assignments cannot be read")
    return _Judgement((), True, "")
