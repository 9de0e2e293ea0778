"""``lifecycle.ignoreChanges``: fields that are left alone after creation."""

import pytest

from reconciler.model.manifest import DesiredState, RateLimitTier
from tests.builders import a_client, a_partner, a_realm, an_organization, desired
from tests.fakes.world import World

pytestmark = pytest.mark.anyio


def wanted(*ignored: str, changed: bool = False) -> DesiredState:
    """Build acme with the fields of ``ignored`` left alone; changed, every field has another value."""
    return desired(
        an_organization(
            "acme",
            display_name="Acme 2" if changed else "Acme",
            description="new" if changed else "old",
            partners=[a_partner("South" if changed else "North")],
            tier=RateLimitTier.ENTERPRISE if changed else RateLimitTier.STANDARD,
            clients=[a_client(description="new" if changed else "old", lifespan=120 if changed else 300)],
            ignore_changes=ignored,
        ),
        realm=a_realm(),
    )


async def changed_paths(*ignored: str) -> set[str]:
    world = await World().settled(wanted())
    found = await world.plan(wanted(*ignored, changed=True))
    return {f"{c.address.kind}.{field.path}" for c in found.changes for field in c.field_changes}


ALL = {
    "organization.displayName",
    "organization.description",
    "organization.authorizedPartners",
    "organization.capabilities.rateLimitTier",
    "client.description",
    "client.accessTokenLifespan",
}


@pytest.mark.parametrize(
    ("ignored", "left_alone"),
    [
        ("spec.displayName", {"organization.displayName"}),
        ("spec.authorizedPartners", {"organization.authorizedPartners"}),
        ("spec.authorizedPartners[*]", {"organization.authorizedPartners"}),
        ("spec.capabilities", {"organization.capabilities.rateLimitTier"}),
        ("spec.capabilities.rateLimitTier", {"organization.capabilities.rateLimitTier"}),
        ("spec.clients[*].description", {"client.description"}),
        ("spec.clients[*].accessTokenLifespan", {"client.accessTokenLifespan"}),
        ("spec.clients", {"client.description", "client.accessTokenLifespan"}),
        ("spec.clients[*]", {"client.description", "client.accessTokenLifespan"}),
    ],
)
async def test_an_ignored_path_leaves_alone(ignored: str, left_alone: set[str]) -> None:
    assert await changed_paths(ignored) == ALL - left_alone


async def test_a_change_of_ignored_fields_alone_plans_nothing() -> None:
    world = await World().settled(wanted())
    assert (await world.plan(wanted("spec.clients[*].description"))).is_empty
    ignored = ("spec.displayName", "spec.description", "spec.authorizedPartners", "spec.capabilities", "spec.clients")
    assert (await world.plan(wanted(*ignored, changed=True))).is_empty


async def test_an_ignored_field_is_still_written_at_creation() -> None:
    world = await World().settled(wanted("spec.displayName"))
    assert (await world.keycloak.organizations())[0]["name"] == "Acme"
