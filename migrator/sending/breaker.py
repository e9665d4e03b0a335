"""Stops what cannot succeed, instead of failing each configuration in turn. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.outcome import Outcome, Status

RUN_WIDE = (301, 302, 303, 307, 308, 401, 403, 404)
"""What a sign-in page in between, a missing permission, or an API that the tenant does not serve answers to every call
alike. A 400 or a 409 is
about one configuration, however many of them there are."""


@dataclass(slots=True)
class _Row:
    """The refusals of one kind so far."""

    succeeded: bool = False
    status: int = 0
    length: int = 0
    refusal: Outcome | None = None


class Breaker:
    """Opens for a kind after so many refusals with one and the same run-wide status, and only while nothing of that
    kind has succeeded: a permission may be there for one kind and missing for another."""

    def __init__(self, after: int = 5) -> None:
        self._after = after
        self._rows: dict[str, _Row] = {}

    def open(self, kind: str) -> bool:
        """Whether no further call of this kind is worth sending."""
        row = self._rows.get(kind)
        return row is not None and row.refusal is not None

    def refusals(self) -> dict[str, Outcome]:
        """For each kind that is open, the refusal that opened it."""
        return {kind: row.refusal for kind, row in self._rows.items() if row.refusal is not None}

    def note(self, kind: str, outcome: Outcome) -> None:
        """Takes one outcome into account."""
        row = self._rows.setdefault(kind, _Row())
        if outcome.status is Status.SUCCEEDED:
            row.succeeded = True
        if row.succeeded or row.refusal is not None or outcome.status is not Status.FAILED:
            return
        row.length = row.length + 1 if outcome.http_status == row.status else 1
        row.status = outcome.http_status
        if row.length >= self._after and row.status in RUN_WIDE:
            row.refusal = outcome
