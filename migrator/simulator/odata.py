"""The query options that Graph understands, as far as they matter here: $filter, $select, $orderby, $top, paging."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from migrator.simulator.messages import Json, Refused, bad_request, failure

T = TypeVar("T")

MOST_TERMS = 15
MOST_PER_PAGE = 999

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w/]*)|([(),]))")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: the property is one of the values, or begins with the only one."""

    property: str
    values: tuple[str, ...]
    prefix: bool = False


def parse_filter(text: str) -> tuple[Term, ...]:
    """The terms of `a eq 'x' or b in ('y','z') or startswith(c,'w')`; any of them may hold. Raises Refused.

    Literals double their quotes. More than fifteen values in one list or fifteen terms in one chain are refused.
    """
    tokens = _tokens(text)
    terms = [_term(tokens)]
    while tokens:
        _expect(tokens, "or")
        terms.append(_term(tokens))
    if len(terms) > MOST_TERMS:
        raise bad_request(
            f"Too many child clauses specified in search filter expression containing 'OR' operators: {len(terms)}. "
            f"Max allowed: {MOST_TERMS}.",
            "Request_UnsupportedQuery",
        )
    return tuple(terms)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise _invalid(f"Syntax error at position {at} in '{text}'.")
        literal, word, mark = found.groups()
        tokens.append("'" + literal.replace("''", "'") if literal is not None else word or mark)
        at = found.end()
    return tokens


def _term(tokens: list[str]) -> Term:
    first = _next(tokens)
    if first.lower() == "startswith":
        _expect(tokens, "(")
        property_ = _next(tokens)
        _expect(tokens, ",")
        term = Term(property_, (_literal(tokens),), prefix=True)
        _expect(tokens, ")")
        return term
    if first == "(":
        term = _term(tokens)
        _expect(tokens, ")")
        return term
    operator = _next(tokens).lower()
    if operator == "eq":
        return Term(first, (_literal(tokens),))
    if operator == "in":
        return Term(first, _list(tokens))
    raise _invalid(f"The operator '{operator}' is not supported here.")


def _list(tokens: list[str]) -> tuple[str, ...]:
    _expect(tokens, "(")
    values = [_literal(tokens)]
    while (mark := _next(tokens)) == ",":
        values.append(_literal(tokens))
    if mark != ")":
        raise _invalid("A list of values ends with ')'.")
    if len(values) > MOST_TERMS:
        raise bad_request(
            f"Too many child clauses specified in search filter expression containing 'IN' operators: {len(values)}. "
            f"Max allowed: {MOST_TERMS}.",
            "Request_UnsupportedQuery",
        )
    return tuple(values)


def _next(tokens: list[str]) -> str:
    if not tokens:
        raise _invalid("The filter ends too early.")
    return tokens.pop(0)


def _literal(tokens: list[str]) -> str:
    token = _next(tokens)
    if not token.startswith("'"):
        raise _invalid(f"A literal in quotes is expected, not '{token}'.")
    return token[1:]


def _expect(tokens: list[str], wanted: str) -> None:
    token = _next(tokens)
    if token.lower() != wanted:
        raise _invalid(f"'{wanted}' is expected, not '{token}'.")


def _invalid(message: str) -> Refused:
    return bad_request(f"Invalid filter clause: {message}", "Request_BadRequest")


def known(options: Mapping[str, str], *names: str) -> None:
    """Refuses system options beyond these."""
    for name in options:
        if name.startswith("$") and name not in names:
            raise bad_request(f"Query option '{name}' is not supported for this request.")


def expands_assignments(options: Mapping[str, str]) -> bool:
    """Whether `$expand=assignments` is asked for; any other expansion is refused."""
    expand = options.get("$expand")
    if expand is None:
        return False
    if expand.strip() != "assignments":
        raise bad_request(f"Could not find a property to expand: '{expand}'.")
    return True


def needs_eventual(options: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Refuses $count, $search and $orderby without the header `ConsistencyLevel: eventual`."""
    advanced = [name for name in ("$count", "$search", "$orderby") if name in options]
    if advanced and headers.get("consistencylevel", "").lower() != "eventual":
        raise Refused(
            failure(
                400,
                "Request_UnsupportedQuery",
                f"{advanced[0]} is only supported with the header ConsistencyLevel: eventual.",
            )
        )


def select(item: Json, options: Mapping[str, str], always: Sequence[str] = ()) -> Json:
    """The properties that `$select` names, all without it; those in `always` stay in any case."""
    wanted = options.get("$select")
    if not wanted:
        return item
    names = {name.strip().lower() for name in wanted.split(",")}
    return {name: value for name, value in item.items() if name.lower() in names or name.split("@")[0] in always}


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list, and the token with which the next one is asked for ("": there is none)."""

    start: int
    stop: int
    token: str


def page(total: int, options: Mapping[str, str], most: int) -> Page:
    """Which stretch of a list of `total` is asked for by `$top` and `$skiptoken`. Raises Refused."""
    size = min(_top(options) or most, most)
    start = _offset(options.get("$skiptoken"))
    stop = min(start + size, total)
    token = base64.urlsafe_b64encode(f"from:{stop}".encode()).decode().rstrip("=") if stop < total else ""
    return Page(start, stop, token)


def _top(options: Mapping[str, str]) -> int | None:
    text = options.get("$top")
    if text is None:
        return None
    if not text.isdigit() or not 0 < int(text) <= MOST_PER_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and {MOST_PER_PAGE} inclusive.")
    return int(text)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().removeprefix("from:"))
    except (binascii.Error, ValueError):
        offset = -1
    if offset < 0:
        raise bad_request("The skiptoken is not valid.")
    return offset


def next_link(root: str, version: str, path: str, options: Mapping[str, str], token: str) -> str:
    """The absolute address of the next page: the same question with another `$skiptoken`."""
    kept = [(name, value) for name, value in options.items() if name != "$skiptoken"]
    query = "&".join(
        f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in [*kept, ("$skiptoken", token)]
    )
    return f"{root}/{version}{path}?{query}"
