"""What single cells mean: names, ids, and the words for actions, directions, intents and filter modes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from migrator.mapping.cells import is_plain, looks_like_formula, odd_inside, trimmed
from migrator.model.columns import Field, fold_heading
from migrator.model.finding import Level
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.row import Action, Ref

T = TypeVar("T")

GROUP_NAME_LIMIT = 256  # Entra's, for a display name
CONFIGURATION_NAME_LIMIT = 1_000
ALL_USERS = "All users"
ALL_DEVICES = "All devices"


class Remark(NamedTuple):
    """Something to say about a text wherever it stands."""

    level: Level
    code: str
    message: str


Understood = tuple[T, str, tuple[Remark, ...]]
"""What a text means, what it is compared by ("" where that does not matter), and what there is to say about it."""
Understand = Callable[[str], Understood[T]]
"""Takes a text as it was written, outer blanks included."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a row comes to once it is known which groups it names: an action, or what is wrong."""

    action: Action | None
    code: str = ""
    message: str = ""


class Choices(NamedTuple):
    """The verdicts of one action word, by the groups a row names."""

    none: Verdict
    legacy: Verdict
    new: Verdict
    both: Verdict


Aim = bool | Ref | None
"""Excluded or not, None where the row does not say, or the whole-tenant target that it names."""

SWAP = Verdict(Action.SWAP)
ADD = Verdict(Action.ADD)
REMOVE = Verdict(Action.REMOVE)
REPLACE = Verdict(Action.REPLACE)
_NO_GROUP = Verdict(None, "no_group", "the row names no group; write one, or delete the row")
_LONELY_SWAP = Verdict(
    None,
    "swap_needs_two",
    "a swap needs the legacy group and the new one; write both, or make the action add or remove",
)


def _one_group(verdict: Verdict) -> Choices:
    word = verdict.action
    both = f"{word} takes one group and the row names two; leave one of them empty, or make the action swap"
    return Choices(_NO_GROUP, verdict, verdict, Verdict(None, "too_many_groups", both))


IMPLIED = Choices(_NO_GROUP, ADD, ADD, SWAP)
IMPLIED_BY_REPLACE_MODE = Choices(
    _NO_GROUP,
    REPLACE,
    REPLACE,
    Verdict(
        None,
        "too_many_groups",
        "in replace mode a row lists one group and this one names two; leave the legacy group empty, or write the "
        "action swap",
    ),
)
_CHOICES: Mapping[Action, Choices] = {
    Action.SWAP: Choices(_NO_GROUP, _LONELY_SWAP, _LONELY_SWAP, SWAP),
    Action.ADD: _one_group(ADD),
    Action.REMOVE: _one_group(REMOVE),
    Action.REPLACE: _one_group(REPLACE),
}


def _by_word(words: Mapping[T, str]) -> Mapping[str, T]:
    return {word: meaning for meaning, listed in words.items() for word in listed.split()}


_ACTIONS = _by_word(
    {
        _CHOICES[Action.SWAP]: "swap swapping move migrate switch exchange change tauschen austauschen verschieben",
        _CHOICES[Action.ADD]: "add added adding assign append hinzufügen zuweisen",
        _CHOICES[Action.REMOVE]: "remove removed removing delete unassign drop entfernen löschen",
        _CHOICES[Action.REPLACE]: "replace replaceall replacing set overwrite ersetzen",
    }
)
_INCLUDE = "include included includes inclusion in group groupinclude includegroup groupassignmenttarget einschliessen"
_EXCLUDE = (
    "exclude excluded excludes exclusion out groupexclude excludegroup exclusiongroup exclusiongroupassignmenttarget "
    "ausschliessen"
)
_DIRECTIONS = _by_word({False: _INCLUDE, True: _EXCLUDE})
_WHOLE_TENANT = _by_word(
    {
        ALL_USERS: "allusers alllicensedusers alllicensedusersassignmenttarget allebenutzer",
        ALL_DEVICES: "alldevices alldevicesassignmenttarget allegeräte",
    }
)
_INTENTS = _by_word(
    {
        "required": "required require erforderlich",
        "available": "available verfügbar",
        "uninstall": "uninstall deinstallieren",
        "availableWithoutEnrollment": "availablewithoutenrollment availablewithoutenrolment",
    }
)
_MODES = _by_word(
    {
        "include": "include included in einschliessen",
        "exclude": "exclude excluded out ausschliessen",
        "none": "none nofilter keine",
    }
)
_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_GROUP_ID = re.compile(rf"\{{?({_GUID})\}}?", re.IGNORECASE)
_CONFIGURATION_ID = re.compile(rf"\{{?((?:[A-Z]+_)?{_GUID}(?:_\w+)?)\}}?", re.IGNORECASE)
_LONGEST = {Field.CONFIGURATION: CONFIGURATION_NAME_LIMIT}


def name(field: Field, column: str) -> Understand[Ref | None]:
    """The name of a configuration, a group or a filter: taken as it is, with remarks on what is odd about it."""
    longest = _LONGEST.get(field, GROUP_NAME_LIMIT)

    def look_closer(text: str, written: str) -> Understood[Ref | None]:
        remarks: list[Remark] = []
        if looks_like_formula(text):
            message = f"{text[:60]!r} looks like a formula that became text; it is looked up as it is written"
            remarks.append(Remark(Level.WARNING, "formula_like", message))
        if len(text) > longest:
            message = f"{text[:60]!r}… has {len(text):,} characters and a name has at most {longest:,}; is it one name?"
            remarks.append(Remark(Level.WARNING, "too_long", message))
        if odd := odd_inside(text):
            level = Level.NOTE if "blanks" in odd else Level.WARNING
            message = f"{text[:60]!r} contains {odd}; it is looked up as it is written"
            remarks.append(Remark(level, "odd_inside", message))
        return Ref(text, written, column), text.casefold(), tuple(remarks)

    careful = _without_blanks(look_closer, None)

    def understand(written: str) -> Understood[Ref | None]:
        if len(written) <= longest and is_plain(written):  # the usual case, and there can be very many
            return Ref(written, written, column), written.casefold(), ()
        return careful(written)

    return understand


def identity(field: Field, column: str) -> Understand[Ref | None]:
    """An object id, in lower case. Those of configurations may have a word before or after the GUID."""
    pattern = _CONFIGURATION_ID if field is Field.CONFIGURATION_ID else _GROUP_ID

    def understand(text: str, written: str) -> Understood[Ref | None]:
        found = pattern.fullmatch(text)
        if found is None:
            like = "ids look like 01234567-89ab-cdef-0123-456789abcdef"
            stands_for_it = Ref(text, written, column)  # so that nothing is missed as well
            return _not_understood(
                stands_for_it, "bad_id", f"{text[:60]!r} is no id: {like}; put a name into the name's column"
            )
        folded = found[1].casefold()
        return Ref(folded if _GROUP_ID.fullmatch(folded) else found[1], written, column), folded, ()

    return _without_blanks(understand, None)


def kind(_: Field, column: str) -> Understand[Ref | None]:
    """A kind, a title of one or a category, as `find_kinds` understands them."""

    def understand(text: str, written: str) -> Understood[Ref | None]:
        if find_kinds(text):
            return Ref(text, written, column), fold_heading(text), ()
        some = ", ".join(repr(k.title) for k in list(KINDS.values())[:3])
        like = f"a kind's name or title such as {some}"
        message = f"there is no kind {text[:60]!r}; write {like}, or leave the cell empty"
        return _not_understood(None, "unknown_kind", message)

    return _without_blanks(understand, None)


def intent(_: Field, column: str) -> Understand[Ref | None]:
    """An app's install intent, as Graph spells it."""
    return _word(_INTENTS, "intent", "required, available, uninstall or availableWithoutEnrollment", column)


def filter_mode(_: Field, column: str) -> Understand[Ref | None]:
    """`include`, `exclude` or `none`."""
    return _word({**_MODES, "-": "none"}, "filter_mode", "include, exclude or none", column)


def action(implied: Choices) -> Understand[Choices]:
    """What an action word makes of a row; `implied` is what it means where there is none."""

    def understand(text: str, _: str) -> Understood[Choices]:
        choices = action_word(text)
        if choices is not None:
            return choices, "", ()
        message = f"{text[:60]!r} is no action; write swap, add, remove or replace, or leave the cell empty"
        return _not_understood(implied, "unknown_action", message)

    return _without_blanks(understand, implied)


def action_word(text: str) -> Choices | None:
    """The choices of a word for an action; None where it is none."""
    return _ACTIONS.get(fold_heading(text))


def direction(column: str) -> Understand[Aim]:
    """Included, excluded, or all users or devices of the tenant."""

    def understand(text: str, written: str) -> Understood[Aim]:
        word = fold_heading(text).removeprefix("microsoftgraph")
        if word in _WHOLE_TENANT:
            return Ref(_WHOLE_TENANT[word], written, column), "", ()
        if word in _DIRECTIONS:
            return _DIRECTIONS[word], "", ()
        message = f"{text[:60]!r} is no direction; write include or exclude, allUsers or allDevices, or leave it empty"
        return _not_understood(None, "unknown_direction", message)

    return _without_blanks(understand, None)


def _word(words: Mapping[str, str], what: str, allowed: str, column: str) -> Understand[Ref | None]:
    def understand(text: str, written: str) -> Understood[Ref | None]:
        meant = words.get(fold_heading(text) or text)
        if meant is not None:
            return Ref(meant, written, column), meant, ()
        message = f"{text[:60]!r} is no {what.replace('_', ' ')}; write {allowed}, or leave the cell empty"
        return _not_understood(None, f"unknown_{what}", message)

    return _without_blanks(understand, None)


def _without_blanks(understand: Callable[[str, str], Understood[T]], empty: T) -> Understand[T]:
    """Understand a text without its outer blanks, and remark on those; one of nothing but blanks is empty."""

    def trim_first(written: str) -> Understood[T]:
        text = trimmed(written)
        if not text:
            return empty, "", ()
        value, key, remarks = understand(text, written)
        if text != written:
            message = f"{text[:60]!r} is written with blanks around it; they are ignored"
            remarks += (Remark(Level.NOTE, "blanks_trimmed", message),)
        return value, key, remarks

    return trim_first


def _not_understood(value: T, code: str, message: str) -> Understood[T]:
    return value, "", (Remark(Level.ERROR, code, message),)


REFERENCES: Mapping[Field, Callable[[Field, str], Understand[Ref | None]]] = {
    Field.CONFIGURATION: name,
    Field.CONFIGURATION_ID: identity,
    Field.KIND: kind,
    Field.LEGACY: name,
    Field.LEGACY_ID: identity,
    Field.NEW: name,
    Field.NEW_ID: identity,
    Field.INTENT: intent,
    Field.FILTER: name,
    Field.FILTER_ID: identity,
    Field.FILTER_MODE: filter_mode,
}
"""How the cells of every column that becomes a Ref are understood."""
NAMES = frozenset(field for field, understood in REFERENCES.items() if understood is name)
