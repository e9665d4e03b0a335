"""What botocore does in its `adaptive` mode: a token bucket of its own, whose rate follows a CUBIC curve.

After a refusal the rate falls to 0.7 of what was measured and returns along 0.4 (t - k)³ + w_max; the refused call
waits for up to 2, 4, 8 … 20 seconds by chance. Retry-After is not read. Its bound on tries is left out, so that it
finishes.
"""

from __future__ import annotations

import math

from benchmarks.throttling.policies import EachItsOwn

_SCALE, _BETA = 0.4, 0.7
_LEAST_RATE = 0.5  # calls a second
_SMOOTHING, _PER_SECOND = 0.8, 2  # the rate is measured in half seconds
_LONGEST_BACK_OFF = 20.0


class _MeasuredRate:
    """Answers a second, smoothed."""

    def __init__(self) -> None:
        self.rate, self._count, self._since = 0.0, 0, 0.0

    def one_more(self, now: float) -> float:
        self._count += 1
        moment = math.floor(now * _PER_SECOND) / _PER_SECOND
        if moment > self._since:
            self.rate = _SMOOTHING * self._count / (moment - self._since) + (1 - _SMOOTHING) * self.rate
            self._count, self._since = 0, moment
        return self.rate


class _Tokens:
    """A bucket that holds one second's worth of its rate, at least one."""

    def __init__(self) -> None:
        self.rate, self._tokens, self._at = 1.0, 0.0, 0.0

    def set_rate(self, now: float, rate: float) -> None:
        self._fill(now)
        self.rate = max(rate, _LEAST_RATE)
        self._tokens = min(self._tokens, max(1.0, rate))

    def wait(self, now: float) -> float:
        """0.0 and a token is taken, or the seconds until there is one."""
        self._fill(now)
        if self._tokens >= 1 - 1e-9:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self.rate

    def _fill(self, now: float) -> None:
        self._tokens = min(max(1.0, self.rate), self._tokens + (now - self._at) * self.rate)
        self._at = now


class AdaptiveCubic(EachItsOwn):
    """botocore's adaptive mode, with as many workers as the others have."""

    longest_back_off = _LONGEST_BACK_OFF
    reads_retry_after = False

    def __init__(self, workers: int, calls: int) -> None:
        super().__init__(workers, calls)
        self._measured, self._tokens, self._throttled_once = _MeasuredRate(), _Tokens(), False
        self._highest, self._refused_at = 0.0, 0.0

    def delay(self, now: float, /) -> float:
        wait = self.until_one_is_ready(now)
        if not wait and self._throttled_once:
            wait = self._tokens.wait(now)
        if not wait:
            self.leaves(now)
        return wait

    def succeeded(self, now: float, sent: float, load: float | None = None, /) -> None:
        super().succeeded(now, sent, load)
        self._grows(now)

    def failed(self, now: float, sent: float, /) -> None:
        super().failed(now, sent)
        self._grows(now)

    def throttled(self, now: float, sent: float, retry_after: float | None, /) -> None:
        super().throttled(now, sent, retry_after)
        measured = self._measured.one_more(now)
        self._highest = min(measured, self._tokens.rate) if self._throttled_once else measured
        self._refused_at, self._throttled_once = now, True
        self._tokens.set_rate(now, min(_BETA * self._highest, 2 * measured))

    def _grows(self, now: float) -> None:
        """Any answer that is not a refusal moves it along the curve."""
        measured = self._measured.one_more(now)
        plateau = (self._highest * (1 - _BETA) / _SCALE) ** (1 / 3)
        rate = _SCALE * (now - self._refused_at - plateau) ** 3 + self._highest
        self._tokens.set_rate(now, min(rate, 2 * measured))
