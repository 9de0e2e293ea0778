"""Where and how a token is asked for. It holds the client's secret, and shows it to nobody."""

import os
import random
import ssl
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import httpx

from nt24_tokens.errors import TokenError, TokenRefused, Unreachable, WrongUsage
from nt24_tokens.token import Token, token_of, token_path
from nt24_tokens.url import LOOPBACK, checked_url

Secret = str | Callable[[], str]
"""A client's secret, or a function that returns it; it is called for each token, so that a new secret is taken up."""

VARIABLES: Final = ("KEYCLOAK_URL", "NT24_CLIENT_ID", "NT24_CLIENT_SECRET")
_ATTEMPTS: Final = 3
_PAUSE: Final = 0.3
"""Seconds before the second attempt, and twice as long before the third."""
_LONGEST_PAUSE: Final = 5.0
_BUSY: Final = frozenset({429, 502, 503, 504})
_LONGEST: Final = 300
"""Characters of what the server says that an error repeats."""
_LARGEST: Final = 1 << 20
"""Bytes of an answer: no token response is near it."""
_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
)
"""404 is what Keycloak answers where there is no such realm."""


class TokenEndpoint:
    """One client's way to the token endpoint of its realm; its TLS context is made once."""

    __slots__ = ("_client_id", "_context", "_secret", "_timeout", "_verify", "url")

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
        self._context: ssl.SSLContext | None = None

    def secret(self) -> str:
        """Return the secret as it is now."""
        return self._secret()

    def ask(self, secret: str, until: float) -> Token | TokenError:
        """Return a token, or why there is none, before ``until`` (monotonic seconds).

        It raises nothing: an error that is raised from here would carry frames that know the secret.
        """
        failure: TokenError = _too_late(self.url)
        for attempt in range(_ATTEMPTS):
            answer = self._sent(secret, until)
            if isinstance(answer, httpx.Response):
                if answer.status_code not in _BUSY:
                    return self._read(answer)
                failure, pause = self._busy(answer), _wait(answer)
            else:
                failure, pause = answer, 0.0
            pause = min(_LONGEST_PAUSE, max(pause, _PAUSE * 2**attempt * random.uniform(1, 1.5)))  # noqa: S311
            if attempt == _ATTEMPTS - 1 or time.monotonic() + pause >= until:
                break
            time.sleep(pause)
        return failure

    def _sent(self, secret: str, until: float) -> httpx.Response | Unreachable:
        """Return the answer, read whole; one that trickles in, or never ends, is none."""
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": secret}
        # No proxy can reach this machine's own loopback.
        is_remote = urlsplit(self.url).hostname not in LOOPBACK
        body = bytearray()
        try:
            with (
                httpx.Client(timeout=self._timeout, verify=self._trust(), trust_env=is_remote) as http,
                http.stream("POST", self.url, data=form) as response,
            ):
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        return self._is_not_keycloak(response.status_code)
                    if time.monotonic() > until:
                        return _too_late(self.url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            text = str(error) or type(error).__name__
            return Unreachable(
                f"Keycloak cannot be reached at {self.url}: {text}.",
                remedy="Check the URL, the network, proxy settings and certificates.",
            )
        return httpx.Response(
            response.status_code, headers=_plain(response.headers), content=bytes(body), request=response.request
        )

    def _trust(self) -> ssl.SSLContext:
        if isinstance(self._verify, ssl.SSLContext):
            return self._verify
        if self._context is None:
            is_tls = self.url.startswith("https:")
            # Loading the public CAs takes 30 ms; plain HTTP needs none.
            self._context = (
                httpx.create_ssl_context(verify=self._verify) if is_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        return self._context

    def _read(self, answer: httpx.Response) -> Token | TokenError:
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            body = None
        if answer.status_code == HTTPStatus.OK:
            try:
                return token_of(body)
            except ValueError:
                return self._is_not_keycloak(answer.status_code)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._busy(answer)
        if answer.status_code not in _REFUSALS or not isinstance(body, dict) or "error" not in body:
            return self._is_not_keycloak(answer.status_code)
        code, text = (_without_secret(answer, body.get(key)) for key in ("error", "error_description"))
        words = f"{code}: {text}" if text else code
        return TokenRefused(
            f"Keycloak refused a token to {self._client_id} at {self.url}: {answer.status_code} {words}.",
            status=answer.status_code,
            code=code,
            remedy="Check the client id, its secret and the realm, or let reconciler doctor find the cause.",
        )

    def _busy(self, answer: httpx.Response) -> Unreachable:
        return Unreachable(
            f"Keycloak answered the token request at {self.url} with {answer.status_code}.",
            remedy="It is overloaded or has a problem; try again later.",
        )

    def _is_not_keycloak(self, status: int) -> Unreachable:
        return Unreachable(
            f"What answers at {self.url} is not Keycloak's token endpoint (status {status}).",
            remedy="Check the URL and its base path, and what stands in between (proxy, login).",
        )

    def __repr__(self) -> str:
        return f"{self._client_id} at {self.url}"


def _too_late(url: str) -> Unreachable:
    return Unreachable(
        f"Keycloak did not answer the token request at {url} in time.",
        remedy="Check the network; deadline= waits longer.",
    )


def _wait(answer: httpx.Response) -> float:
    try:
        return float(answer.headers.get("Retry-After", 0))
    except ValueError:
        return 0.0


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Return the headers of an answer whose body was decoded already."""
    return {name: value for name, value in headers.items() if name not in {"content-encoding", "content-length"}}


def _without_secret(answer: httpx.Response, said: object) -> str:
    """Return what the server said, which may repeat what it was sent."""
    sent = parse_qs(answer.request.content.decode()).get("client_secret", [""])[0]
    text = str(said or "")[:_LONGEST]
    forms = (sent, quote(sent, safe=""), quote_plus(sent)) if sent else ()
    return text if not any(form in str(said) for form in forms) else "what it said repeats the secret"


def from_environment(variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the arguments of a provider that environment variables give.

    Raises:
        WrongUsage: One is not set; the message says which.
    """
    missing = [name for name in VARIABLES if not variables.get(name)]
    if missing:
        raise WrongUsage(f"{' and '.join(missing)} must be set.", remedy="NT24 gives them to each integrator.")
    url, client_id, secret = (variables[name] for name in VARIABLES)
    realm = {"realm": variables["NT24_REALM"]} if variables.get("NT24_REALM") else {}
    return {"keycloak_url": url, "client_id": client_id, "client_secret": secret, **realm}
