"""Access tokens over our own HTTP client; who shares and replaces them is :mod:`nt24_tokens.cached`."""

from collections.abc import Mapping
from typing import Final

from nt24_tokens.token import Token, token_of, token_path
from reconciler.adapters.http import ApiClient, not_its_own
from reconciler.adapters.redaction import remember
from reconciler.adapters.request_log import asked
from reconciler.model.errors import AccessRefused, RequestFailed
from reconciler.ports import Secret

_SECRETS: Final = ("client_secret", "password", "client_assertion")
"""Fields of a token request that nobody else may see."""


async def client_token(http: ApiClient, realm: str, client_id: str, secret: Secret) -> Token:
    """Ask for a token of a client by its secret; see :func:`fetch_token`."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret.reveal()}
    return await fetch_token(http, realm, form)


async def fetch_token(http: ApiClient, realm: str, form: Mapping[str, str]) -> Token:
    """Ask the realm's token endpoint.

    Raises:
        AccessRefused: The credentials are not accepted; the cause carries the OAuth error.
    """
    path = token_path(realm)
    remember(*(form.get(field) for field in _SECRETS))
    try:
        response = await http.post(path, data=dict(form))
    except RequestFailed as error:
        refused = AccessRefused(error.message)
        raise refused from error
    try:
        token = token_of(response.json())
    except (ValueError, RecursionError):
        raise not_its_own(http.system, response, asked(response.request)) from None
    remember(token.value)
    return token
