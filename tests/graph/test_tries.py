"""What our requests are called."""

from __future__ import annotations

import itertools
import uuid

from migrator.graph.tries import client_request_ids


def test_every_request_has_a_guid_of_its_own() -> None:
    ids = list(itertools.islice(client_request_ids(), 10_000)) + list(itertools.islice(client_request_ids(), 10_000))
    assert len(set(ids)) == 20_000
    for name in ids[::999]:
        parsed = uuid.UUID(name)
        assert (str(parsed), parsed.version, parsed.variant) == (name, 4, uuid.RFC_4122)
