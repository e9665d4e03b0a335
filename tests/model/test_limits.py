"""What Microsoft publishes of its limits, and what a person's own word changes."""

from __future__ import annotations

import pytest

from migrator.model.limits import CLOUD_PC, DIRECTORY, INTUNE, SCRIPTS, Area, quota_of
from migrator.model.settings import Limit

AREAS = (INTUNE, SCRIPTS, CLOUD_PC, DIRECTORY)


@pytest.mark.parametrize(("area", "requests"), [(INTUNE, 1000), (SCRIPTS, 2000)])
def test_reads_and_writes_together_stay_within_the_limit_for_any_request(area: Area, requests: int) -> None:
    assert area.reads.limit.span == area.writes.limit.span == 20.0
    assert (area.reads.limit.calls or 0) + (area.writes.limit.calls or 0) == requests


def test_no_mixture_of_look_ups_is_too_many_for_the_smallest_directory() -> None:
    dearest = 5
    assert (DIRECTORY.reads.limit.calls or 0) * dearest <= 3500
    assert DIRECTORY.reads.limit.span == 10.0


def test_every_quota_has_a_name_of_its_own() -> None:
    names = [quota.name for area in AREAS for quota in (area.reads, area.writes)]
    assert len(set(names)) == len(names)


def test_where_nobody_says_otherwise_what_is_documented_holds() -> None:
    assert quota_of(SCRIPTS, write=True) is SCRIPTS.writes
    assert quota_of(SCRIPTS, write=False) is SCRIPTS.reads


def test_a_stated_limit_is_one_for_all_writes_together() -> None:
    quotas = {(q.name, str(q.limit), q.write) for a in AREAS for q in [quota_of(a, write=True, stated=Limit(60, 20.0))]}
    assert quotas == {("writes", "60/20s", True)}


def test_a_slower_one_slows_nothing_else() -> None:
    assert str(quota_of(INTUNE, write=False, stated=Limit(1, 60.0)).limit) == "900/20s"


def test_a_faster_one_makes_everything_else_as_much_faster() -> None:
    tenfold = Limit(100, 2.0)
    assert str(quota_of(INTUNE, write=False, stated=tenfold).limit) == "900/2s"
    assert str(quota_of(DIRECTORY, write=False, stated=tenfold).limit) == "700/1s"
    assert str(quota_of(INTUNE, write=False, stated=Limit(200, 20.0)).limit) == "900/10s"


@pytest.mark.parametrize("write", [True, False])
def test_none_lifts_every_limit_and_each_area_still_learns_for_itself(write: bool) -> None:
    quotas = [quota_of(area, write=write, stated=Limit(None)) for area in AREAS]
    assert {quota.limit.calls for quota in quotas} == {None}
    assert len({quota.name for quota in quotas}) == len(AREAS)
