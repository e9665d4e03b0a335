"""The tenant's configurations, found by listing; with their assignments where the listing carries them whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migrator.graph.batch import send_batch
from migrator.graph.odata import Trail, query
from migrator.graph.protocol import Call, Meaning
from migrator.graph.tenant.codec import parse_list
from migrator.graph.tenant.pages import NEXT_LINK
from migrator.graph.tenant.together import together
from migrator.model.configuration import Configuration, Coverage, Listed, Listing, Served
from migrator.model.errors import GraphError, NotLicensed, NotServed, PermissionRefused
from migrator.model.kind import Trust
from migrator.model.platforms import listed, platforms, platforms_of_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.graph.answer import Answer
    from migrator.graph.client import Client
    from migrator.model.kind import Kind

_EXPAND = "assignments"
_EXPAND_REFUSED = (400, 500, 501)
_FEW = 3
"""So many kinds are listed each by itself."""
_PUBLISHED = "published"


async def list_configurations(
    client: Client, kinds: Sequence[Kind], progress: Callable[[int], None] | None = None
) -> Listing:
    """All configurations of these kinds, all pages; `progress` hears of every page's count.

    A few kinds are read side by side, each by itself; of many the pages are asked for up to 20 to a call: the first
    ones, then the second ones, and so on. A kind that cannot be read is told in the coverage; only SignInError is
    raised.
    """
    courses = [_Course(client, kind, "list", progress) for kind in kinds]
    if len(courses) > _FEW:
        while under_way := [course for course in courses if course.call is not None]:
            await _round(client, under_way)
    else:
        await together(_alone(client, course) for course in courses)
    return Listing(
        listed=tuple(listed for course in courses for listed in course.found),
        coverage=tuple(course.coverage() for course in courses),
    )


async def list_kind(
    client: Client,
    kind: Kind,
    progress: Callable[[int], None] | None = None,
    *,
    purpose: str = "list",
    version: str = "",
) -> tuple[Sequence[Listed], Coverage]:
    """One kind's configurations, and how far it could be read: not served, forbidden and failed give none at all.

    Without a `version` it is the one that was asked for; one that hides part of assignments gives none of them.
    """
    course = _Course(client, kind, purpose, progress, version)
    await _alone(client, course)
    return course.found, course.coverage()


class _Course:
    """The reading of one kind's list. `call` is what to ask next, None at the end; `found` is what came of it.

    It is asked for with what is assigned where that is of use, and without where the service refuses that option.
    """

    def __init__(
        self, client: Client, kind: Kind, purpose: str, progress: Callable[[int], None] | None, version: str = ""
    ) -> None:
        self.found: list[Listed] = []
        self._kind, self._graph_url, self._progress = kind, client.graph_url, progress
        self._version = version or kind.version_for(client.api_version)
        self._plain = Call("GET", f"/{self._version}{kind.path}", purpose)
        expands = kind.list_expand not in (Trust.ABSENT, Trust.LIES) and not kind.unknown_in(self._version)
        first = replace(self._plain, path=query(self._plain.path, expand=_EXPAND)) if expands else self._plain
        self._refusable = expands
        self._unread: Coverage | None = None
        self._pages = 0
        self._begins(first)

    def _begins(self, call: Call) -> None:
        self.call: Call | None = call
        self._trail = Trail(call.path, self._graph_url)

    def take(self, answer: Answer) -> None:
        """Takes what the call came to."""
        if self._refusable and answer.reply.status in _EXPAND_REFUSED:
            self._refusable = False
            self._begins(self._plain)
            return
        self._refusable = False
        try:
            self.call = self._turn(answer)
        except PermissionRefused as error:
            self._fail(Served.FORBIDDEN, f"{error} (needed: {_permission_to_read(self._kind)})")
        except NotServed as error:
            licence = error.said if isinstance(error, NotLicensed) else ""
            if self._pages:  # it is served: a page of it is lost
                self._fail(Served.FAILED, str(error))
            else:
                self._fail(Served.NOT_SERVED, f"this tenant does not serve {self._kind.title}: {error}", licence)
        except GraphError as error:
            self._fail(Served.FAILED, str(error))

    def _turn(self, answer: Answer) -> Call | None:
        """Keeps one page; gives the call for the next."""
        page, elements = answer.page()
        listed = [_listed(self._kind, element, self._version) for element in elements]
        self.found += listed
        self._pages += 1
        if self._progress is not None:
            self._progress(len(listed))
        link = page.get(NEXT_LINK)
        return replace(answer.call, path=self._trail.follow(str(link), len(elements))) if link else None

    def _fail(self, served: Served, reason: str, licence: str = "") -> None:
        self.call, self.found = None, []
        self._unread = Coverage(self._kind.name, served, reason=reason, licence=licence)

    def coverage(self) -> Coverage:
        if self._unread is not None:
            return self._unread
        return Coverage(self._kind.name, Served.READ, count=len(self.found))


async def _alone(client: Client, course: _Course) -> None:
    while course.call is not None:
        course.take(await client.send(course.call))


async def _round(client: Client, courses: Sequence[_Course]) -> None:
    """One page more of each, up to 20 to a call; the versions side by side."""
    asked = [(course, course.call) for course in courses if course.call is not None]
    by_version: defaultdict[str, list[tuple[_Course, Call]]] = defaultdict(list)
    for course, call in asked:
        by_version[call.path.split("/", 2)[1]].append((course, call))
    await together(_page_of_each(client, version, those) for version, those in by_version.items())


async def _page_of_each(client: Client, version: str, asked: Sequence[tuple[_Course, Call]]) -> None:
    answers = await _answers(client, version, [call for _, call in asked])
    for (course, _), answer in zip(asked, answers, strict=True):
        course.take(answer)


async def _answers(client: Client, version: str, calls: Sequence[Call]) -> list[Answer]:
    """An answer to each. Where a whole batch had no success in all its tries, each of its calls by itself still may."""
    if len(calls) == 1:
        return [await client.send(calls[0])]
    answers = await send_batch(client, calls, version)
    told = Counter(id(answer.reply) for answer in answers)  # what several have in common is the batch's own
    lost = [n for n, a in enumerate(answers) if a.meaning is Meaning.TRANSIENT and told[id(a.reply)] > 1]
    for index, answer in zip(lost, await together(client.send(calls[n]) for n in lost), strict=True):
        answers[index] = answer
    return answers


def _listed(kind: Kind, element: object, version: str) -> Listed:
    if not isinstance(element, dict) or not isinstance(element.get("id"), str) or not element["id"]:
        raise GraphError(f"the list of {kind.title} holds something that is no configuration")
    whole = f"{_EXPAND}{NEXT_LINK}" not in element and not kind.unknown_in(version)
    return Listed(_configuration(kind, element), parse_list(kind, element.get(_EXPAND)) if whole else None)


def _configuration(kind: Kind, element: dict[str, Any]) -> Configuration:
    priority, is_assigned = element.get("priority"), element.get("isAssigned")
    state = str(element.get(kind.published_by) or "") if kind.published_by else ""
    type_ = str(element.get("@odata.type") or "").rpartition(".")[2]
    told_by, told = kind.of_every_tenant
    return Configuration(
        kind=kind.name,
        id=element["id"],
        name=str(element.get(kind.name_property) or ""),
        description=str(element.get("description") or ""),
        type=type_,
        priority=priority if isinstance(priority, int) and not isinstance(priority, bool) else None,
        modified=str(element.get("lastModifiedDateTime") or ""),
        is_assigned=is_assigned if isinstance(is_assigned, bool) else None,
        platform=listed(platforms(kind.platform or str(element.get("platforms") or "")) or platforms_of_type(type_)),
        unpublished="" if state == _PUBLISHED else state,
        built_in=bool(kind.built_in) and element.get(kind.built_in) is True,
        of_every_tenant=bool(told_by) and element.get(told_by) == told,
    )


def _permission_to_read(kind: Kind) -> str:
    return kind.permission.replace(".ReadWrite.", ".Read.")
