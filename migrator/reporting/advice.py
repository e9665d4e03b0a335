"""What to do next: one sentence a configuration, and a few for the whole run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from migrator.model.kinds import KINDS
from migrator.model.outcome import Status
from migrator.model.second_admin import DECLINED
from migrator.reporting.facts import Ending, Facts, Line
from migrator.reporting.second_admin import DECLINED_STEPS, SECOND_ADMIN, waiting_too
from migrator.reporting.words import count, drifted_too, either
from migrator.workbook.cells import Tag
from migrator.workbook.style import Tone

_NOT_AS_INTENDED = "notAsIntended"  # the code of what "verify MAPPING" finds, which is compared and never sent


@dataclass(frozen=True, slots=True)
class _Case:
    """A situation and the sentence for it, `back` where another is said of putting a run back; `{run}`, `{permission}`,
    `{again}`, `{of}` and `{by}` are filled in."""

    holds: Callable[[Line], bool]
    sentence: str
    back: str = ""


def _code(*words: str) -> Callable[[Line], bool]:
    return lambda line: any(word in line.code.casefold() for word in words)


def _is(code: str) -> Callable[[Line], bool]:
    return lambda line: line.code == code


def _status(*codes: int) -> Callable[[Line], bool]:
    return lambda line: line.http_status in codes


_PUT_BACK = (
    _Case(
        lambda line: line.differs or line.unseen or not line.as_intended,
        "Run {by} put this run back: look there for what holds now.",
    ),
)
_DIFFERENT = (
    _Case(
        lambda line: line.may_lag,
        "Read back right after the write, it still held what stood before, and reading can lag behind writing by "
        "minutes: run “migrator verify {run}”. If it still differs, look at its workbook, then {again}.",
    ),
    _Case(
        lambda line: line.status is Status.UNCHANGED,
        "It holds something else than intended, although nothing was to change: somebody changed it since. Look at "
        "its workbook, then {again}.",
        "It holds something else than before run {of}, although nothing was to change: somebody changed it since. "
        "Look at its workbook, and decide what shall hold.",
    ),
    _Case(
        lambda _line: True,
        "It holds something else than intended: somebody changed it since, or the write did not take. Look at its "
        "workbook, then {again}.",
    ),
)
_UNSEEN = (
    _Case(lambda line: line.verification is not None, "It could not be read back: run “migrator verify {run}” later."),
    _Case(lambda _line: True, "It was not read back: run “migrator verify {run}”."),
)

# The first that holds counts. What Graph's word says comes before what the number says.
_FAILED = (
    _Case(
        lambda line: line.code == _NOT_AS_INTENDED,
        "Nothing was sent, for this only looked. Look at its workbook, then run the mapping (“migrator run MAPPING”).",
    ),
    _Case(
        lambda line: line.ending is Ending.BLOCKED,
        "Nothing was sent. Settle what the reason names, then plan again; its rows are in retry.xlsx.",
        "Nothing was sent. Settle what the reason names, then {again}.",
    ),
    _Case(
        lambda line: line.ending is Ending.IN_DOUBT,
        "Run “migrator resume {run}”: it reads the configuration first and sends only what is still missing.",
    ),
    _Case(
        lambda line: line.ending is Ending.NOT_SENT, "Run “migrator resume {run}”: it goes on where the run stopped."
    ),
    *(_Case(_is(code), sentence, back) for code, sentence, back in SECOND_ADMIN),
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
        "It is not there any more, or one of its groups is not: look in the admin center. What cannot be put back as "
        "it was is for you to set.",
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
        "Graph refused the list as such: one of the groups or filters that it had may not be there any more. What "
        "cannot be put back as it was is for you to set.",
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

_LEFT_OUT = (
    _Case(lambda _line: True, "It was not carried out. Once it is approved, run “migrator apply {run}” again."),
)

_BY_STATUS: dict[Status, tuple[_Case, ...]] = {
    Status.UNCHANGED: (),
    Status.FAILED: _FAILED,
    Status.DRIFTED: (
        _Case(
            lambda _line: True,
            "Somebody changed it after the plan was made, so it was left alone: look at it, then plan the same mapping "
            "again.",
            "Somebody changed it after run {of}, so it was left alone: its workbook has what that run left, what stood "
            "before it, and what was found. What shall hold is for you to decide.",
        ),
    ),
    Status.WAITING: (
        _Case(
            lambda _line: True,
            "A second administrator has to approve the change in Intune (Tenant administration, Multi Admin Approval) "
            "before its request lapses; then run “migrator resume {run}”, which sends the very same call.",
        ),
    ),
}


def advice(line: Line, run: str) -> str:
    """What to do about one configuration, "" where there is nothing to do."""
    for case in _cases(line):
        if case.holds(line):
            kind = KINDS.get(line.plan.key.kind)
            permission = kind.permission if kind else "the write permission of its kind"
            sentence = case.back if line.of and case.back else case.sentence
            again = _again(line.of)
            return sentence.format(run=run, permission=permission, again=again, of=line.of, by=line.put_back)
    return ""


def _cases(line: Line) -> tuple[_Case, ...]:
    if line.put_back:
        return _PUT_BACK
    if line.left_out:
        return _LEFT_OUT
    if line.as_intended and line.differs:
        return _DIFFERENT
    return _UNSEEN if line.unseen else _BY_STATUS.get(line.status, ())


def _again(of: str) -> str:
    """How to have once more what a run was for."""
    return (
        f"put that run back again (“migrator rollback {of}”)"
        if of
        else "run the mapping again (“migrator run MAPPING”)"
    )


def headline(figures: Facts) -> tuple[Tag, str]:
    """A run in one word and one sentence."""
    wanted = f"as it was before run {figures.of}" if figures.of else "as the mapping wants it"
    if figures.put_back:
        return Tag("PUT BACK", Tone.QUIET), f"Run {figures.put_back} put this run back: its reports say what holds now."
    total = count(figures.configurations, "configuration")
    if figures.open:
        return (
            Tag("NOT FINISHED", Tone.WARN),
            f"The run stopped before it was done: {figures.open:,} of {total} {either(figures.open, 'was', 'were')} "
            "not finished.",
        )
    if figures.failed and figures.failed == _only_looked_at(figures):
        return (
            Tag("NOT AS INTENDED", Tone.BAD),
            f"{figures.failed:,} of {total} {either(figures.failed, 'is', 'are')} not as the mapping says; "
            f"{figures.unchanged:,} {either(figures.unchanged, 'is', 'are')}.",
        )
    if figures.failed:
        others = _others(figures) + drifted_too(figures)
        return Tag("FAILED IN PART", Tone.BAD), f"{figures.failed:,} of {total} failed; {others}."
    if figures.differing:
        return (
            Tag("DIFFERENT", Tone.BAD),
            f"{figures.differing:,} of {total} {_holds(figures.differing)} when read back; "
            f"{waiting_too(figures)}{figures.succeeded:,} succeeded, {_needed_nothing(figures)}{_unseen(figures)}"
            f"{drifted_too(figures)}.",
        )
    if figures.drifted:
        left = count(figures.drifted, "configuration was", "configurations were")
        return Tag("DRIFTED", Tone.WARN), f"{left} changed by somebody else and left alone; {_others(figures)}."
    if figures.waiting:
        wait = either(figures.waiting, "waits", "wait")
        return (
            Tag("WAITING", Tone.HOLD),
            f"{figures.waiting:,} of {total} {wait} for a second administrator's approval; {_rest(figures)}.",
        )
    if figures.unseen:
        return (
            Tag("NOT VERIFIED", Tone.WARN),
            f"Everything was confirmed by the service, but {figures.unseen:,} of {total} could not be read back.",
        )
    if figures.left_out:
        return _without_those_left_out(figures, total, wanted)
    if not figures.succeeded:
        return Tag("NOTHING TO DO", Tone.GOOD), f"Everything is {wanted}: {total}, none to change."
    return (
        Tag("DONE", Tone.GOOD),
        f"Everything is {wanted}: {figures.succeeded:,} {'put back' if figures.of else 'changed'} and read back"
        + (f", {figures.unchanged:,} needed nothing." if figures.unchanged else "."),
    )


def _without_those_left_out(figures: Facts, total: str, wanted: str) -> tuple[Tag, str]:
    """Everything went well, and something was not meant to be carried out."""
    if figures.left_out == figures.configurations:
        return Tag(
            "LEFT OUT", Tone.HOLD
        ), f"Nothing was sent: {total}, {either(figures.left_out, 'it was', 'all')} left out."
    done = "put back" if figures.of else "changed"
    return (
        Tag("DONE IN PART", Tone.GOOD),
        f"What was approved is {wanted}: {figures.succeeded:,} {done} and read back, {_needed_nothing(figures)}.",
    )


def _needed_nothing(figures: Facts) -> str:
    """Those that are unchanged, with those of them apart that nobody looked at."""
    left = f", {figures.left_out:,} {either(figures.left_out, 'was', 'were')} left out" if figures.left_out else ""
    return f"{figures.unchanged - figures.left_out:,} needed nothing{left}"


@dataclass(frozen=True, slots=True)
class _Step:
    """What to do about so many configurations, said of one and of several; `{n}`, `{run}`, `{of}` and `{again}`
    are filled in."""

    number: int
    one: str
    several: str

    def told(self, figures: Facts) -> str:
        sentence = either(self.number, self.one, self.several)
        return sentence.format(n=f"{self.number:,}", run=figures.run, of=figures.of, again=_again(figures.of))


def next_steps(figures: Facts) -> tuple[str, ...]:
    """What to do now, the most urgent first."""
    if figures.put_back:
        return (
            f"Look at the summary of run {figures.put_back}. To carry the mapping out again: “migrator run MAPPING”.",
            "Keep this folder: its journal and workbooks hold what stood before.",
        )
    only_looked_at = _only_looked_at(figures)
    declined = sum(line.code == DECLINED for line in figures.lines)
    steps = (
        _Step(
            figures.open,
            "Run “migrator resume {run}” to finish the 1 configuration that was not finished; nothing that succeeded "
            "is sent again.",
            "Run “migrator resume {run}” to finish the {n} configurations that were not finished; nothing that "
            "succeeded is sent again.",
        ),
        _Step(declined, *DECLINED_STEPS),
        _Step(
            figures.failed - figures.open - only_looked_at - declined,
            "Look at the 1 configuration that failed (sheet Configurations, reason and next step). “migrator resume "
            "{run}” tries it again" + _mended(figures.of),
            "Look at the {n} configurations that failed (sheet Configurations, reason and next step). “migrator resume "
            "{run}” tries them again" + _mended(figures.of),
        ),
        _Step(
            only_looked_at,
            "Look at the workbook of the 1 configuration that is not as the mapping says, then run the mapping "
            "(“migrator run MAPPING”).",
            "Look at the workbooks of the {n} configurations that are not as the mapping says, then run the mapping "
            "(“migrator run MAPPING”).",
        ),
        _Step(
            figures.differing - figures.lagging,
            "Look at the workbook of the 1 configuration that holds something else than intended (sheet "
            "Configurations, read back: different). Somebody changed it since, or the write did not take: {again}, "
            "which sends what is missing and nothing else.",
            "Look at the workbooks of the {n} configurations that hold something else than intended (sheet "
            "Configurations, read back: different). Somebody changed them since, or the writes did not take: {again}, "
            "which sends what is missing and nothing else.",
        ),
        _Step(
            figures.lagging,
            "Run “migrator verify {run}” in a few minutes for the 1 configuration that still held what stood before "
            "when it was read right after the write. If it differs then too, look at its workbook and {again}.",
            "Run “migrator verify {run}” in a few minutes for the {n} configurations that still held what stood before "
            "when they were read right after the write. If they differ then too, look at their workbooks and {again}.",
        ),
        _Step(
            figures.drifted if figures.of else 0,
            "Look at the workbook of the 1 configuration that somebody changed after run {of} (sheet Configurations, "
            "drifted): it was left alone, and what shall hold is for you to decide.",
            "Look at the workbooks of the {n} configurations that somebody changed after run {of} (sheet "
            "Configurations, drifted): they were left alone, and what shall hold is for you to decide.",
        ),
        _Step(
            0 if figures.of else figures.drifted,
            "Plan the 1 configuration that drifted anew: somebody else changed it, and nothing of that was "
            "overwritten.",
            "Plan the {n} configurations that drifted anew: somebody else changed them, and nothing of that was "
            "overwritten.",
        ),
        _Step(
            figures.waiting,
            "Have the 1 configuration that waits approved by a second administrator in Intune (Multi Admin Approval) "
            "before its request lapses (sheet Configurations, reason), then run “migrator resume {run}”.",
            "Have the {n} configurations that wait approved by a second administrator in Intune (Multi Admin Approval) "
            "before their requests lapse (sheet Configurations, reason), then run “migrator resume {run}”.",
        ),
        _Step(
            figures.unseen,
            "Run “migrator verify {run}” later for the 1 configuration that could not be read back.",
            "Run “migrator verify {run}” later for the {n} configurations that could not be read back.",
        ),
        _Step(
            figures.left_out,
            "1 configuration was left out (sheet Configurations, status left out). Once it is approved, run “migrator "
            "apply {run}” again: it sends what is missing and nothing else.",
            "{n} configurations were left out (sheet Configurations, status left out). Once they are approved, run "
            "“migrator apply {run}” again: it sends what is missing and nothing else.",
        ),
    )
    told = tuple(step.told(figures) for step in steps if step.number)
    keep = ("Keep this folder: its journal and workbooks hold what stood before.",) if figures.succeeded else ()
    return (*(told or ("Nothing is left to do.",)), *keep)


def _mended(of: str) -> str:
    return "." if of else "; where the rows have to be mended, retry.xlsx holds them ready to run."


def _only_looked_at(figures: Facts) -> int:
    """Those of the failed ones that were compared with a mapping, and nothing was to be sent."""
    return sum(line.code == _NOT_AS_INTENDED for line in figures.lines)


def _holds(number: int) -> str:
    return f"{either(number, 'holds', 'hold')} something else than intended"


def _others(figures: Facts) -> str:
    return waiting_too(figures) + _rest(figures)


def _rest(figures: Facts) -> str:
    """How the others fared, with those of them that were not found as they should be."""
    differing = f"; {figures.differing:,} of these {_holds(figures.differing)}" if figures.differing else ""
    return f"{figures.succeeded:,} succeeded, {_needed_nothing(figures)}{_unseen(figures)}{differing}"


def _unseen(figures: Facts) -> str:
    return f", {figures.unseen:,} of these could not be read back" if figures.unseen else ""
