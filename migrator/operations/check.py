"""Offline: everything that can be said of a mapping without asking the tenant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.mapping.load import collector_paused, load
from migrator.model.events import Stage, StageAdvanced, StageFinished, StageStarted, Watch, ignore
from migrator.model.row import Mapping
from migrator.planning.contradictions import contradictions
from migrator.planning.meaning import of_text
from migrator.planning.plan import merge_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas


def check(
    source: Path | pandas.DataFrame,
    *,
    mode: str = "",
    aliases: Sequence[tuple[str, str]] = (),
    watch: Watch = ignore,
) -> Mapping:
    """The mapping with all its findings, contradictions between its rows among them."""
    with collector_paused():
        watch(StageStarted(Stage.LOAD))
        mapping = load(source, mode=mode, aliases=aliases, progress=lambda by: watch(StageAdvanced(Stage.LOAD, by)))
        watch(StageFinished(Stage.LOAD))
        return replace(mapping, findings=merge_findings(mapping.findings, contradictions(of_text(mapping.rows))))
