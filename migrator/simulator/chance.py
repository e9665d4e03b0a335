"""Chance that is the same each time: a number from a seed and what it is about, never from the order of arrival."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_NAMESPACE = uuid.UUID("6c1f1f0e-7d0a-5f53-9b59-0d5c4a6f8a11")
_RANGE = float(1 << 64)


def roll(seed: int, *about: object) -> float:
    """A number in [0, 1), evenly spread, that depends on nothing but its arguments."""
    text = "\x1f".join((str(seed), *map(str, about)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / _RANGE


def choose(options: Sequence[T], seed: int, *about: object) -> T:
    """One of the options, the same one each time."""
    return options[int(roll(seed, *about) * len(options))]


def stable_id(seed: int, *about: object) -> str:
    """A GUID in lower case, the same one each time."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((str(seed), *map(str, about)))))
