"""Which assignment filter a row means."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.model.assignment import FilterMode
from migrator.model.configuration import FilterDefinition
from migrator.model.finding import Finding, Level
from migrator.model.plan import FilterWish, StatedFilter
from migrator.model.row import Ref, Row
from migrator.resolving.match import NameIndex, guid
from migrator.resolving.suggest import Suggestions

_MODES = {
    "include": FilterMode.INCLUDE,
    "included": FilterMode.INCLUDE,
    "in": FilterMode.INCLUDE,
    "exclude": FilterMode.EXCLUDE,
    "excluded": FilterMode.EXCLUDE,
    "out": FilterMode.EXCLUDE,
}
_NO_FILTER = {"none", "no filter", "-"}


class FilterFinder:
    """Finds the filter a row states, or that it states there shall be none."""

    def __init__(self, filters: Sequence[FilterDefinition]) -> None:
        self._by_id = {f.id: f for f in filters}
        self._by_name = NameIndex(filters, lambda f: f.name)
        self._suggestions = Suggestions(f.name for f in filters)

    def find(self, row: Row) -> tuple[StatedFilter | FilterWish, Finding | None]:
        """What the row says of the filter; UNSTATED with an error where that cannot be understood.

        The filter and its mode are stated apart from each other: what a row leaves out stays as it stands.
        """
        ref, mode_ref = row.filter_id or row.filter, row.filter_mode
        word = mode_ref.text.casefold() if mode_ref else ""
        mode = _MODES.get(word)
        if mode_ref is not None and mode is None and word not in _NO_FILTER:
            return FilterWish.UNSTATED, _unknown_mode(mode_ref)
        if ref is None:
            alone = StatedFilter(mode=mode) if mode else FilterWish.UNSTATED
            return (FilterWish.NONE if word in _NO_FILTER else alone), None
        if ref.text.casefold() in _NO_FILTER and not self._by_name.match(ref).found:
            return FilterWish.NONE, None
        definition, finding = self._definition(ref)
        if definition is None:
            return FilterWish.UNSTATED, finding
        return (FilterWish.NONE if word in _NO_FILTER else StatedFilter(definition.id, mode)), finding

    def _definition(self, ref: Ref) -> tuple[FilterDefinition | None, Finding | None]:
        by_id = self._by_id.get(guid(ref.text))
        if by_id is not None:
            return by_id, None
        match = self._by_name.match(ref)
        if match.candidates:
            those = ", ".join(f.id for f in match.candidates)
            message = f"{len(match.candidates)} filters are called {ref.text!r}: {those}; put the id instead"
            return None, Finding(Level.ERROR, "ambiguous_filter", message, column=ref.column)
        if match.found is None:
            close = self._suggestions.did_you_mean(ref.text) or "; create it, or correct the name"
            message = f"no assignment filter {ref.text!r} in this tenant{close}"
            return None, Finding(Level.ERROR, "unknown_filter", message, column=ref.column)
        return match.found, None


def names_filters(rows: Sequence[Row]) -> bool:
    """Whether any row needs the tenant's filters looked up."""
    return any(row.filter or row.filter_id for row in rows)


def _unknown_mode(ref: Ref) -> Finding:
    message = f"filter mode {ref.text!r} is not understood; write include, exclude or none"
    return Finding(Level.ERROR, "unknown_filter_mode", message, column=ref.column)
