"""The Novatrade24 Integration API, asked as each client with its own token."""

import json
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from nt24_tokens.cached import BearerAuth, CachedToken
from nt24_tokens.token import Token
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.request_log import asked
from reconciler.adapters.tape import LIVE, Tape, read
from reconciler.adapters.tokens import client_token
from reconciler.adapters.vault import PlainSecret, SecretVault
from reconciler.diagnose.standing import MOCK, stand_in, takes_no_token
from reconciler.model.errors import AccessRefused, RequestFailed, Unreachable, WrongServer
from reconciler.model.observed import Effective, Endpoint
from reconciler.model.probe import ProbeAnswer
from reconciler.model.value import Representation
from reconciler.ports import Clock, PlatformApi, Secret

_ME: Final = "/v1/me"
_WEBHOOKS: Final = "/v1/webhooks"
_PAGE: Final = 100
NO_TOKEN: Final = "this-is-no-token"  # noqa: S105  (just that)
"""What only a mock takes for a token (Prism 5 with a bearer scheme, measured)."""


_Model = TypeVar("_Model", bound=BaseModel)


class _Pagination(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    hasNext: bool = False  # noqa: N815  (the name on the wire)


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    data: tuple[Endpoint, ...]
    pagination: _Pagination = _Pagination()


class NovatradeApi(PlatformApi):
    """Implement the port ``PlatformApi``: one token per client, cached."""

    def __init__(
        self,
        http: ApiClient,
        token_http: ApiClient,
        realm: str,
        vault: SecretVault,
        clock: Clock,
        tape: Tape = LIVE,
    ) -> None:
        self.http = http
        self.tape = tape
        self._token_http = token_http
        self._realm = realm
        self._vault = vault
        self._clock = clock
        self._auth: dict[str, BearerAuth] = {}
        self._is_mock: bool | None = None

    @read
    async def me(self, client_id: str) -> Effective:
        return _read(Effective, await self._ask(client_id, "GET", _ME))

    def forget_tokens(self, client_ids: Iterable[str]) -> None:
        for client_id in client_ids:
            self._auth.pop(client_id, None)

    @read
    async def is_mock(self) -> bool:
        # A mock may ask for a token, but takes any.
        if self._is_mock is None:
            try:
                answer = await self.http.get(_ME, headers={"Authorization": f"Bearer {NO_TOKEN}"})
            except RequestFailed as error:
                self._is_mock = self._is_stand_in(error)
            except AccessRefused:
                self._is_mock = False
            else:
                self._is_mock = bool(answer.is_success)
        return self._is_mock

    @staticmethod
    def _is_stand_in(error: RequestFailed) -> bool:
        """Tell whether a mock stands in the platform's place; raise WrongServer where it is no platform at all."""
        cause = stand_in(ProbeAnswer(error.status or 0, document={"error": error.code}))
        if cause is None or cause is MOCK:
            return cause is MOCK
        raise WrongServer(
            f"{error.message.rstrip('.')}. {cause.what}",
            remedy=f"{cause.remedy} Without the platform: --no-effective.",
        ) from error

    @read
    async def webhooks(self, client_id: str) -> tuple[Endpoint, ...]:
        found: dict[str, Endpoint] = {}
        number, more = 0, True
        while more:
            query = {"page": number, "size": _PAGE}
            response = await self._ask(client_id, "GET", _WEBHOOKS, params=query)
            page = _read(_Page, response)
            # While webhooks come and go, one may stand on two pages.
            news = {each.id: each for each in page.data if each.id not in found}
            if page.data and not news:
                raise WrongServer(
                    f"{asked(response.request)} answered with a page that it had given before: not all may be there.",
                    remedy="Check intermediaries (proxy, gateway, cache): one drops or ignores '?page='.",
                )
            found |= news
            number, more = number + 1, page.pagination.hasNext and bool(page.data)
        return tuple(found[key] for key in sorted(found))

    def webhook_secret(self) -> Secret:
        # 64 characters.
        return PlainSecret(secrets.token_urlsafe(48))

    async def create_webhook(
        self, client_id: str, body: Representation, key: str, secret: Secret | None = None
    ) -> Endpoint:
        whole = {**body, **({"secret": secret.reveal()} if secret else {})}
        return _read(Endpoint, await self._ask(client_id, "POST", _WEBHOOKS, headers=_keyed(key), json=whole))

    async def update_webhook(self, client_id: str, live: Endpoint, patch: Representation, key: str) -> None:
        headers = _keyed(key) | {"If-Match": f'"{live.version}"'}
        await self._ask(client_id, "PATCH", _webhook(live.id), headers=headers, json=patch)

    async def delete_webhook(self, client_id: str, endpoint_id: str, key: str) -> None:
        await self._ask(client_id, "DELETE", _webhook(endpoint_id), headers=_keyed(key))

    async def _ask(self, client_id: str, method: str, path: str, **content: Any) -> httpx.Response:
        """Return the answer to a request with the client's own token; ``content`` is httpx's."""
        auth = self._auth.setdefault(
            client_id, BearerAuth(CachedToken(lambda: self._token(client_id), self._clock, Unreachable))
        )
        try:
            return await self.http.request(method, path, auth=auth, **content)
        except AccessRefused as error:
            # The token may be older than the membership that an apply has just restored.
            self._auth.pop(client_id, None)
            # It is the client that is refused here, not the reconciler.
            cause = error.__cause__
            status, code = (cause.status, cause.code) if isinstance(cause, RequestFailed) else (None, "")
            remedy = takes_no_token(self._realm) if status == HTTPStatus.UNAUTHORIZED else ""
            raise RequestFailed(error.message, status=status, code=code, remedy=remedy) from error

    async def _token(self, client_id: str) -> Token:
        secret = self._vault.current(client_id)
        if secret is None:
            raise RequestFailed(
                f"The secret of {client_id} cannot be read in Keycloak.",
                code="no-secret",
                remedy="See README, A login with the least privileges.",
            )
        return await client_token(self._token_http, self._realm, client_id, secret)


def _webhook(endpoint_id: str) -> str:
    return f"{_WEBHOOKS}/{quote(endpoint_id, safe='')}"


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def _read(model: type[_Model], response: httpx.Response) -> _Model:
    """Return an answer in the documented shape.

    Raises:
        WrongServer: It is of another.
    """
    try:
        # Text is validated as the JSON that it is: a list in it is a tuple of ours.
        return model.model_validate_json(json.dumps(response.json()))
    except ValidationError as error:
        # Only where it is wrong, never what it holds: an answer to a creation holds a secret.
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
        detail = f" (see {fields})" if fields else ""
    except (ValueError, RecursionError):
        detail = ": it is no JSON"
    raise WrongServer(
        f"{asked(response.request)} returned an undocumented answer{detail}.",
        remedy="Check NT24_API_URL and intermediaries (proxy, gateway, mock). Without the platform: --no-effective.",
    )


@asynccontextmanager
async def connect(
    api: Connection, keycloak: Connection, realm: str, vault: SecretVault, clock: Clock, tape: Tape = LIVE
) -> AsyncIterator[NovatradeApi]:
    """Open the platform API; tokens come from ``realm`` of Keycloak."""
    # Each write of ours to the platform carries an idempotency key: repeating it does nothing more.
    tokens = keycloak.for_tokens()
    async with ApiClient(tokens, retry_post=True) as token_http, ApiClient(api, retry_post=True) as http:
        yield NovatradeApi(http, token_http, realm, vault, clock, tape)
