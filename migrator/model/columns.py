"""What a mapping's columns are called: the fields a row has, and every heading that is understood for each."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class Field(StrEnum):
    """What a column can hold; the values are what a person writes in `migrator.toml`.

    GROUP is the group of a sheet that does not say whether it is the legacy or the new one: it takes the side that no
    other column has, and the new one where both are free.
    """

    CONFIGURATION = "configuration"
    CONFIGURATION_ID = "configuration id"
    KIND = "kind"
    LEGACY = "legacy group"
    LEGACY_ID = "legacy group id"
    NEW = "new group"
    NEW_ID = "new group id"
    GROUP = "group"
    GROUP_ID = "group id"
    ACTION = "action"
    DIRECTION = "direction"
    INTENT = "intent"
    FILTER = "filter"
    FILTER_ID = "filter id"
    FILTER_MODE = "filter mode"
    COMMENT = "comment"


HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.CONFIGURATION: (
        "Configuration",
        "Configuration name",
        "Config",
        "Config name",
        "Configuration policy",
        "Configuration profile",
        "Policy",
        "Policies",
        "Policy name",
        "Policy display name",
        "Profile",
        "Profile name",
        "Item",
        "Item name",
        "Assigned policy",
        "App",
        "App name",
        "Application",
        "Application name",
        "Script name",
        "Richtlinie",
        "Richtlinienname",
        "Konfiguration",
        "Konfigurationsname",
        "Konfigurationsprofil",
        "Profilname",
    ),
    Field.CONFIGURATION_ID: (
        "Configuration ID",
        "Config ID",
        "Policy ID",
        "Profile ID",
        "Item ID",
        "App ID",
        "Configuration GUID",
        "Policy GUID",
        "Richtlinien-ID",
        "Konfigurations-ID",
    ),
    Field.KIND: (
        "Kind",
        "Type",
        "Item type",
        "Policy type",
        "Profile type",
        "Configuration type",
        "Object type",
        "Category",
        "Art",
        "Typ",
        "Richtlinientyp",
    ),
    Field.LEGACY: (
        "Legacy group",
        "Legacy group name",
        "Legacy",
        "Old group",
        "Old group name",
        "Old",
        "Source group",
        "Source group name",
        "Source",
        "Current group",
        "Existing group",
        "Previous group",
        "From",
        "From group",
        "GPO group",
        "On-premises group",
        "On-prem group",
        "AD group",
        "Group (old)",
        "Group (legacy)",
        "Alte Gruppe",
        "Bisherige Gruppe",
        "Quellgruppe",
        "Gruppe alt",
        "Von",
    ),
    Field.LEGACY_ID: (
        "Legacy group ID",
        "Legacy ID",
        "Old group ID",
        "Old ID",
        "Source group ID",
        "Source ID",
        "Current group ID",
        "From ID",
        "From group ID",
        "Legacy group object ID",
        "Old group object ID",
        "Source group object ID",
        "Alte Gruppen-ID",
    ),
    Field.NEW: (
        "New group",
        "New group name",
        "New",
        "Target group",
        "Target group name",
        "Target",
        "Destination group",
        "Destination",
        "Replacement group",
        "Successor",
        "Future group",
        "To",
        "To group",
        "Group (new)",
        "Neue Gruppe",
        "Zielgruppe",
        "Künftige Gruppe",
        "Gruppe neu",
        "Nach",
    ),
    Field.NEW_ID: (
        "New group ID",
        "New ID",
        "Target group ID",
        "Target ID",
        "Destination group ID",
        "Destination ID",
        "To ID",
        "To group ID",
        "New group object ID",
        "Target group object ID",
        "Neue Gruppen-ID",
        "Zielgruppen-ID",
    ),
    Field.GROUP: (
        "Group",
        "Groups",
        "Group name",
        "Group display name",
        "Assigned group",
        "Assigned to",
        "Assignment group",
        "Security group",
        "Entra group",
        "Entra ID group",
        "Azure AD group",
        "AAD group",
        "Gruppe",
        "Gruppenname",
        "Sicherheitsgruppe",
    ),
    Field.GROUP_ID: (
        "Group ID",
        "Group object ID",
        "Object ID",
        "Group GUID",
        "Entra group ID",
        "AAD group ID",
        "Gruppen-ID",
    ),
    Field.ACTION: (
        "Action",
        "Assignment action",
        "Operation",
        "Assignment operation",
        "What to do",
        "Aktion",
        "Vorgang",
    ),
    Field.DIRECTION: (
        "Direction",
        "Assignment direction",
        "Target type",
        "Assignment type",
        "Assignment target type",
        "Include/Exclude",
        "Include or exclude",
        "Richtung",
        "Einschließen/Ausschließen",
    ),
    Field.INTENT: (
        "Intent",
        "Install intent",
        "Assignment intent",
        "App intent",
        "Installation",
        "Absicht",
    ),
    Field.FILTER: (
        "Filter",
        "Filter name",
        "Assignment filter",
        "Assignment filter name",
        "Zuweisungsfilter",
    ),
    Field.FILTER_ID: (
        "Filter ID",
        "Assignment filter ID",
        "Filter GUID",
    ),
    Field.FILTER_MODE: (
        "Filter mode",
        "Filter type",
        "Assignment filter mode",
        "Assignment filter type",
        "Filter direction",
        "Filtermodus",
        "Filtertyp",
    ),
    Field.COMMENT: (
        "Comment",
        "Comments",
        "Note",
        "Notes",
        "Remark",
        "Remarks",
        "Ticket",
        "Change request",
        "Description",
        "Reason",
        "Status",
        "Kommentar",
        "Kommentare",
        "Bemerkung",
        "Bemerkungen",
        "Anmerkung",
        "Notiz",
        "Beschreibung",
    ),
}
"""Every heading by field; the first of each is how we write it ourselves."""


def fold_heading(text: str) -> str:
    """What is left of a heading when case, blanks and punctuation do not count: `New  Group:` → `newgroup`."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


FIELD_OF_HEADING: Mapping[str, Field] = {fold_heading(h): field for field, names in HEADINGS.items() for h in names}
"""Fields by folded heading."""


def letter(index: int) -> str:
    """The letters of a column, counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
