"""Which configurations the rows mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from migrator.model.configuration import Configuration, Coverage, Listing, Served
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.row import Ref, Row
from migrator.resolving.match import Match, NameIndex, guid, trim
from migrator.resolving.suggest import Suggestions


class _Asked(NamedTuple):
    """What rows name a configuration by; rows that name the same have the same answer."""

    name: Ref | None
    id: Ref | None
    kind: Ref | None


class ConfigurationFinder:
    """Finds the configuration of a row; what it cannot find becomes a finding. Every distinct ask is answered once."""

    def __init__(self, listing: Listing) -> None:
        # by key: a configuration that is made or renamed while pages are fetched can stand on two of them
        everything = {listed.configuration.key: listed.configuration for listed in listing.listed}.values()
        self._by_id: defaultdict[str, list[Configuration]] = defaultdict(list)
        by_kind: defaultdict[str, list[Configuration]] = defaultdict(list)
        for configuration in everything:
            self._by_id[configuration.id.lower()].append(configuration)
            by_kind[configuration.kind].append(configuration)
        self._all = NameIndex(everything, lambda c: c.name)
        self._suggestions = Suggestions(c.name for c in everything)
        self._titles = Suggestions(k.title for k in KINDS.values())
        self._by_kind = {kind: NameIndex(those, lambda c: c.name) for kind, those in by_kind.items()}
        self._unread = tuple(c for c in listing.coverage if c.served is not Served.READ)
        self._answers: dict[_Asked, tuple[Configuration | None, Finding | None]] = {}
        self._rows: Counter[_Asked] = Counter()

    def find(self, row: Row) -> tuple[Configuration | None, Finding | None]:
        """The configuration, or None; with a finding where there is something to say (it may come with a match)."""
        asked = _Asked(row.configuration, row.configuration_id, row.kind)
        self._rows[asked] += 1
        if asked not in self._answers:
            self._answers[asked] = self._find(row)
        configuration, finding = self._answers[asked]
        return configuration, _at(row, finding)

    def doubts(self) -> Iterator[Finding]:
        """An error per kind whose reading failed, where names that were found may exist in it too.

        A kind that the token may not read is none of its business, and one that is not served has no names.
        """
        for one in self._unread:
            concerned = self._named_alone(one.kind) if one.served is Served.FAILED else 0
            if concerned:
                rows = "1 row names its configuration" if concerned == 1 else f"{concerned} rows name configurations"
                message = (
                    f"{told(one)}; {rows} by name alone, which may exist there too: name the kind in a column Kind "
                    "or with --kind, or try again"
                )
                yield Finding(Level.ERROR, "kind_unread_names", message)

    def _named_alone(self, kind: str) -> int:
        """How many rows were answered by a name that another configuration, of this kind, may bear as well."""
        return sum(
            rows
            for asked, rows in self._rows.items()
            if (found := self._answers[asked][0]) is not None
            and asked.id is None
            and asked.name is not None
            and _as_id(asked.name) != found.id.lower()
            and (asked.kind is None or kind in {k.name for k in find_kinds(asked.kind.text)})
        )

    def _find(self, row: Row) -> tuple[Configuration | None, Finding | None]:
        kinds = find_kinds(row.kind.text) if row.kind else ()
        if row.kind and not kinds:
            close = self._titles.did_you_mean(row.kind.text)
            return None, _finding(Level.ERROR, "unknown_kind", row.kind, f"there is no kind {row.kind.text!r}{close}")
        allowed = {k.name for k in kinds}
        ref = row.configuration_id or row.configuration
        if ref is None:
            return None, Finding(Level.ERROR, "no_configuration", "this row names no configuration")
        match = self._match(row, allowed)
        if match.candidates:
            return None, _ambiguous(ref, match.candidates)
        if match.found is None:
            return None, self._absent(ref, allowed)
        return match.found, _noted(row, match)

    def _match(self, row: Row, allowed: set[str]) -> Match[Configuration]:
        for ref in (row.configuration_id, row.configuration):
            there = self._by_id.get(_as_id(ref), []) if ref else []
            those = [c for c in there if not allowed or c.kind in allowed]
            if those:
                return Match(those[0]) if len(those) == 1 else Match(None, tuple(those))
        if row.configuration_id is not None or row.configuration is None:
            return Match(None)
        if not allowed:
            return self._all.match(row.configuration)
        matches = [self._by_kind[kind].match(row.configuration) for kind in sorted(allowed & set(self._by_kind))]
        found = [c for m in matches for c in ((m.found,) if m.found else m.candidates)]
        if len(found) > 1:
            return Match(None, tuple(found))
        return next((m for m in matches if m.found), Match(None))

    def _absent(self, ref: Ref, allowed: set[str]) -> Finding:
        unread = [c for c in self._unread if not allowed or c.kind in allowed]
        close = self._suggestions.did_you_mean(ref.text)
        because = "" if close or not unread else "; " + "; ".join(told(c) for c in unread)
        return _finding(
            Level.ERROR, "unknown_configuration", ref, f"no configuration {ref.text!r} in this tenant{close}{because}"
        )


def told(coverage: Coverage) -> str:
    """One sentence about a kind that could not be read."""
    kind = KINDS[coverage.kind]
    match coverage.served:
        case Served.NOT_SERVED:
            return f"this tenant does not serve {kind.title} ({kind.path})"
        case Served.FORBIDDEN:
            read = kind.permission.replace("ReadWrite", "Read")
            return f"{kind.title} may not be read: grant the application {read} or {kind.permission}"
        case _:
            return f"{kind.title} could not be read: {coverage.reason or coverage.served}"


def coverage_findings(coverage: Sequence[Coverage]) -> Iterator[Finding]:
    """A warning per kind that could not be read: names in it were not looked at."""
    for one in coverage:
        if one.served is not Served.READ:
            yield Finding(Level.WARNING, "kind_not_read", told(one))


def _ambiguous(ref: Ref, candidates: Sequence[Configuration]) -> Finding:
    those = ", ".join(f"{c.id} ({KINDS[c.kind].title})" for c in candidates)
    return _finding(
        Level.ERROR,
        "ambiguous_configuration",
        ref,
        f"{len(candidates)} configurations are called {ref.text!r}: {those}; put the id of the one you mean "
        "in a column Configuration ID, or its kind in a column Kind",
    )


def _noted(row: Row, match: Match[Configuration]) -> Finding | None:
    found, named = match.found, row.configuration
    if found is None or named is None:
        return None
    if match.note:
        return _finding(Level.NOTE, "blanks_ignored", named, f"{named.text!r} was found: {match.note}")
    given_by_id = row.configuration_id is not None and not guid(named.text)
    if given_by_id and trim(found.name).casefold() != named.text.casefold():
        return _finding(
            Level.WARNING,
            "id_and_name_differ",
            named,
            f"the id is that of {found.name!r}, not {named.text!r}; the id counts",
        )
    return None


def _finding(level: Level, code: str, ref: Ref, message: str) -> Finding:
    return Finding(level, code, message, column=ref.column)


def _as_id(ref: Ref) -> str:
    return guid(ref.text) or ref.text.lower()


def _at(row: Row, finding: Finding | None) -> Finding | None:
    if finding is None:
        return None
    return Finding(finding.level, finding.code, finding.message, row.sheet, row.number, finding.column)


def kinds_of(rows: Sequence[Row], settings_kinds: Sequence[str], usual: Sequence[str]) -> Mapping[str, None]:
    """The kinds to list: those the rows name, else those that were asked for, else the usual ones; in table order."""
    named = {kind.name for text in {r.kind.text for r in rows if r.kind} for kind in find_kinds(text)}
    if settings_kinds:
        named |= set(settings_kinds)
    if not settings_kinds and (not named or any(r.kind is None for r in rows)):
        named |= set(usual)
    return dict.fromkeys(name for name, kind in KINDS.items() if name in named and not kind.excluded)
