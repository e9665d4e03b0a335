"""The end of a call: its last reply and what that means, after all tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from migrator.graph.protocol import Call, Meaning, Reply, in_words
from migrator.model.errors import GraphError, MigratorError, NotLicensed, NotServed, PermissionRefused, SignInError

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNLICENSED = (
    "not applicable to target tenant",
    "does not have a valid license",
    "no intune license",
    "tenant is not licensed",
    "tenant does not meet license requirement",
)
_UNKNOWN_PATH = "resource not found for the segment"
"""Graph's words for a path that it does not know, with 400."""
_REFUSALS: Mapping[int, type[MigratorError]] = {
    401: SignInError,
    403: PermissionRefused,
    404: NotServed,
    405: NotServed,
    410: NotServed,
    501: NotServed,
}


@dataclass(frozen=True)
class Answer:
    """What a call came to; `tries` counts the requests that were made for it."""

    call: Call
    reply: Reply
    meaning: Meaning
    tries: int = 1

    @property
    def ok(self) -> bool:
        return self.meaning is Meaning.OK

    def json(self) -> dict[str, Any]:
        """The body as an object; GraphError where it is none."""
        try:
            return self.reply.json()
        except ValueError as error:
            raise GraphError(f"{self._asked} was answered, but {error}{self._trace}") from error

    def page(self) -> tuple[dict[str, Any], list[Any]]:
        """A page of a list, and what it holds; raises what `require` does, and GraphError where it holds no list."""
        page = self.require().json()
        elements = page.get("value")
        if not isinstance(elements, list):  # taking it for an empty one would call what exists unknown
            raise GraphError(f"{self._asked} was answered, but the answer carries no list{self._trace}")
        return page, elements

    def require(self) -> Self:
        """Itself when OK; else raises what went wrong: PermissionRefused, NotServed, SignInError or GraphError."""
        if self.ok:
            return self
        raise self._failure()

    def _failure(self) -> MigratorError:
        sentence, said = self._sentence(), self.reply.graph_error[1]
        if self.meaning not in (Meaning.REFUSED, Meaning.UNAUTHORIZED) or self.reply.fault:
            return GraphError(sentence)
        if any(phrase in said.casefold() for phrase in _UNLICENSED):
            return NotLicensed(sentence, said)
        if self.reply.status == 400 and _UNKNOWN_PATH in said.casefold():
            return NotServed(sentence)
        if self.reply.status == 401 and self.meaning is Meaning.REFUSED:
            return PermissionRefused(sentence)
        return _REFUSALS.get(self.reply.status, GraphError)(sentence)

    def _sentence(self) -> str:
        said = in_words(self.reply)
        if self.meaning is Meaning.UNKNOWN:
            return f"It is unknown whether {self._asked} was carried out: {said}{self._trace}"
        if self.meaning in (Meaning.REFUSED, Meaning.UNAUTHORIZED):
            return f"{self._asked} was refused: {said}{self._trace}"
        times = "once" if self.tries == 1 else f"{self.tries} times"
        return f"{self._asked} was tried {times} without success; at last: {said}{self._trace}"

    @property
    def _asked(self) -> str:
        return f"{self.call.method} {self.call.path.partition('?')[0]}"

    @property
    def _trace(self) -> str:
        """What Microsoft's support asks for."""
        return f" (request-id {self.reply.request_id})" if self.reply.request_id else ""
