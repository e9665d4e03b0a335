"""Which configurations the rows mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from migrator.model.configuration import Configuration, Coverage, Key, Listed, Listing, Served
from migrator.model.finding import Finding, Level
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.row import Ref, Row
from migrator.resolving.match import Match, NameIndex, fold, guid, is_pattern, pattern, trim
from migrator.resolving.suggest import Suggestions


class _Asked(NamedTuple):
    """What rows name a configuration by; rows that name the same have the same answer."""

    name: Ref | None
    id: Ref | None
    kind: Ref | None


class ConfigurationFinder:
    """Finds the configuration of a row; what it cannot find becomes a finding. Every distinct ask is answered once.

    `kinds` are those that a row which means many is about where it names none; empty: all that were listed.
    """

    def __init__(self, listing: Listing, kinds: Collection[str] = ()) -> None:
        # by key: a configuration that is made or renamed while pages are fetched can stand on two of them
        listed = {one.configuration.key: one.configuration for one in listing.listed}
        everything = [c for c in listed.values() if not KINDS[c.kind].excluded]
        beyond = [c for c in listed.values() if KINDS[c.kind].excluded]
        self._everything = everything
        self._spare = {one.configuration.key for one in listing.listed if _is_spare(one)}
        self._beyond = (NameIndex(beyond, lambda c: c.name), {c.id.lower(): c for c in beyond})
        self._kinds = frozenset(kinds)
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
        # what cannot be assigned is never what a row means, so nothing hangs on its names
        self._in_doubt = tuple(c for c in self._unread if not KINDS[c.kind].excluded)
        self._answers: dict[_Asked, tuple[Configuration | None, Finding | None]] = {}
        self._rows: Counter[_Asked] = Counter()
        self._reaches: dict[_Asked, Mapping[Key, Configuration] | None] = {}

    def reach(self, row: Row) -> Mapping[Key, Configuration] | None:
        """The configurations that a row with a pattern, or one without a configuration, may be about.

        None for a row that means a single one: what bears the very name that is written is meant by it, `*` and `?`
        included. A pattern beside an id means the one of that id, as a pattern does: only what can be and stands there.
        """
        ref = row.configuration
        if (row.configuration_id is not None) if ref is None else not is_pattern(ref.text):
            return None  # as almost all do, and there can be very many
        asked = _Asked(ref, row.configuration_id, row.kind)
        if asked not in self._reaches:
            self._reaches[asked] = self._reach(row)
        return self._reaches[asked]

    def gaps(self) -> Iterator[Finding]:
        """What kinds that could not be read mean for rows that mean many: everything must mean everything."""
        many = [asked for asked, reach in self._reaches.items() if reach is not None and asked.id is None]
        of_one = {kinds[0].name for asked in many if asked.kind and len(kinds := find_kinds(asked.kind.text)) == 1}
        reached = [one for one in self._in_doubt if any(self._is_about(asked, one.kind) for asked in many)]
        needed = [one for one in reached if one.kind in of_one and one.served is not Served.FAILED]
        failed = [one for one in reached if one.served is Served.FAILED]
        hidden = [one for one in reached if one.served is Served.FORBIDDEN and one not in needed]
        for those, level, what in (
            (
                needed,
                Level.ERROR,
                "a row is about this kind alone: take it out, or see to it that the kind can be read",
            ),
            (failed, Level.ERROR, "try again, or name the kinds that are meant"),
            (hidden, Level.WARNING, "what is there stays"),
        ):
            if those:
                why = why_unread(those)
                message = f"rows that mean every configuration, or those of a pattern, cannot see all: {why}; {what}"
                yield Finding(level, "kind_unread_anywhere", message)

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
        for one in self._in_doubt:
            concerned = self._named_alone(one.kind) if one.served is Served.FAILED else 0
            if concerned:
                rows = "1 row names its configuration" if concerned == 1 else f"{concerned} rows name configurations"
                message = (
                    f"{told(one)}; {rows} by name alone, which may exist there too: name the kind in a column Kind "
                    "or with --kind, or try again"
                )
                yield Finding(Level.ERROR, "kind_unread_names", message)

    def _is_about(self, asked: _Asked, kind: str) -> bool:
        """Whether a row that means many is about this kind."""
        if asked.kind:
            return any(kind == one.name for one in find_kinds(asked.kind.text))
        return not self._kinds or kind in self._kinds

    def _reach(self, row: Row) -> Mapping[Key, Configuration] | None:
        ref = row.configuration
        allowed = {k.name for k in find_kinds(row.kind.text) if not k.excluded} if row.kind else set(self._kinds)
        if row.kind and not allowed:
            return None
        if ref is not None and row.configuration_id is not None:
            that = self._match(row, allowed if row.kind else set()).found
            return {that.key: that} if that and fold(trim(that.name)) != fold(ref.text) else None
        if ref is not None:
            very_name = self._match(row, allowed if row.kind else set())
            if very_name.found or very_name.candidates:
                return None
        return self._matching(ref.text if ref else "*", allowed)

    def matches_nothing(self, row: Row) -> Finding:
        """The error that a pattern matches no configuration, with near names."""
        ref = row.configuration or Ref("*")
        close = self._suggestions.did_you_mean(trim(ref.text.replace("*", "").replace("?", "")))
        message = f"no configuration matches {ref.text!r} in this tenant{close}"
        return _finding(Level.ERROR, "pattern_matches_nothing", ref, message)

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
        if kinds and all(k.excluded for k in kinds):
            return None, _not_assignable(kinds[0].name, row.kind or Ref(""))
        allowed = {k.name for k in kinds}
        ref = row.configuration_id or row.configuration
        if ref is None:
            return None, Finding(Level.ERROR, "no_configuration", "this row names no configuration")
        match = self._match(row, allowed)
        if match.candidates:
            return None, _ambiguous(ref, match.candidates)
        if match.found is None:
            return None, self._absent(ref, allowed)
        return match.found, _noted(row, match) or self._namesake(row, match.found, allowed)

    def _namesake(self, row: Row, found: Configuration, allowed: set[str]) -> Finding | None:
        """A warning where the name that is written is a pattern as well, and others match it."""
        ref = row.configuration
        if ref is None or row.configuration_id is not None or not is_pattern(ref.text):
            return None
        others = len(self._matching(ref.text, allowed or self._kinds).keys() - {found.key})
        if not others:
            return None
        message = (
            f"a configuration is called {ref.text!r}, and this row means it alone, not the {others:,} more that match "
            "this as a pattern; write one more * at its end where those are meant"
        )
        return _finding(Level.WARNING, "pattern_namesake", ref, message)

    def _matching(self, text: str, kinds: Collection[str]) -> Mapping[Key, Configuration]:
        """All that a pattern matches, of these kinds (none: of all)."""
        wanted = pattern(text)
        return {
            c.key: c
            for c in self._everything
            if (not kinds or c.kind in kinds) and wanted.fullmatch(fold(trim(c.name)))
        }

    def _match(self, row: Row, allowed: set[str]) -> Match[Configuration]:
        for ref in (row.configuration_id, row.configuration):
            there = self._by_id.get(_as_id(ref), []) if ref else []
            those = [c for c in there if not allowed or c.kind in allowed]
            if those:
                return Match(those[0]) if len(those) == 1 else Match(None, tuple(those))
        if row.configuration_id is not None or row.configuration is None:
            return Match(None)
        if not allowed:
            return self._wanted(self._all.match(row.configuration))
        matches = [
            self._wanted(self._by_kind[kind].match(row.configuration)) for kind in sorted(allowed & set(self._by_kind))
        ]
        found = [c for m in matches for c in ((m.found,) if m.found else m.candidates)]
        if len(found) > 1:
            return Match(None, tuple(found))
        return next((m for m in matches if m.found), Match(None))

    def _wanted(self, match: Match[Configuration]) -> Match[Configuration]:
        """A match without what every tenant has and nobody uses, where there is something else of that name."""
        left = tuple(c for c in match.candidates if c.key not in self._spare)
        if not left:
            return match
        return Match(left[0]) if len(left) == 1 else Match(None, left)

    def _absent(self, ref: Ref, allowed: set[str]) -> Finding:
        names, ids = self._beyond
        beyond = ids.get(_as_id(ref)) or names.match(ref).found
        if beyond is not None and (not allowed or beyond.kind in allowed):
            return _not_assignable(beyond.kind, ref)
        unread = [c for c in self._unread if not allowed or c.kind in allowed]
        close = self._suggestions.did_you_mean(ref.text)
        because = "" if close else "; bring it over from the tenant that has it, or correct the name"
        if unread and not close:
            because = f"; it may be there all the same: {why_unread(unread)}"
        return _finding(
            Level.ERROR, "unknown_configuration", ref, f"no configuration {ref.text!r} in this tenant{close}{because}"
        )


def _is_spare(listed: Listed) -> bool:
    """Whether it is there because every tenant has it, and assigned to nobody as far as the listing says."""
    return listed.configuration.of_every_tenant and not listed.configuration.is_assigned and not listed.assignments


def told(coverage: Coverage) -> str:
    """One sentence about a kind that could not be read."""
    kind = KINDS[coverage.kind]
    match coverage.served:
        case Served.NOT_SERVED if coverage.licence:
            return f"this tenant lacks the licence for {kind.title}: Graph says “{coverage.licence}”"
        case Served.NOT_SERVED:
            return f"this tenant does not serve {kind.title} ({kind.path})"
        case Served.FORBIDDEN:
            read = kind.permission.replace("ReadWrite", "Read")
            return f"{kind.title} may not be read: grant the application {read} or {kind.permission}"
        case _:
            return f"{kind.title} could not be read: {coverage.reason or coverage.served}"


def coverage_findings(coverage: Sequence[Coverage], needed: Collection[str]) -> Iterator[Finding]:
    """A warning per kind that could not be read though it was asked for, or of which nobody knows why.

    All others, which this tenant does not serve or the token may not read, are one note: nobody spoke of them.
    """
    unread = [one for one in coverage if one.served is not Served.READ]
    loud = [one for one in unread if one.kind in needed or one.served is Served.FAILED]
    for one in loud:
        yield Finding(Level.WARNING, "kind_not_read", told(one))
    quiet = [one for one in unread if one not in loud]
    if quiet:
        kinds = "1 kind was" if len(quiet) == 1 else f"{len(quiet)} kinds were"
        message = f"{kinds} passed over, which no row names: {why_unread(quiet)}"
        yield Finding(Level.NOTE, "kinds_passed_over", message)


def why_unread(unread: Sequence[Coverage]) -> str:
    """The same for several kinds, in one clause."""
    if len(unread) <= 2:
        return "; ".join(map(told, unread))
    because = {
        (Served.NOT_SERVED, False): "not served by this tenant",
        (Served.NOT_SERVED, True): "without a licence in this tenant",
        (Served.FORBIDDEN, False): "not readable with this sign-in",
        (Served.FAILED, False): "not read for other reasons",
    }
    parts = []
    for reason, what in because.items():
        titles = [KINDS[one.kind].title for one in unread if (one.served, bool(one.licence)) == reason]
        if titles:
            parts.append(f"{what}: {', '.join(titles)}")
    return "; ".join(parts)


def _not_assignable(kind: str, ref: Ref) -> Finding:
    message = f"{KINDS[kind].title}: it is not assignable this way, because {KINDS[kind].excluded}"
    return _finding(Level.ERROR, "kind_not_assignable", ref, message)


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


def kinds_of(rows: Sequence[Row], settings_kinds: Sequence[str]) -> Mapping[str, None]:
    """The kinds to list, in table order: those the rows name, with those that were asked for where some were, and all
    there are where a row names none. What cannot be assigned is listed among all, so that its names are known."""
    texts = {row.kind.text for row in rows if row.kind}
    named = {kind.name for text in texts for kind in find_kinds(text) if not kind.excluded} | set(settings_kinds)
    if not settings_kinds and any(row.kind is None for row in rows):
        named = set(KINDS)
    return dict.fromkeys(name for name in KINDS if name in named)


def needed_kinds(rows: Sequence[Row], settings_kinds: Sequence[str]) -> frozenset[str]:
    """The kinds that rows name each by a word of its own, and those that were asked for."""
    found = (find_kinds(text) for text in {row.kind.text for row in rows if row.kind})
    return frozenset((*settings_kinds, *(kinds[0].name for kinds in found if len(kinds) == 1)))
