"""End a rotation: the old secret dies, after proof that the new one works, and with proof that it is dead."""

from reconciler.model.address import Address
from reconciler.model.errors import GuardRefused, RequestFailed
from reconciler.model.rotation import ClientRotation, Phase, RotationStep
from reconciler.ports import Secret
from reconciler.rotate.handover import platform_text
from reconciler.rotate.tools import Tools
from reconciler.rotate.usage import prove_disuse, trial


async def confirm(tools: Tools, address: Address, trial_seconds: float | None) -> tuple[str, ...]:
    """Revoke the old secret, and return what to tell; with ``trial_seconds``, only after proof that nobody uses it.

    Raises:
        GuardRefused: The new secret was never delivered, or the old one is still used.
        RequestFailed: The new secret is not accepted, or the old one still is.
    """
    live, _ = await tools.read(address)
    if live.phase is Phase.SETTLED:
        return ("there is no rotation to confirm",)
    if live.phase is Phase.STARTING:
        await tools.mark(address, None)
        return ("no new secret was created; there is nothing to confirm",)
    if live.phase in {Phase.UNDELIVERED, Phase.FOREIGN}:
        raise GuardRefused(
            f"{address}: it is not certain that the new secret was delivered.",
            remedy="Deliver it first: reconciler rotate deliver; or go back: reconciler rotate abort.",
        )
    current, old = await tools.secrets.secrets_of(address.name)
    proven = await _prove_current(tools, live, current)
    if trial_seconds is None or live.phase is not Phase.OVERLAP:
        return (proven, *await _revoke(tools, live, current, old))
    async with trial(tools, live):
        seen = await prove_disuse(tools, address, current, old, trial_seconds)
        return (proven, seen, *await _revoke(tools, live, current, old))


async def _prove_current(tools: Tools, live: ClientRotation, current: Secret | None) -> str:
    async def prove() -> str | None:
        await tools.prove(live.address, current, "current")
        return await tools.proof.ask_platform(live.address.name, current) if current is not None else None

    refusal = await tools.step(live.address, RotationStep.PROVE_SECRET, prove)
    return f"the current secret is accepted; {platform_text(refusal)}"


async def _revoke(tools: Tools, live: ClientRotation, current: Secret | None, old: Secret | None) -> tuple[str, ...]:
    address = live.address
    await tools.step(address, RotationStep.REVOKE_OLD_SECRET, lambda: tools.secrets.revoke_old_secret(live.uuid))
    if old is not None and (await tools.proof.try_login(address.name, old)).accepted:
        raise RequestFailed(
            f"The old secret of {address.name} is still accepted after it was revoked.",
            remedy="Keycloak's nodes may need some time; run rotate confirm again.",
        )
    await tools.prove(address, current, "current")
    _, left = await tools.secrets.secrets_of(address.name)
    if left is not None:
        raise RequestFailed(f"Keycloak still has an old secret of {address.name}.", remedy="Run rotate confirm again.")
    await tools.mark(address, None)
    # Where a killed run had revoked it already, its value is gone with it: that there is none is all that can be seen.
    return ("the old secret is revoked" if old is not None else "there is no old secret",)
