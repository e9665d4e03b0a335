"""The ways sheets are laid out, in the order in which they are tried; what one takes is not offered to the next."""

from __future__ import annotations

from migrator.mapping.layouts import long, matrix, two_sheets, wherever
from migrator.mapping.layouts.interface import Desk, Layout, Part

__all__ = ["LAYOUTS", "Desk", "Layout", "Part", "wherever"]

LAYOUTS: tuple[Layout, ...] = (two_sheets, long, matrix)
