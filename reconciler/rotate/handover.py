"""Deliver the current secret, prove what works, and note it. Nothing is lost where it fails: it can be done again."""

from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.errors import RequestFailed
from reconciler.model.rotation import Phase, RotationMark, RotationStep, epoch
from reconciler.ports import SecretSink
from reconciler.rotate.tools import Tools, until_text


async def hand_over(tools: Tools, address: Address) -> tuple[str, ...]:
    """Deliver the current secret, prove it, and the old one where there is one, and return what to tell.

    Raises:
        SinkFailed: It was not delivered.
        RequestFailed: It was delivered, but is not accepted.
    """
    live, _ = await tools.read(address)
    current, old = await tools.secrets.secrets_of(address.name)
    if current is None:
        raise RequestFailed(
            f"The secret of {address.name} cannot be read in Keycloak.",
            remedy="Give the reconciler's login the role view-clients of the client realm-management.",
        )
    said: list[str] = []
    if tools.sink is not None:
        sink: SecretSink = tools.sink
        where = await tools.step(address, RotationStep.DELIVER_SECRET, lambda: sink.deliver(address, current))
        said.append(f"the current secret is delivered to {where}")
    if not live.enabled:
        return (*said, "the client is disabled, so the secret was not tested")
    now = tools.clock.now()
    alive = live.times.old_is_alive(now) and old is not None

    async def prove() -> str | None:
        await tools.prove(address, current, "current")
        if alive:
            await tools.prove(address, old, "old")
        return await tools.proof.ask_platform(address.name, current)

    refusal = await tools.step(address, RotationStep.PROVE_SECRET, prove)
    said.append("both secrets are accepted" if alive else "it is accepted")
    said.append(platform_text(refusal))
    if live.phase is Phase.SETTLED:
        return tuple(said)
    mark = replace(live.mark or RotationMark(int(now.timestamp())), delivered=epoch(live.times.created))
    await tools.mark(address, mark)
    if alive:
        which = "abandoned" if mark.aborted else "old"
        said.append(f"the {which} secret is valid {until_text(live.times.old_expires, now)}; end it by rotate confirm")
    elif live.times.old_is_alive(now):
        said.append(f"an old secret is valid {until_text(live.times.old_expires, now)}; it cannot be read: not tested")
    else:
        said.append("there is no old secret")
    return tuple(said)


def platform_text(refusal: str | None) -> str:
    """Return what the platform said of the secret's token: None is not asked, empty is no refusal."""
    if refusal is None:
        return "GET /v1/me was not called (--no-effective)"
    return f"GET /v1/me refuses the client for another reason: {refusal}" if refusal else "GET /v1/me answers"
