"""The palette, the fonts and the cell formats, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FONT = "Calibri"
FIXED_FONT = "Consolas"

INK = "#1F2933"
MUTED = "#65707D"
LINE = "#DFE4EA"
PANEL = "#F4F6F9"
ACCENT = "#1F4E79"
ACCENT_PALE = "#C9D9EA"
PAPER = "#FFFFFF"
INPUT = "#FFFBEB"
INPUT_LINE = "#E3C878"
INPUT_HEADING = "#8A6A10"


class Tone(StrEnum):
    """How a word feels. It colours the word and never replaces it."""

    GOOD = "good"
    QUIET = "quiet"
    BAD = "bad"
    WARN = "warn"
    HOLD = "hold"
    ACCENT = "accent"


@dataclass(frozen=True, slots=True)
class Shade:
    """One tone's colours: of the word, of the cell behind it, and of a shape in a chart."""

    ink: str
    tint: str
    solid: str


SHADES: Mapping[Tone, Shade] = {
    Tone.GOOD: Shade("#1B6B3A", "#E2F2E8", "#4C9F70"),
    Tone.QUIET: Shade("#4B5663", "#EDF0F3", "#AEB7C2"),
    Tone.BAD: Shade("#A3262B", "#FBE5E5", "#C8494E"),
    Tone.WARN: Shade("#845400", "#FDF0D5", "#DDA13B"),
    Tone.HOLD: Shade("#5A4687", "#ECE7F6", "#8D7AB8"),
    Tone.ACCENT: Shade(ACCENT, "#E4ECF5", ACCENT),
}

Properties = Mapping[str, Any]
"""What XlsxWriter's add_format takes."""

_BASE: Properties = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
_LEFT: Properties = {"align": "left", "indent": 1}
_RIGHT: Properties = {"align": "right", "indent": 0}
_ROOM = "_0_0"  # the width of two digits at the end: LibreOffice forgets the indent of figures here and there
_VALUE: Properties = {**_BASE, "font_size": 10, "valign": "top"}
_CELL: Properties = {
    "font_name": FONT,
    "font_size": 10,
    "font_color": INK,
    "valign": "vcenter",
    **_LEFT,
    "bottom": 1,
    "bottom_color": LINE,
}
_INPUT: Properties = {**_CELL, "num_format": "@", "bg_color": INPUT, "border": 1, "border_color": INPUT_LINE}
_HEADING: Properties = {
    **_CELL,
    "bold": True,
    "font_color": PAPER,
    "bg_color": ACCENT,
    "bottom": 0,  # a line in its own colour would lie on the row below it
    "text_wrap": True,
}
_PANEL: Properties = {**_BASE, "bg_color": PANEL}


def _tag(tone: Tone) -> Properties:
    shade = SHADES[tone]
    return {**_CELL, "font_color": shade.ink, "bg_color": shade.tint, "bold": tone is not Tone.QUIET}


def _verdict(tone: Tone) -> Properties:
    shade = SHADES[tone]
    return {
        **_BASE,
        "font_size": 12,
        "bold": True,
        "align": "center",
        "font_color": shade.ink,
        "bg_color": shade.tint,
    }


STYLES: Mapping[str, Properties] = {
    # tables
    "heading": _HEADING,
    "heading.number": {**_HEADING, **_RIGHT, "num_format": f"@{_ROOM}"},
    "text": {**_CELL, "num_format": "@"},
    "wrapped": {**_CELL, "num_format": "@", "text_wrap": True},
    "muted": {**_CELL, "num_format": "@", "font_color": MUTED},
    "id": {**_CELL, "num_format": "@", "font_name": FIXED_FONT, "font_size": 9, "font_color": MUTED},
    "number": {**_CELL, **_RIGHT, "num_format": f"#,##0{_ROOM}"},
    "seconds": {**_CELL, **_RIGHT, "num_format": f"#,##0.000{_ROOM}"},
    "rate": {**_CELL, **_RIGHT, "num_format": f"#,##0.0{_ROOM}"},
    "time": {**_CELL, "num_format": "yyyy-mm-dd hh:mm:ss"},
    "moment": {**_CELL, "num_format": "yyyy-mm-dd hh:mm:ss.000"},
    "input": {**_INPUT, "bold": True, "align": "center", "indent": 0},
    "input.wrapped": {**_INPUT, "text_wrap": True},
    "heading.input": {**_HEADING, "bg_color": INPUT_HEADING},
    "link": {**_CELL, "font_color": ACCENT, "underline": 1},
    **{f"tag.{tone}": _tag(tone) for tone in Tone},
    # laid over a cell that holds one of the words it offers
    **{f"chosen.{tone}": {"font_color": SHADES[tone].ink, "bg_color": SHADES[tone].tint} for tone in Tone},
    # pages
    "title": {
        **_BASE,
        "font_size": 20,
        "bold": True,
        "font_color": PAPER,
        "bg_color": ACCENT,
        "text_wrap": True,
        **_LEFT,
    },
    "subtitle": {**_BASE, "font_color": ACCENT_PALE, "bg_color": ACCENT, "valign": "top", **_LEFT},
    "section": {**_BASE, "font_size": 13, "bold": True, "font_color": ACCENT, "bottom": 2, "bottom_color": ACCENT},
    "label": {**_BASE, "font_size": 10, "font_color": MUTED, "valign": "top"},
    "value": {**_VALUE, "num_format": "@", "text_wrap": True},
    "value.id": {**_VALUE, "font_size": 9, "font_name": FIXED_FONT, "num_format": "@", "text_wrap": True},
    "value.number": {**_VALUE, "num_format": "#,##0", "align": "left"},
    "value.time": {**_VALUE, "num_format": 'yyyy-mm-dd hh:mm:ss" UTC"', "align": "left"},
    "value.link": {**_VALUE, "font_color": ACCENT, "underline": 1},
    "sentence": {**_BASE, "text_wrap": True, "valign": "vcenter", "num_format": "@"},
    "lead": {**_BASE, "font_size": 12, "text_wrap": True, "bg_color": PANEL, "num_format": "@", **_LEFT},
    "bullet": {**_BASE, "bold": True, "font_color": ACCENT, "align": "right", "valign": "top"},
    "step": {**_BASE, "text_wrap": True, "valign": "top", "num_format": "@"},
    "figure.label": {**_PANEL, "font_size": 9, "font_color": MUTED, "align": "center", "text_wrap": True},
    **{
        f"figure.{tone}": {
            **_PANEL,
            "font_size": 24,
            "bold": True,
            "align": "center",
            "num_format": "#,##0",
            "font_color": MUTED if tone is Tone.QUIET else SHADES[tone].ink,
        }
        for tone in Tone
    },
    **{f"verdict.{tone}": _verdict(tone) for tone in Tone},
}
"""Every format there is; a book makes only those that it uses."""
