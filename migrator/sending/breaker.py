"""Stops what cannot succeed, instead of failing each configuration in turn. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.outcome import Outcome, Status
from migrator.model.second_admin import UNJUSTIFIED

RUN_WIDE = (301, 302, 303, 307, 308, 401, 403, 404)
"""What a sign-in page in between, a missing permission, or an API that the tenant does not serve answers to every call
alike. A 400 or a 409 is
about one configuration, however many of them there are."""
BROKEN = 500
"""What a service answers that is broken for every call, or for this one configuration each time."""
AFTER, LATE = 5, 25
"""So many such refusals in a row stop a kind of which nothing succeeded; and so many one of which something did, for
some configurations may be out of a scoped admin's reach, or broken each by itself."""


@dataclass(slots=True)
class _Row:
    """The refusals of one kind in a row, and whether any of it ever succeeded."""

    succeeded: bool = False
    status: int = 0
    length: int = 0
    refusal: Outcome | None = None


class Breaker:
    """Opens for a kind after so many refusals in a row with one and the same run-wide status: a permission may be there
    for one kind and missing for another, and it may end in the middle. One call that lacks a justification is enough:
    that is a rule of the tenant. `worked` are kinds of which something succeeded
    earlier."""

    def __init__(self, worked: Iterable[str] = ()) -> None:
        self._rows = {kind: _Row(succeeded=True) for kind in worked}

    def open(self, kind: str) -> bool:
        """Whether no further call of this kind is worth sending."""
        row = self._rows.get(kind)
        return row is not None and row.refusal is not None

    def refusals(self) -> dict[str, Outcome]:
        """For each kind that is open, the refusal that opened it."""
        return {kind: row.refusal for kind, row in self._rows.items() if row.refusal is not None}

    def note(self, kind: str, outcome: Outcome) -> None:
        """Takes one outcome into account: one that somebody answered."""
        row = self._rows.setdefault(kind, _Row())
        if outcome.status is Status.SUCCEEDED:
            row.succeeded, row.length = True, 0
        if row.refusal is not None or outcome.status is not Status.FAILED:
            return
        row.length = row.length + 1 if outcome.http_status == row.status else 1
        row.status = outcome.http_status
        enough = LATE if row.succeeded or row.status == BROKEN else AFTER
        if row.length >= enough and row.status in (*RUN_WIDE, BROKEN):
            row.refusal = outcome
        if outcome.code == UNJUSTIFIED:
            row.refusal = outcome
