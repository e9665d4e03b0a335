"""Writes sample.xlsx, the mapping of the demo: the same rows and the same bytes every time.

python mappings/build_sample.py [FILE]
"""

from __future__ import annotations

import datetime
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

CREATED = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)  # written into the file, which is to stay the same
OFFICE = "Office client configuration"
CATALOG = "Settings catalog policy"
SITES = {
    "Berlin": "BER",
    "München": "MUC",
    "Zürich": "ZRH",
    "Köln": "CGN",
    "Wien": "VIE",
    "London": "LON",
    "Dublin": "DUB",
    "Kraków": "KRK",
    "Malmö": "MMA",
    "São Paulo": "GRU",
    "東京": "TYO",
    "New York": "NYC",
}
DEPARTMENTS = {
    "Finance": "Finance",
    "Vertrieb": "Sales",
    "Einkauf": "Purchasing",
    "Personal": "HR",
    "Geschäftsführung": "Board",
    "Forschung & Entwicklung": "R+D",
    "Produktion": "Manufacturing",
    "Logistik": "Logistics",
    "Qualität": "Quality",
    "Recht": "Legal",
    "Marketing": "Marketing",
    "Außendienst": "Field",
    "IT-Betrieb": "IT",
}
ODD_PAIRS = (
    ("O'Brien's team", "SG-OBrien"),
    ("営業部", "SG-Eigyo"),
    ("00123", "SG-CostCentre-00123"),
    ("NULL", "SG-Null"),
    ("Führungskräfte (alt)", "SG-Führungskräfte"),
    ("Kiosk/Lobby #1", "SG-Kiosk-Lobby-1"),
    ("Vertrieb; extern", "SG-Sales-External"),
    ('"Tiger" project', "SG-Project-Tiger"),
)
PILOTS = tuple(f"SG-Pilot-Ring-{ring}" for ring in range(1, 7))
OBSOLETE = tuple(f"GPO-Retired-{year}" for year in range(2011, 2020))
OTHERS = {
    "App": (
        "Company Portal",
        "7-Zip 24.08 (x64)",
        "Adobe Acrobat Reader",
        "Notepad++",
        "SAP GUI 8.00 – München",
        "Teams classic (remove)",
        "VPN client",
        "Zoom Workplace",
    ),
    "Device configuration profile": (
        "Win - Wi-Fi - Corporate",
        "iOS - E-Mail - Büro",
        "macOS - FileVault",
        "Win - Kiosk",
    ),
    "Compliance policy": ("Win - Compliance - Standard", "iOS - Compliance", "Android - Compliance - Außendienst"),
    "Administrative template": ("Win - ADMX - Office macros", "Win - ADMX - Drive mapping"),
    "Remediation": ("Fix - Stale printer queues", "Fix - Clock drift"),
    "PowerShell script": ("Set-RegionalSettings", "Install-RootCertificates"),
    "Shell script": ("mac-set-hostname.sh", "mac-install-fonts.sh"),
    "Feature update profile": ("Windows 11 24H2 – Ring 1", "Windows 11 24H2 – Ring 2"),
    "Quality update policy": ("Hotpatch – Ring 1",),
    "Driver update profile": ("Drivers – manual approval",),
    "Enrolment configuration": ("Enrolment status page – Büro", "Device limit – Field service"),
    "App protection (iOS)": ("MAM - iOS - Standard", "MAM - iOS - Board"),
    "App protection (Android)": ("MAM - Android - Standard",),
    "App configuration (managed apps)": ("Edge - managed bookmarks",),
    "Endpoint security intent": ("Security baseline – Windows 10",),
    "Cloud PC provisioning policy": ("Cloud PC – Zürich – Enterprise",),
    "Cloud PC user settings": ("Cloud PC – local admins",),
    "Scope tag": ("Standort München",),
}
"""Other kinds, by their titles, with the names of their configurations."""
GROUPS_ONLY = ("App protection (iOS)", "App protection (Android)", "App configuration (managed apps)")
UNFILTERED = ("PowerShell script", "Shell script", "Feature update profile")
CLOUD_PC = ("Cloud PC provisioning policy", "Cloud PC user settings")
INTENTS = ("required", "available", "required", "uninstall")
EXCLUDED = (("GPO-Exceptions-Lab", "SG-Exceptions-Lab"), ("GPO-Exceptions-Kiosk", "SG-Exceptions-Kiosk"))
FILTERS = ("Corporate devices", "Windows 11", "Cloud PCs")
AREAS = (
    "Defender Antivirus",
    "Attack Surface Reduction",
    "BitLocker",
    "Firewall",
    "Microsoft Edge",
    "OneDrive",
    "Windows Hello",
    "Login and Lock Screen",
    "Power",
    "Time Zone",
    "Delivery Optimization",
    "Windows Update Rings",
    "Printing",
    "Device Guard",
)
OFFICE_TOPICS = (
    "Macro lock-down",
    "Update channel",
    "Privacy",
    "Outlook defaults",
    "Excel trust centre",
    "Word templates",
    "Teams add-in",
)


class Line(NamedTuple):
    """One row of the sample; the names are its headings."""

    configuration: str
    kind: str
    legacy_group: str = ""
    new_group: str = ""
    action: str = ""
    direction: str = ""
    intent: str = ""
    filter: str = ""
    filter_mode: str = ""
    comment: str = ""


def configurations() -> list[tuple[str, str]]:
    """Names and kinds, all names distinct."""
    office = [f"M365 Apps – {topic} – {site}" for topic in OFFICE_TOPICS for site in SITES]
    catalog = [
        f"Win - SC - {area} - {scope} - {what} - v{version}"
        for version, area in enumerate(AREAS, start=1)
        for scope in "DU"
        for what in ("Baseline", "Hardening", "Site exceptions", "Größere Büros", "Pilot")
    ]
    catalog += ["Word & Excel <Finance>", "CON", "Büro – Standard (größer)", "営業部 ブラウザー", "O'Brien's kiosk"]
    return [(name, OFFICE) for name in office] + [(name, CATALOG) for name in catalog]


def pairs() -> list[tuple[str, str]]:
    """Legacy groups with the new ones that take their place."""
    usual = [
        (f"GPO-{site}-{department}", f"SG-Intune-{code}-{short}")
        for site, code in SITES.items()
        for department, short in DEPARTMENTS.items()
    ]
    return usual + list(ODD_PAIRS)


def lines() -> Iterator[Line]:
    """All rows, by configuration. Mostly swaps; nothing contradicts anything."""
    chance = random.Random(20261124)  # noqa: S311 - a sample, not a secret
    groups = pairs()
    for number, (name, kind) in enumerate(configurations()):
        rows = [Line(name, kind, legacy, new) for legacy, new in chance.sample(groups, chance.randint(12, 15))]
        if kind == CATALOG:
            rows = [with_filter(row, chance) if chance.random() < 0.2 else row for row in rows]
            rows += catalog_extras(name, number)
        if number % 4 == 0:
            rows.append(Line(name, kind, new_group=PILOTS[number % len(PILOTS)], action="add", comment="pilot ring"))
        if number % 7 == 0:
            retired = OBSOLETE[number % len(OBSOLETE)]
            rows.append(Line(name, kind, legacy_group=retired, action="remove", comment="retired"))
        if number % 17 == 0:
            rows.append(rows[1]._replace(comment="entered twice"))
        if number % 5 == 0:
            rows[2] = rows[2]._replace(legacy_group=rows[2].legacy_group + "  ")
        if number % 11 == 0:
            rows[3] = rows[3]._replace(action="swap", comment=f"CHG{40_000 + number}")
        yield from rows
    for kind, names in OTHERS.items():
        for name in names:
            yield from of_another_kind(name, kind, chance)
    yield from for_many()


def for_many() -> Iterator[Line]:
    """Rows that mean many configurations at once, by a pattern."""
    lock = Line("Win - SC - Login and Lock Screen - *", CATALOG, new_group="SG-Emergency-Access", action="add")
    yield lock._replace(direction="Exclude", comment="kept out of every one of them")
    yield Line("M365 Apps – Teams add-in – *", OFFICE, new_group="SG-Pilot-Teams", action="add")


def of_another_kind(name: str, kind: str, chance: random.Random) -> Iterator[Line]:
    """Rows of a configuration that is neither Office's nor of the settings catalog: what its kind takes, no more."""
    swaps = [Line(name, kind, legacy, new) for legacy, new in chance.sample(pairs(), chance.randint(3, 6))]
    if kind == "App":
        swaps = [row._replace(intent=INTENTS[number % 4]) for number, row in enumerate(swaps)]
        yield Line(name, kind, new_group="All users", action="add", intent="available")
    yield from swaps
    if kind in CLOUD_PC:
        return
    legacy, new = EXCLUDED[len(name) % len(EXCLUDED)]
    yield Line(name, kind, legacy, new, direction="Exclude", intent="required" if kind == "App" else "")
    if kind in GROUPS_ONLY:
        yield Line(name, kind, new_group="All users", action="add", comment="everybody, as a virtual group")
        return
    pilot = Line(name, kind, new_group=PILOTS[len(name) % len(PILOTS)], action="add")
    pilot = pilot._replace(intent="required" if kind == "App" else "")
    yield pilot if kind in UNFILTERED else with_filter(pilot, chance)


def with_filter(row: Line, chance: random.Random) -> Line:
    return row._replace(filter=chance.choice(FILTERS), filter_mode=chance.choice(("Include", "Exclude")))


def catalog_extras(name: str, number: int) -> list[Line]:
    """What only policies of the settings catalog take: exclusions, all users, all devices."""
    extras = []
    if number % 3 == 0:
        legacy, new = EXCLUDED[number % len(EXCLUDED)]
        extras.append(Line(name, CATALOG, legacy, new, direction="Exclude"))
    if number % 10 == 1:
        extras.append(Line(name, CATALOG, new_group="All users", action="add"))
    if number % 10 == 6:
        row = Line(name, CATALOG, new_group="All devices", action="add")
        extras.append(row._replace(filter="Corporate devices", filter_mode="Include"))
    return extras


def write(path: Path) -> None:
    """The sample as a workbook, one sheet, all cells text."""
    headings = [field.replace("_", " ").capitalize() for field in Line._fields]
    rows = list(lines())
    with xlsxwriter.Workbook(path) as book:
        book.set_properties(
            {"title": "Sample mapping", "created": datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)}
        )
        sheet = book.add_worksheet("Mapping")
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, (heading, width) in enumerate(zip(headings, (52, 28, 38, 34, 10, 10, 10, 20, 12, 18), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, text)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(headings) - 1)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sample.xlsx"))
