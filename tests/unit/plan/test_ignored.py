"""``keycloakFields.ignore``: what is left to Keycloak for a while is said, and comes back when that ends."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.model.expectations import Expectations, IgnoredField
from reconciler.model.finding import Code, Finding, Severity
from reconciler.review.plan_json import plan_json
from reconciler.review.plan_text import plan_text
from tests.builders import a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio

DECLARED = desired(an_organization(), realm=a_realm())
BRAND_NEW = "keycloak.attributes.brand.new"
DEVICE = "oauth2.device.authorization.grant.enabled"


async def tampered(attributes: dict[str, str], **fields: Any) -> World:
    world = await World().settled(DECLARED)
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    body = {**client, **fields, "attributes": {**client["attributes"], **attributes}}
    await world.keycloak.update_client(client["id"], body)
    return world


def ignore(world: World, *paths: str, days: float = 90) -> None:
    until = world.clock.now() + timedelta(days=days)
    entries = tuple(IgnoredField(path=path, reason="release 26.8 adds it", until=until) for path in paths)
    world.expected = Expectations(ignored=entries)


async def changed(world: World) -> set[str]:
    return {field.path for change in (await world.plan(DECLARED)).changes for field in change.field_changes}


async def ignored(world: World) -> list[Finding]:
    return [finding for finding in (await world.plan(DECLARED)).findings if finding.code is Code.FIELD_IGNORED]


async def test_what_is_ignored_is_no_change_and_is_said_in_every_format() -> None:
    world = await tampered({"brand.new": "x"})
    assert await changed(world) == {BRAND_NEW}
    ignore(world, BRAND_NEW)
    plan = await world.plan(DECLARED)
    assert plan.is_empty
    said = f"{BRAND_NEW} of client/acme/api-client-acme (release 26.8 adds it)"
    assert "1 field ignored until" in plan_text(plan)
    assert said in plan_text(plan)
    assert said in plan_json(plan)
    (finding,) = await ignored(world)
    assert finding.severity is Severity.INFO


async def test_what_else_differs_is_put_back_and_what_is_ignored_stays() -> None:
    world = await tampered({"brand.new": "x", "brand.newer": "x", DEVICE: "true"})
    ignore(world, BRAND_NEW)
    assert await changed(world) == {"keycloak.attributes.brand.newer", f"keycloak.attributes.{DEVICE}"}
    assert (await world.apply(DECLARED)).is_complete
    client = await world.keycloak.find_client("api-client-acme")
    assert client is not None
    assert client["attributes"].get("brand.new") == "x"
    assert client["attributes"].get(DEVICE) is None
    assert (await world.plan(DECLARED)).is_empty


async def test_a_rule_that_a_client_policy_breaks_can_be_ignored_without_a_change_of_the_marks() -> None:
    world = await tampered({}, consentRequired=True)
    ignore(world, "keycloak.consentRequired")
    assert await changed(world) == set()


async def test_it_ends_and_that_is_said_before_and_after() -> None:
    world = await tampered({"brand.new": "x"})
    ignore(world, BRAND_NEW, days=29)
    assert await changed(world) == set()
    (finding,) = await ignored(world)
    assert finding.severity is Severity.WARNING
    assert "29 days from now" in finding.detail
    ignore(world, BRAND_NEW, days=-1)
    assert await changed(world) == {BRAND_NEW}
    (finding,) = await ignored(world)
    assert finding.severity is Severity.WARNING
    assert "no longer ignored" in finding.detail


async def test_an_entry_that_hides_nothing_is_not_spoken_of() -> None:
    world = await World().settled(DECLARED)
    ignore(world, BRAND_NEW)
    assert await ignored(world) == []


async def test_power_is_compared_even_where_an_entry_names_it() -> None:
    """No settings that were read say so; whoever calls the program's layers may."""
    world = await tampered({DEVICE: "true"}, redirectUris=["https://evil.example/*"])
    ignore(world, f"keycloak.attributes.{DEVICE}", "keycloak.attributes", "keycloak.redirectUris")
    assert await changed(world) == {f"keycloak.attributes.{DEVICE}", "keycloak.redirectUris"}


async def test_what_a_manifest_ignores_is_ignored_in_its_organization_alone() -> None:
    world = await World().settled(desired(an_organization("acme"), an_organization("beta"), realm=a_realm()))
    for name in ("acme", "beta"):
        client = await world.keycloak.find_client(f"api-client-{name}")
        assert client is not None
        attributes = {**client["attributes"], "brand.new": "x"}
        await world.keycloak.update_client(client["id"], {**client, "attributes": attributes})
    until = world.clock.now() + timedelta(days=90)
    entry = IgnoredField(path=BRAND_NEW, reason="release 26.8 adds it", until=until)
    wanted = desired(an_organization("acme", ignore_changes=(entry,)), an_organization("beta"), realm=a_realm())
    plan = await world.plan(wanted)
    assert [str(change.address) for change in plan.changes] == ["client/beta/api-client-beta"]
    (finding,) = [each for each in plan.findings if each.code is Code.FIELD_IGNORED]
    assert str(finding.address) == "organization/acme"
    assert "client/acme/api-client-acme" in finding.detail
