"""Stops a run whose calls are all refused for the same reason, instead of failing each configuration in turn. Pure."""

from __future__ import annotations

from migrator.model.outcome import Outcome, Status


class Breaker:
    """Opens after so many refusals in a row with one and the same code and no success in between."""

    def __init__(self, after: int = 5) -> None:
        self._after = after
        self._code = ""
        self._row = 0
        self.reason = ""

    @property
    def open(self) -> bool:
        return bool(self.reason)

    def note(self, outcome: Outcome) -> None:
        """Takes one outcome into account."""
        if outcome.status is not Status.FAILED or not outcome.code:
            if outcome.status is Status.SUCCEEDED:
                self._row = 0
            return
        self._row = self._row + 1 if outcome.code == self._code else 1
        self._code = outcome.code
        if self._row >= self._after and not self.reason:
            self.reason = f"the last {self._row} calls were all refused in the same way ({outcome.reason})"
