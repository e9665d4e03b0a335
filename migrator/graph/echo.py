"""What an answer repeats of our own token is taken out of it, before anybody reads, keeps or shows it. Pure.

A proxy's or a gateway's error page may hold the request that it could not handle, and so may a part of a batch.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.graph.protocol import Reply

HIDDEN = "***"
_LONG_ENOUGH = 12  # characters; what is shorter, packed, is found by chance


def spellings(token: str) -> tuple[str, ...]:
    """The token as it may stand in an answer: as it is; in JSON, where some programs escape `/`, others `+`; packed
    in base64, as parts of a batch are, wherever in the packed text it begins.

    Packed, up to two characters at either end are packed together with their neighbours, and are not in it.
    """
    slashed = token.replace("/", "\\/")
    found = {token, *(text.replace("+", plus) for text in (token, slashed) for plus in ("+", "\\u002B", "\\u002b"))}
    if len(token) >= _LONG_ENOUGH:
        found |= {_packed(token[start:]) for start in range(3)}
    return tuple(sorted(found - {""}))


def without(spelled: Iterable[str], reply: Reply) -> Reply:
    """The reply, less what it says in one of these spellings: in body, headers and the error that it tells."""
    values = "\n".join(reply.headers.values())
    for text in spelled:
        found = text.encode()
        if found in reply.body:
            reply = replace(reply, body=reply.body.replace(found, HIDDEN.encode()))
        if text in reply.error:
            reply = replace(reply, error=reply.error.replace(text, HIDDEN))
        if text in values:
            headers = {name: value.replace(text, HIDDEN) for name, value in reply.headers.items()}
            reply = replace(reply, headers=headers)
    return reply


def _packed(text: str) -> str:
    """What stands for this in base64 whatever comes after it: three characters are packed at a time."""
    return b64encode(text[: len(text) // 3 * 3].encode()).decode("ascii")
