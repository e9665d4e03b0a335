"""Which request meets which trouble: by plan, then by chance that does not depend on the order of arrival."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from migrator.simulator.chance import roll
from migrator.simulator.messages import Answer, failure
from migrator.simulator.settings import Fault, SimulatorSettings
from migrator.simulator.state import StoredConfiguration

_FAILURES: Mapping[Fault, tuple[int, str, str]] = {
    Fault.INTERNAL: (500, "InternalServerError", "An internal server error has occurred."),
    Fault.BAD_GATEWAY: (502, "BadGateway", "The server received an invalid response from an upstream server."),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    Fault.UNAVAILABLE_FOR: (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    Fault.FORBIDDEN: (403, "Forbidden", "The admin may only change what is targeted to groups of their scope."),
    Fault.CONFLICT: (409, "Conflict", "The resource was changed by another operation."),
    Fault.TIMEOUT_AFTER: (504, "GatewayTimeout", "The gateway did not receive an answer in time."),
}
_INSIDE_A_BATCH: Mapping[Fault, Fault] = {
    Fault.RESET_BEFORE: Fault.BAD_GATEWAY,
    Fault.PROXY_PAGE: Fault.BAD_GATEWAY,
    Fault.CLAIMS: Fault.UNAVAILABLE,
    Fault.RESET_AFTER: Fault.TIMEOUT_AFTER,
    Fault.TRUNCATED: Fault.TIMEOUT_AFTER,
}


class FaultPlan:
    """Deals out faults. A request is known by what it asks for and by how often that was asked for before."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._seed = settings.seed
        self._faults = settings.faults
        self._asked: Counter[tuple[str, bool]] = Counter()
        self._used: defaultdict[tuple[str, bool], int] = defaultdict(int)
        self._challenged = False
        self.dealt: Counter[Fault] = Counter()

    def next(
        self, subject: str, configuration: StoredConfiguration | None, *, write: bool, inner: bool = False
    ) -> Fault | None:
        """The fault that this request meets, if any. Inside a batch, what would break a connection becomes a status."""
        fault = self._planned(configuration, write=write)
        if fault is None:
            fault = self._by_chance(subject, write=write)
            if fault is Fault.CLAIMS and not inner:
                # A second challenge while the first is being answered would refuse a client that did everything right.
                fault, self._challenged = (None if self._challenged else fault), True
        if fault is not None and inner:
            fault = _INSIDE_A_BATCH.get(fault, fault)
        if fault is not None:
            self.dealt[fault] += 1
        return fault

    def _planned(self, configuration: StoredConfiguration | None, *, write: bool) -> Fault | None:
        plan = self._faults.planned_writes if write else self._faults.planned_reads
        if not plan or configuration is None:
            return None
        for key in (configuration.id, configuration.name or ""):
            if (used := self._used[key, write]) < len(plan.get(key, ())):
                self._used[key, write] += 1
                return plan[key][used]
        return None

    def _by_chance(self, subject: str, *, write: bool) -> Fault | None:
        shares = self._faults.writes if write else self._faults.reads
        if not shares:
            return None
        self._asked[subject, write] += 1
        point = roll(self._seed, "fault", subject, write, self._asked[subject, write])
        for fault, share in sorted(shares.items()):
            point -= share
            if point < 0:
                return fault
        return None


def failed(fault: Fault, retry_after: str) -> Answer:
    """What a fault that is a status answers; `retry_after` is for the one that says when to come back."""
    status, code, message = _FAILURES[fault]
    return failure(status, code, message, (("Retry-After", retry_after),) if fault is Fault.UNAVAILABLE_FOR else ())


def is_status(fault: Fault) -> bool:
    """Whether a fault is an answer of its own, and not damage to one."""
    return fault in _FAILURES
