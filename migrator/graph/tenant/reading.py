"""What is assigned, read by as many routes as it takes to believe it: one call for 20 configurations and route."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.graph.odata import chunks, query, segment
from migrator.graph.protocol import Call, Meaning
from migrator.graph.tenant.codec import parse_list
from migrator.graph.tenant.configurations import list_kind
from migrator.graph.tenant.pages import whole_lists
from migrator.graph.tenant.settling import by_id, differ, heard, next_route, settle
from migrator.model.configuration import Served
from migrator.model.kinds import KINDS
from migrator.model.reading import Reading, Route, RouteAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from migrator.graph.client import Client
    from migrator.graph.tenant.pages import Lot
    from migrator.model.assignment import Assignments
    from migrator.model.configuration import Configuration, Coverage, Key, Listed
    from migrator.model.kind import Kind

PAUSES = (0.5, 1.0, 1.5, 2.0)
"""Seconds between readings of routes whose lists differ: a write that is not to be seen everywhere yet."""
PATIENCE = 5.0
"""Seconds after which they are not read again, however long each reading took."""
_AT_ONCE = 200
"""So many configurations are asked for side by side, ten batches, before progress is told."""
_NOT_SERVED = (400, 404, 405, 501)
"""What a service answers to a route that it does not have; everything else hides what it would have said."""
ENOUGH = 600.0
"""Seconds for which nobody answers, after which nothing further is asked: where many configurations are to be read, a
service that is down would be asked for hours."""
_ANSWERS = (Meaning.OK, Meaning.REFUSED)
_LIST_NAME = {Route.ASSIGNMENTS: "value", Route.ITEM: "assignments"}


async def read(
    client: Client,
    configurations: Sequence[Configuration],
    known: Mapping[Key, Assignments | None] | None = None,
    *,
    purpose: str = "read",
    progress: Callable[[int], None] | None = None,
) -> Mapping[Key, Reading]:
    """What is assigned to each, with what the listing said (`known`) as one route among others.

    A second route is always asked, and more while it is not settled. Lists that differ are read again for up to five
    seconds. What stays open comes back as not settled, and `given_up` where nobody answered for ten minutes; only
    SignInError is raised.
    """
    kinds = {c.kind: KINDS[c.kind] for c in configurations}
    versions = {name: kind.version_to_read(client.api_version) for name, kind in kinds.items()}
    cases = [_Case(c, kinds[c.kind], versions[c.kind], is_assigned=c.is_assigned) for c in configurations]
    for case in cases:
        listed = known.get(case.configuration.key) if known is not None else None
        if listed is not None:
            case.answers.append(heard(case.kind, Route.LIST, listed))
    reader = _Reader(client, purpose, progress)
    await reader.ask(cases)
    clock = client.clock
    deadline = clock.monotonic() + PATIENCE
    for pause in PAUSES:
        differing = [case for case in cases if case.differs]
        if not differing or clock.monotonic() + pause > deadline:
            break
        await clock.sleep(pause)
        await reader.ask_again(differing)
    reader.tell(cases)
    return {case.configuration.key: case.reading() for case in cases}


@dataclass(slots=True)
class _Case:
    """One configuration while it is being read."""

    configuration: Configuration
    kind: Kind
    version: str
    answers: list[RouteAnswer] = field(default_factory=list)
    is_assigned: bool | None = None
    not_found: set[Route] = field(default_factory=set)
    told: bool = False
    unheard: bool = False
    given_up: str = ""

    @property
    def gone(self) -> bool:
        """Whether it no longer exists. One 404 does not say so: a service may not serve that route at all."""
        return self.not_found.issuperset(by_id(self.kind)) or self.not_found.issuperset((Route.ITEM, Route.LIST))

    @property
    def next_route(self) -> Route | None:
        return None if self.gone else next_route(self.kind, self.answers, self.is_assigned, unheard=self.unheard)

    @property
    def differs(self) -> bool:
        return not self.gone and differ(self.answers)

    def call(self, route: Route, purpose: str) -> Call:
        item = f"/{self.version}{self.kind.path}/{segment(self.configuration.id)}"
        path = f"{item}/assignments" if route is Route.ASSIGNMENTS else query(item, expand="assignments")
        return Call("GET", path, purpose, subject=self.configuration.key)

    def hears(self, route: Route, lot: Lot) -> None:
        """Takes what a route brought."""
        assignments = None if lot.elements is None else parse_list(self.kind, lot.elements)
        if assignments is None:
            reason = lot.reason or "its list holds something that is no assignment"
            self.answers.append(RouteAnswer(route, None, reason))
        else:
            self.answers.append(heard(self.kind, route, assignments))
        if route is Route.ASSIGNMENTS:
            self.unheard = assignments is None and lot.first.reply.status not in _NOT_SERVED
        self._finds(route, found=lot.first.reply.status != 404)
        if route is Route.ITEM and lot.elements is not None:
            self._is_assigned_by(lot.first.json().get("isAssigned"))

    def is_given_up(self, route: Route, reason: str) -> None:
        """Takes it that a route was not asked any more."""
        self.answers.append(RouteAnswer(route, None, reason))
        self.unheard = self.unheard or route is Route.ASSIGNMENTS
        self.given_up = reason

    def sees(self, listed: Listed | None, coverage: Coverage) -> None:
        """Takes what a listing made just now brought."""
        if listed is None or listed.assignments is None:
            unnamed = "the listing does not name it" if listed is None else ""
            reason = coverage.reason or unnamed or "the listing does not carry its assignments whole"
            self.answers.append(RouteAnswer(Route.LIST, None, reason))
        else:
            self.answers.append(heard(self.kind, Route.LIST, listed.assignments))
            self._is_assigned_by(listed.configuration.is_assigned)
        self._finds(Route.LIST, found=listed is not None or coverage.served is not Served.READ)

    def _finds(self, route: Route, *, found: bool) -> None:
        if found:
            self.not_found.discard(route)
        else:
            self.not_found.add(route)

    def _is_assigned_by(self, said: object) -> None:
        """Graph's newest word: what the configuration was found with may be older than the last write."""
        if isinstance(said, bool):
            self.is_assigned = said

    def reading(self) -> Reading:
        if self.gone:
            return Reading((), settled=False, answers=tuple(self.answers), note="the configuration no longer exists")
        found = settle(self.answers, self.is_assigned, unheard=self.unheard)
        return replace(found, given_up="" if found.settled else self.given_up)


@dataclass(slots=True)
class _Reader:
    """Asks routes for many configurations at a time. `silent_since` is when the first of the last calls was made that
    nobody answered (monotonic seconds), `answered` one that somebody did, `given_up` why nothing further is asked."""

    client: Client
    purpose: str
    progress: Callable[[int], None] | None
    silent_since: float | None = None
    answered: Call | None = None
    given_up: str = ""

    def tell(self, cases: Iterable[_Case]) -> None:
        """Tells the progress: each case counts once."""
        news = [case for case in cases if not case.told]
        for case in news:
            case.told = True
        if news and self.progress is not None:
            self.progress(len(news))

    async def ask(self, cases: Sequence[_Case]) -> None:
        """Asks route after route until every case is settled, differs, or has no route left."""
        while waiting := {id(case): route for case in cases if (route := case.next_route) is not None}:
            for route in Route:
                await self._route(route, [case for case in cases if waiting.get(id(case)) is route])

    async def ask_again(self, cases: Sequence[_Case]) -> None:
        """Asks every route again that brought a list which is not empty."""
        waiting = [(case, {a.route for a in case.answers if a.assignments}) for case in cases]
        for route in Route:
            await self._route(route, [case for case, routes in waiting if route in routes])

    async def _route(self, route: Route, cases: Sequence[_Case]) -> None:
        if route is Route.LIST and not self.given_up:
            await self._list(cases)
            return
        for window in chunks(cases, _AT_ONCE):
            if self.given_up:
                for case in window:
                    case.is_given_up(route, self.given_up)
            else:
                await self._window(route, window)
            self.tell(case for case in window if case.next_route is None and not case.differs)

    async def _window(self, route: Route, window: Sequence[_Case]) -> None:
        began = self.client.clock.monotonic()
        calls = [case.call(route, self.purpose) for case in window]
        lots = await whole_lists(self.client, calls, _LIST_NAME[route])
        for case, lot in zip(window, lots, strict=True):
            case.hears(route, lot)
        answered = next((lot.first.call for lot in lots if lot.first.meaning in _ANSWERS), None)
        if answered is not None:
            self.answered, self.silent_since = answered, None
            return
        self.silent_since = began if self.silent_since is None else self.silent_since
        if self.client.clock.monotonic() - self.silent_since < ENOUGH:
            return
        if self.answered and (await self.client.send(self.answered)).meaning in _ANSWERS:
            self.silent_since = None  # it is up: these are broken each by itself
        else:
            self.given_up = f"nobody answered for ten minutes, and at last: {lots[-1].reason}"

    async def _list(self, cases: Iterable[_Case]) -> None:
        """The listing once more, for the kinds that need it."""
        by_kind: defaultdict[str, list[_Case]] = defaultdict(list)
        for case in cases:
            by_kind[case.kind.name].append(case)
        for name, concerned in by_kind.items():
            version = concerned[0].version
            found, coverage = await list_kind(self.client, KINDS[name], purpose=self.purpose, version=version)
            listed = {one.configuration.key: one for one in found}
            for case in concerned:
                case.sees(listed.get(case.configuration.key), coverage)
