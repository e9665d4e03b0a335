"""What rows name in vain, with where, for what, and what it is near."""

from __future__ import annotations

from dataclasses import replace

from migrator.model.configuration import Configuration, Coverage, FilterDefinition, Group, Listed, Listing, Served
from migrator.model.errors import PermissionRefused
from migrator.model.missing import Missing, What
from migrator.model.row import Action, Ref, Row
from migrator.resolving.missing import what_is_missing
from migrator.resolving.resolve import resolve
from tests.memory import MemoryTenant, guid

CATALOG, SCRIPTS = "configurationPolicies", "deviceShellScripts"
HERE = [Configuration(CATALOG, guid(1), "Firewall"), Configuration(SCRIPTS, guid(2), "Rename")]


def tenant() -> MemoryTenant:
    return MemoryTenant(
        configurations=HERE,
        groups=[Group(guid(10), "SG-Kiosk"), Group(guid(11), "SG-EMEA")],
        definitions=[FilterDefinition(guid(20), "Corporate devices")],
    )


def row(number: int, action: Action = Action.ADD, **more: object) -> Row:
    made = Row("S", number, action, Ref("Firewall", column="A"), new=Ref("SG-EMEA", column="C"))
    return replace(made, **more)  # type: ignore[arg-type] # test data


async def told(*rows: Row, of: MemoryTenant | None = None, unread: str = "") -> tuple[Missing, ...]:
    asked = of or tenant()
    coverage = (Coverage(unread, Served.FORBIDDEN),) if unread else ()
    listing = Listing(tuple(Listed(c) for c in HERE), coverage)
    return await what_is_missing(rows, await resolve(rows, listing, asked), listing, asked)


async def test_where_nothing_is_missing_nothing_more_is_asked() -> None:
    asked = tenant()
    assert await told(row(2), of=asked) == ()
    assert not any(call.startswith("other") for call in asked.asked)


async def test_groups_that_are_assigned_are_told_from_those_that_only_go() -> None:
    swap = row(2, Action.SWAP, legacy=Ref("GPO-Old", column="B"), new=Ref("SG-Kiosks", column="C"))
    legacy, new = await told(swap)
    assert (legacy.name, legacy.leaving, legacy.near) == ("GPO-Old", True, ())
    assert (new.name, new.leaving, new.near) == ("SG-Kiosks", False, ("SG-Kiosk",))
    assert (new.what, new.sheet, new.row) == (What.GROUP, "S", 2)
    (removed,) = await told(row(3, Action.REMOVE, new=Ref("GPO-Old", column="C")))
    assert removed.leaving


async def test_of_a_group_with_an_id_both_are_kept_and_one_that_is_written_as_a_group_is_itself() -> None:
    by_id = row(2, new=Ref("SG-Elsewhere", column="C"), new_id=Ref(guid(99), column="D"))
    alone = row(3, new=Ref(guid(98), column="C"))
    escaped = row(4, new=Ref("group:All users", column="C"))
    assert [(m.name, m.id) for m in await told(by_id, alone, escaped)] == [
        ("SG-Elsewhere", guid(99)),
        ("", guid(98)),
        ("All users", ""),
    ]


async def test_several_rows_of_one_line_are_told_apart_by_what_they_name() -> None:
    cells = [row(2, new=Ref(name, column="C")) for name in ("One", "Two", "SG-EMEA")]
    assert [m.name for m in await told(*cells)] == ["One", "Two"]


async def test_a_filter_is_told_with_the_kind_it_is_for() -> None:
    stated = row(2, filter=Ref("Corporate device", column="F"), kind=Ref("Settings catalog policy", column="K"))
    found = row(3, configuration=Ref("rename", column="A"), filter=Ref("Nobody's", column="F"))
    nowhere = row(4, filter_id=Ref(guid(97), column="F"))
    first, second, third = await told(stated, found, nowhere)
    assert (first.name, first.kind, first.near) == ("Corporate device", CATALOG, ("Corporate devices",))
    assert (second.name, second.kind) == ("Nobody's", SCRIPTS)
    assert (third.what, third.name, third.id) == (What.FILTER, "", guid(97))


async def test_a_configuration_may_be_in_a_kind_that_was_not_read() -> None:
    nameless, of_kind = row(2, configuration=Ref("Firewal", column="A")), Ref("Settings catalog policy", column="K")
    (sure,) = await told(nameless)
    assert (sure.what, sure.kind, sure.near, sure.unread) == (What.CONFIGURATION, "", ("Firewall",), False)
    (unsure,) = await told(nameless, unread=SCRIPTS)
    assert unsure.unread
    (elsewhere,) = await told(replace(nameless, kind=of_kind), unread=SCRIPTS)
    assert (elsewhere.kind, elsewhere.unread) == (CATALOG, False)


class _Refusing(MemoryTenant):
    async def groups_by_other_names(self, names: object) -> list[Group]:
        if "SG-Kios" in names:  # type: ignore[operator] # what is looked for beyond what the rows name
            raise PermissionRefused("no")
        return []


async def test_near_names_that_cannot_be_had_cost_nothing_else() -> None:
    of = _Refusing(configurations=HERE, groups=tenant().groups)
    (found,) = await told(row(2, new=Ref("SG-Kiosks", column="C")), of=of)
    assert (found.name, found.near) == ("SG-Kiosks", ())
