"""Go back: the old secret becomes the current one again, and the new one stays valid beside it until it is revoked.

Keycloak's own "regenerate" cannot do that; writing the client with both secrets exchanged can, in one transaction, and
both stay accepted all along (measured on 26.7.5).
"""

from dataclasses import replace
from datetime import timedelta

from reconciler.kinds.client.secret_times import CREATED, EXPIRES, OLD_EXPIRES
from reconciler.kinds.patch import merged
from reconciler.model.address import Address
from reconciler.model.errors import GuardRefused
from reconciler.model.layout import ROTATION_MARK
from reconciler.model.rotation import ClientRotation, Phase, RotationMark, RotationStep, epoch
from reconciler.model.value import Representation
from reconciler.rotate.handover import hand_over
from reconciler.rotate.tools import Tools

_ROOM = timedelta(hours=1)
"""Before the old secret, as the current one again, may expire: Keycloak replaces one that has expired by itself."""


async def abort(tools: Tools, address: Address) -> tuple[str, ...]:
    """Make the old secret the current one again, deliver and prove it, and return what to tell.

    Raises:
        GuardRefused: There is no old secret that could come back.
    """
    live, _ = await tools.read(address)
    if live.phase is Phase.SETTLED:
        return ("there is no rotation to abort",)
    if live.phase is Phase.STARTING:
        await tools.mark(address, None)
        return ("no new secret was created: the old one is still the current one",)
    if live.phase is Phase.UNDELIVERED and live.mark is not None and live.mark.aborted:
        tools.say(address, "resuming an interrupted abort")
        return await hand_over(tools, address)
    if not live.times.old_is_alive(tools.clock.now()):
        raise GuardRefused(
            f"The old secret of {address} has expired: there is nothing to go back to.",
            remedy="Deliver the current one (rotate deliver), or start a new rotation (rotate start).",
        )
    if tools.sink is not None:
        await tools.step(address, RotationStep.CHECK_SINK, tools.sink.check)
    _, found = await tools.read(address)
    body = _returned(tools, live, found)
    await tools.step(
        address,
        RotationStep.RETURN_TO_OLD_SECRET,
        lambda: tools.secrets.exchange_secrets(live.uuid, address.name, body),
    )
    said = await hand_over(tools, address)
    return ("the old secret is the current one again", *said)


def _returned(tools: Tools, live: ClientRotation, found: Representation) -> Representation:
    """Return the client with the old secret's own times and our mark; the secrets themselves are put in below."""
    now = tools.clock.now()
    mark = live.mark or RotationMark(int(now.timestamp()))
    created = mark.old_created or epoch(live.times.rotated_at)
    # Where it would have expired meanwhile it gets the rest of the window: to expire at once would shut everybody out.
    expires = max(mark.old_expires, epoch(live.times.old_expires), epoch(now + _ROOM))
    if not mark.old_expires:
        expires = max(expires, epoch(live.times.expires))
    noted = replace(
        mark,
        old_created=epoch(live.times.created),
        old_expires=epoch(live.times.expires),
        delivered=0,
        aborted=not mark.aborted,
    )
    attributes = {
        **(found.get("attributes") or {}),
        CREATED: str(created),
        EXPIRES: str(expires),
        OLD_EXPIRES: str(epoch(live.times.old_expires)),
        ROTATION_MARK: str(noted),
    }
    return {**merged(found, {}), "attributes": attributes}
