"""What to do next: one sentence a configuration, and a few for the whole run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.model.kinds import KINDS
from migrator.model.outcome import Status, Verdict
from migrator.reporting.facts import Ending, Facts, Line
from migrator.reporting.words import count
from migrator.workbook.cells import Tag
from migrator.workbook.style import Tone


@dataclass(frozen=True, slots=True)
class _Case:
    """A situation and the sentence for it; `{run}` and `{permission}` are filled in."""

    holds: Callable[[Line], bool]
    sentence: str


def _code(*words: str) -> Callable[[Line], bool]:
    return lambda line: any(word in line.code.casefold() for word in words)


def _status(*codes: int) -> Callable[[Line], bool]:
    return lambda line: line.http_status in codes


def _read_back(verdict: Verdict) -> Callable[[Line], bool]:
    return lambda line: line.verification is not None and line.verification.verdict is verdict


_UNVERIFIED = (
    _Case(
        _read_back(Verdict.DIFFERENT),
        "Reading can lag behind writing by minutes: run “migrator verify {run}” a little later. If it still differs, "
        "somebody changed it since: look at its workbook, then plan again.",
    ),
    _Case(_read_back(Verdict.UNREADABLE), "It could not be read back: run “migrator verify {run}” later."),
    _Case(lambda _line: True, "It was not read back: run “migrator verify {run}”."),
)

# The first that holds counts. What Graph's word says comes before what the number says.
_FAILED = (
    _Case(
        lambda line: line.ending is Ending.BLOCKED,
        "Nothing was sent. Settle what the reason names, then plan again; its rows are in retry.xlsx.",
    ),
    _Case(
        lambda line: line.ending is Ending.IN_DOUBT,
        "Run “migrator resume {run}”: it reads the configuration first and sends only what is still missing.",
    ),
    _Case(
        lambda line: line.ending is Ending.NOT_SENT, "Run “migrator resume {run}”: it goes on where the run stopped."
    ),
    _Case(
        _code("approval"),
        "The tenant asks for a second administrator's approval (Multi Admin Approval): have it approved in Intune, "
        "then run “migrator resume {run}”.",
    ),
    _Case(
        _status(401),
        "The sign-in was not accepted any more: run “migrator doctor”, sign in again, then “migrator resume {run}”.",
    ),
    _Case(
        _status(403),
        "The sign-in may not change this configuration: it needs {permission} with admin consent, and a scoped "
        "administrator needs it within their scope. Then run “migrator resume {run}”.",
    ),
    _Case(
        _status(404, 410),
        "It is not there any more, or one of its groups is not: look in the admin center, mend the rows in retry.xlsx, "
        "and run that.",
    ),
    _Case(
        _status(409, 423),
        "Another change to it was under way: wait until that is done, then run “migrator resume {run}”.",
    ),
    _Case(
        _status(412),
        "The tenant asks for a second administrator's approval or saw another change first: look in Intune under "
        "Multi Admin Approval, then run “migrator resume {run}”.",
    ),
    _Case(
        _status(400, 405, 413, 415, 422),
        "Graph refused the list as such: check that every group is a security group and that this kind takes such "
        "targets, filters and intents; mend the rows in retry.xlsx, and run that.",
    ),
    _Case(
        _status(429),
        "Graph throttled every try: let other tools of this tenant come to rest for a few minutes, then run "
        "“migrator resume {run}”.",
    ),
    _Case(
        lambda line: line.http_status >= 500 or line.http_status == 408,
        "The service had trouble of its own: run “migrator resume {run}” in a while; if it stays, give Microsoft's "
        "support the request ids in its workbook.",
    ),
    _Case(
        lambda line: line.http_status == 0 and line.tries > 0,
        "No answer came: check the network and the proxy with “migrator doctor”, then run “migrator resume {run}”.",
    ),
    _Case(lambda _line: True, "Settle what the reason names, then run “migrator resume {run}”."),
)

_BY_STATUS: dict[Status, tuple[_Case, ...]] = {
    Status.UNCHANGED: (),
    Status.FAILED: _FAILED,
    Status.DRIFTED: (
        _Case(
            lambda _line: True,
            "Somebody changed it after the plan was made, so it was left alone: look at it, then plan the same mapping "
            "again.",
        ),
    ),
    Status.WAITING: (
        _Case(
            lambda _line: True,
            "A second administrator has to approve the change in Intune (Tenant administration, Multi Admin Approval) "
            "within three days; then run “migrator resume {run}”.",
        ),
    ),
}


def advice(line: Line, run: str) -> str:
    """What to do about one configuration, "" where there is nothing to do."""
    cases = _UNVERIFIED if line.unverified else _BY_STATUS.get(line.status, ())
    for case in cases:
        if case.holds(line):
            kind = KINDS.get(line.plan.key.kind)
            permission = kind.permission if kind else "the write permission of its kind"
            return case.sentence.format(run=run, permission=permission)
    return ""


def headline(figures: Facts) -> tuple[Tag, str]:
    """A run in one word and one sentence."""
    total = count(figures.configurations, "configuration")
    if figures.open:
        return (
            Tag("NOT FINISHED", Tone.WARN),
            f"The run stopped before it was done: {figures.open:,} of {total} were not finished.",
        )
    if figures.failed:
        return Tag("FAILED IN PART", Tone.BAD), f"{figures.failed:,} of {total} failed; {_rest(figures)}."
    if figures.drifted:
        left = count(figures.drifted, "configuration was", "configurations were")
        return Tag("DRIFTED", Tone.WARN), f"{left} changed by somebody else and left alone; {_rest(figures)}."
    if figures.waiting:
        return (
            Tag("WAITING", Tone.HOLD),
            f"{figures.waiting:,} of {total} wait for a second administrator's approval; {_rest(figures)}.",
        )
    if figures.unverified:
        return (
            Tag("NOT VERIFIED", Tone.WARN),
            f"Everything was confirmed by the service, but {figures.unverified:,} of {total} could not be seen "
            "when read back.",
        )
    if not figures.succeeded:
        return Tag("NOTHING TO DO", Tone.GOOD), f"Everything is as the mapping wants it: {total}, none to change."
    return (
        Tag("DONE", Tone.GOOD),
        f"Everything is as the mapping wants it: {figures.succeeded:,} changed and read back, "
        f"{figures.unchanged:,} needed nothing.",
    )


def next_steps(figures: Facts) -> tuple[str, ...]:
    """What to do now, the most urgent first."""
    run = figures.run
    refused = figures.failed - figures.open
    told = (
        (
            figures.open,
            f"Run “migrator resume {run}” to finish the {_them(figures.open)} that were not finished; "
            "nothing that succeeded is sent again.",
        ),
        (
            refused,
            f"Look at the {_them(refused)} that failed (sheet Configurations, reason and next step). "
            f"“migrator resume {run}” tries them again; where the rows have to be mended, retry.xlsx holds them ready "
            "to run.",
        ),
        (
            figures.drifted,
            f"Plan the {_them(figures.drifted)} that drifted anew: somebody else changed them, and "
            "nothing of that was overwritten.",
        ),
        (
            figures.waiting,
            f"Have the {_them(figures.waiting)} approved in Intune (Multi Admin Approval), then run "
            f"“migrator resume {run}”.",
        ),
        (
            figures.unverified,
            f"Run “migrator verify {run}” for the {_them(figures.unverified)} not verified: reading "
            "can lag behind writing by minutes.",
        ),
    )
    steps = tuple(sentence for number, sentence in told if number)
    keep = ("Keep this folder: its journal and workbooks hold what stood before.",) if figures.succeeded else ()
    return (*(steps or ("Nothing is left to do.",)), *keep)


def _them(number: int) -> str:
    return count(number, "configuration")


def _rest(figures: Facts) -> str:
    return f"{figures.succeeded:,} succeeded, {figures.unchanged:,} needed nothing"
