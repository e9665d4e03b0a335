"""Which groups the rows mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from migrator.model.assignment import VIRTUAL_TYPES, Audience, TargetType
from migrator.model.configuration import Group
from migrator.model.finding import Finding, Level
from migrator.model.ports import Tenant
from migrator.model.row import Ref, Row
from migrator.resolving.match import Match, NameIndex, fold, guid, trim
from migrator.resolving.suggest import Suggestions

_TENANT_WIDE = {
    "all users": Audience(TargetType.ALL_USERS),
    "all licensed users": Audience(TargetType.ALL_USERS),
    "all devices": Audience(TargetType.ALL_DEVICES),
    **{group_id: Audience(type_) for group_id, type_ in VIRTUAL_TYPES.items()},
}
_ESCAPE = "group:"


def tenant_wide(text: str) -> Audience | None:
    """`All users` and `All devices`, with their blanks, or the ids of the virtual groups that stand for them where a
    kind has groups only; a real group of that name is written `group:All users`."""
    return _TENANT_WIDE.get(guid(text) or _single_blanks(text).casefold())


def group_name(ref: Ref) -> Ref:
    """The name to look up, without the mark that says it is a group's."""
    if ref.text.casefold().startswith(_ESCAPE):
        text = trim(ref.text[len(_ESCAPE) :])
        return Ref(text, text, ref.column)
    return ref


class GroupFinder:
    """Finds the group a pair of cells (name, id) means, from what `look_up` brought."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.by_id = {group.id: group for group in groups}
        self._by_name = NameIndex(self.by_id.values(), lambda g: g.name)
        self._suggestions = Suggestions(g.name for g in self.by_id.values())

    def find(
        self, name: Ref | None, identity: Ref | None, *, leaving: bool = False
    ) -> tuple[Audience | None, Finding | None]:
        """The audience, or None; with a finding where there is something to say. The finding has no place yet.

        One that is `leaving` (a legacy group, one to remove) may be gone from the directory: its id is enough.
        """
        if identity is not None:
            return self._by_identity(identity, name, leaving)
        if name is None:
            return None, None
        wide = tenant_wide(name.text)
        if wide is not None:
            return wide, self._namesake(name)
        if guid(name.text) in self.by_id:
            return Audience(TargetType.GROUP, guid(name.text)), None
        ref = group_name(name)
        match = self._match(ref)
        if match.candidates:
            return None, _ambiguous(ref, match.candidates)
        if match.found is None:
            return _deleted(ref) if leaving and guid(ref.text) else (None, self._absent(ref, leaving))
        note = Finding(Level.NOTE, "blanks_ignored", f"{ref.text!r} was found: {match.note}", column=ref.column)
        return Audience(TargetType.GROUP, match.found.id), note if match.note else None

    def knows(self, ref: Ref) -> bool:
        """Whether a name was found as a display name, once or several times."""
        match = self._by_name.match(group_name(ref))
        return match.found is not None or bool(match.candidates)

    @cached_property
    def _by_other(self) -> tuple[NameIndex[Group], ...]:
        """By the names that only few groups are called by in a mapping."""
        return tuple(NameIndex(self.by_id.values(), name) for name in (_mail, _nickname, _sid))

    def _by_identity(self, identity: Ref, name: Ref | None, leaving: bool) -> tuple[Audience | None, Finding | None]:
        wide = tenant_wide(identity.text)
        if wide is not None:
            return wide, None
        group = self.by_id.get(guid(identity.text))
        if group is None and leaving and guid(identity.text):
            return _deleted(identity)
        if group is None:
            message = f"no group has the id {identity.text!r}"
            return None, Finding(Level.ERROR, "unknown_group", message, column=identity.column)
        finding = None
        if name is not None and not guid(name.text) and fold(trim(group.name)) != fold(group_name(name).text):
            message = f"the id is that of {group.name!r}, not {name.text!r}; the id counts"
            finding = Finding(Level.WARNING, "id_and_name_differ", message, column=identity.column)
        return Audience(TargetType.GROUP, group.id), finding

    def _match(self, ref: Ref) -> Match[Group]:
        match = self._by_name.match(ref)
        if match.found is not None or match.candidates:
            return match
        other = {g.id: g for index in self._by_other for m in (index.match(ref),) for g in _all_of(m)}
        if len(other) > 1:
            return Match(None, tuple(other.values()))
        return Match(next(iter(other.values()), None))

    def _namesake(self, name: Ref) -> Finding | None:
        """A warning where a group bears the name that was written for everybody."""
        asked = _as_a_groups(name)
        if asked is None or not self.knows(asked):
            return None
        message = (
            f"a group is called {asked.text!r} as well; this row means the target of that name, not the group: "
            f"write group:{asked.text} where the group is meant"
        )
        return Finding(Level.WARNING, "tenant_wide_namesake", message, column=name.column)

    def _absent(self, ref: Ref, leaving: bool) -> Finding:
        advice = "correct the name, or leave it out" if leaving else "create it, or correct the name"
        close = self._suggestions.did_you_mean(ref.text) or f"; {advice}"
        return Finding(Level.ERROR, "unknown_group", f"no group {ref.text!r} in this tenant{close}", column=ref.column)


async def look_up(rows: Sequence[Row], tenant: Tenant) -> GroupFinder:
    """Everything the rows may mean, in as few calls as it takes: by id, by name, and by other names what is left."""
    pairs = {pair for row in rows for pair in row.groups}
    ids = {guid(identity.text) for _, identity in pairs if identity and not tenant_wide(identity.text)}
    by_name = {name for name, identity in pairs if name and not identity}
    refs = {name for name in by_name if tenant_wide(name.text) is None}
    ids |= {guid(ref.text) for ref in refs}
    ids.discard("")
    names = {group_name(ref) for ref in refs if not guid(ref.text)}
    found = list(await tenant.groups_by_id(sorted(ids))) if ids else []
    spellings = {spelling for ref in names for spelling in _spellings(ref)}
    spellings |= {asked.text for asked in map(_as_a_groups, by_name - refs) if asked}
    if spellings:
        found += await tenant.groups_by_name(sorted(spellings))
    finder = GroupFinder(found)
    unknown = {ref.text for ref in names if not finder.knows(ref)}
    unknown |= {text for text in (ref.text for ref in refs) if guid(text) and guid(text) not in finder.by_id}
    if not unknown:
        return finder
    return GroupFinder([*found, *await tenant.groups_by_other_names(sorted(unknown))])


def _spellings(ref: Ref) -> set[str]:
    """A name as it is looked up, and as it was written where only blanks tell the two apart."""
    padded = ref.written.replace("\u00a0", " ").strip("\t\r\n\u200b\ufeff")
    return {ref.text, padded} if padded.strip() == ref.text else {ref.text}


def _single_blanks(text: str) -> str:
    return " ".join(text.split())


def _as_a_groups(name: Ref) -> Ref | None:
    """`All users` as the name a group may bear; None where it was not written so, but came of a column's allUsers."""
    written = trim(name.written or name.text)
    return Ref(_single_blanks(name.text)) if tenant_wide(written) and not guid(written) else None


def _deleted(ref: Ref) -> tuple[Audience, Finding]:
    message = (
        f"no group has the id {ref.text!r} any more; where a deleted group of this id is still assigned, it goes: "
        "if none was meant, check the id"
    )
    finding = Finding(Level.WARNING, "deleted_group", message, column=ref.column)
    return Audience(TargetType.GROUP, guid(ref.text)), finding


def _all_of(match: Match[Group]) -> tuple[Group, ...]:
    return match.candidates or ((match.found,) if match.found else ())


def _ambiguous(ref: Ref, candidates: Sequence[Group]) -> Finding:
    those = ", ".join(f"{g.id} ({g.name!r}{', ' + g.mail if g.mail else ''})" for g in candidates[:10])
    return Finding(
        Level.ERROR,
        "ambiguous_group",
        f"{len(candidates)} groups are called {ref.text!r}: {those}; put the object id of the one you mean instead",
        column=ref.column,
    )


def _mail(group: Group) -> str:
    return group.mail


def _nickname(group: Group) -> str:
    return group.nickname


def _sid(group: Group) -> str:
    return group.sid
