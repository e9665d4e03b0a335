"""What a request's standing, a reading and the time come to, for a call that waited."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.configuration import Configuration
from migrator.model.outcome import Outcome, Settled, Status
from migrator.model.plan import ConfigurationPlan
from migrator.model.reading import Reading
from migrator.model.second_admin import (
    DECLINED,
    LAPSED,
    LIFETIME,
    LONGEST,
    ApprovalRequest,
    Pending,
    RequestStatus,
    justification,
)
from migrator.sending.guard import Checked
from migrator.sending.second_admin import Approved, Known, adopted, judge, newest_last
from tests.memory import assigned

POLICY = Configuration("configurationPolicies", "p", "Policy")
PLAN = ConfigurationPlan(POLICY, Reading(assigned(1), True), assigned(2), (), ())
READING = Reading(assigned(1), True)
MARK = "p; 0123456789ab)"
PENDING = Pending(POLICY.key, "POST", "/beta/x/p/assign", b'{"a": 1}', "code-1", MARK, 1_000.0, 1_000.0 + LIFETIME)
FORBIDDEN, FAILED = Known(None, forbidden=True, why="403"), Known(None, why="503")
NOTHING = Known(())


def checked(status: Status | None = None, settled: Settled = Settled.NOTHING_SENT) -> Checked:
    outcome = None if status is None else Outcome(POLICY.key, status, "as it was found", settled=settled)
    return Checked(PLAN, READING, outcome)


def request(status: RequestStatus, code: str = "code-1", made: float = 1_000.0, asked: str = f"x ({MARK}") -> Known:
    return Known((ApprovalRequest(code, status, made, made + LIFETIME, asked, "no", "Ada"),))


def test_what_was_approved_leaves_as_it_was() -> None:
    judged = judge(checked(), PENDING, request(RequestStatus.APPROVED), 2_000.0)
    assert judged.outcome is None
    assert judged.approved == Approved(PENDING)


@pytest.mark.parametrize(
    ("status", "ends", "code"),
    [
        (RequestStatus.NEEDS_APPROVAL, Status.WAITING, "code-1"),
        (RequestStatus.UNKNOWN, Status.WAITING, "code-1"),
        (RequestStatus.REJECTED, Status.FAILED, DECLINED),
        (RequestStatus.CANCELLED, Status.FAILED, DECLINED),
        (RequestStatus.EXPIRED, Status.FAILED, LAPSED),
        (RequestStatus.COMPLETED, Status.FAILED, LAPSED),
    ],
)
def test_what_was_not_approved_sends_nothing(status: RequestStatus, ends: Status, code: str) -> None:
    outcome = judge(checked(), PENDING, request(status), 2_000.0).outcome
    assert outcome is not None
    assert (outcome.status, outcome.code) == (ends, code)
    assert (outcome.pending is not None) == (ends is Status.WAITING)
    assert "code-1" in outcome.reason


def test_one_that_is_not_listed_is_asked_for_by_the_call_itself_for_as_long_as_it_can_live() -> None:
    judged = judge(checked(), PENDING, NOTHING, 1_000.0 + LIFETIME - 1)
    assert (judged.outcome, judged.approved) == (None, Approved(PENDING, blind=True))
    outcome = judge(checked(), PENDING, NOTHING, 1_000.0 + LIFETIME).outcome
    assert outcome is not None
    assert (outcome.status, outcome.code) == (Status.FAILED, LAPSED)


@pytest.mark.parametrize(("age", "ends"), [(0.0, Status.WAITING), (LIFETIME, Status.FAILED)])
def test_a_status_that_nobody_knows_is_said_and_waited_for_as_long_as_it_can_live(age: float, ends: Status) -> None:
    outcome = judge(checked(), PENDING, request(RequestStatus.UNKNOWN), 1_000.0 + age).outcome
    assert outcome is not None
    assert outcome.status is ends
    assert ("does not know" in outcome.reason) is (ends is Status.WAITING)


def test_one_that_was_used_up_keeps_the_doubt_that_its_own_call_did_it() -> None:
    """A command that was killed between the answer and the journal, and a reading that lags behind the write."""
    outcome = judge(checked(), PENDING, request(RequestStatus.COMPLETED), 2_000.0).outcome
    assert outcome is not None
    assert outcome.settled is Settled.READING


def test_where_requests_may_not_be_read_the_service_is_asked_by_the_call_itself() -> None:
    judged = judge(checked(), PENDING, FORBIDDEN, 2_000.0)
    assert (judged.outcome, judged.approved) == (None, Approved(PENDING, blind=True))


def test_where_they_could_not_be_read_for_the_moment_it_waits() -> None:
    outcome = judge(checked(), PENDING, FAILED, 2_000.0).outcome
    assert outcome is not None
    assert (outcome.status, outcome.pending) == (Status.WAITING, PENDING)
    assert "503" in outcome.reason


@pytest.mark.parametrize("known", [NOTHING, FORBIDDEN])
def test_one_whose_request_nobody_knows_is_asked_for_anew(known: Known) -> None:
    unnamed = Pending(POLICY.key, "POST", "/x", b"", "", MARK, 1_000.0, 1_000.0 + LIFETIME)
    judged = judge(checked(), unnamed, known, 2_000.0)
    assert (judged.outcome, judged.approved) == (None, None)


def test_a_newer_request_for_the_very_same_call_takes_the_place_of_one_that_is_over() -> None:
    old = ApprovalRequest("code-1", RequestStatus.EXPIRED, 1_000.0, 2_000.0, f"x ({MARK}")
    new = ApprovalRequest("code-2", RequestStatus.APPROVED, 3_000.0, 4_000.0, f"x ({MARK}")
    other = ApprovalRequest("code-3", RequestStatus.APPROVED, 3_500.0, 4_500.0, "x (p; ba9876543210)")
    judged = judge(checked(), PENDING, Known(newest_last([other, new, old])), 3_600.0)
    assert judged.approved is not None
    assert (judged.approved.pending.code, judged.approved.pending.until) == ("code-2", 4_000.0)


@pytest.mark.parametrize(("changed", "counts"), [(999.0, False), (1_001.0, True)])
def test_a_no_to_the_same_call_of_an_earlier_run_is_no_answer_to_this_one(changed: float, counts: bool) -> None:
    unnamed = Pending(POLICY.key, "POST", "/x", b"", "", MARK, 1_000.0, 1_000.0 + LIFETIME)
    said_no = ApprovalRequest("old", RequestStatus.REJECTED, 500.0, 0.0, f"x ({MARK}", changed=changed)
    outcome = judge(checked(), unnamed, Known((said_no,)), 2_000.0).outcome
    assert (outcome is not None) is counts


def test_a_reading_that_fails_is_no_reason_to_stop_waiting_and_keeps_a_doubt() -> None:
    found = checked(Status.FAILED, Settled.READING)
    outcome = judge(found, PENDING, request(RequestStatus.NEEDS_APPROVAL), 2_000.0).outcome
    assert outcome is not None
    assert (outcome.status, outcome.settled) == (Status.WAITING, Settled.READING)


@given(
    st.sampled_from([None, *Status]),
    st.sampled_from([*(request(status) for status in RequestStatus), NOTHING, FORBIDDEN, FAILED]),
    st.floats(0, 1e6),
    st.booleans(),
)
def test_a_call_leaves_only_where_nothing_else_was_found_and_nobody_says_no(
    found: Status | None, known: Known, now: float, named: bool
) -> None:
    pending = PENDING if named else adopted(PENDING, ApprovalRequest("", RequestStatus.UNKNOWN, 1_000.0, 0.0))
    judged = judge(checked(found), pending, known, now)
    may_leave = judged.outcome is None
    requests = known.requests or ()
    if may_leave:
        assert found is None
        wanted = RequestStatus.APPROVED
        assert all(one.status is wanted or not (named or one.open) for one in requests)
        assert requests or known is not FAILED or not named
        assert judged.approved is not None or not named
    if found in (Status.DRIFTED, Status.UNCHANGED, Status.SUCCEEDED) and not may_leave:
        declined = any(one.status in (RequestStatus.REJECTED, RequestStatus.CANCELLED) for one in requests)
        kept = judged.outcome is not None and judged.outcome.status is found
        assert kept or (found is Status.DRIFTED and declined)


@given(st.text(max_size=3_000), st.text(min_size=1, max_size=3_000))
def test_a_justification_never_grows_too_long_and_ends_with_its_reference(text: str, reference: str) -> None:
    sent = justification(text, reference)
    assert len(sent.encode("utf-16-le")) <= 2 * LONGEST
    assert sent.endswith(reference[-LONGEST // 2 :])


def test_all_combinations_come_to_something() -> None:
    for status, reading in product(RequestStatus, (None, *Status)):
        judged = judge(checked(reading), PENDING, request(status), 2_000.0)
        assert judged.outcome is not None or judged.approved is not None


def test_many_that_wait_among_many_requests_are_found_by_looking_up() -> None:
    """Three thousand configurations beside a month of a busy tenant's requests: comparing each took half a minute."""
    many = [
        ApprovalRequest(Compared(f"Code-{n}"), RequestStatus.NEEDS_APPROVAL, n + 1.0, 1e9, "x" * 300)
        for n in range(400)
    ]
    known = Known(tuple(many))
    waits = [Pending(POLICY.key, "POST", "/x", b"", f"cODE-{n}", MARK, 1.0, 1e9) for n in range(400)]
    assert [known.request_of(one) for one in waits] == many
    assert Compared.times <= 2 * len(many)


class Compared(str):
    """A text that counts how often it was made ready to be compared."""

    times = 0

    def casefold(self) -> str:
        Compared.times += 1
        return super().casefold()
