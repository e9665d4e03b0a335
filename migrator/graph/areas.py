"""Which service a call goes to, by its path."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from migrator.model.kinds import KINDS
from migrator.model.limits import CLOUD_PC, DIRECTORY, INTUNE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.model.kind import Kind
    from migrator.model.limits import Area

_SERVICES: Final = {
    "deviceManagement/virtualEndpoint": CLOUD_PC,
    "devices": DIRECTORY,
    "directory": DIRECTORY,
    "directoryObjects": DIRECTORY,
    "groups": DIRECTORY,
    "organization": DIRECTORY,
    "users": DIRECTORY,
}


def area_of(path: str) -> Area:
    """The area of a call's path, which begins with the version; Intune's where none is known.

    A kind says in its own entry where it belongs; what is named more exactly comes first.
    """
    by_path, deepest = _known(tuple(KINDS.values()))
    segments = path.partition("?")[0].casefold().split("/", 2 + deepest)[2 : 2 + deepest]
    while segments:
        area = by_path.get("/".join(segments))
        if area is not None:
            return area
        segments.pop()
    return INTUNE


@lru_cache(maxsize=2)
def _known(kinds: tuple[Kind, ...]) -> tuple[Mapping[str, Area], int]:
    """The areas by their paths, and of how many segments the longest path is."""
    areas = _SERVICES | {kind.path.strip("/"): kind.area for kind in kinds}
    return {path.casefold(): area for path, area in areas.items()}, 1 + max(path.count("/") for path in areas)
