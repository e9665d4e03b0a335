"""The whole story on a server that is not ours, in every wording that is documented or was reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.outcome import Status
from migrator.model.second_admin import DECLINED, UNJUSTIFIED
from tests.moving import swaps
from tests.second_admin.foreign import Habits, guarded

WORDINGS = {
    "412, in the header": Habits(in_message=False),
    "412, in the message": Habits(in_header=False),
    "412, PreconditionFailed": Habits(code="PreconditionFailed", nested=False),
    "412, named nowhere": Habits(in_header=False, in_message=False),
    "403, in both": Habits(403, "ApprovalRequired", unjustified=403, nested=False),
    "403, in the message": Habits(403, "ApprovalRequired", in_header=False, unjustified=403),
    "403, named nowhere": Habits(403, "ApprovalRequired", in_header=False, in_message=False),
    "a request to a page": Habits(shows="page"),
    "requests it does not show": Habits(shows="hidden"),
    "requests it does not serve": Habits(shows="404"),
    "requests that may not be read": Habits(shows="403"),
}
worded = pytest.mark.parametrize("habits", WORDINGS.values(), ids=WORDINGS)


@worded
async def test_what_waits_is_approved_sent_once_to_the_byte_and_verified(tmp_path: Path, habits: Habits) -> None:
    async with guarded(tmp_path, habits, 2) as (there, stored):
        first = await there.run(swaps(2))
        assert (first.exit_code, first.facts.waiting, len(there.graph.asked)) == (5, 2, 2)
        again = await there.resume(first.folder)
        assert (again.exit_code, again.facts.waiting, len(there.graph.asked), there.graph.applied) == (5, 2, 2, [])
        there.graph.decide("approved")
        done = await there.resume(first.folder)
        assert (done.exit_code, done.facts.succeeded, done.facts.unverified) == (0, 2, 0)
        assert sorted(there.graph.applied) == sorted(one.call for one in there.graph.asked)
        assert all(there.graph.groups_of(one) == {"New", "Kept"} for one in stored)


@worded
async def test_without_a_justification_one_call_is_made_and_one_sentence_said(tmp_path: Path, habits: Habits) -> None:
    async with guarded(tmp_path, habits, 4) as (there, _):
        there.use(justification="")
        first = await there.run(swaps(4))
        assert (first.exit_code, first.facts.waiting, first.facts.open) == (1, 0, 3)
        assert [line.code for line in first.facts.lines if not line.open] == [UNJUSTIFIED]
        assert str(first.error).count("--justification") == 1


async def test_a_list_without_an_end_is_given_up_and_what_waits_goes_on_waiting(tmp_path: Path) -> None:
    async with guarded(tmp_path, Habits(shows="circle")) as (there, _):
        first = await there.run(swaps(1))
        there.graph.decide("approved")
        again = await there.resume(first.folder)
        assert (again.exit_code, there.graph.applied) == (5, [])
        assert "could not be read" in again.facts.lines[0].reason
        there.graph.habits.shows = "all"
        assert (await there.resume(first.folder)).exit_code == 0


async def test_what_cannot_be_looked_up_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """Something waits already, and the list of requests may not be read: that is why it is not known to be ours."""
    async with guarded(tmp_path, Habits(shows="403", in_header=False, in_message=False)) as (there, _):
        first = await there.run(swaps(1))
        assert first.exit_code == 5
        assert "could not be looked up" in first.facts.lines[0].reason


async def test_what_was_rejected_fails_with_what_was_written_on_one_line(tmp_path: Path) -> None:
    async with guarded(tmp_path, Habits()) as (there, _):
        first = await there.run(swaps(1))
        there.graph.decide("rejected", "not\n\x1b[2Jbefore Monday")
        done = await there.resume(first.folder)
        (line,) = done.facts.lines
        assert (done.exit_code, line.code, there.graph.used) == (1, DECLINED, 0)
        assert "was rejected by u: not [2Jbefore Monday" in line.reason


async def test_an_approval_is_good_for_who_asked_and_that_is_said(tmp_path: Path) -> None:
    """Somebody resumes with another app: a bare 403, which looks like a missing permission."""
    async with guarded(tmp_path, Habits(), 1) as (there, stored):
        first = await there.run(swaps(1))
        there.graph.decide("approved")
        there.graph.app = "another app"
        other = await there.resume(first.folder)
        assert (other.exit_code, there.graph.applied) == (5, [])
        assert "the same app" in other.facts.lines[0].reason
        there.graph.app = "the app"
        done = await there.resume(first.folder)
        assert (done.exit_code, there.graph.groups_of(stored[0])) == (0, {"New", "Kept"})


@pytest.mark.parametrize("text", ["x" * 1024, "🙂" * 1024, "Zeile 1\r\nZeile 2\t\x00", "\udcff"])
async def test_any_justification_leads_to_a_request(tmp_path: Path, text: str) -> None:
    """The service counts as its own language does: what lies beyond 16 bits counts twice."""
    async with guarded(tmp_path, Habits()) as (there, _):
        there.use(justification=text)
        first = await there.run(swaps(1))
        assert (first.exit_code, len(there.graph.asked)) == (5, 1)
        there.graph.decide("approved")
        assert (await there.resume(first.folder)).exit_code == 0


@pytest.mark.parametrize(
    "more",
    [
        {"id": "a\r\nx-y: z"},
        {"id": None},
        {"status": 7},
        {"status": "escalated"},
        {"requestJustification": None, "approver": [], "requestor": "?"},
        {"approvalJustification": "x" * 1_000_000, "approver": {"user": {"displayName": {"a": 1}}}},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_whatever_is_listed_ends_no_run_and_makes_nothing_up(tmp_path: Path, more: dict[str, object]) -> None:
    async with guarded(tmp_path, Habits(more=more)) as (there, _):
        first = await there.run(swaps(1))
        again = await there.resume(first.folder)
        assert (first.exit_code, again.exit_code, again.facts.waiting) == (5, 5, 1)
        assert again.facts.lines[0].status is Status.WAITING
        assert len(again.facts.lines[0].reason) < 2_000
        assert (len(there.graph.asked), there.graph.applied) == (1, [])
