"""The service without its sockets: a request goes through the token check, the limits and the faults to its route."""

from __future__ import annotations

import hashlib
import math
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from migrator.simulator.batch import answer_batch
from migrator.simulator.clock import Clock
from migrator.simulator.directory import units
from migrator.simulator.faults import FaultPlan, failed, is_status
from migrator.simulator.messages import Answer, Call, Headers, Refused, failure
from migrator.simulator.record import Record
from migrator.simulator.routes import Destination, find
from migrator.simulator.settings import Fault, RetryAfter, SimulatorSettings
from migrator.simulator.state import TenantState
from migrator.simulator.throttle import Admission, Throttle
from migrator.simulator.tokens import Tokens
from migrator.simulator.world import World


@dataclass(frozen=True, slots=True)
class Served:
    """An answer, and what damages it on its way (None: nothing does)."""

    answer: Answer
    damage: Fault | None = None


class Service:
    """One tenant being served. Requests are served one at a time, each at once: what takes time is outside."""

    def __init__(self, tenant: TenantState, settings: SimulatorSettings, clock: Clock, graph_url: str) -> None:
        self.tenant = tenant
        self.clock = clock
        self.graph_url = graph_url
        self.tokens = Tokens(settings, tenant.id)
        self.record = Record()
        self.use(settings)

    def use(self, settings: SimulatorSettings) -> None:
        """These settings hold from now on; limits and faults begin anew."""
        self.settings = settings
        self.clock.speed = settings.speed
        self.tokens.settings = settings
        self.world = World(self.tenant, settings, self.clock, self.graph_url)
        self.throttle = Throttle(settings)
        self.faults = FaultPlan(settings)

    def reset(self) -> None:
        """Everything as it was at first: assignments, limits, faults, counts."""
        self.tenant.reset()
        self.record = Record()
        self.use(self.settings)

    def serve(self, call: Call) -> Served:
        """One HTTP request."""
        refusal = self.tokens.refuse(call.headers.get("authorization", ""))
        if refusal is not None:
            return self._finished(call, Served(refusal), inner=False)
        if call.segments == ("$batch",):
            return self._finished(call, self._serve_batch(call), inner=False)
        return self._finished(call, self._serve_one(call, inner=False), inner=False)

    def serve_inner(self, call: Call, refusal: Answer | None = None) -> Answer:
        """One request inside a batch: it counts by itself and fails by itself, unless it is refused beforehand."""
        served = Served(refusal) if refusal else self._serve_one(call, inner=True)
        return self._finished(call, served, inner=True).answer

    def _serve_batch(self, call: Call) -> Served:
        digest = hashlib.blake2b(call.body, digest_size=8).hexdigest()
        fault = self.faults.next(f"$batch {digest}", None, write=False)
        if fault is not None and not fault.applies:
            return self._trouble(fault)
        try:
            answer = answer_batch(call, self.serve_inner, self.world.habits)
        except Refused as refused:
            return Served(refused.answer)
        return self._damaged(answer, fault)

    def _serve_one(self, call: Call, *, inner: bool) -> Served:
        now = self.clock.now()
        directory = units(call)
        admission = self.throttle.admit(now, write=call.writes, directory_units=directory)
        if not admission.granted:
            return Served(self._throttled(call, admission, inner=inner))
        self.record.admitted(now, write=call.writes and not directory)
        try:
            served = self._carry_out(call, find(self.world, call), inner=inner)
        except Refused as refused:
            served = Served(refused.answer)
        headers = served.answer.headers + self._hints(admission, directory)
        return replace(served, answer=replace(served.answer, headers=headers))

    def _carry_out(self, call: Call, destination: Destination, *, inner: bool) -> Served:
        configuration = destination.configuration
        subject = configuration.id if configuration and call.writes else f"{call.path}?{call.query}"
        fault = self.faults.next(subject, configuration, write=call.writes, inner=inner)
        if fault is not None and not fault.applies:
            return self._trouble(fault)
        before = configuration.writes if configuration else 0
        waiting = len(self.tenant.requests)
        try:
            answer = destination.serve()
        except Refused as refused:
            if len(self.tenant.requests) == waiting:
                raise
            return self._damaged(refused.answer, fault)  # it waits for a second admin now, whatever comes of the answer
        if configuration and configuration.writes > before:
            self.record.assigns += 1
            if fault is Fault.LAG:
                configuration.show_from(self.clock.now() + self.settings.lag)
        return self._damaged(answer, fault)

    def _trouble(self, fault: Fault) -> Served:
        """What a request gets that was not carried out."""
        if fault is Fault.CLAIMS:
            return Served(self.tokens.challenge())
        if is_status(fault):
            return Served(self._failed(fault))
        return Served(Answer(200 if fault is Fault.PROXY_PAGE else 0), fault)

    def _damaged(self, answer: Answer, fault: Fault | None) -> Served:
        """What a request gets that was carried out."""
        if fault is None or fault is Fault.LAG:
            return Served(answer)
        return Served(self._failed(fault)) if is_status(fault) else Served(answer, fault)

    def _failed(self, fault: Fault) -> Answer:
        return failed(fault, str(max(1, math.ceil(self.clock.real(self.settings.faults.retry_after)))))

    def _throttled(self, call: Call, admission: Admission, *, inner: bool) -> Answer:
        kind_of_limit = "ReadWrite" if call.writes else "Read"
        headers: Headers = (
            *self._retry_after(admission, inner=inner),
            ("x-ms-throttle-scope", f"Tenant_Application/{kind_of_limit}/{self.settings.client_id}/{self.tenant.id}"),
            ("x-ms-throttle-information", "ResourceUnitLimitExceeded"),
            ("x-ms-throttle-limit-percentage", f"{min(admission.share, 1.8):.2f}"),
        )
        return failure(429, "TooManyRequests", "Too many requests. Please wait before you try again.", headers)

    def _retry_after(self, admission: Admission, *, inner: bool) -> Headers:
        match self.settings.retry_after:
            case RetryAfter.ABSENT:
                return ()
            case RetryAfter.ONE:
                return (("Retry-After", "1"),)
            case RetryAfter.DATE:
                # HTTP dates know whole seconds only; one more, so that the date never comes too early.
                at = datetime.now(UTC) + timedelta(seconds=admission.seconds(self.settings.speed) + 1)
                return (("Retry-After", format_datetime(at, usegmt=True)),)
            case RetryAfter.SECONDS:
                if inner and self.world.habits.decimals_in_batches:
                    return (("Retry-After", admission.decimals(self.settings.speed)),)
                return (("Retry-After", str(admission.seconds(self.settings.speed))),)

    def _hints(self, admission: Admission, directory: int) -> Headers:
        hints: Headers = ()
        if admission.share >= 0.8 and (directory or self.world.habits.hints_everywhere):
            hints = (("x-ms-throttle-limit-percentage", f"{min(admission.share, 1.8):.2f}"),)
        if directory:
            hints += (("x-ms-resource-unit", str(directory)),)
        return hints

    def _finished(self, call: Call, served: Served, *, inner: bool) -> Served:
        """The answer with its ids, counted and written down."""
        request_id = str(uuid.uuid4())
        ids = (request_id, call.headers.get("client-request-id") or request_id)
        answer = served.answer
        shown = call.path if not call.query else f"{call.path}?{call.query}"
        self.record.answered(self.clock.now(), call.method, f"/{call.version}{shown}", answer.status, ids, inner=inner)
        header = self.world.habits.header
        headers: Headers = tuple(
            (header(name), value)
            for name, value in (("request-id", ids[0]), ("client-request-id", ids[1]), *answer.headers)
        )
        if answer.body is not None and "error" in answer.body:
            answer = replace(answer, body=self._worded(answer.body["error"], ids))
        return Served(replace(answer, headers=headers), served.damage)

    def _worded(self, error: dict[str, str], ids: tuple[str, str]) -> dict[str, object]:
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"date": stamp, "request-id": ids[0], "client-request-id": ids[1]}
        message = self.world.habits.message(error["message"], ids[0])
        return {"error": {"code": error["code"], "message": message, "innerError": inner}}
