"""Near names, for the sentence that says what was probably meant."""

from __future__ import annotations

from collections.abc import Sequence


def near(name: str, names: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """The names most like one, best first, none where nothing is much like it."""
    from rapidfuzz import fuzz, process

    found = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=72, limit=most, processor=str.casefold)
    return tuple(choice for choice, _, _ in found)


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """A clause for the end of a sentence, "" where nothing is near."""
    close = near(name, names)
    return "; did you mean " + " or ".join(repr(n) for n in close) + "?" if close else ""
