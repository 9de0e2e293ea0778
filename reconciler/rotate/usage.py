"""Prove that nobody uses the old secret: close it on trial, and watch the client's recorded logins.

Keycloak's login event names the client, the address and the token, but not which secret was used (CLIENT_LOGIN and its
details, measured on 26.7.5). While both secrets are accepted nothing can tell who uses which. With the old one closed,
a login that succeeds was made with the new one, and one that fails is somebody who still has the old one. Closing is
undone by writing the old secret's end back: by this run however it ends, by a watchdog should it be killed or lose its
lock, and where the whole machine is lost by the next run that writes, on any machine.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Final

from reconciler.kinds.client.secret_times import CLOSED, OLD_EXPIRES, is_closed, times_of
from reconciler.model.address import Address
from reconciler.model.errors import GuardRefused, RequestFailed
from reconciler.model.layout import ROTATION_MARK
from reconciler.model.rotation import ClientRotation, Phase, RotationMark, RotationStep, epoch
from reconciler.model.value import Representation
from reconciler.ports import AdminApi, Secret
from reconciler.rotate.tools import Tools, write_mark

_PAUSE: Final = 1.0
"""Seconds between two looks at the events."""
_SETTLING: Final = 15.0
"""Seconds until our own login must show in the events."""
_LOGIN: Final = "CLIENT_LOGIN"
_FAILURE: Final = "CLIENT_LOGIN_ERROR"


# docs/decisions.md, 35 and 39: why only a trial tells who uses the old secret, and why it has a watchdog.
@asynccontextmanager
async def trial(tools: Tools, live: ClientRotation) -> AsyncIterator[None]:
    """Keep the old secret closed meanwhile; it is open again however that ends, unless it was revoked.

    Raises:
        GuardRefused: Nothing could be seen.
    """
    _check_events(tools)
    watchdog = await tools.watchdog(live.address)
    try:
        await _close(tools, live)
        yield
    finally:
        # Also where the run is interrupted. Where this fails, the watchdog is not dismissed, and goes on trying.
        await asyncio.shield(undo_trial(tools, live.address))
        await watchdog.dismiss()


async def prove_disuse(
    tools: Tools, address: Address, current: Secret | None, old: Secret | None, seconds: float
) -> str:
    """Watch the logins for so many seconds, with the old secret closed, and return what was seen.

    Raises:
        GuardRefused: Somebody still uses the old secret, or nobody was seen to use the new one.
    """
    own = await _own_login(tools, address, current, old)
    started = tools.clock.monotonic()
    tools.say(address, f"the old secret is disabled on trial; watching logins for {seconds:.0f} s")
    while True:
        events = await _logins_since(tools, address, own)
        _refuse_failures(address, events)
        if tools.clock.monotonic() - started >= seconds:
            break
        for gate in tools.gates:
            await gate.check()
        await tools.clock.sleep(min(_PAUSE, seconds))
    if not events:
        raise GuardRefused(
            f"No login of {address.name} was seen within {seconds:.0f} s: nothing shows that it has "
            "switched. The old secret is enabled again.",
            remedy="Watch longer (--watch), or check the system yourself and confirm without --require-usage.",
        )
    where = ", ".join(sorted({str(event.get("ipAddress")) for event in events}))
    return f"{len(events)} logins with the new secret (from {where}), none with the old one, in {seconds:.0f} s"


def _check_events(tools: Tools) -> None:
    realm = tools.realm.representation
    kinds = realm.get("enabledEventTypes") or [_LOGIN, _FAILURE]
    if realm.get("eventsEnabled") and {_LOGIN, _FAILURE} <= set(kinds):
        return
    raise GuardRefused(
        "The realm does not record its clients' logins: the use of the old secret cannot be detected.",
        remedy="Declare loginEvents: {enabled: true} in the manifest of kind: Realm, and apply it; or switch on user "
        "events in Keycloak, with the types Client login and Client login error; or confirm without --require-usage.",
    )


async def _close(tools: Tools, live: ClientRotation) -> None:
    _, found = await tools.read(live.address)
    begun = int(tools.clock.now().timestamp())
    mark = replace(live.mark or RotationMark(begun), closed_from=epoch(live.times.old_expires))
    closed = {OLD_EXPIRES: CLOSED}
    await tools.step(
        live.address, RotationStep.CLOSE_OLD_SECRET, lambda: write_mark(tools.admin, found, mark, **closed)
    )


async def undo_trial(tools: Tools, address: Address) -> bool:
    """Open the old secret again if a trial has closed it, and tell whether one had."""
    live, _ = await tools.read(address)
    if live.phase is not Phase.TRIAL:
        return False
    # Not a step: an interruption must not keep the old secret closed. Where the lock is lost, this fails, and the
    # watchdog opens the secret once it has the lock.
    tools.journal.record(address, RotationStep.REOPEN_OLD_SECRET, "STARTED")
    await open_again(tools.admin, address.name)
    tools.journal.record(address, RotationStep.REOPEN_OLD_SECRET, "DONE")
    return True


async def open_again(admin: AdminApi, client_id: str) -> bool:
    """Let an old secret that a trial has closed live until the end that it had, and tell whether one was closed."""
    live = await admin.find_client(client_id)
    attributes = (live or {}).get("attributes") or {}
    mark = RotationMark.parse(attributes.get(ROTATION_MARK))
    if live is None or mark is None or not is_closed(times_of(live), mark):
        return False
    opened = {OLD_EXPIRES: str(mark.closed_from)}
    await write_mark(admin, live, replace(mark, closed_from=0), **opened)
    return True


async def _own_login(tools: Tools, address: Address, current: Secret | None, old: Secret | None) -> Representation:
    """Prove that the old secret is closed, and find our own login with the new one among the events."""
    if old is not None and (await tools.proof.try_login(address.name, old)).accepted:
        raise RequestFailed(f"The old secret of {address.name} is accepted although it is disabled.")
    token_id = await tools.prove(address, current, "current")
    started = tools.clock.monotonic()
    while tools.clock.monotonic() - started <= _SETTLING:
        for event in await tools.secrets.logins(address.name):
            if _token_id(event) == token_id:
                return event
        await tools.clock.sleep(_PAUSE)
    raise GuardRefused(
        f"Our own login as {address.name} does not appear in Keycloak's events, so they prove nothing.",
        remedy="Check the realm's user events and their expiration, or confirm without --require-usage.",
    )


async def _logins_since(tools: Tools, address: Address, own: Representation) -> list[Representation]:
    """Return what came after our own login; Keycloak lists the newest first."""
    listed = await tools.secrets.logins(address.name)
    later = takewhile(lambda event: _token_id(event) != _token_id(own), listed)
    return [event for event in later if int(event["time"]) >= int(own["time"])]


def _token_id(event: Representation) -> Any:
    return (event.get("details") or {}).get("token_id")


def _refuse_failures(address: Address, events: Iterable[Representation]) -> None:
    failed = [event for event in events if event["type"] == _FAILURE]
    if not failed:
        return
    at = datetime.fromtimestamp(int(failed[-1]["time"]) / 1000, UTC)
    raise GuardRefused(
        f"The old secret of {address.name} is still in use: a login from "
        f"{failed[-1].get('ipAddress')} failed at {at:%H:%M:%S} UTC ({failed[-1].get('error')}). "
        "The old secret is enabled again.",
        remedy="Switch that system to the new secret, then confirm again.",
    )
