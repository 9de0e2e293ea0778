"""Ask the live systems as an integrator's program does: without retries, and every outcome is a value."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import httpx

from nt24_tokens.token import token_path
from reconciler.adapters.connecting import certificate_at, detail_of, failure_of
from reconciler.adapters.http import Connection, transport_to
from reconciler.adapters.jwt_claims import claims_of
from reconciler.adapters.redaction import redacted, redacted_within
from reconciler.adapters.request_log import REQUEST_ID, Exchange
from reconciler.adapters.vault import PlainSecret
from reconciler.model.probe import Certificate, NoAnswer, ProbeAnswer, System
from reconciler.ports import AccessToken, Clock, Prober, Secret

_ME: Final = "/v1/me"
_SECRETS: Final = frozenset({"access_token", "refresh_token", "id_token"})


class HiddenToken(PlainSecret, AccessToken):
    """Hold an access token out of sight; what it says of itself is no secret."""

    __slots__ = ("claims",)

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.claims: Mapping[str, Any] | None = claims_of(value)


_NAMES: Final = {System.KEYCLOAK: "Keycloak", System.API: "The NT24 Integration API"}


class HttpProber(Prober):
    """Implement the port ``Prober``; ``api`` is None where no API was named."""

    def __init__(
        self, keycloak: httpx.AsyncClient, api: httpx.AsyncClient | None, realm: str, timeout: float, clock: Clock
    ) -> None:
        self._clients = {System.KEYCLOAK: keycloak, System.API: api}
        self._realm = realm
        self._timeout = timeout
        self._clock = clock

    async def discovery(self) -> ProbeAnswer | NoAnswer:
        path = f"/realms/{quote(self._realm, safe='')}/.well-known/openid-configuration"
        return await self._ask(System.KEYCLOAK, "GET", path)

    async def certificate(self, system: System) -> Certificate | None:
        http = self._clients[system]
        return None if http is None else await certificate_at(str(http.base_url), self._timeout)

    async def ask_token(self, client_id: str, secret: Secret) -> tuple[ProbeAnswer | NoAnswer, AccessToken | None]:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret.reveal()}
        answer = await self._ask(System.KEYCLOAK, "POST", token_path(self._realm), data=form)
        if isinstance(answer, NoAnswer):
            return answer, None
        value = answer.fields.get("access_token")
        document = {key: inner for key, inner in answer.fields.items() if key not in _SECRETS}
        shown = ProbeAnswer(answer.status, answer.headers, document or None, answer.request_id, answer.received)
        return shown, HiddenToken(value) if answer.is_success and isinstance(value, str) else None

    async def me(self, token: Secret) -> ProbeAnswer | NoAnswer:
        return await self._ask(System.API, "GET", _ME, headers={"Authorization": f"Bearer {token.reveal()}"})

    async def _ask(self, system: System, method: str, path: str, **content: Any) -> ProbeAnswer | NoAnswer:
        http = self._clients[system]
        if http is None:
            raise RuntimeError(f"{system} was not named")
        request_id = uuid.uuid4().hex[:16]
        headers = {REQUEST_ID: request_id, **content.pop("headers", {})}
        request = http.build_request(method, path, headers=headers, **content)
        exchange = Exchange(_NAMES[system], request)
        try:
            response = await http.send(request)
        except (httpx.RequestError, aiohttp.ClientError) as error:
            exchange.failed(error)
            return NoAnswer(failure_of(error), detail_of(error), request_id)
        exchange.answered(response)
        return ProbeAnswer(
            status=response.status_code,
            headers={name.lower(): redacted(value) for name, value in response.headers.items()},
            document=redacted_within(_json(response)),
            request_id=redacted(response.headers.get(REQUEST_ID, request_id)),
            received=self._clock.now(),
        )


@asynccontextmanager
async def connect(keycloak: Connection, api: Connection | None, realm: str, clock: Clock) -> AsyncIterator[HttpProber]:
    """Open the prober; nothing is asked yet.

    Raises:
        WrongUsage: A certificate file cannot be used.
    """
    async with AsyncExitStack() as opened:
        http = await opened.enter_async_context(_open(keycloak))
        api_http = await opened.enter_async_context(_open(api)) if api else None
        yield HttpProber(http, api_http, realm, keycloak.timeout, clock)


def _open(connection: Connection) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=connection.base_url,
        timeout=httpx.Timeout(connection.timeout),
        transport=transport_to(connection),
        follow_redirects=False,
        trust_env=False,
    )


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
