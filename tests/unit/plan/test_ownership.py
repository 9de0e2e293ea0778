"""An owner mark that proves nothing never leads to a delete, nor to a suspension: it is a finding."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.app import workflow
from reconciler.model.address import Address
from reconciler.model.change import Action, Reason
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, WEBHOOKS_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.plan import Plan
from reconciler.rotate.survey import survey
from tests.builders import ACME, ACME_CLIENT, a_client, a_realm, a_webhook, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

ONLY_ACME = desired(an_organization(), realm=a_realm())
NOTHING = desired(realm=a_realm())


async def plans(world: World, wanted: DesiredState) -> list[Plan]:
    """Return what is planned, by deleting and by soft deletion."""
    contexts = [replace(world.context(), soft_delete=soft, allow_delete=not soft) for soft in (False, True)]
    return [await workflow.plan(wanted, world.systems, context) for context in contexts]


async def client(world: World, client_id: str = "api-client-acme") -> Mapping[str, Any]:
    found = await world.keycloak.find_client(client_id)
    assert found is not None
    return found


async def copy_client(world: World, to: str) -> None:
    """Give another client, made for it or Keycloak's own, the attributes of ours."""
    attributes = (await client(world))["attributes"]
    if (live := await world.keycloak.find_client(to)) is None:
        await world.keycloak.create_client({"clientId": to, "attributes": attributes})
    else:
        await world.keycloak.update_client(live["id"], {**live, "attributes": attributes})


async def put_client(world: World, **attributes: str | None) -> None:
    live = await client(world)
    await world.keycloak.update_client(live["id"], {**live, "attributes": {**live["attributes"], **attributes}})


@pytest.mark.parametrize("client_id", ["api-client-copy", "broker", "account", "Api-Client-Copy"])
async def test_a_client_copied_with_its_json_is_left_alone(client_id: str) -> None:
    world = await World().settled(ONLY_ACME)
    await copy_client(world, client_id)
    for plan in await plans(world, ONLY_ACME):
        assert plan.is_empty
        assert plan.unmanaged == (Address.client("-", client_id),)
        assert [(str(f.address), f.code) for f in plan.findings] == [(f"client/-/{client_id}", "owner-unproven")]


async def test_an_organization_copied_with_its_json_is_left_alone_with_its_webhooks() -> None:
    wanted = desired(an_organization(webhooks=[a_webhook()]), an_organization("beta"), realm=a_realm())
    world = await World().settled(wanted)
    acme, beta = [await world.keycloak.find_organization(alias) for alias in ("acme", "beta")]
    assert acme is not None
    assert beta is not None
    copied = {**beta["attributes"], WEBHOOKS_MARK: acme["attributes"][WEBHOOKS_MARK]}
    await world.keycloak.update_organization(beta["id"], {**beta, "attributes": copied})
    await world.keycloak.create_organization({"name": "Copy", "alias": "copy", "attributes": acme["attributes"]})
    for plan in await plans(world, wanted):
        assert plan.is_empty
        assert [str(f.address) for f in plan.findings if f.code == "owner-unproven"] == [
            "organization/copy",
            "webhook/beta/compliance",
        ]


async def test_a_mark_without_what_was_applied_is_left_alone() -> None:
    world = await World().settled(ONLY_ACME)
    await put_client(world, **{APPLIED_MARK: None})
    for plan in await plans(world, NOTHING):
        assert ACME_CLIENT not in {change.address for change in plan.changes}
        assert "it does not say what was applied" in plan.findings[0].detail


async def test_a_leftover_of_an_earlier_version_is_deleted_once_it_was_declared_again() -> None:
    world = await World().settled(ONLY_ACME)
    applied = str((await client(world))["attributes"][APPLIED_MARK]).split()
    await put_client(world, **{APPLIED_MARK: " ".join(each for each in applied if not each.startswith("address="))})
    for plan in await plans(world, NOTHING):
        assert ACME_CLIENT not in {change.address for change in plan.changes}
        assert [f.remedy for f in plan.findings if f.address == ACME_CLIENT] == [
            "To delete it, declare it once more and apply, then remove the manifest."
        ]
    healing = await world.plan(ONLY_ACME)
    assert [(c.address, c.action) for c in healing.changes] == [(ACME_CLIENT, Action.UPDATE)]
    assert {field.reason for field in healing.changes[0].field_changes} == {Reason.RULES_CHANGED}
    await world.settled(ONLY_ACME)
    deletes = (await plans(world, NOTHING))[0]
    assert [(c.address, c.action) for c in deletes.changes] == [
        (ACME_CLIENT, Action.DELETE),
        (ACME, Action.DELETE),
    ]


async def test_a_copy_that_is_declared_is_adopted() -> None:
    world = await World().settled(ONLY_ACME)
    await copy_client(world, "api-client-copy")
    two = desired(an_organization(clients=[a_client(), a_client("api-client-copy")]), realm=a_realm())
    plan = await world.plan(two)
    assert [(str(c.address), c.action) for c in plan.changes] == [("client/acme/api-client-copy", Action.ADOPT)]
    await world.settled(two)
    deleted = (await plans(world, ONLY_ACME))[0]
    assert [(str(c.address), c.action) for c in deleted.changes] == [("client/acme/api-client-copy", Action.DELETE)]


async def test_a_copy_is_not_renamed_to_what_a_manifest_declares() -> None:
    world = await World().settled(ONLY_ACME)
    await copy_client(world, "broker")
    renamed = a_client("api-client-erp", previous=("broker",))
    plan = await world.plan(desired(an_organization(clients=[a_client(), renamed]), realm=a_realm()))
    assert [(str(c.address), c.action) for c in plan.changes] == [("client/acme/api-client-erp", Action.CREATE)]


async def test_a_renamed_and_moved_client_can_still_be_deleted() -> None:
    world = await World().settled(desired(an_organization(), an_organization("beta"), realm=a_realm()))
    moved = a_client("api-client-erp", previous=("api-client-acme",))
    beta = an_organization("beta", clients=[a_client("api-client-beta"), moved])
    await world.settled(desired(an_organization(clients=[]), beta, realm=a_realm()))
    plan = (await plans(world, desired(an_organization(clients=[]), an_organization("beta"), realm=a_realm())))[0]
    assert [(str(c.address), c.action) for c in plan.changes] == [("client/beta/api-client-erp", Action.DELETE)]


async def test_what_another_reconciler_claims_is_theirs_whatever_proves_it() -> None:
    world = await World().settled(ONLY_ACME)
    await put_client(world, **{OWNER_MARK: "other-team", APPLIED_MARK: None})
    (change,) = (await world.plan(ONLY_ACME)).changes
    assert "it belongs to the reconciler 'other-team'" in change.blocked


async def test_the_secret_of_a_copy_is_not_rotated() -> None:
    world = await World().settled(ONLY_ACME)
    await copy_client(world, "api-client-copy")
    found = await survey(world.keycloak, ONLY_ACME, world.owner, world.clock)
    assert [each.rotation.address for each in found] == [ACME_CLIENT]
