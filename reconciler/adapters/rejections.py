"""Name the client policies that make Keycloak reject requests about clients, reads included (measured on 26.7.5)."""

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import httpx

from reconciler.kinds.realm.client_policies import rejecting
from reconciler.model.errors import ReconcilerError

if TYPE_CHECKING:
    from reconciler.adapters.http import ApiClient

_OF_CLIENTS: Final = re.compile(r"(/admin/realms/[^/]+)/clients(?:[/?]|$)")
_SAID: Final = "Request not allowed"
"""What Keycloak answers where the executor ``reject-request`` holds, and by what alone it can be told."""


async def explain_rejection(http: "ApiClient", request: httpx.Request, error: ReconcilerError) -> str:
    """Return the way out where a client policy rejected the request; empty where none is known to have."""
    found = _OF_CLIENTS.match(request.url.raw_path.decode())
    if found is None or _SAID not in error.message:
        return ""
    path = f"{found[1]}/client-policies"
    try:
        answers = await asyncio.gather(
            http.get(f"{path}/policies"), http.get(f"{path}/profiles", params={"include-global-profiles": True})
        )
        policies, profiles = (answer.json() for answer in answers)
        names = rejecting(_items(policies, "policies"), _items(profiles, "profiles", "globalProfiles"))
    except (ReconcilerError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        names = ()
    which = ": " + ", ".join(f"'{name}'" for name in names) if names else ""
    return (
        f"The realm's client policies reject it (executor reject-request{which}), and reads of a client as well. "
        "Disable them in Keycloak, or let them hold for fewer clients: not for Keycloak's own, integrations' or the "
        "reconciler's."
    )


def _items(answer: Any, *keys: str) -> list[dict[str, Any]]:
    found = [each for key in keys for each in (answer.get(key) or ())] if isinstance(answer, dict) else []
    return [each for each in found if isinstance(each, dict)]
