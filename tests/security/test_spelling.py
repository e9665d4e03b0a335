"""Whatever a name or an id holds, it stays a value: in a filter, in an address, in a segment of a path."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from migrator.graph.odata import any_of, in_filter, literal, next_link, query, segment
from migrator.graph.protocol import Call
from migrator.graph.tenant.groups import groups_by_name, groups_by_other_names
from migrator.graph.tenant.reading import read
from migrator.model.configuration import Configuration
from migrator.simulator.description import tenant_from_json
from tests.graph.server import client_of, in_turn, said
from tests.whole import world

NASTY = (
    "O'Neil",
    "''",
    "') or (1 eq 1",
    "' or startswith(displayName,'",
    "100 %",
    "%27%20or%201",
    "a/b",
    "../..",
    "..",
    ".",
    "a#b",
    "a&$filter=x",
    "a?b=c",
    "a+b",
    "a;b",
    "a\\b",
    "a\nHost: evil",
    "a\r\n\r\nGET /x HTTP/1.1",
    "\x00",
    '"quoted"',
    "{braces}",
    "Grün 組 🚀",
    "\u202e\u200b",
    "a b",
)


@pytest.mark.parametrize("name", NASTY)
def test_a_value_in_an_address_comes_out_as_it_went_in(name: str) -> None:
    for clause in (in_filter("displayName", [name, "x"]), any_of([f"mail eq {literal(name)}"])):
        path = query("/v1.0/groups", filter=clause, top=9)
        assert path.isascii()
        assert path.isprintable()
        assert " " not in path
        options = dict(option.split("=", 1) for option in urlsplit(path).query.split("&"))
        assert {k: unquote(v) for k, v in options.items()} == {"$filter": clause, "$top": "9"}
    inside = literal(name)[1:-1]
    assert "'" not in inside.replace("''", "")


@pytest.mark.parametrize("name", NASTY)
def test_an_id_is_one_segment(name: str) -> None:
    path = f"/beta/a/{segment(name)}/assign"
    assert path.isascii()
    assert path.isprintable()
    assert path.count("/") == 4
    assert not {".", ".."} & set(path.split("/"))
    assert unquote(path.split("/")[3]) == name


@pytest.mark.parametrize("name", [name for name in NASTY if not set(name) & set("#\\")])
def test_a_link_is_spelled_as_one_line_or_not_followed(name: str) -> None:
    path = next_link(f"https://graph.microsoft.com/beta/a?$skiptoken={name}", "https://graph.microsoft.com")
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path


async def test_no_id_makes_another_request_than_the_one_meant() -> None:
    """Ids are the service's; one that is made to do harm is asked for as it is."""
    async with client_of(in_turn(said({"value": []}))) as bench:
        for name in NASTY:
            await read(bench.client, [Configuration("configurationPolicies", name, "Policy")])
    batched = [one for one in bench.served.asked if one.path.endswith("$batch")]
    single = [one for one in bench.served.asked if one not in batched]
    assert len(single) >= len(NASTY)
    allowed = ("/beta/deviceManagement/configurationPolicies",)
    assert all(one.path.startswith(allowed) and one.method == "GET" for one in single)


@pytest.mark.parametrize("path", ["beta/a", ".evil/a", "@evil/a", "/a b", "/a\r\nX: y", "/ü", "//a\n"])
async def test_what_is_not_encoded_is_not_sent(path: str) -> None:
    async with client_of(in_turn(said({}))) as bench:
        with pytest.raises(ValueError, match=r"percent-encoded|not a path"):
            await bench.client.send(Call("GET", path, "read"))
        with pytest.raises(ValueError, match="cannot be spelled"):
            await bench.client.send(Call("GET", "/beta/a", "read", headers=(("X", "a\r\nAuthorization: b"),)))
    assert bench.served.asked == []


async def test_groups_of_any_name_are_found_and_no_others(tmp_path: Path) -> None:
    names = [name for name in NASTY if name.strip() == name and "\x00" not in name]
    tenant = tenant_from_json({"groups": [*names, "another"], "configurations": []})
    async with world(tenant, tmp_path) as there, there.connection() as connection:
        found = await groups_by_name(connection.client, names)
        assert sorted(group.name for group in found) == sorted(names)
        others = await groups_by_other_names(connection.client, ["') or startswith(displayName,'a"])
        assert list(others) == []
