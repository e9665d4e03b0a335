"""How far a plan may reach, and which part of it goes first. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from migrator.model.finding import Finding, Level
from migrator.model.plan import ConfigurationPlan, Effect
from migrator.model.settings import Caution


def beyond(plans: Iterable[ConfigurationPlan], caution: Caution, level: Level = Level.ERROR) -> Iterator[Finding]:
    """What a plan changes more of than a person allows. A swap is one change, and no removal: its group has a
    successor."""
    reaching = [plan for plan in plans if plan.changes_anything and not plan.blocked and not plan.reading.assumed]
    changes = sum(change.effect is not Effect.KEPT for plan in reaching for change in plan.changes)
    removals = sum(plan.losses for plan in reaching)
    for what, code, number, most in (
        ("changes", "too_many_changes", changes, caution.max_changes),
        ("removals", "too_many_removals", removals, caution.max_removals),
    ):
        if most is not None and number > most:
            verb = "remove" if code == "too_many_removals" else "change"
            noun = "assignment" if number == 1 else "assignments"
            message = (
                f"the plan would {verb} {number:,} {noun}, and --max-{what} allows {most:,}; "
                "look at what it comes to, then pick fewer configurations or allow more"
            )
            yield Finding(level, code, message)


def canary(plans: Sequence[ConfigurationPlan], number: int) -> Sequence[ConfigurationPlan]:
    """The few that go first, in their order: of every kind one, then of every kind another."""
    by_kind: defaultdict[str, deque[ConfigurationPlan]] = defaultdict(deque)
    for plan in plans:
        by_kind[plan.key.kind].append(plan)
    first: list[ConfigurationPlan] = []
    while by_kind and len(first) < number:
        for kind in list(by_kind)[: number - len(first)]:
            first.append(by_kind[kind].popleft())
            if not by_kind[kind]:
                del by_kind[kind]
    return first
