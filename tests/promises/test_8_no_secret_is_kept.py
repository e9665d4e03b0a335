"""Promise 8: nothing secret in a log, a report, the journal or an error."""

from __future__ import annotations

import zipfile
from pathlib import Path

from migrator.simulator.description import tenant_from_json
from migrator.simulator.settings import Fault, Faults
from tests.whole import world


async def test_no_file_of_a_run_holds_a_secret_or_a_token(tmp_path: Path) -> None:
    tenant = tenant_from_json(
        {
            "groups": ["Old", "New"],
            "configurations": [
                {"kind": "configurationPolicies", "name": f"Policy {n}", "assignments": ["Old"]} for n in range(4)
            ],
        }
    )
    troubles = (Fault.CLAIMS, Fault.INTERNAL, Fault.PROXY_PAGE, Fault.FORBIDDEN)
    faults = Faults(planned_writes={f"Policy {n}": (fault,) for n, fault in enumerate(troubles)})
    async with world(tenant, tmp_path, faults=faults) as there:
        result = await there.run([(f"Policy {n}", "Old", "New", "") for n in range(4)])
        async with there.connection() as connection:
            token = await connection.client.token()
        secrets = [there.simulator.settings.client_secret.encode(), token.encode(), token.split(".")[1].encode()]
        files = [path for path in result.folder.path.rglob("*") if path.is_file()]
        assert len(files) >= 8
        for path in files:
            texts = [path.read_bytes()]
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    texts += [book.read(name) for name in book.namelist()]
            for secret in secrets:
                assert not any(secret in text for text in texts), path.name
        assert repr(there.settings).count("***") >= 1
        assert there.simulator.settings.client_secret not in repr(there.settings)
