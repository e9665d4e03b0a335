"""Promise 8: nothing secret in a log, a report, the journal or an error."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import pickle
import re
import stat
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from migrator.cli.main import COMMANDS
from migrator.cli.unexpected import keep
from migrator.graph.auth.interface import Circumstances
from migrator.graph.auth.ready import Ready
from migrator.graph.auth.remembered import _Kept
from migrator.graph.protocol import Call, Reply
from migrator.model.settings import Auth, Secret, Settings, SignIn
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


async def test_no_library_logs_a_secret_however_much_it_is_asked_to_log(tmp_path: Path) -> None:
    """Somebody who embeds this package may let everything log all it can."""
    tenant = tenant_from_json({"groups": ["Old"], "configurations": []})
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.exc_info}")

    keep, root = Keep(), logging.getLogger()
    names = ["", *(name for name in logging.root.manager.loggerDict if name.startswith(("msal", "urllib3", "aiohttp")))]
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(keep)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    try:
        async with world(tenant, tmp_path) as there, there.connection() as connection:
            token = await connection.client.token()
            await connection.client.send(Call("GET", "/v1.0/organization", "about"))
    finally:
        asyncio.get_running_loop().set_debug(False)
        root.removeHandler(keep)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    assert lines
    for secret in (there.simulator.settings.client_secret, token, token.split(".")[1]):
        assert not [line for line in lines if secret in line]


async def test_no_process_shows_a_secret_even_while_it_debugs(tmp_path: Path) -> None:
    """Neither in its arguments nor in what it prints, with Python's own development mode on."""
    tenant = tenant_from_json(
        {
            "groups": ["Old", "New"],
            "configurations": [{"kind": "configurationPolicies", "name": "Policy", "assignments": ["Old"]}],
        }
    )
    async with world(tenant, tmp_path) as there:
        mapping = there.mapping([("Policy", "Old", "New", "")])
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "dev", "-m", "migrator", "run", str(mapping), "--yes", "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, **there.simulator.environment, "PYTHONASYNCIODEBUG": "1"},
        )
        shown = await run.communicate()
        async with there.connection() as connection:
            token = await connection.client.token()
    assert run.returncode == 0, shown
    for secret in (there.simulator.settings.client_secret, token.split(".")[0]):
        assert not any(secret.encode() in text for text in shown)


def test_no_option_takes_a_secret() -> None:
    """What stands in a command line is there for everybody who lists the processes. The embedded tenant's token, which
    opens nothing, is the one exception."""
    telling = re.compile("secret|password|token|assertion|credential")
    found = set()
    for name in COMMANDS:
        command = importlib.import_module(f"migrator.cli.commands.{name}").command
        found |= {(name, option) for one in command.params for option in one.opts if telling.search(option)}
    assert found == {("simulate", "--access-token")}


def test_the_log_of_failures_knows_the_secrets_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected failure may quote anything; its details are kept without secrets, and for their owner only."""
    file = tmp_path / "password"
    file.write_text("a-password-of-a-certificate")
    secrets = ("an-opaque-token", "a-client-secret", "a-password-of-a-certificate")
    for name in (n for n in os.environ if n.startswith(("MIGRATOR_", "AZURE_"))):
        monkeypatch.delenv(name)
    monkeypatch.setenv("MIGRATOR_ACCESS_TOKEN", secrets[0])
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secrets[1])
    monkeypatch.setenv("MIGRATOR_CLIENT_CERTIFICATE_PASSWORD_FILE", str(file))
    for name in ("XDG_STATE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    try:
        raise ValueError(f"{secrets[0]} and {secrets[1]}") from KeyError(f"{secrets[2]} Bearer abcdefgh")
    except ValueError as error:
        path = keep(error)
    kept = path.read_text(encoding="utf-8")
    assert "ValueError: *** and ***" in kept
    assert not any(secret in kept for secret in (*secrets, "abcdefgh"))
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        precious = tmp_path / "precious"
        precious.write_text("precious")
        path.unlink()
        path.symlink_to(precious)
        other = keep(ValueError("something else"))
        assert other != path
        assert "something else" in other.read_text(encoding="utf-8")
        assert precious.read_text() == "precious"
        other.unlink()


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret("a-secret")
    sign_in = SignIn(Auth.SECRET, "https://a", secret=secret, certificate_password=secret, token=secret)
    settings = Settings("https://b", sign_in)
    circumstances = Circumstances(sign_in, "b", None, print)
    for shown in (
        *(repr(secret), str(secret), f"{secret}", f"{secret!r:>30}", "%s" % (secret,)),  # noqa: UP031 - every way
        *(repr(settings), repr(circumstances), str(pickle.dumps(settings)), str(asdict(sign_in))),
        *(repr(Ready(secret)), repr(_Kept("a-secret", 0.0, 0.0)), repr(Reply(200, body=b"a-secret"))),
    ):
        assert "a-secret" not in shown
    with pytest.raises(TypeError):
        json.dumps(secret)
