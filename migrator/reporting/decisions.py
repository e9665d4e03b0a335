"""What a reviewer's words in the column Approved come to. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from migrator.model.errors import UsageError
from migrator.model.plan import ConfigurationPlan
from migrator.reporting.formats.plan import APPROVED, CONFIGURATIONS
from migrator.reporting.returned import Word

_ENGLISH_YES = ("yes", "y", "x", "ok", "okay", "approved", "approve", "true", "1", "✓", "✔", "☑")
_ENGLISH_NO = ("no", "n", "false", "0", "not approved", "rejected", "declined", "☐")
_YES = frozenset((*_ENGLISH_YES, "ja", "j", "oui", "si", "sí", "sì", "sim", "da", "tak"))
_NO = frozenset((*_ENGLISH_NO, "nein", "non", "nej", "nie", "nee", "não"))


def decide(text: str) -> bool | None:
    """Whether a word says yes; None for one that is not understood. What is empty says no."""
    bare = _bare(text)
    if not bare or bare in _NO:
        return False
    return True if bare in _YES else None


def decided(plans: Sequence[ConfigurationPlan], found: Sequence[Word], file: str) -> list[str]:
    """Why each configuration is left out, "" for those that are not.

    A line without a word is left out where something would happen to it; where nothing would, there is nothing to
    approve. UsageError for a word that is neither yes nor no, and where there is no word at all.
    """
    odd = [word for word in found if decide(word.text) is None]
    if odd:
        raise UsageError(
            f"{file}: {CONFIGURATIONS}!{odd[0].cell} says {odd[0].text.strip()!r}{more(len(odd) - 1)}, which is "
            f"neither yes nor no; write yes or no into the column {APPROVED}. Nothing was sent"
        )
    pending = [plan.changes_anything or bool(plan.blocked) for plan in plans]
    if any(pending) and not any(_bare(word.text) for word in found):
        raise UsageError(
            f"{file}: the column {APPROVED} of the sheet {CONFIGURATIONS} is empty, nobody filled it in; write yes "
            "beside what may be carried out. Nothing was sent"
        )
    reason = f"left out: not approved in {file}"
    return [
        reason if not decide(word.text) and (something or _bare(word.text)) else ""
        for word, something in zip(found, pending, strict=True)
    ]


def _bare(text: str) -> str:
    """A word without case and blanks, whether these can be seen or not."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Cf", "Mn"))
    return " ".join(seen.casefold().split())


def more(number: int) -> str:
    """How many others there are, for the end of an enumeration."""
    return f" (and {number:,} more)" if number > 0 else ""
