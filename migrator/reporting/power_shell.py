"""Commands for PowerShell that create what is missing. Names are anybody's text, and come to nothing but text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST_NAME = 256
"""Characters in the display name of a group."""

_LONGEST_NICKNAME = 64
_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")  # PowerShell takes each of them for the end of a text
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_NO_NICKNAME = re.compile(r"[^A-Za-z0-9._-]+")


def literal(text: str) -> str:
    """A text as PowerShell writes it so that nothing in it is carried out: in single quotes, every sort of those in it
    doubled."""
    return "'" + _QUOTES.sub(lambda quote: quote[0] * 2, text) + "'"


def can_be_written(name: str) -> bool:
    """Whether a name may stand in a command: what does not show, or leads over the end of a line, may not."""
    return 0 < len(name) <= LONGEST_NAME and not any(unicodedata.category(c) in _HIDDEN for c in name)


def nicknames(names: Iterable[str]) -> Iterator[str]:
    """A mail nickname for each name, in their order: plain ASCII, no longer than Graph takes, each only once."""
    taken: set[str] = set()
    for name in names:
        stem, number = _plain(name), 1
        nickname = stem[:_LONGEST_NICKNAME].rstrip(".-_")
        while nickname.casefold() in taken:
            number += 1
            mark = f"-{number}"
            nickname = stem[: _LONGEST_NICKNAME - len(mark)].rstrip(".-_") + mark
        taken.add(nickname.casefold())
        yield nickname


def new_group(name: str, nickname: str) -> str:
    """One security group."""
    named = f"-DisplayName {literal(name)} -MailNickname {literal(nickname)}"
    return f"New-MgGroup {named} -MailEnabled:$false -SecurityEnabled"


def new_filter(name: str, platform: str) -> str:
    """One assignment filter; what is not known of it is asked for."""
    on = literal(platform) if platform else f"(Read-Host {literal('Platform of ' + name)})"
    rule = f"(Read-Host {literal('Rule of ' + name)})"
    body = f"displayName = {literal(name)}; platform = {on}; rule = {rule}; roleScopeTags = @('0')"
    return f"Invoke-MgGraphRequest -Method POST -Uri 'beta/deviceManagement/assignmentFilters' -Body @{{ {body} }}"


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[.]{2,}", ".", _NO_NICKNAME.sub("-", ascii_only)).strip(".-_")
    return stem or "group"
