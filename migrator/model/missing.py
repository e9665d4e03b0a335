"""What a mapping names and a tenant does not have, so that it can be created."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """The sorts of things that can be missing."""

    GROUP = "group"
    FILTER = "filter"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Missing:
    """One place in a mapping that names something which is not in the tenant.

    `name` is "" where only an `id` is given. `kind` is that of the configuration, by its name in the table, as far as
    the row tells. `leaving` says that the row only takes the group away. `unread` says that it may be in a kind that
    could not be read. `near` are names that do exist, the likest first.
    """

    what: What
    name: str
    id: str = ""
    sheet: str = ""
    row: int = 0
    kind: str = ""
    leaving: bool = False
    unread: bool = False
    near: tuple[str, ...] = ()
