"""What a person chooses of a mapping or of a plan, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migrator.model.configuration import Key

LEFT_OUT = "leftOut"
"""The code of the outcome of a configuration that was left out."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which configurations are meant: those that `only` names (all where it is empty), less those that `without` names.

    Each text is a name, an id, or a pattern with `*` and `?`; case does not matter.
    """

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.only or self.without)


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved of a saved plan: its fingerprint (None: not stated), what a reviewer wrote into a copy of
    plan.xlsx (None: no copy came back), and which configurations a person picks now."""

    fingerprint: str | None = None
    file: Path | None = None
    selection: Selection = EVERYTHING


WHOLE = Approval()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A configuration of a plan that is not carried out, and why in a sentence."""

    key: Key
    reason: str
