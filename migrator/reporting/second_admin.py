"""What to do about a configuration of which a second admin did not let the change through."""

from __future__ import annotations

from migrator.model.second_admin import DECLINED, LAPSED, UNJUSTIFIED
from migrator.reporting.facts import Facts
from migrator.reporting.words import either

SECOND_ADMIN = (
    (
        DECLINED,
        "A second administrator declined the change, and it is not asked for again: settle why, then run its rows in "
        "retry.xlsx where it is wanted all the same.",
        "A second administrator declined the change, and it is not asked for again: settle why, then {again}.",
    ),
    (
        LAPSED,
        "The request for a second administrator's approval is of no use any more: run “migrator resume {run}”, which "
        "asks anew, and have that approved within three days.",
        "",
    ),
    (
        UNJUSTIFIED,
        "The tenant wants a justification for a second administrator: run “migrator resume {run} --justification "
        "TEXT”.",
        "",
    ),
)
"""For each code of a failure: the sentence, and the one where a run is put back ("": the same)."""

DECLINED_STEPS = (
    "A second administrator declined the change of 1 configuration (sheet Configurations, reason): it is not asked for "
    "again. Where it is wanted all the same, plan it anew.",
    "A second administrator declined the changes of {n} configurations (sheet Configurations, reason): they are not "
    "asked for again. Where they are wanted all the same, plan them anew.",
)
"""What to do about those, said of one and of several."""


def waiting_too(figures: Facts) -> str:
    """Those that wait, for a sentence that says something worse first; "" for none."""
    if not figures.waiting:
        return ""
    return f"{figures.waiting:,} {either(figures.waiting, 'waits', 'wait')} for a second administrator's approval, "
