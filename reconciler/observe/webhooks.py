"""Ask the platform for the webhooks of the organizations that have some, each through a client of its own."""

import asyncio
from collections.abc import Mapping
from typing import Final

from reconciler.kinds.webhook.representation import MARKS, usable_clients
from reconciler.model.errors import LiveSystemError, RequestFailed
from reconciler.model.layout import OWNER_MARK
from reconciler.model.observed import Endpoint, OrganizationObservation, ReadFailure, Snapshot
from reconciler.observe.effective import mocked
from reconciler.observe.scope import Scope
from reconciler.ports import PlatformApi

NO_CLIENT: Final = "no-client"


async def observe_webhooks(
    platform: PlatformApi, scope: Scope, snapshot: Snapshot
) -> Mapping[str, tuple[Endpoint, ...] | ReadFailure]:
    """Return the endpoints of each live organization that declares webhooks, or carries our marks of some."""
    aliases = [
        alias
        for alias, live in snapshot.organizations.items()
        if scope.wants_organization(alias) and (scope.all_webhooks or alias in scope.webhooks or _has_ours(live, scope))
    ]
    if aliases and await platform.is_mock():
        return {alias: mocked() for alias in aliases}
    usable = usable_clients(snapshot.clients.values()) if aliases else {}
    found = await asyncio.gather(*(_ask(platform, alias, scope, usable.get(alias, [])) for alias in aliases))
    return dict(zip(aliases, found, strict=True))


def _has_ours(live: OrganizationObservation, scope: Scope) -> bool:
    owners = (live.representation.get("attributes") or {}).get(OWNER_MARK) or ()
    return scope.owner in owners and MARKS.are_on(live.representation)


async def _ask(
    platform: PlatformApi, alias: str, scope: Scope, usable: list[str]
) -> tuple[Endpoint, ...] | ReadFailure:
    candidates = [*(each for each in scope.webhooks.get(alias, ()) if each in usable), *usable]
    if not candidates:
        return ReadFailure(
            f"webhooks of organization/{alias}", "none of its clients is there and enabled", code=NO_CLIENT
        )
    try:
        return await platform.webhooks(candidates[0])
    except (RequestFailed, LiveSystemError) as error:
        code = error.code if isinstance(error, RequestFailed) else "unreachable"
        return ReadFailure(f"webhooks of organization/{alias}, as {candidates[0]}", error.message, error.remedy, code)
