"""What became of groups that the directory does not list: asked directly, and named by the recycle bin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from migrator.graph.tenant.tenant import GraphTenant
from migrator.model.configuration import Group, Whereabouts
from migrator.model.errors import SignInError
from tests.graph.server import client_of
from tests.memory import guid

NOT_THERE = (404, {"error": {"code": "Request_ResourceNotFound", "message": "does not exist"}})
FORBIDDEN = (403, {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}})
ELSEWHERE = (404, {"error": {"code": "UnknownError", "message": "no such host"}})


class Directory:
    """Answers each id in a batch from one of two tables, as not there where it has none."""

    def __init__(self, here: dict[str, Any], kept: dict[str, Any]) -> None:
        self.here, self.kept = here, kept
        self.batches: list[int] = []

    async def respond(self, request: web.Request) -> web.StreamResponse:
        inner = (await request.json())["requests"]
        self.batches.append(len(inner))
        answers = [{"id": i["id"], **self._said(i["url"].partition("?")[0])} for i in inner]
        return web.json_response({"responses": answers})

    def _said(self, path: str) -> dict[str, Any]:
        identity = path.rpartition("/")[2]
        table = self.kept if path.startswith("/directory/deletedItems/microsoft.graph.group/") else self.here
        status, body = table.get(identity, NOT_THERE)
        return {"status": status, "body": body}


def bears(identity: str, name: str | None) -> tuple[int, dict[str, Any]]:
    return 200, {"id": identity.upper(), "displayName": name}


async def asked(directory: Directory, *ids: str) -> Whereabouts:
    async with client_of(directory.respond, workers=640) as bench:
        return await GraphTenant(bench.client).deleted_groups(ids)


async def test_a_deleted_group_has_the_name_of_the_recycle_bin_or_none() -> None:
    directory = Directory({}, {guid(1): bears(guid(1), "Project Falcon")})
    found = await asked(directory, guid(1).upper(), guid(2))
    deleted = Group(guid(1), "Project Falcon", deleted=True), Group(guid(2), "", deleted=True)
    assert found == Whereabouts(deleted)


class Behind(Directory):
    """Has not heard of a new group when it is first asked."""

    def _said(self, path: str) -> dict[str, Any]:
        said = super()._said(path)
        self.here[guid(3)] = bears(guid(3), "Just made")
        return said


async def test_a_group_that_one_copy_of_the_directory_has_not_heard_of_was_not_deleted() -> None:
    found = await asked(Behind({}, {}), guid(3), guid(2))
    assert found == Whereabouts((Group(guid(2), "", deleted=True), Group(guid(3), "Just made")))


async def test_one_that_is_there_all_the_same_was_not_deleted() -> None:
    found = await asked(Directory({guid(1): bears(guid(1), "Late")}, {}), guid(1))
    assert found == Whereabouts((Group(guid(1), "Late"),))


@pytest.mark.parametrize(
    "answer",
    [FORBIDDEN, ELSEWHERE, (404, "<html>"), (200, {"value": []}), bears(guid(7), "Another"), (400, {})],
    ids=["forbidden", "another 404", "no JSON", "no group", "another group", "bad"],
)
async def test_whatever_is_not_the_directorys_own_no_leaves_a_doubt(answer: tuple[int, Any]) -> None:
    directory = Directory({guid(1): answer}, {guid(1): bears(guid(1), "Sales")})
    found = await asked(directory, guid(1), guid(2))
    assert found.groups == (Group(guid(2), "", deleted=True),)
    assert found.doubt != ""


async def test_a_recycle_bin_that_may_not_be_read_says_which_permission_is_missing_and_costs_only_the_name() -> None:
    found = await asked(Directory({}, {guid(1): FORBIDDEN, guid(2): FORBIDDEN}), guid(1), guid(2))
    assert all(group.deleted and not group.name for group in found.groups)
    assert "Group.Read.All" in found.unnamed
    assert found.doubt == ""


async def test_twenty_go_in_a_call_and_what_is_no_id_is_not_asked() -> None:
    directory = Directory({}, {})
    found = await asked(directory, *map(guid, range(25)), "../users", "")
    assert len(found.groups) == 25
    assert sorted(directory.batches) == [5, 10, 20, 20, 20]
    assert await asked(directory) == Whereabouts()


async def test_a_token_that_is_refused_ends_it() -> None:
    async def refuses(_: web.Request) -> web.StreamResponse:
        return web.Response(status=401, text=json.dumps({"error": {"code": "InvalidAuthenticationToken"}}))

    async with client_of(refuses) as bench:
        with pytest.raises(SignInError):
            await GraphTenant(bench.client).deleted_groups([guid(1)])
