"""The secrets of clients that were just created are delivered, or it is said that they are not."""

import pytest

from reconciler.adapters.vault import PlainSecret
from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.errors import SinkFailed
from reconciler.model.outcome import Applied, Status
from reconciler.model.value import Representation
from reconciler.ports import Secret, SecretApi, SecretSink, Systems
from tests.builders import ACME_CLIENT, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

MANIFESTS = desired(an_organization("acme"))


class OneSecret(SecretApi):
    async def secrets_of(self, client_id: str) -> tuple[Secret | None, Secret | None]:
        return PlainSecret(f"of {client_id}"), None

    async def regenerate_secret(self, uuid: str) -> None: ...

    async def revoke_old_secret(self, uuid: str) -> None: ...

    async def exchange_secrets(self, uuid: str, client_id: str, representation: Representation) -> None: ...

    async def logins(self, client_id: str) -> tuple[Representation, ...]:
        return ()


class Shelf(SecretSink):
    title = "a shelf"

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.kept: dict[Address, str] = {}

    async def check(self) -> None: ...

    async def deliver(self, name: Address, secret: Secret) -> str:
        if self.full:
            raise SinkFailed("The shelf is full.")
        self.kept[name] = secret.reveal()
        return self.title


async def apply(world: World, sink: Shelf) -> Applied:
    systems = Systems(world.keycloak, None, world.clock, sink, OneSecret())
    return await workflow.apply(await world.plan(MANIFESTS), systems, world.journal, world.progress, 4)


async def test_the_secret_of_a_new_client_is_delivered() -> None:
    world, shelf = await World(effective=False).settled(desired(realm=a_realm())), Shelf()
    assert (await apply(world, shelf)).is_complete
    assert shelf.kept == {ACME_CLIENT: "of api-client-acme"}
    assert (str(ACME_CLIENT), "deliver-secret", "DONE", "") in world.journal.entries


async def test_the_secret_of_a_client_that_was_there_stays_where_it_is() -> None:
    world, shelf = await World(effective=False).settled(desired(realm=a_realm())), Shelf()
    await world.settled(MANIFESTS)
    await apply(world, shelf)
    assert shelf.kept == {}


async def test_a_delivery_that_fails_says_how_to_do_it_again() -> None:
    world = await World(effective=False).settled(desired(realm=a_realm()))
    applied = await apply(world, Shelf(full=True))
    (failed,) = [outcome for outcome in applied.outcomes if outcome.status is Status.FAILED]
    assert failed.change.address == ACME_CLIENT
    assert "its secret was not delivered: The shelf is full." in failed.detail
    assert failed.remedy == "It is not lost: reconciler rotate deliver api-client-acme."
