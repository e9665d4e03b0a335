"""Stops a run that cannot succeed, instead of failing each of its configurations in turn. Pure."""

from __future__ import annotations

from migrator.model.outcome import Outcome, Status

RUN_WIDE = (401, 403, 404)
"""What a missing permission, or an API that the tenant does not serve, answers to every call alike. A 400 or a 409 is
about one configuration, however many of them there are."""


class Breaker:
    """Opens after so many refusals with one and the same run-wide status, and only while nothing has succeeded."""

    def __init__(self, after: int = 5) -> None:
        self._after = after
        self._succeeded = False
        self._status = 0
        self._row = 0
        self.refusal: Outcome | None = None

    @property
    def open(self) -> bool:
        return self.refusal is not None

    @property
    def reason(self) -> str:
        """Why, in a sentence; "" while it is not open."""
        return f"the first {self._row} calls were all refused: {self.refusal.reason}" if self.refusal else ""

    def note(self, outcome: Outcome) -> None:
        """Takes one outcome into account."""
        if outcome.status is Status.SUCCEEDED:
            self._succeeded = True
        if self._succeeded or self.open or outcome.status is not Status.FAILED:
            return
        self._row = self._row + 1 if outcome.http_status == self._status else 1
        self._status = outcome.http_status
        if self._row >= self._after and self._status in RUN_WIDE:
            self.refusal = outcome
