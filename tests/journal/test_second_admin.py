"""A call that waits is in the journal to the byte, whatever is kept after it."""

from __future__ import annotations

import pytest

from migrator.journal.folder import RunFolder
from migrator.journal.reader import read_record
from migrator.journal.records import decode, encode
from migrator.journal.writer import JournalWriter
from migrator.model.configuration import Key
from migrator.model.outcome import Outcome, Status
from migrator.model.second_admin import DECLINED, LAPSED, Pending

KEY = Key("configurationPolicies", "one")


def waits(code: str, body: bytes = b'{"a": "\xc3\xa4"}', since: float = 1.5) -> Outcome:
    pending = Pending(KEY, "POST", "/beta/x/one/assign", body, code, "one; 0123)", since, since + 9)
    return Outcome(KEY, Status.WAITING, "waits", code=code, pending=pending)


@pytest.mark.parametrize("reason", ["waits", "half an emoji: \ud83d"])
def test_every_byte_comes_back(reason: str) -> None:
    outcome = Outcome(KEY, Status.WAITING, reason, pending=waits("c", bytes(range(256))).pending)
    assert decode(encode(outcome), Outcome) == outcome


def test_an_outcome_of_an_earlier_version_waits_for_nothing_that_is_known() -> None:
    old = '{"key": ["configurationPolicies", "one"], "status": "waiting"}'
    assert decode(old, Outcome).pending is None


async def test_the_newest_call_that_waits_is_known_whatever_was_kept_since(run: RunFolder) -> None:
    async with JournalWriter(run) as journal:
        await journal.conclude(waits("first"))
        await journal.conclude(waits("second"))
        await journal.intend(KEY)
    record = read_record(run)
    assert record.outcomes == ()
    assert record.pending_of() == {KEY: waits("second").pending}
    async with JournalWriter(run) as journal:
        await journal.conclude(Outcome(KEY, Status.FAILED, "503"))
    assert read_record(run).pending_of() == {KEY: waits("second").pending}


@pytest.mark.parametrize("code", [LAPSED, DECLINED])
async def test_a_request_that_is_over_is_not_gone_on_with(run: RunFolder, code: str) -> None:
    async with JournalWriter(run) as journal:
        await journal.conclude(waits("first"))
        await journal.conclude(Outcome(KEY, Status.FAILED, "over", code=code))
    assert read_record(run).pending_of() == {}
