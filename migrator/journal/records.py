"""The model's values as JSON text and back."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def encode(value: object) -> str:
    """A value of the model as JSON text."""
    try:
        return msgspec.json.encode(value).decode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair, from a text the service cut off in the middle of an emoji: kept, as \ud83d.
        return json.dumps(msgspec.to_builtins(value))


def decode(text: str, type_: type[T]) -> T:
    """The value again, equal to the last property; ValueError where the text is no such value."""
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # half a surrogate pair again, or no JSON at all: then this raises as well
        return msgspec.convert(json.loads(text), type_)
