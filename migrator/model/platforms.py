"""Which devices, or which apps on them, configurations and filters are for. Pure.

Graph says it in several ways: filters name a platform, settings-catalog policies hold flags, and everything else has a
type whose name begins with it. All of them come down to a few families; what is not known is none, and fits everything.
"""

from __future__ import annotations

from collections.abc import Iterable

_FAMILIES = {
    "android": "Android",
    "androidaosp": "Android",
    "androidenterprise": "Android",
    "androidforwork": "Android",
    "androidworkprofile": "Android",
    "aosp": "Android",
    "ios": "iOS",
    "linux": "Linux",
    "macos": "macOS",
    "windows10": "Windows",
    "windows10andlater": "Windows",
    "windows10x": "Windows",
    "windows81andlater": "Windows",
    "windowsphone81": "Windows",
    "androidmobileapplicationmanagement": "managed apps on Android",
    "iosmobileapplicationmanagement": "managed apps on iOS",
    "windowsmobileapplicationmanagement": "managed apps on Windows",
}
_TYPES_BEGIN = {
    "android": "Android",
    "aosp": "Android",
    "editionupgrade": "Windows",
    "ios": "iOS",
    "macos": "macOS",
    "microsoftstoreforbusiness": "Windows",
    "officesuiteapp": "Windows",
    "sharedpc": "Windows",
    "win32": "Windows",
    "windows": "Windows",
    "winget": "Windows",
}


def platforms(words: str) -> frozenset[str]:
    """The families that platforms with commas between them mean; none where one of them is not known."""
    found = [_FAMILIES.get(word.strip().casefold(), "") for word in words.split(",")]
    return frozenset(found) if all(found) else frozenset()


def platforms_of_type(name: str) -> frozenset[str]:
    """The family that a type's name begins with (`macOSLobApp`), none for others."""
    folded = name.casefold()
    return frozenset(family for beginning, family in _TYPES_BEGIN.items() if folded.startswith(beginning))


def fits(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether something of the one platforms may be about something of the others."""
    return not some or not others or bool(some & others)


def listed(families: Iterable[str]) -> str:
    """Families as they are kept and shown: `Windows, macOS`."""
    return ", ".join(sorted(families, key=str.casefold))


def as_listed(text: str) -> frozenset[str]:
    """What `listed` gave."""
    return frozenset(text.split(", ")) - {""}
