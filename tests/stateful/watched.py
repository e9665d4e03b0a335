"""The embedded service under observation: each list that ever stood, who made it, what was read when."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from migrator.simulator.clock import Clock
from migrator.simulator.messages import Call
from migrator.simulator.service import Served, Service
from migrator.simulator.settings import Fault, SimulatorSettings
from migrator.simulator.state import StoredConfiguration, TenantState
from tests.stateful.meaning import Entries, entries_of

OTHERS = "others"


@dataclass(frozen=True)
class Stood:
    """A list that stood from `since` on (a count of everything that happened), made by a run or by others."""

    entries: Entries
    by: str
    since: int
    at: float


class Watched(Service):
    """`moment` is called before and after each request; `writes` is asked before an assign call is carried out."""

    def __init__(self, tenant: TenantState, settings: SimulatorSettings, clock: Clock, graph_url: str) -> None:
        self.history: dict[str, list[Stood]] = {}
        self.reads: dict[str, list[int]] = {}
        self.shortened: frozenset[str] = frozenset()
        self.tick = 0
        self.by = OTHERS
        self.moment: Callable[[str], None] = lambda _: None
        self.writes: Callable[[StoredConfiguration, Call], None] = lambda *_: None
        super().__init__(tenant, settings, clock, graph_url)
        for configuration in tenant.every_configuration():
            self.note(configuration, OTHERS)

    def note(self, configuration: StoredConfiguration, by: str) -> None:
        """What stands now was made by somebody."""
        self.tick += 1
        entries = entries_of(configuration.assignments)
        stood = Stood(entries, by, self.tick, self.clock.now() if configuration.name in self.history else -math.inf)
        self.history.setdefault(configuration.name or "", []).append(stood)

    def serve(self, call: Call) -> Served:
        self.moment(f"before {call.method} {call.path}")
        served = super().serve(call)
        self.moment(f"after {call.method} {call.path}: {served.damage or served.answer.status}")
        return served

    def _serve_one(self, call: Call, *, inner: bool) -> Served:
        self.tick += 1
        configuration = self._configuration(call)
        if configuration is None:
            return self._shortened(call, super()._serve_one(call, inner=inner))
        if not call.writes:
            served = super()._serve_one(call, inner=inner)
            if served.answer.status == 200 and "$skiptoken" not in call.options:
                self.reads.setdefault(configuration.name or "", []).append(self.tick)
            return served
        before = configuration.writes
        self.writes(configuration, call)
        served = super()._serve_one(call, inner=inner)
        if configuration.writes > before:
            self.note(configuration, self.by)
        return served

    def lagged(self) -> bool:
        """Whether a reading may have lagged since the faults were set."""
        return bool(self.faults.dealt[Fault.LAG])

    def _configuration(self, call: Call) -> StoredConfiguration | None:
        found = [c for c in self.tenant.every_configuration() if c.id in call.segments]
        return found[0] if found else None

    def _shortened(self, call: Call, served: Served) -> Served:
        """A listing that lacks a page of some configuration's assignments, and does not say so."""
        for item in (served.answer.body or {}).get("value", ()):
            name = item.get("displayName") or item.get("name")
            if name in self.shortened and len(item.get("assignments", ())) > 1:
                item["assignments"] = item["assignments"][:-1]
        return served
