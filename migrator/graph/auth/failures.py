"""What went wrong with a sign-in, in words that say what to do. No secret gets through here."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from migrator.model.errors import MigratorError, SignInError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrator.graph.auth.interface import Circumstances

_ADVICE: Mapping[str, str] = {
    "AADSTS7000215": "the client secret is wrong; give its value, not its id",
    "AADSTS7000222": "the client secret has expired; make a new one in the app registration",
    "AADSTS7000218": "the app registration does not allow public client flows; turn them on under Authentication",
    "AADSTS7000112": "the app is disabled in this tenant",
    "AADSTS700016": "there is no such app in this tenant; check the client id, the tenant id and the cloud",
    "AADSTS700027": "the certificate is not the one that is registered with the app, or it has expired",
    "AADSTS700024": "the assertion is not valid at this moment; check the clock, and that the token file is fresh",
    "AADSTS700211": "no federated credential of the app fits this token's issuer",
    "AADSTS700212": "no federated credential of the app fits this token's audience",
    "AADSTS700213": "no federated credential of the app fits this token's subject",
    "AADSTS70021": "no federated credential of the app fits this token",
    "AADSTS90002": "there is no such tenant; check the tenant id and the cloud",
    "AADSTS900023": "the tenant id is neither a GUID nor a domain name",
    "AADSTS900382": "the app belongs to another cloud; check --cloud",
    "AADSTS500011": "this tenant does not know Graph under this address; check --cloud and --graph-url",
    "AADSTS65001": "nobody has consented to the app yet; an administrator has to grant its permissions",
    "AADSTS50034": "there is no such user in this tenant",
    "AADSTS50076": "a second factor is needed; sign in with --auth interactive or device-code",
    "AADSTS50079": "a second factor has to be set up first",
    "AADSTS50105": "the user is not assigned to the app",
    "AADSTS50126": "the user name or the password is wrong",
    "AADSTS53000": "Conditional Access wants a compliant device",
    "AADSTS53003": "Conditional Access does not allow this sign-in; its log in Entra says which policy",
    "AADSTS70043": "the sign-in is too old for Conditional Access; sign in again",
    "AADSTS700082": "the sign-in is too old; sign in again",
    "AADSTS50173": "the sign-in was revoked; sign in again",
    "expired_token": "nobody entered the code in time",  # a sentence # nosec B105
    "code_expired": "nobody entered the code in time",
    "authorization_declined": "the sign-in was declined",
    "access_denied": "the sign-in was declined",
}

_TOKEN = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)*")  # an assertion, or a token, that an answer repeats
_AADSTS = re.compile(r"AADSTS\d+")


def refused(result: Mapping[str, Any], circumstances: Circumstances) -> SignInError:
    """What the sign-in service said no with: its own first line, its AADSTS code and plain advice."""
    error, description = str(result.get("error") or "no token"), str(result.get("error_description") or "")
    found = _AADSTS.search(description)
    advice = _ADVICE.get(found[0]) if found else _ADVICE.get(error)
    said = description.splitlines()[0].strip() if description.strip() else error
    told = f"{advice} ({said})" if advice else said
    return SignInError(_scrubbed(f"Sign-in failed: {told}", circumstances))


@contextmanager
def failing(circumstances: Circumstances) -> Iterator[None]:
    """Turns what MSAL and its HTTP library raise into a SignInError."""
    try:
        yield
    except MigratorError:
        raise
    except Exception as error:  # noqa: BLE001 - a library that trusts whoever answers stumbles over anything
        # requests' errors are OSErrors; MSAL raises ValueError for an authority it cannot read, RuntimeError for a
        # browser that was never answered, errors of its own for a 5xx, and what Python raises where the answer is JSON
        # of another shape. The chain is cut: what caused them may hold the request with its secret.
        where = circumstances.sign_in.authority
        told = "what answered is no sign-in service"
        if not isinstance(error, (AttributeError, TypeError, RecursionError)):
            told = _scrubbed(" ".join(str(error).split()) or type(error).__name__, circumstances)
        raise SignInError(f"Sign-in at {where} failed: {told}") from None


def _scrubbed(text: str, circumstances: Circumstances) -> str:
    sign_in = circumstances.sign_in
    for secret in (sign_in.secret, sign_in.certificate_password, sign_in.token):
        if secret:
            text = text.replace(secret.reveal(), "***")
    return _TOKEN.sub("***", text)
