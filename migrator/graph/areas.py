"""Which service a call goes to, by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from migrator.model.kinds import KINDS
from migrator.model.limits import CLOUD_PC, DIRECTORY, INTUNE

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_KINDS: Final = {kind.path.strip("/"): kind.area for kind in KINDS.values()}
_BY_PATH: Final[Mapping[str, Area]] = {path.casefold(): area for path, area in (_SERVICES | _KINDS).items()}
_DEEPEST: Final = 1 + max(path.count("/") for path in _BY_PATH)


def area_of(path: str) -> Area:
    """The area of a call's path, which begins with the version; Intune's where none is known.

    A kind says in its own entry where it belongs; what is named more exactly comes first.
    """
    segments = path.partition("?")[0].casefold().split("/", 2 + _DEEPEST)[2 : 2 + _DEEPEST]
    while segments:
        area = _BY_PATH.get("/".join(segments))
        if area is not None:
            return area
        segments.pop()
    return INTUNE
