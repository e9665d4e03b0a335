"""What a request finds when it arrives: the tenant, its time, its habits and its lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from migrator.model.kind import Kind
from migrator.simulator.clock import Clock
from migrator.simulator.habits import Habits
from migrator.simulator.messages import Answer, Call, Json
from migrator.simulator.odata import next_link, page
from migrator.simulator.settings import SimulatorSettings, known_lies
from migrator.simulator.state import StoredConfiguration, TenantState

T = TypeVar("T")


class World:
    """The tenant as requests see it, under the settings in force."""

    def __init__(self, tenant: TenantState, settings: SimulatorSettings, clock: Clock, graph_url: str) -> None:
        self.tenant = tenant
        self.settings = settings
        self.clock = clock
        self.graph_url = graph_url
        self.habits = Habits(settings)
        self.lies = settings.lies or known_lies(settings.seed)
        self._shown: dict[StoredConfiguration, Json] = {}
        self._listed: dict[str, list[StoredConfiguration]] = {}

    def listed(self, kind: Kind) -> list[StoredConfiguration]:
        """All configurations of a kind, in the order in which this tenant lists them."""
        if kind.name not in self._listed:
            of_kind = self.tenant.configurations[kind.name].values()
            self._listed[kind.name] = self.habits.order(of_kind, "list", kind.name)
        return self._listed[kind.name]

    def shown(self, configuration: StoredConfiguration) -> Json:
        """A configuration's own properties as this tenant shows them, without its assignments."""
        if configuration not in self._shown:
            named = {"id": configuration.id, configuration.kind.name_property: configuration.name}
            self._shown[configuration] = self.habits.arrange({**named, **configuration.properties}, configuration.id)
        assigned = bool(configuration.visible(self.clock.now()))
        return {
            **self._shown[configuration],
            **self.habits.is_assigned(self.lies.is_assigned, configuration.kind, assigned),
        }

    def context(self, call: Call) -> Json:
        """The property with which answers say what they are about."""
        return {"@odata.context": f"{self.graph_url}/{call.version}/$metadata#{'/'.join(call.segments)}"}

    def page(
        self, call: Call, things: Sequence[T], show: Callable[[T], Json], most: int, *, count: bool = False
    ) -> Answer:
        """One page of a list, with the address of the next one if there is more."""
        stretch = page(len(things), call.options, most)
        body = self.context(call)
        if count:
            body["@odata.count"] = len(things)
        if stretch.token:
            body["@odata.nextLink"] = next_link(self.graph_url, call.version, call.path, call.options, stretch.token)
        body["value"] = [show(thing) for thing in things[stretch.start : stretch.stop]]
        return Answer(200, body)
