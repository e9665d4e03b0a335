"""Every finding of one mapping, in the order in which a person goes through the sheets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from migrator.model.finding import Finding, Level

FLOOD = 200
_ROOM = 100 * FLOOD


class Findings:
    """Collects findings. Of a code that comes up more than FLOOD times the first are kept and the rest are counted."""

    def __init__(self) -> None:
        self._kept: defaultdict[tuple[Level, str], list[Finding]] = defaultdict(list)
        self._counts: Counter[tuple[Level, str]] = Counter()
        self._order: dict[str, int] = {"": 0}

    def in_order(self, sheets: Iterable[str]) -> None:
        """The sheets as they follow each other in the workbook."""
        self._order = {"": 0} | {name: place for place, name in enumerate(sheets, start=1)}

    def add(self, level: Level, code: str, message: str, *, sheet: str = "", row: int = 0, column: str = "") -> None:
        kind = (level, code)
        kept = self._kept[kind]
        kept.append(Finding(level, code, message, sheet, row, column))
        self._counts[kind] += 1
        if len(kept) > _ROOM:  # what is dropped here stands behind FLOOD others of its code, whatever follows
            kept.sort(key=self._place)
            del kept[FLOOD:]

    def all(self) -> tuple[Finding, ...]:
        """All of them by sheet, row and column; the summaries of floods come last."""
        shown: list[Finding] = []
        floods: list[Finding] = []
        for (level, code), kept in self._kept.items():
            kept.sort(key=self._place)
            shown += kept[:FLOOD]
            more = self._counts[level, code] - FLOOD
            if more > 0:
                message = f"{more:,} more findings like this one are not listed: {kept[0].message}"
                floods.append(Finding(level, code, message))
        return (*sorted(shown, key=self._place), *floods)

    def _place(self, finding: Finding) -> tuple[int, int, int, str]:
        return self._order.get(finding.sheet, 0), finding.row, len(finding.column), finding.column
