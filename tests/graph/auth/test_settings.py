"""What a way to sign in needs is asked for before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.graph.auth.registry import token_source
from migrator.model.errors import UsageError
from migrator.model.settings import Auth, Secret
from tests.graph.auth.circumstances import circumstances
from tests.graph.certificates import for_an_app


def source(auth: Auth, **sign_in: Any) -> Any:
    given = circumstances(auth, **sign_in)
    return token_source(given.sign_in, given.graph_host, given.ca_bundle, given.say)


@pytest.mark.parametrize(
    ("auth", "sign_in", "missing"),
    [
        (Auth.SECRET, {"tenant_id": "", "secret": "x"}, "tenant id"),
        (Auth.SECRET, {"client_id": "", "secret": "x"}, "client id"),
        (Auth.SECRET, {}, "AZURE_CLIENT_SECRET"),
        (Auth.CERTIFICATE, {}, "AZURE_CLIENT_CERTIFICATE_PATH"),
        (Auth.FEDERATED, {}, "AZURE_FEDERATED_TOKEN_FILE"),
        (Auth.FEDERATED, {"federated_token_file": Path("nowhere")}, "nowhere is not there"),
        (Auth.DEVICE_CODE, {"client_id": ""}, "client id"),
        (Auth.INTERACTIVE, {"client_id": ""}, "client id"),
        (Auth.TOKEN, {}, "MIGRATOR_ACCESS_TOKEN"),
        (Auth.TOKEN, {"token": "eyJ x"}, "damaged"),
        (Auth.TOKEN, {"token": "eyJ\r\nX-Evil: 1"}, "damaged"),
    ],
)
def test_what_is_missing_is_named(auth: Auth, sign_in: dict[str, Any], missing: str) -> None:
    with pytest.raises(UsageError, match=missing) as caught:
        source(auth, **sign_in)
    assert "eyJ" not in str(caught.value)


@pytest.mark.parametrize("auth", list(Auth))
def test_every_way_to_sign_in_is_there(auth: Auth, tmp_path: Path) -> None:
    path = tmp_path / "app"
    path.write_bytes(for_an_app().key_pem() + for_an_app().certificate_pem)
    given = {"secret": "x", "token": "x", "certificate_path": path, "federated_token_file": path}
    assert source(auth, **given) is not None


@pytest.mark.parametrize("given", ["eyJ.a.b", " eyJ.a.b\n", "Bearer eyJ.a.b", "bearer  eyJ.a.b"])
async def test_a_ready_token_is_taken_as_people_paste_it(given: str) -> None:
    ready = source(Auth.TOKEN, token=given)
    assert await ready.token() == await ready.token("{}", force=True) == "eyJ.a.b"
    assert "eyJ" not in repr(ready)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def certificate(path: Path, password: str = "") -> Any:
    return source(Auth.CERTIFICATE, certificate_path=path, certificate_password=Secret(password))


def test_a_certificate_of_any_format_opens(tmp_path: Path) -> None:
    app = for_an_app()
    for content, password in (
        (app.key_pem() + app.certificate_pem, ""),
        (app.certificate_pem + app.key_pem(), ""),
        (app.certificate_pem + app.key_pem(), "needless"),
        (app.certificate_pem + app.key_pem("word"), "word"),
        (app.pfx("word"), "word"),
        (app.pfx(), ""),
    ):
        assert certificate(written(tmp_path / "app", content), password)


@pytest.mark.parametrize(
    ("content", "password", "why"),
    [
        (for_an_app().pfx("word"), "wrong", "is the password right"),
        (for_an_app().pfx("word"), "", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (for_an_app().certificate_pem + for_an_app().key_pem("word"), "wrong", "is the password right"),
        (for_an_app().certificate_pem + for_an_app().key_pem("word"), "", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        (for_an_app().certificate_pem, "", "no private key"),
        (for_an_app().key_pem(), "", "no certificate"),
        (b"something else", "", "cannot be opened"),
    ],
)
def test_one_that_does_not_open_says_why(tmp_path: Path, content: bytes, password: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        certificate(written(tmp_path / "app.pem", content), password)


def test_one_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        certificate(tmp_path / "nowhere.pem")
