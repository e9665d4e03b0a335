"""A plan in one short word: the same for the same lists before and after, and for nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from migrator.model.assignment import Assignment
from migrator.model.lists import by_identity
from migrator.model.plan import ConfigurationPlan


def fingerprint(configurations: Iterable[ConfigurationPlan]) -> str:
    """Twenty hexadecimal digits in groups of five, from every configuration's lists; their order does not matter."""
    lines = sorted(
        json.dumps([*c.key, _list(c.before), _list(c.after), c.blocked], ensure_ascii=True) for c in configurations
    )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:20]
    return "-".join(digest[i : i + 5] for i in range(0, 20, 5))


def _list(assignments: Iterable[Assignment]) -> list[list[str]]:
    return sorted(
        [a.target.type, a.target.id, a.intent, f"{a.filter.mode}:{a.filter.id}" if a.filter else "", a.rest]
        for a in by_identity(assignments).values()
    )
