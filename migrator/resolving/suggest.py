"""Near names, for the sentence that says what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

MANY = 200
"""So many names are looked for. Where more were not found, the mapping is another tenant's, and nobody reads on."""
_MOST = 3
_LIKE = 72


class Suggestions:
    """What was probably meant by a name that was not found; each is looked for once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names
        self._clauses: dict[str, str] = {}

    def did_you_mean(self, name: str) -> str:
        """A clause for the end of a sentence, "" where nothing is near, or where too many others were not found."""
        if name not in self._clauses and len(self._clauses) < MANY:
            close = self.near(name)
            self._clauses[name] = "; did you mean " + " or ".join(repr(n) for n in close) + "?" if close else ""
        return self._clauses.get(name, "")

    def near(self, name: str) -> Sequence[str]:
        """The names most like one, best first."""
        from rapidfuzz import fuzz, process

        names, folded = self._folded
        found = process.extract(name.casefold(), folded, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_MOST)
        return [names[index] for _, _, index in found]

    @cached_property
    def _folded(self) -> tuple[Sequence[str], Sequence[str]]:
        names = list(dict.fromkeys(self._names))
        return names, [name.casefold() for name in names]
