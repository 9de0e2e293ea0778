"""``GET /v1/me``: what the platform answers follows from what Keycloak stores."""

from typing import Any
from uuid import UUID

import pytest

from reconciler.model import layout
from reconciler.model.errors import RequestFailed
from reconciler.model.manifest import CAPABILITIES, RateLimitTier
from reconciler.model.observed import EffectivePartner
from tests.builders import A_DPA, a_dpa, a_partner, a_uuid, an_organization
from tests.contract.applying import ID, applied
from tests.contract.conftest import Platform

pytestmark = pytest.mark.anyio


async def account(platform: Platform, client: dict[str, Any]) -> str:
    user = await platform.keycloak.service_account(client["id"])
    assert user is not None
    return str(user["id"])


async def refusal(platform: Platform) -> tuple[int | None, str]:
    """Return status and code of the refusal that the client gets."""
    with pytest.raises(RequestFailed) as error:
        await platform.api.me(ID)
    return error.value.status, error.value.code


async def test_a_linked_client_sees_what_its_organization_is_and_may_do(platform: Platform) -> None:
    partners = (a_partner("A"), a_partner("B"))
    await applied(platform, an_organization(partners=partners, tier=RateLimitTier.HIGH_VOLUME))
    answer = await platform.api.me(ID)
    assert answer.organization_uuid == a_uuid("acme")
    assert answer.name == "Acme"
    assert answer.authorized_partners == tuple(
        EffectivePartner(uuid=uuid, name=f"Trade Partner {str(uuid)[:8]}", country="DE")
        for uuid in sorted((partner.uuid for partner in partners), key=str)
    )
    assert answer.capabilities == {
        layout.RATE_LIMIT_TIER: "HIGH_VOLUME",
        **dict.fromkeys(CAPABILITIES, False),
    }
    assert (answer.dpa_version, answer.dpa_accepted_at) == ("2026-01", A_DPA.accepted_at)


async def test_the_platform_is_no_mock(platform: Platform) -> None:
    await applied(platform, an_organization())
    assert not await platform.api.is_mock()


async def test_a_client_without_membership_is_refused(platform: Platform) -> None:
    client = await applied(platform, an_organization())
    organization = await platform.keycloak.find_organization("acme")
    assert organization is not None
    await platform.keycloak.remove_member(organization["id"], await account(platform, client))
    assert await refusal(platform) == (403, "forbidden")


async def test_a_client_of_two_organizations_is_refused(platform: Platform) -> None:
    client = await applied(platform, an_organization())
    other = await platform.keycloak.create_organization({"name": "Other", "alias": "other"})
    await platform.keycloak.add_member(other, await account(platform, client))
    assert await refusal(platform) == (403, "forbidden")


async def test_a_suspended_organization_is_refused(platform: Platform) -> None:
    await applied(platform, an_organization(suspended=True))
    assert await refusal(platform) == (403, "forbidden")


async def test_a_client_without_the_organization_scope_is_refused(platform: Platform) -> None:
    client = await applied(platform, an_organization())
    await platform.keycloak.remove_client_scope(client["id"], layout.ORGANIZATION_SCOPE, default=True)
    assert await refusal(platform) == (403, "forbidden")


@pytest.mark.parametrize("version", [None, "2025-12"])
async def test_without_a_current_dpa_every_call_is_refused(platform: Platform, version: str | None) -> None:
    await applied(platform, an_organization(dpa=a_dpa(version) if version else None))
    assert await refusal(platform) == (403, "dpa-not-accepted")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"enabled": False}, (401, "invalid_client")),
        ({"serviceAccountsEnabled": False}, (401, "unauthorized_client")),
    ],
)
async def test_a_client_that_gets_no_token_is_refused(
    platform: Platform, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    client = await applied(platform, an_organization())
    await platform.keycloak.update_client(client["id"], change)
    assert await refusal(platform) == expected


async def test_a_disabled_service_account_gets_no_token(platform: Platform) -> None:
    client = await applied(platform, an_organization())
    await platform.keycloak.update_user(await account(platform, client), {"enabled": False})
    assert await refusal(platform) == (401, "invalid_request")


async def test_partners_that_are_no_uuid_are_passed_over(platform: Platform) -> None:
    await applied(platform, an_organization())
    organization = await platform.keycloak.find_organization("acme")
    assert organization is not None
    partner = str(a_uuid("A"))
    attributes = {**organization["attributes"], layout.PARTNERS: ["nonsense", partner, partner]}
    await platform.keycloak.update_organization(organization["id"], {**organization, "attributes": attributes})
    answer = await platform.api.me(ID)
    assert [each.uuid for each in answer.authorized_partners] == [UUID(partner)]
