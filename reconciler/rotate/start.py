"""Start a rotation: a new secret beside the old one, delivered and tried. It goes on where a killed run stopped."""

from datetime import timedelta

from reconciler.kinds.realm.rotation_policy import in_force, why_none
from reconciler.model.address import Address
from reconciler.model.duration import text_of
from reconciler.model.errors import GuardRefused, OutcomeUnknown
from reconciler.model.rotation import ClientRotation, Phase, RotationMark, RotationStep, epoch
from reconciler.model.value import Representation
from reconciler.rotate.handover import hand_over
from reconciler.rotate.tools import Tools, until_text

_DECLARE = (
    "Declare it in the manifest of kind: Realm, and apply it, or ask whoever does: it holds for all owners there: "
    "spec: {{secretRotation: {{expiration: 365d, overlap: {overlap}}}}}. It needs the server's feature "
    "client-secret-rotation."
)


async def start(tools: Tools, address: Address, overlap: int | None, *, abandon_old: bool) -> tuple[str, ...]:
    """Make a new secret, deliver it, prove that both work, and return what to tell.

    ``overlap`` is for how many seconds the old secret must stay valid, as the manifest says. With ``abandon_old``, an
    old secret that is still alive is given up.

    Raises:
        GuardRefused: The old secret would die at once or too soon, or another one would be killed.
        SinkFailed: The new secret could not be delivered; ``deliver`` tries again.
    """
    live, found = await tools.read(address)
    if live.phase is Phase.UNDELIVERED and not abandon_old:
        tools.say(address, "resuming an interrupted rotation")
        return await hand_over(tools, address)
    _refuse_second(live, tools, abandon_old=abandon_old)
    _refuse_disabled(live)
    _check_policy(tools, live, found, overlap)
    if tools.sink is not None:
        await tools.step(address, RotationStep.CHECK_SINK, tools.sink.check)
    await _regenerate(tools, live)
    return await hand_over(tools, address)


def _refuse_second(live: ClientRotation, tools: Tools, *, abandon_old: bool) -> None:
    if abandon_old or live.phase in {Phase.SETTLED, Phase.STARTING, Phase.ENDED}:
        return
    since = f"{live.times.rotated_at:%Y-%m-%d %H:%M} UTC" if live.times.rotated_at else "some time"
    whose = " by somebody else" if live.phase is Phase.FOREIGN else ""
    raise GuardRefused(
        f"{live.address} was rotated{whose}: its old secret is still valid, beside the new one since {since} "
        f"{until_text(live.times.old_expires, tools.clock.now())}. Another new secret would invalidate it.",
        remedy="End that rotation first: reconciler rotate confirm, or abort. --abandon-old discards the old secret.",
    )


def _refuse_disabled(live: ClientRotation) -> None:
    if not live.enabled:
        raise GuardRefused(
            f"{live.address} is disabled: its secrets cannot be tested.", remedy="Enable it, or exclude it."
        )


def _check_policy(tools: Tools, live: ClientRotation, found: Representation, overlap: int | None) -> None:
    periods = in_force(tools.realm, found.get("attributes") or {})
    remedy = _DECLARE.format(overlap=text_of(overlap or 172_800))
    if periods is None or not periods.overlap:
        raise GuardRefused(
            f"No rotation policy of the realm holds for {live.address}: its old secret would be invalid at once.",
            remedy=why_none(tools.realm, found.get("attributes") or {}) or remedy,
        )
    if overlap is not None and periods.overlap < timedelta(seconds=overlap):
        given = text_of(int(periods.overlap.total_seconds()))
        raise GuardRefused(
            f"The realm's rotation policy keeps an old secret for {given}; {live.address} is declared with "
            f"an overlap of {text_of(overlap)}.",
            remedy=remedy,
        )


async def _regenerate(tools: Tools, live: ClientRotation) -> None:
    address, uuid = live.address, live.uuid
    if live.times.rotated_at is not None:
        # From here on an old secret beside the current one means: the new one was made.
        await tools.step(address, RotationStep.DROP_OLD_SECRET, lambda: tools.secrets.revoke_old_secret(uuid))
    begun = int(tools.clock.now().timestamp())
    await tools.mark(address, RotationMark(begun, epoch(live.times.created), epoch(live.times.expires)))
    marked, _ = await tools.read(address)
    if marked.times.rotated_at is None:
        # Keycloak makes a new secret by itself where one that has expired is written.
        try:
            await tools.step(address, RotationStep.REGENERATE_SECRET, lambda: tools.secrets.regenerate_secret(uuid))
        except OutcomeUnknown:
            if (await tools.read(address))[0].times.rotated_at is None:
                raise
    after, _ = await tools.read(address)
    if after.times.rotated_at is None:
        tools.say(address, "Keycloak did not keep the old secret")
