"""What is called like a step in a path cannot be removed: the change that would is blocked, and says why."""

import pytest

from reconciler.model.change import Action
from tests.builders import ACME, ACME_CLIENT, a_realm, an_organization, desired
from tests.fakes.world import World
from tests.scenarios.situations import UNSHARED

DECLARED = desired(an_organization(), realm=a_realm())

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", [".", "..", "a/../b", "node"])
async def test_a_node_that_no_request_can_name_blocks_its_client(name: str) -> None:
    world = await World().settled(DECLARED)
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    await world.keycloak.update_client(client["id"], {**client, "registeredNodes": {name: 1}})
    (change,) = (await world.plan(DECLARED)).changes
    assert change.address == ACME_CLIENT
    expected = (
        "" if name == "node" else f"the cluster node '{name}' cannot be removed: no request can address that name"
    )
    assert change.blocked.startswith(expected)
    assert bool(change.blocked) is bool(expected)
    # Its deletion takes the node along.
    (_, gone) = sorted((await world.plan(desired(realm=a_realm()))).changes, key=lambda each: each.address.kind)
    assert (gone.action, gone.blocked) == (Action.DELETE, "")


async def test_an_identity_provider_that_no_request_can_name_blocks_only_where_it_would_be_removed() -> None:
    world = await World().settled(DECLARED)
    world.keycloak.by_hand.link_identity_provider("..", "acme")
    assert (await world.plan(DECLARED)).changes == ()
    world.expected = UNSHARED
    (change,) = (await world.plan(DECLARED)).changes
    assert change.address == ACME
    assert change.blocked.startswith("the identity provider '..' cannot be removed")
