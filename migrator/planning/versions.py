"""What it means for a plan that a person asked for a version of Graph's API. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from migrator.model.finding import Finding, Level
from migrator.model.kind import Kind
from migrator.model.plan import ConfigurationPlan
from migrator.model.versions import not_carried


def told_of_versions(kinds: Iterable[Kind], asked: str) -> Iterator[Finding]:
    """Once each: the kinds that do not have the version that was asked for, and those that it shows not all of."""
    if not asked:
        return
    concerned = list(kinds)
    without = [kind.title for kind in concerned if asked not in kind.versions]
    if without:
        message = f"there is no {asked} of {_some(without)}, for which the other version is used"
        yield Finding(Level.NOTE, "version_not_there", message)
    hiding = [kind.title for kind in concerned if kind.unknown_in(kind.version_for(asked))]
    if hiding:
        message = (
            f"{asked} does not show everything that assignments of {_some(hiding)} hold: it is written to, and what "
            "stands there is read in beta, so that nothing is lost"
        )
        yield Finding(Level.WARNING, "version_shows_less", message)


def beyond_version(plans: Iterable[ConfigurationPlan], kinds: Mapping[str, Kind], asked: str) -> Iterator[Finding]:
    """An error per configuration whose new list holds what the version that was asked for cannot carry."""
    for plan in plans:
        kind = kinds[plan.key.kind]
        version = kind.version_for(asked)
        lost = not_carried(kind, version, plan.body) if asked and plan.changes_anything else ()
        if lost:
            row = plan.rows[0].row
            message = (
                f"{(plan.configuration.name or plan.configuration.id)!r}: {version} cannot carry {', '.join(lost)}, "
                "which would be lost; leave --api-version out, or leave this configuration out"
            )
            yield Finding(Level.ERROR, "version_cannot_carry", message, row.sheet, row.number)


def _some(titles: list[str]) -> str:
    """The first three of them, and how many more there are."""
    return ", ".join(titles[:3]) + (f" and {len(titles) - 3} more kinds" if len(titles) > 3 else "")
