"""Secrets that Keycloak keeps as plain attributes: a plan says that they are there, and no more."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.app import workflow
from reconciler.kinds.client.fields import ATTRIBUTE
from reconciler.kinds.registry import KINDS
from reconciler.kinds.sent import mapper_sent
from reconciler.model.address import Kind
from reconciler.model.sensitive import SENSITIVE
from reconciler.review.plan_json import plan_json
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

PLANTED = "planted-by-hand-0815"
DECLARED = desired(an_organization(), realm=a_realm())
MAPPER: dict[str, Any] = {
    "name": "m",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {"claim.name": "x", "proxy.password": PLANTED},
}


async def test_what_is_a_secret_by_its_name_is_planned_away_without_being_said() -> None:
    world = await World().settled(DECLARED)
    store = world.keycloak
    client = await store.find_client("api-client-acme")
    acme = await store.find_organization("acme")
    assert client is not None
    assert acme is not None
    user = await store.service_account(client["id"])
    assert user is not None
    attributes = {**client["attributes"], "saml.signing.private.key": PLANTED, "crm.password": PLANTED}
    await store.update_client(client["id"], {**client, "attributes": attributes, "protocolMappers": [MAPPER]})
    await store.update_user(user["id"], {**user, "attributes": {"api.token": [PLANTED]}})
    await store.update_organization(acme["id"], {**acme, "attributes": {**acme["attributes"], "crm.secret": [PLANTED]}})

    plan = await world.plan(DECLARED)
    text = plan_json(plan)
    assert PLANTED not in text
    assert text.count(SENSITIVE) >= 5
    assert (await world.execute(plan)).is_complete
    assert (await world.plan(DECLARED)).is_empty


async def test_a_write_of_something_else_leaves_the_secret_as_it_is() -> None:
    world = await World().settled(DECLARED)
    store = world.keycloak
    client = await store.find_client("api-client-acme")
    assert client is not None
    await store.update_client(client["id"], {**client, "attributes": {**client["attributes"], "crm.password": PLANTED}})
    without = desired(an_organization(clients=[]), realm=a_realm())
    context = replace(world.context(), soft_delete=True)
    assert (await world.execute(await workflow.plan(without, world.systems, context))).is_complete
    after = await store.find_client("api-client-acme")
    assert after is not None
    assert not after["enabled"]
    assert after["attributes"]["crm.password"] == PLANTED


def test_what_an_event_says_was_sent_compares_with_what_is_live() -> None:
    sent = {"attributes": {"crm.password": PLANTED}}
    assert KINDS[Kind.CLIENT].value_sent(f"{ATTRIBUTE}crm.password", sent) == SENSITIVE
    assert mapper_sent(MAPPER, "m.config.proxy.password") == SENSITIVE
