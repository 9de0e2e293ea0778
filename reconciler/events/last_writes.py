"""Ask Keycloak's record when organizations were last written: what differs long after that is no lag."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.events.catalogue import paths_of
from reconciler.events.reading import EventQuery, read_events
from reconciler.model.observed import Snapshot
from reconciler.model.touch import Thing
from reconciler.ports import AdminApi

_MOST: Final = 100
"""Organizations that are asked for; where more differ, the cause is none of theirs."""


async def observe_last_writes(admin: AdminApi, snapshot: Snapshot, aliases: Iterable[str]) -> Mapping[str, datetime]:
    """Return by alias when an admin event last named the organization or its members, as far as one is recorded."""
    wanted = [alias for alias in sorted(set(aliases)) if alias in snapshot.organizations][:_MOST]
    found = await asyncio.gather(*(_last_write(admin, snapshot.organizations[alias].id) for alias in wanted))
    return {alias: moment for alias, moment in zip(wanted, found, strict=True) if moment is not None}


async def _last_write(admin: AdminApi, organization_id: str) -> datetime | None:
    path = paths_of(Thing.ORGANIZATION, organization_id)
    answer = await read_events(admin, EventQuery(path=path, newest=1, keys=()))
    return datetime.fromtimestamp(answer.events[0].time / 1000, UTC) if answer.events else None
