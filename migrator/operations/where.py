"""Where groups are assigned: every assignment of theirs, over all kinds. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.journal.folder import check_room, new_run_id
from migrator.model.assignment import VIRTUAL_GROUPS, VIRTUAL_TYPES, Audience
from migrator.model.errors import GraphError, PermissionRefused, UsageError
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted, Watch
from migrator.model.finding import Level
from migrator.model.kinds import KINDS
from migrator.model.occurrences import Doubt, Found, Occurrences, Sought
from migrator.model.plan import Names
from migrator.model.reading import only_unconfirmed
from migrator.model.row import Action, Ref, Row
from migrator.operations.counted import counted
from migrator.operations.naming import whereabouts
from migrator.operations.survey import stage, survey
from migrator.operations.target import check_target, unused
from migrator.reporting.where import write
from migrator.resolving.groups import GroupFinder, look_up
from migrator.resolving.match import trim

if TYPE_CHECKING:
    from migrator.model.configuration import Configuration, FilterDefinition, Group
    from migrator.model.finding import Finding
    from migrator.model.reading import Reading
    from migrator.operations.connect import Connection
    from migrator.operations.survey import Survey

_WIDE = {type_: VIRTUAL_GROUPS[group_id] for group_id, type_ in VIRTUAL_TYPES.items()}
_NAMESAKE = "a group bears this name as well, and is not meant: write group:{} for the group"
_DELETED = "the group was deleted"
_GONE = "the directory has no group of this id (any more)"


async def where(groups: Sequence[str], connection: Connection, kinds: Sequence[str] = ()) -> Occurrences:
    """Every assignment of these groups (names, ids, `All users`, `All devices`), over these kinds or over all.

    UsageError where a name is unknown or several groups bear it, with those that may be meant; PermissionRefused or
    GraphError where nothing at all can be read.
    """
    created = connection.clock.time()
    with counted(connection) as requests:
        sought, known = await _seek(groups, connection)
        tenant = await connection.tenant.about()
        surveyed = await survey(kinds or assignable(), connection)
        found = tuple(_found(sought, surveyed))
        names = Names(known, await _filters(found, connection))
    return Occurrences(
        tenant=tenant,
        created=created,
        sought=sought,
        found=found,
        doubts=tuple(doubts(surveyed)),
        names=names,
        coverage=surveyed.listing.coverage,
        wanted=tuple(kinds),
        requests=requests.count,
    )


def check_place(reports: Path, wanted: Path | None) -> None:
    """UsageError where the workbook could not be written, so that this is known before anything is read."""
    if wanted is None:
        check_room(reports)
    else:
        check_target(wanted, (".xlsx",))


def keep(found: Occurrences, reports: Path, wanted: Path | None, watch: Watch) -> Path:
    """Writes the workbook, where it is wanted or among the reports; gives its path. UsageError where it cannot be."""
    path = wanted or unused(reports / f"where-{new_run_id(found.created, found.tenant.name)}.xlsx")
    watch(StageStarted(Stage.REPORT, 1))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(found, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}; name another with --xlsx") from error
    watch(StageAdvanced(Stage.REPORT))
    watch(StageFinished(Stage.REPORT))
    return path


def doubts(surveyed: Survey) -> Iterator[Doubt]:
    """The configurations of which could not be read beyond doubt what they are assigned to."""
    for configuration in in_order(surveyed):
        reading = surveyed.readings[configuration.key]
        if not reading.settled:
            reason = reading.note or "no route said what is assigned"
            yield Doubt(configuration, reason, slight=only_unconfirmed(configuration, reading))


def in_order(surveyed: Survey) -> Sequence[Configuration]:
    """Every configuration once, by kind as in the table, then by name."""
    distinct = {one.configuration.key: one.configuration for one in surveyed.listing.listed}
    places = {name: place for place, name in enumerate(KINDS)}
    return sorted(distinct.values(), key=lambda c: (places[c.kind], c.name.casefold(), c.name, c.id))


def assignable() -> tuple[str, ...]:
    """The kinds whose configurations can be assigned, as the table stands."""
    return tuple(name for name, kind in KINDS.items() if not kind.excluded)


async def _seek(groups: Sequence[str], connection: Connection) -> tuple[tuple[Sought, ...], tuple[Group, ...]]:
    """Whom the texts mean, each once, with all groups that may have been meant."""
    texts = list(dict.fromkeys(text for text in groups if trim(text)))
    if not texts:
        raise UsageError("name a group: its name, its id, `All users` or `All devices`")
    rows = [Row("", number, Action.REMOVE, legacy=_ref(text)) for number, text in enumerate(texts, start=1)]
    with stage(connection, Stage.LOOK_UP, len(texts)) as progress:
        finder = await look_up(rows, connection.tenant)
        progress(len(texts))
    answers = [(text, *finder.find(_ref(text), None, leaving=True)) for text in texts]
    wrong = [finding.message for _, _, finding in answers if finding and finding.level is Level.ERROR]
    if wrong:
        raise UsageError("; ".join(wrong))
    sought: dict[Audience, Sought] = {}
    for text, audience, finding in answers:
        if audience is not None:
            sought.setdefault(_folded(audience), _sought(text, _folded(audience), finding, finder))
    absent = await whereabouts((one.audience.id for one in sought.values() if one.gone), connection)
    there = {group.id: group for group in absent.groups}
    return tuple(_renamed(one, there.get(one.audience.id)) for one in sought.values()), tuple(finder.by_id.values())


def _renamed(sought: Sought, group: Group | None) -> Sought:
    """A group that many were asked for and that did not come, with what is known of it by itself."""
    if group is None:
        return sought
    named = replace(sought, name=group.name or sought.name, gone=group.deleted)
    return replace(named, note=_DELETED if group.deleted else "")


def _ref(text: str) -> Ref:
    return Ref(trim(text), text)


def _sought(text: str, audience: Audience, finding: Finding | None, finder: GroupFinder) -> Sought:
    if audience.type in _WIDE:
        name = _WIDE[audience.type]
        return Sought(text, audience, name, note=_NAMESAKE.format(name) if _is_namesake(finding) else "")
    group = finder.by_id.get(audience.id)
    if group is None:
        return Sought(text, audience, audience.id, gone=True, note=_GONE)
    return Sought(text, audience, group.name or group.mail or group.id, note=finding.message if finding else "")


def _is_namesake(finding: Finding | None) -> bool:
    return finding is not None and finding.code == "tenant_wide_namesake"


def _found(sought: Iterable[Sought], surveyed: Survey) -> Iterator[Found]:
    by_audience = _by_audience(surveyed)
    for one in sought:
        for configuration, reading, index in by_audience.get(_folded(one.audience), ()):
            yield Found(one, configuration, reading.assignments[index], reading.note, doubtful=not reading.settled)


def _by_audience(surveyed: Survey) -> Mapping[Audience, list[tuple[Configuration, Reading, int]]]:
    """What each audience is assigned to; the virtual groups of app protection count as the audiences they stand for."""
    index: dict[Audience, list[tuple[Configuration, Reading, int]]] = {}
    for configuration in in_order(surveyed):
        reading = surveyed.readings[configuration.key]
        for number, assignment in enumerate(reading.assignments):
            audience = _folded(assignment.target.audience)
            index.setdefault(audience, []).append((configuration, reading, number))
    return index


def _folded(audience: Audience) -> Audience:
    return Audience(VIRTUAL_TYPES[audience.id]) if audience.id in VIRTUAL_TYPES else audience


async def _filters(found: Iterable[Found], connection: Connection) -> tuple[FilterDefinition, ...]:
    """The filters, where any of the assignments has one; none where they cannot be read, for these are names only."""
    if any(one.assignment.filter for one in found):
        with suppress(PermissionRefused, GraphError):
            return tuple(await connection.tenant.filters())
    return ()
