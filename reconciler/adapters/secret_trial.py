"""Try a client's secrets: at the token endpoint, and at the platform with the token."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Final

from nt24_tokens.token import Token
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.jwt_claims import claims_of
from reconciler.adapters.tokens import client_token
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.model.rotation import LoginTrial
from reconciler.ports import Secret, SecretProof

_ME: Final = "/v1/me"
_WRONG_SECRET: Final = ("unauthorized_client", "invalid client credentials")
"""What Keycloak answers to a wrong secret: the code, and a part of its words (measured on 26.7.5)."""


class TokenProof(SecretProof):
    """Implement the port ``SecretProof``; no token is kept."""

    def __init__(self, token_http: ApiClient, http: ApiClient | None, realm: str) -> None:
        self._token_http = token_http
        self._http = http
        self._realm = realm

    async def try_login(self, client_id: str, secret: Secret) -> LoginTrial:
        try:
            token = await client_token(self._token_http, self._realm, client_id, secret)
        except AccessRefused as error:
            cause = error.__cause__
            code = _code(cause)
            if code == _WRONG_SECRET[0] and _WRONG_SECRET[1] in error.message.lower():
                return LoginTrial(accepted=False, detail=error.message)
            raise RequestFailed(
                f"No secret of {client_id} can be tried: {error.message}", code=code, remedy="Fix that first."
            ) from error
        return LoginTrial(accepted=True, token_id=_token_id(token))

    async def ask_platform(self, client_id: str, secret: Secret) -> str | None:
        if self._http is None:
            return None
        token = await client_token(self._token_http, self._realm, client_id, secret)
        try:
            await self._http.get(_ME, headers={"Authorization": f"Bearer {token.value}"})
        except AccessRefused as error:
            cause = error.__cause__
            if isinstance(cause, RequestFailed) and cause.status == HTTPStatus.UNAUTHORIZED:
                raise RequestFailed(error.message, status=cause.status, code=cause.code) from error
            return error.message
        return ""


def _code(cause: BaseException | None) -> str:
    # The token endpoint's own code is one link further where the status was 401.
    while cause is not None:
        if isinstance(cause, RequestFailed) and cause.code:
            return cause.code
        cause = cause.__cause__
    return ""


def _token_id(token: Token) -> str:
    return str((claims_of(token.value) or {}).get("jti") or "")


@asynccontextmanager
async def connect(keycloak: Connection, api: Connection | None, realm: str) -> AsyncIterator[TokenProof]:
    """Open the token endpoint of the realm and, where wanted, the platform API."""
    async with AsyncExitStack() as opened:
        token_http = await opened.enter_async_context(ApiClient(keycloak.for_tokens(), retry_post=True))
        http = await opened.enter_async_context(ApiClient(api)) if api else None
        yield TokenProof(token_http, http, realm)
