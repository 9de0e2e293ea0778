"""A rotation that is killed anywhere shuts nobody out, loses no secret, and is gone on with by the same command."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from reconciler.kinds.realm import representation as realm
from reconciler.model.address import Address
from reconciler.model.errors import GuardRefused
from reconciler.model.manifest import LoginEvents, SecretRotation
from reconciler.model.rotation import Phase, epoch
from reconciler.rotate.abort import abort
from reconciler.rotate.confirm import confirm
from reconciler.rotate.start import start
from reconciler.rotate.tools import Tools
from reconciler.rotate.usage import open_again, undo_trial
from tests.builders import ACME_CLIENT, OWNER, a_realm, an_organization, desired
from tests.fakes.proof import FakeProof
from tests.fakes.traffic import Killed
from tests.fakes.world import World

DAY = 86_400
WANTED = desired(
    an_organization(),
    realm=a_realm(login_events=LoginEvents(), rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY)),
)
NAME = ACME_CLIENT.name


class Nobody:
    """A watchdog that has nothing to do: what becomes of a trial is told by the test."""

    async def dismiss(self) -> None:
        """Go."""


@dataclass
class Shop:
    """One client with what its rotations need."""

    world: World
    tools: Tools

    @classmethod
    async def open(cls) -> "Shop":
        world = await World(effective=False).settled(WANTED)
        found = await realm.read(world.keycloak)
        assert found is not None

        async def watchdog(_: Address) -> Nobody:
            return Nobody()

        tools = Tools(
            admin=world.keycloak, secrets=world.keycloak, proof=FakeProof(world.keycloak), sink=world.sink,
            clock=world.clock, journal=world.journal, gates=(), realm=found, owner=OWNER,
            say=lambda address, text: None, watchdog=watchdog,
        )  # fmt: skip
        world.keycloak.traffic.forget()
        return cls(world, tools)

    @property
    def current(self) -> str:
        return self.world.keycloak.store.secrets[self._uuid]

    @property
    def old(self) -> str | None:
        return self.world.keycloak.store.old_secrets.get(self._uuid)

    @property
    def _uuid(self) -> str:
        client = self.world.keycloak.store.client_named(NAME)
        assert client is not None
        return str(client["id"])

    @property
    def delivered(self) -> str | None:
        return self.world.sink.kept.get(str(ACME_CLIENT))

    def accepts(self, secret: str | None) -> bool:
        return secret is not None and self.world.keycloak.by_hand.log_in(NAME, secret) is not None

    async def phase(self) -> Phase:
        return (await self.tools.read(ACME_CLIENT))[0].phase

    async def started(self) -> None:
        await start(self.tools, ACME_CLIENT, None, abandon_old=False)

    async def confirmed(self) -> None:
        await confirm(self.tools, ACME_CLIENT, None)

    async def confirmed_after_a_trial(self) -> None:
        """Confirm while a system logs in with the new secret whenever somebody looks."""
        clock, sleep, new = self.world.clock, self.world.clock.sleep, self.current

        async def working(seconds: float) -> None:
            await sleep(seconds)
            self.world.keycloak.by_hand.log_in(NAME, new)

        clock.sleep = working  # type: ignore[method-assign]
        try:
            await confirm(self.tools, ACME_CLIENT, 3.0)
        finally:
            clock.sleep = sleep  # type: ignore[method-assign]

    async def refused_after_a_trial(self) -> None:
        """Confirm while nobody logs in."""
        with pytest.raises(GuardRefused):
            await confirm(self.tools, ACME_CLIENT, 3.0)

    async def aborted(self) -> None:
        await abort(self.tools, ACME_CLIENT)


Act = Callable[[Shop], Awaitable[None]]
ACTS: dict[str, tuple[tuple[Act, ...], Act, Phase]] = {
    "start": ((), Shop.started, Phase.OVERLAP),
    "confirm": ((Shop.started,), Shop.confirmed, Phase.SETTLED),
    "confirm after a trial": ((Shop.started,), Shop.confirmed_after_a_trial, Phase.SETTLED),
    "a trial that is refused": ((Shop.started,), Shop.refused_after_a_trial, Phase.OVERLAP),
    "abort": ((Shop.started,), Shop.aborted, Phase.OVERLAP),
    "confirm after an abort": ((Shop.started, Shop.aborted), Shop.confirmed, Phase.SETTLED),
}
"""What was done before, what is killed, and how far the rotation is in the end."""


async def shop_after(before: tuple[Act, ...]) -> Shop:
    shop = await Shop.open()
    for each in before:
        await each(shop)
    shop.world.keycloak.traffic.forget()
    return shop


async def undisturbed(name: str) -> int:
    """Return how many requests the act takes."""
    before, act, phase = ACTS[name]
    shop = await shop_after(before)
    await act(shop)
    requests = shop.world.keycloak.traffic.total
    assert await shop.phase() is phase
    return requests


async def killed(name: str, nth: int, *, late: bool) -> None:
    """Kill the act at its nth request, and go on with it."""
    before, act, phase = ACTS[name]
    shop = await shop_after(before)
    known = {shop.current, shop.old, shop.delivered} - {None}
    shop.world.keycloak.traffic.kill(nth=nth, after=late)
    with pytest.raises(Killed):
        await act(shop)
    shop.world.keycloak.traffic.forget()

    assert shop.accepts(shop.current)
    if await shop.phase() is Phase.TRIAL:
        # What the watchdog does; a test on the real server kills the whole command.
        assert await open_again(shop.world.keycloak, NAME)
    assert shop.accepts(shop.old) or shop.old is None
    if not name.startswith("confirm"):
        assert all(map(shop.accepts, known)), "a secret that was in use is refused"

    is_over = await shop.phase() is phase and name in {"start", "confirm", "confirm after a trial"}
    if not is_over:
        await act(shop)
    assert await shop.phase() is phase
    assert shop.accepts(shop.current)
    assert shop.delivered == shop.current or name.startswith("confirm after an abort")


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ACTS)
def test_a_rotation_that_is_killed_at_any_request_shuts_nobody_out(name: str, late: bool) -> None:
    for nth in range(1, asyncio.run(undisturbed(name)) + 1):
        try:
            asyncio.run(killed(name, nth, late=late))
        except BaseException as error:
            error.add_note(f"at request {nth}")
            raise


def test_a_trial_that_nobody_undid_is_undone_by_the_next_run() -> None:
    async def run() -> None:
        shop = await shop_after((Shop.started,))
        old = shop.old
        for nth in range(1, 99):
            shop.world.keycloak.traffic.forget()
            shop.world.keycloak.traffic.kill(nth=nth, after=True)
            with pytest.raises(Killed):
                await shop.confirmed_after_a_trial()
            shop.world.keycloak.traffic.forget()
            if await shop.phase() is Phase.TRIAL:
                break
        assert not shop.accepts(old)
        assert await undo_trial(shop.tools, ACME_CLIENT)
        assert not await undo_trial(shop.tools, ACME_CLIENT)
        assert shop.accepts(old)

    asyncio.run(run())


def test_a_plan_puts_back_an_old_secret_that_a_dead_trial_has_left_closed() -> None:
    async def run() -> None:
        shop = await shop_after((Shop.started,))
        old = shop.old
        live, _ = await shop.tools.read(ACME_CLIENT)
        shop.world.keycloak.store.clients[live.uuid]["attributes"] |= {
            "client.secret.rotated.expiration.time": "1",
            "reconciler/rotation": str(live.mark).replace(
                "closed_from=0", f"closed_from={epoch(live.times.old_expires)}"
            ),
        }
        assert not shop.accepts(old)
        await shop.world.settled(WANTED)
        assert shop.accepts(old)
        assert (await shop.world.plan(WANTED)).is_empty

    asyncio.run(run())
