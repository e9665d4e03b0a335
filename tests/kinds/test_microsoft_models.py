"""Microsoft's own generated models understand what is sent: nothing is left over, and it is written again the same.

What no model of today knows (which the stories carry, and which has to survive) is taken out first.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from migrator.model.kinds import KINDS
from tests.foreign_kinds import FACTS, Fact
from tests.kinds.conftest import STORIES, Told
from tests.kinds.stories import known, without_nulls

pytest.importorskip("msgraph_beta", reason="Microsoft's SDK is optional")
reading = pytest.importorskip("kiota_serialization_json.json_parse_node_factory")
writing = pytest.importorskip("kiota_serialization_json.json_serialization_writer_factory")

NOT_IN_THE_METADATA = {
    "officeClientConfigurations",
    "iosManagedAppProtections",
    "androidManagedAppProtections",
    "windowsInformationProtectionPolicies",
    "mdmWindowsInformationProtectionPolicies",
}
"""Documented kinds whose path has no `assign` in the metadata that the SDK is made from."""


def module(path: str) -> str:
    """The module of a path's `assign` body: words are parted at capital letters, and so are acronyms."""
    parts = [re.sub(r"(?<!^)(?=[A-Z])", "_", part).lower() for part in path.strip("/").split("/")]
    return ".".join(("msgraph_beta.generated", *parts, "item.assign.assign_post_request_body"))


def has_builder(path: str) -> bool:
    try:
        return find_spec(module(path)) is not None
    except ModuleNotFoundError:
        return False


def left_over(model: Any, at: str = "") -> Iterator[str]:
    """Where a model, or one inside it, holds something that it does not know."""
    if isinstance(model, list):
        for number, one in enumerate(model):
            yield from left_over(one, f"{at}[{number}]")
    elif hasattr(model, "additional_data"):
        if model.additional_data:
            yield f"{at} ({type(model).__name__}): {model.additional_data}"
        for name, _ in model.backing_store.enumerate_():
            if name != "additional_data":
                yield from left_over(getattr(model, name), f"{at}.{name}")


def everything_sent(foreign: Told, fact: Fact) -> list[str]:
    """Every assignment of every body that was sent for a kind, once."""
    distinct: dict[str, None] = {}
    for story in (story for story in STORIES if story.fact is fact):
        body = foreign.graph.sent[foreign.stored(story).id]
        assert list(body) == [fact.body]
        distinct |= dict.fromkeys(json.dumps(element) for element in known(fact, body[fact.body]))
    return list(distinct)


def test_every_kind_of_the_current_graph_has_a_builder() -> None:
    assert {name for name, kind in KINDS.items() if not has_builder(kind.path)} == NOT_IN_THE_METADATA


@pytest.mark.parametrize("fact", [fact for fact in FACTS if has_builder(fact.path)], ids=lambda fact: fact.word)
def test_what_is_sent_is_understood_whole_and_written_the_same(foreign: Told, fact: Fact) -> None:
    model = importlib.import_module(module(fact.path)).AssignPostRequestBody
    sent = everything_sent(foreign, fact)
    body = {fact.body: [json.loads(element) for element in sent]}
    node = reading.JsonParseNodeFactory().get_root_parse_node("application/json", json.dumps(body).encode())
    understood = node.get_object_value(model)
    assert list(left_over(understood)) == []
    writer = writing.JsonSerializationWriterFactory().get_serialization_writer("application/json")
    writer.write_object_value(None, understood)
    assert json.loads(writer.get_serialized_content()) == without_nulls(body)
