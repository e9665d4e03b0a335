"""What the documentation leaves open: the seed chooses, so that nobody takes one tenant's habits for law."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import TypeVar

from migrator.model.kind import Kind
from migrator.simulator.chance import choose, roll
from migrator.simulator.messages import Json
from migrator.simulator.settings import IsAssigned, SimulatorSettings

T = TypeVar("T")

_HEADER_CASES = (str.lower, str.title, str.upper)


class Habits:
    """One tenant's way of doing what may be done in several ways; the same for the same seed."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._seed = settings.seed
        self._vary = settings.vary
        self._header = choose(_HEADER_CASES, self._seed, "headers") if self._vary else str.lower
        self.page_size = settings.page_size or self._pick((25, 50, 100), 100, "page")
        self.assignments_page_size = settings.assignments_page_size or self._pick((50, 100, 1000), 1000, "assignments")
        self.serves_plain_assign = self._pick((True, False), True, "assign path")
        self.nests_messages = self._pick((True, False, False), False, "messages")
        self.decimals_in_batches = self._pick((True, False), False, "decimals")
        self.hints_everywhere = self._pick((True, False, False), False, "hints")
        self.encodes_texts = self._pick((True, False), False, "texts")
        self._unjustified = self._pick((400, 403), 400, "unjustified")
        self.counts_in_headers = self._pick((True, False), False, "ratelimit")

    def _pick(self, options: Sequence[T], plain: T, *about: object) -> T:
        return choose(options, self._seed, *about) if self._vary else plain

    def header(self, name: str) -> str:
        """A header's name in this tenant's case."""
        return self._header(name)

    def success(self, kind: Kind, configuration: str) -> int:
        """What a successful assign answers: mostly the documented status, at times another one that is as good."""
        return self._pick((kind.success,) * 5 + (200, 201, 204), kind.success, "success", configuration)

    def unjustified(self) -> int:
        """What a protected write without a justification is refused with."""
        return self._unjustified

    def approval(self, kind: Kind) -> tuple[int, str, bool]:
        """What a write that waits for a second admin is refused with, and whether the code is in a header as well."""
        told = ((412, "BadRequest", True), (403, "ApprovalRequired", True), (412, "PreconditionFailed", True))
        return self._pick((*told, (403, "ApprovalRequired", False)), told[0], "approval", kind.name)

    def batch_id(self, sent: str, position: int) -> str:
        """An inner request's id as it comes back; ids ignore case."""
        return self._pick((sent, sent, sent.upper(), sent.lower()), sent, "batch id", sent, position)

    def text_in_batches(self, text: str) -> str:
        """A body that is no JSON, inside a batch: as it is, or in base64."""
        return base64.b64encode(text.encode()).decode() if self.encodes_texts else text

    def order(self, items: Iterable[T], *about: object) -> list[T]:
        """A list whose order means nothing, in some order."""
        listed = list(items)
        if not self._vary or len(listed) < 2:
            return listed
        turn = int(roll(self._seed, "order", *about) * 2 * len(listed))
        turned = listed[turn // 2 :] + listed[: turn // 2]
        return turned[::-1] if turn % 2 else turned

    def is_assigned(self, said: IsAssigned, kind: Kind, truth: bool) -> Json:
        """The property `isAssigned`, or nothing."""
        if said is IsAssigned.VARIED:
            said = choose((IsAssigned.HONEST, IsAssigned.FALSE, IsAssigned.ABSENT), self._seed, "assigned", kind.name)
        if said is IsAssigned.ABSENT:
            return {}
        return {"isAssigned": truth and said is IsAssigned.HONEST}

    def arrange(self, properties: Json, *about: object) -> Json:
        """An object's properties in some order, those that are null shown or left out, nested objects likewise."""
        if not self._vary:
            return dict(properties)
        shown = {n: self.arrange(v, *about, n) if isinstance(v, dict) else v for n, v in properties.items()}
        if roll(self._seed, "nulls", *about) < 0.5:
            shown = {n: v for n, v in shown.items() if v is not None}
        return dict(self.order(shown.items(), "properties", *about))

    def assignment(self, kind: Kind, assignment: Json) -> Json:
        """An assignment as this tenant shows those of a kind; the type that is declared anyway may go unsaid."""
        shown = self.arrange(assignment, "assignment", kind.name)
        if shown.get("@odata.type") == kind.assignment and self._pick((True, False), False, "types", kind.name):
            del shown["@odata.type"]
        return shown

    def message(self, text: str, request_id: str) -> str:
        """An error's message, as plain text or as the JSON that Intune nests there at times."""
        if not self.nests_messages:
            return text
        return json.dumps(
            {
                "_version": 3,
                "Message": f"{text} - Operation ID: {request_id}",
                "CustomApiErrorPhrase": "",
                "RetryAfter": None,
            }
        )
