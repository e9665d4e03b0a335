"""The spelling of OData: literals, filters, query options, and links that may be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from migrator.model.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from urllib.parse import SplitResult

T = TypeVar("T")

IN_LIMIT = 15
"""So many values Graph takes in one `in (…)`, or in one chain of `or`."""

MOST_PAGES = 10_000
MOST_ELEMENTS = 1_000_000
"""No list of any tenant is longer than these; one that goes on beyond them would go on for ever."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LEFT_ALONE = "%/?:@!$&'()*+,;=~-._"


def literal(text: str) -> str:
    """A string as OData writes it: in single quotes, those inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def in_filter(name: str, values: Iterable[str]) -> str:
    """`name in ('a','b')`; Graph takes at most `IN_LIMIT` values at once."""
    return f"{name} in ({','.join(literal(value) for value in values)})"


def any_of(clauses: Iterable[str]) -> str:
    """Clauses of which one must hold."""
    return " or ".join(clauses)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def query(path: str, **options: str | int | bool | Sequence[str] | None) -> str:
    """The path with `$`-options: `query("/v1.0/groups", filter=…, select=("id", "displayName"), top=999)`.

    Values are percent-encoded whole; sequences are joined by commas; None leaves an option out.
    """
    parts = [f"${name}={quote(_spelled(value), safe='')}" for name, value in options.items() if value is not None]
    if not parts:
        return path
    return f"{path}{'&' if '?' in path else '?'}{'&'.join(parts)}"


def _spelled(value: str | int | bool | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    return ",".join(value)


def segment(text: str) -> str:
    """An id as one segment of a path, whatever is in it."""
    encoded = quote(text, safe="")
    return encoded.replace(".", "%2E") if encoded in (".", "..") else encoded


def next_link(link: str, graph_url: str) -> str:
    """The path of an `@odata.nextLink`, relative to Graph's root.

    GraphError where it leads to another scheme, host or port: the token goes nowhere but to the host that was
    configured, and a list that goes on elsewhere is not whole.
    """
    root = urlsplit(graph_url)
    try:
        there = urlsplit(link)
        same = _origin(there) == _origin(root) and "@" not in there.netloc
        link.encode()
    except ValueError:  # a port that is no number, brackets that do not match, half a surrogate pair
        same = False
    base = root.path.rstrip("/")
    if not same or not there.path.startswith(f"{base}/"):
        raise GraphError(f"Graph's answer goes on at another place ({link[:100]!r}); it was not followed")
    path = there.path[len(base) :] + (f"?{there.query}" if there.query else "")
    return quote(path, safe=_LEFT_ALONE)


class Trail:
    """The pages of one list, followed from link to link, and never for ever."""

    def __init__(self, path: str, graph_url: str) -> None:
        self._name = path.partition("?")[0]
        self._graph_url = graph_url
        self._read = {path}
        self._elements = 0

    def follow(self, link: str, elements: int) -> str:
        """The path of the next page, after one of so many elements; GraphError where it must not be followed."""
        self._elements += elements
        path = next_link(link, self._graph_url)
        if path in self._read:
            raise GraphError(f"The list {self._name} leads back to a page that was read already")
        if len(self._read) >= MOST_PAGES or self._elements >= MOST_ELEMENTS:
            raise GraphError(
                f"The list {self._name} does not end: there is more after {len(self._read):,} pages with "
                f"{self._elements:,} elements; it was not read on"
            )
        self._read.add(path)
        return path


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    scheme = url.scheme.lower()
    return scheme, (url.hostname or "").lower(), _DEFAULT_PORTS.get(scheme) if url.port is None else url.port
