"""A plan in one short word: the same where the same would be sent."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest

from migrator.model.assignment import Assignment
from migrator.model.plan import ConfigurationPlan
from migrator.planning.fingerprint import fingerprint
from tests.journal.values import assignment, configuration_plan


def with_after(*after: Assignment, number: int = 0) -> ConfigurationPlan:
    return dataclasses.replace(configuration_plan(number), after=after)


def test_the_order_of_configurations_and_assignments_does_not_change_a_fingerprint() -> None:
    one, two = assignment("one"), assignment("two")
    assert fingerprint([with_after(one, two), with_after(number=1)]) == fingerprint(
        [with_after(number=1), with_after(two, one)]
    )


def test_what_the_service_makes_anew_at_every_reading_does_not_change_a_fingerprint() -> None:
    assert fingerprint([with_after(assignment("g", raw='{"id":"1"}'))]) == fingerprint(
        [with_after(assignment("g", raw='{"id":"2"}'))]
    )


@pytest.mark.parametrize(
    "other",
    [
        with_after(assignment("another")),
        with_after(assignment("g", filter=None)),
        with_after(assignment("g", intent="required")),
        with_after(assignment("g", rest='{"a":2}')),
        with_after(),
        with_after(assignment("g"), number=1),
    ],
)
def test_every_difference_that_counts_changes_a_fingerprint(other: ConfigurationPlan) -> None:
    assert fingerprint([other]) != fingerprint([with_after(assignment("g"))])


def test_a_fingerprint_is_the_same_in_every_process_and_reads_in_groups() -> None:
    code = (
        "from tests.journal.values import plan; from migrator.planning.fingerprint import fingerprint;"
        "print(fingerprint(plan().configurations))"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    (shown,) = prints
    assert [len(group) for group in shown.split("-")] == [5] * 4
