"""What is worth remembering from one run to the next, as plain JSON, and how much of it can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_MOST = 5000  # calls that are remembered one by one
_LARGEST = 1e7


@dataclass(frozen=True, slots=True)
class State:
    """`limit` calls in `span` seconds, or `rate` calls a second after a burst of (calls, seconds), whichever was in
    force; `share` and `refusals_count` as in the history and the mirror. `recent` is how many seconds ago each call was
    decided on that may still count, as of `age` seconds ago; the oldest comes first."""

    limit: int | None = None
    span: float | None = None
    rate: float | None = None
    burst: tuple[float, float] | None = None
    share: float | None = None
    refusals_count: bool = True
    recent: tuple[float, ...] = ()
    age: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Without its age, which only the next run can know."""
        told = {name: value for name, value in asdict(self).items() if name != "age"}
        told["recent"] = list(self.recent[-_MOST:])
        told["burst"] = list(self.burst) if self.burst else None
        return told


def read_state(told: Mapping[str, Any] | None) -> State:
    """What makes sense of it; whatever does not is as if it were not there."""
    told = told if isinstance(told, Mapping) else {}
    limit = _number(told.get("limit"))
    burst = told.get("burst")
    pair = [_number(x) for x in burst] if isinstance(burst, list | tuple) and len(burst) == 2 else []
    share = _number(told.get("share"))
    recent = told.get("recent")
    ages = [_number(x, least=0.0) for x in recent[-_MOST:]] if isinstance(recent, list | tuple) else []
    return State(
        limit=int(limit) if limit is not None and limit >= 1 else None,
        span=_number(told.get("span")),
        rate=_number(told.get("rate")),
        burst=(pair[0], pair[1]) if len(pair) == 2 and pair[0] and pair[1] else None,
        share=share if share is not None and share <= 1 else None,
        refusals_count=told.get("refusals_count") is not False,
        recent=tuple(age for age in ages if age is not None),
        age=_number(told.get("age"), least=0.0) or 0.0,
    )


def _number(value: object, least: float = 1e-6) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= _LARGEST else None
