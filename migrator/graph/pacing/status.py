"""What a pacer says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """What a display shows. `limit` is the one in force in words ("100/20s", "6.2/s", "none" where none is known),
    `rate` the same in calls a second (None where none is known), `used` how many calls count against it.

    `waiting_until` is in the time that the pacer is told, None where a call may leave (the even steps of a pace are not
    told); `why` says what it waits for.
    """

    limit: str
    rate: float | None
    used: int
    waiting_until: float | None = None
    why: str = ""
