"""Settings from what a person gave: options, then the environment, then `migrator.toml` in the current folder."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from migrator.model.clouds import CLOUDS
from migrator.model.errors import UsageError
from migrator.model.kinds import KINDS, find_kinds
from migrator.model.second_admin import LONGEST, length
from migrator.model.settings import Auth, Caution, GuardMode, Limit, Secret, Settings, SignIn, parse_limit
from migrator.model.versions import parse_version

FILE = "migrator.toml"
KNOWN = (
    "graph_url",
    "cloud",
    "authority",
    "tenant_id",
    "client_id",
    "auth",
    "client_certificate_path",
    "federated_token_file",
    "ca_bundle",
    "kind",
    "reports",
    "mode",
    "concurrency",
    "limit",
    "guard",
    "canary",
    "max_changes",
    "max_removals",
    "api_version",
    "justification",
)
_AZURE = {
    "tenant_id": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "authority": "AZURE_AUTHORITY_HOST",
    "client_certificate_path": "AZURE_CLIENT_CERTIFICATE_PATH",
    "federated_token_file": "AZURE_FEDERATED_TOKEN_FILE",  # the name of a variable # nosec B105
    "client_secret": "AZURE_CLIENT_SECRET",  # the name of a variable # nosec B105
    "client_certificate_password": "AZURE_CLIENT_CERTIFICATE_PASSWORD",  # the name of a variable # nosec B105
}
_CAREFUL = ("guard", "canary", "api_version", "justification")
_SECRETS = ("client_secret", "client_certificate_password", "access_token")
_KEYRING = "migrator"
_MOST = 1_000_000


class Sources:
    """Where a value may come from, the strongest first; empty texts count as absent."""

    def __init__(
        self,
        options: Mapping[str, object],
        environ: Mapping[str, str],
        file: Mapping[str, object],
        approved: Mapping[str, str] | None = None,
    ) -> None:
        self._options, self._environ, self._file, self._approved = options, environ, file, approved or {}

    def text(self, name: str, *, empty: str = "") -> str:
        """The value as text, "" where nobody gave one, and `empty` for an option that was given as an empty text. How
        careful a run is was approved with it: there the environment comes after."""
        if empty and self._options.get(name) == "":
            return empty
        careful = self._approved.get(name) if name in _CAREFUL else None
        for value in (
            self._options.get(name),
            careful,
            self._environ.get(f"MIGRATOR_{name.upper()}"),
            self._environ.get(_AZURE.get(name, "")),
            self._approved.get(name),
            self._file.get(name),
        ):
            if value not in (None, "", ()):
                return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        return ""

    def path(self, name: str) -> Path | None:
        """The value as the path of a file that can be read; UsageError where it is none."""
        text = self.text(name)
        if not text:
            return None
        path = Path(text).expanduser()
        try:
            path.open("rb").close()
        except OSError as error:
            raise UsageError(f"{name.replace('_', '-')}: {text} cannot be read: {error.strerror}") from error
        return path

    def secret(self, name: str) -> Secret:
        """From the environment, or from the file that `MIGRATOR_…_FILE` names."""
        named = self._environ.get(f"MIGRATOR_{name.upper()}") or self._environ.get(_AZURE.get(name, ""), "")
        file = self._environ.get(f"MIGRATOR_{name.upper()}_FILE")
        if named or not file:
            return Secret(named)
        try:
            return Secret(Path(file).expanduser().read_text(encoding="utf-8-sig").strip())
        except (OSError, ValueError) as error:
            raise UsageError(f"MIGRATOR_{name.upper()}_FILE: {file} cannot be read as text") from error


def secrets_around(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """Every secret that the environment, or a file that it names, gives; what cannot be read is left out."""
    sources = Sources({}, environ, {})
    found = []
    for name in _SECRETS:
        with suppress(UsageError):
            found.append(sources.secret(name))
    return tuple(secret for secret in found if secret)


def read_file(folder: Path) -> Mapping[str, object]:
    """What `migrator.toml` says, empty where there is none. UsageError for what it must not or cannot say."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from error
    content = {name.replace("-", "_"): value for name, value in content.items()}
    for name in content:
        if name in _SECRETS:
            raise UsageError(f"{path.name}: {name} is a secret, which belongs in the environment or the keyring")
        if name not in (*KNOWN, "aliases"):
            raise UsageError(f"{path.name}: there is no setting {name!r}; there are {', '.join((*KNOWN, 'aliases'))}")
    return content


def configure(
    options: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    approved: Mapping[str, str] | None = None,
) -> Settings:
    """The settings that these options, the environment and `migrator.toml` come to; UsageError where they make none.

    `approved` are options a run was approved with: they count where a person states no others now.
    """
    options = options or {}
    file = read_file(folder or Path())
    sources = Sources(options, os.environ if environ is None else environ, file, approved)
    cloud_name = sources.text("cloud") or "global"
    cloud = CLOUDS.get(cloud_name.casefold())
    if cloud is None:
        raise UsageError(f"there is no cloud {cloud_name!r}; there are {', '.join(CLOUDS)}")
    return Settings(
        graph_url=_graph_url(sources.text("graph_url") or cloud.graph),
        sign_in=_sign_in(sources, cloud.authority),
        kinds=_kinds(sources.text("kind")),
        reports=Path(sources.text("reports") or "reports").expanduser(),
        mode=_mode(sources),
        concurrency=_whole(sources.text("concurrency") or "32", "concurrency"),
        limit=_limit(sources.text("limit")),
        ca_bundle=sources.path("ca_bundle"),
        allow_empty=bool(options.get("allow_empty")),
        drop_orphans=bool(options.get("drop_orphans")),
        caution=_caution(sources),
        aliases=aliases(file),
        api_version=parse_version(sources.text("api_version")),
        impact=not options.get("no_impact"),
        justification=_justification(sources.text("justification", empty="none")),
    )


def offline(options: Mapping[str, object]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The mode and the aliases, for commands that need no tenant."""
    file = read_file(Path())
    return _mode(Sources(options, os.environ, file)), aliases(file)


def _mode(sources: Sources) -> str:
    mode = sources.text("mode").casefold()
    if mode not in ("", "replace"):
        raise UsageError(f"there is no mode {mode!r}; leave it out, or say replace")
    return mode


def reports_folder(options: Mapping[str, object]) -> Path:
    """Where runs are kept, for commands that need nothing else."""
    return Path(Sources(options, os.environ, read_file(Path())).text("reports") or "reports").expanduser()


def aliases(file: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """A user's own headings from `[aliases]`: heading = "field"."""
    table = file.get("aliases", {})
    if not isinstance(table, dict):
        raise UsageError(f'{FILE}: write aliases as a table, [aliases], with lines like "Zielgruppe" = "new group"')
    return tuple((str(heading), str(field)) for heading, field in table.items())


def _sign_in(sources: Sources, authority: str) -> SignIn:
    tenant_id, client_id = sources.text("tenant_id"), sources.text("client_id")
    token = sources.secret("access_token")
    secret = sources.secret("client_secret")
    certificate = sources.path("client_certificate_path")
    federated = sources.path("federated_token_file")
    stated = sources.text("auth").casefold()
    if stated and stated not in set(Auth):
        raise UsageError(f"there is no way to sign in called {stated!r}; there are {', '.join(Auth)}")
    if stated == Auth.SECRET and not secret:
        secret = _from_keyring(client_id)
    implied = (
        (bool(token), Auth.TOKEN),
        (bool(federated), Auth.FEDERATED),
        (bool(certificate), Auth.CERTIFICATE),
        (bool(secret), Auth.SECRET),
    )
    auth = Auth(stated) if stated else next((way for given, way in implied if given), Auth.DEVICE_CODE)
    return SignIn(
        auth=auth,
        authority=_with_scheme(sources.text("authority") or authority).rstrip("/"),
        tenant_id=tenant_id,
        client_id=client_id,
        secret=secret,
        certificate_path=certificate,
        certificate_password=sources.secret("client_certificate_password"),
        federated_token_file=federated,
        token=token,
    )


def _from_keyring(client_id: str) -> Secret:
    """The client's secret from the system's keyring, where that package is installed and has one."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return Secret("")
    try:
        return Secret(keyring.get_password(_KEYRING, client_id) or "")
    except KeyringError:
        return Secret("")


def _graph_url(text: str) -> str:
    url = _with_scheme(text).rstrip("/")
    for version in ("/beta", "/v1.0"):
        if url.casefold().endswith(version):
            raise UsageError(f"graph-url is Graph's root, without the version: leave {version} out")
    return url


def _with_scheme(text: str) -> str:
    return text if "://" in text else f"https://{text}"


def _kinds(text: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = find_kinds(part)
        if not found:
            raise no_kind(part)
        names |= dict.fromkeys(kind.name for kind in found if not kind.excluded)
        if all(kind.excluded for kind in found):  # looking in none must not come to looking in all
            raise UsageError(f"{found[0].title} is not assignable this way: {found[0].excluded}")
    return tuple(names)


def no_kind(word: str) -> UsageError:
    """That nothing is called by this word, with what there is."""
    titles = ", ".join(kind.title for kind in KINDS.values() if not kind.excluded)
    return UsageError(f"there is no kind {word!r}; there are {titles}")


def _caution(sources: Sources) -> Caution:
    guard = sources.text("guard").casefold() or GuardMode.BATCHES
    if guard not in set(GuardMode):
        raise UsageError(f"there is no guard {guard!r}; there are {', '.join(GuardMode)}")
    return Caution(
        guard=GuardMode(guard),
        canary=_number(sources, "canary") or 0,
        max_changes=_number(sources, "max_changes"),
        max_removals=_number(sources, "max_removals"),
    )


def _number(sources: Sources, name: str) -> int | None:
    text = sources.text(name)
    if not text:
        return None
    if not _is_whole(text) or int(text) > _MOST:
        raise UsageError(f"{name.replace('_', '-')} is a whole number from 0 on, not {text!r}")
    return int(text)


def _whole(text: str, name: str) -> int:
    if not _is_whole(text) or not 1 <= int(text) <= 1000:
        raise UsageError(f"{name} is a whole number from 1 to 1000, not {text!r}")
    return int(text)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _justification(text: str) -> str | None:
    """None where nobody gave one, "" where none is to be sent."""
    if length(text) > LONGEST:
        raise UsageError(f"--justification has {length(text):,} characters; the service takes {LONGEST:,} at most")
    return "" if text.strip().casefold() == "none" else text.strip() or None


def _limit(text: str) -> Limit | None:
    return parse_limit(text) if text else None
