"""Where Keycloak is, if it is not at the URL that was given: the console's address, ``/auth`` missing or too much."""

from typing import Final

import httpx

from reconciler.adapters.http import ApiClient
from reconciler.model.errors import ReconcilerError
from reconciler.model.url import segment

_LEGACY: Final = "/auth"


async def elsewhere(http: ApiClient, realm: str) -> str:
    """Return the URL at which Keycloak answers on the same machine; empty where that is the one given, or none."""
    given = str(http.base_url).rstrip("/")
    for base in _candidates(httpx.URL(given)):
        if base == given:
            continue
        try:
            found = (await http.get(f"{base}/realms/{segment(realm)}")).json()
        except (ReconcilerError, ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "token-service" in found:
            return base
    return ""


def _candidates(url: httpx.URL) -> list[str]:
    origin = f"{url.scheme}://{url.netloc.decode()}"
    path = url.path.rstrip("/")
    above = [path[: path.index(part)] for part in ("/admin", "/realms") if part in path]
    return [*dict.fromkeys(origin + each for each in (*above, "", _LEGACY, path + _LEGACY))]
