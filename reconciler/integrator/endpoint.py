"""Where and how a token is asked for. It holds the client's secret, and shows it to nobody."""

import os
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import httpx
from httpx_retries import Retry

from reconciler.integrator.token import Token, token_of, token_path
from reconciler.model.errors import TokenRefused, Unreachable, WrongUsage
from reconciler.model.url import LOOPBACK, checked_url

Secret = str | Callable[[], str]
"""A client's secret, or a function that returns it; it is called for each token, so that a new secret is taken up."""

VARIABLES: Final = ("KEYCLOAK_URL", "NT24_CLIENT_ID", "NT24_CLIENT_SECRET")
_RETRY: Final = Retry(total=2, backoff_factor=0.3, max_backoff_wait=5, allowed_methods=["POST"])
_LONGEST: Final = 300
"""Characters of what the server says that an error repeats."""
_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class TokenEndpoint:
    """One client's way to the token endpoint of its realm."""

    __slots__ = ("_client_id", "_secret", "_timeout", "_verify", "url")

    def __init__(
        self,
        keycloak_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        realm: str,
        timeout: float,
        verify: ssl.SSLContext | bool,
        allow_http: bool,
    ) -> None:
        base = checked_url("Keycloak", keycloak_url, allow_http=allow_http, unless="allow_http=True")
        if not client_id or not client_secret:
            raise WrongUsage(
                "A token needs a client id and a secret.", remedy=f"Set {VARIABLES[1]} and {VARIABLES[2]}."
            )
        self.url = base + token_path(realm)
        self._client_id = client_id
        self._secret = client_secret if callable(client_secret) else lambda: client_secret
        self._timeout = timeout
        self._verify = verify

    def settings(self) -> dict[str, Any]:
        """Return the settings of the HTTP client that asks; no proxy can reach this machine's own loopback."""
        is_remote = urlsplit(self.url).hostname not in LOOPBACK
        return {
            "timeout": self._timeout,
            "verify": self._verify,
            "trust_env": is_remote,
            "follow_redirects": False,
        }

    def form(self) -> dict[str, str]:
        """Return what is sent, with the secret as it is now."""
        return {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret()}

    def token(self, answer: httpx.Response | httpx.TransportError) -> Token:
        """Return the token that came.

        Raises:
            TokenRefused: Keycloak does not accept the client; ``code`` is its OAuth error.
            Unreachable: There is no answer of Keycloak's own, or it says: not now.
        """
        if isinstance(answer, httpx.TransportError):
            text = str(answer) or type(answer).__name__
            raise Unreachable(
                f"Keycloak cannot be reached at {self.url}: {text}.",
                remedy="Check the URL, the network, proxy settings and certificates.",
            )
        try:
            body = answer.json()
        except ValueError:
            body = None
        if answer.status_code == HTTPStatus.OK:
            try:
                return token_of(body)
            except ValueError:
                self._is_not_keycloak(answer)
        if answer.status_code not in _REFUSALS and answer.status_code != HTTPStatus.NOT_FOUND:
            raise Unreachable(
                f"Keycloak answered the token request at {self.url} with {answer.status_code}.",
                remedy="It is overloaded or has a problem; try again later.",
            )
        if not isinstance(body, dict) or "error" not in body:
            self._is_not_keycloak(answer)
        code, text = (_without_secret(answer, body.get(key)) for key in ("error", "error_description"))
        del body  # it may repeat the secret, and reporters of errors collect the variables of this frame
        words = f"{code}: {text}" if text else code
        raise TokenRefused(
            f"Keycloak refused a token to {self._client_id} at {self.url}: {answer.status_code} {words}.",
            status=answer.status_code,
            code=code,
            remedy="Check the client id, its secret and the realm, or let reconciler doctor find the cause.",
        )

    def _is_not_keycloak(self, answer: httpx.Response) -> NoReturn:
        raise Unreachable(
            f"What answers at {self.url} is not Keycloak's token endpoint (status {answer.status_code}).",
            remedy="Check the URL and its base path, and what stands in between (proxy, login).",
        )

    def __repr__(self) -> str:
        return f"{self._client_id} at {self.url}"


def _without_secret(answer: httpx.Response, said: object) -> str:
    """Return what the server said, which may repeat what it was sent."""
    sent = parse_qs(answer.request.content.decode()).get("client_secret", [""])[0]
    text = str(said or "")[:_LONGEST]
    forms = (sent, quote(sent, safe=""), quote_plus(sent)) if sent else ()
    return text if not any(form in str(said) for form in forms) else "what it said repeats the secret"


def is_worth_repeating(answer: httpx.Response | httpx.TransportError) -> bool:
    """Tell whether asking again may help: nothing is created by a token request."""
    if isinstance(answer, httpx.TransportError):
        return _RETRY.is_retryable_exception(answer)
    return _RETRY.is_retryable_status_code(answer.status_code)


def retries() -> Retry:
    """Return how often and when a token request is repeated."""
    return _RETRY.copy_with()


def from_environment(variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the arguments of a provider that environment variables give.

    Raises:
        WrongUsage: One is not set; the message says which.
    """
    missing = [name for name in VARIABLES if not variables.get(name)]
    if missing:
        raise WrongUsage(f"{' and '.join(missing)} must be set.", remedy="See docs/python-api.md.")
    url, client_id, secret = (variables[name] for name in VARIABLES)
    realm = {"realm": variables["NT24_REALM"]} if variables.get("NT24_REALM") else {}
    return {"keycloak_url": url, "client_id": client_id, "client_secret": secret, **realm}
