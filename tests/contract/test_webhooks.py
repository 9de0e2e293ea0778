"""``/v1/webhooks``: endpoints, their versions, and writes that are repeated."""

from typing import Any

import pytest

from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import Conflict, NotFound, RequestFailed
from reconciler.model.manifest import RateLimitTier
from reconciler.model.observed import Endpoint
from tests.builders import a_partner, a_uuid, an_organization
from tests.contract.applying import ID, applied
from tests.contract.conftest import Platform

pytestmark = pytest.mark.anyio

URL = "https://erp.acme.example/events"
PARTNER = a_partner("A")


def a_body(**changes: Any) -> dict[str, Any]:
    return {"url": URL, "events": ["compliance.*"], "partnerIds": None, "status": "ACTIVE"} | changes


async def begun(platform: Platform) -> None:
    # STANDARD allows no more than 4 writes to webhooks in 10 seconds.
    await applied(platform, an_organization(partners=[PARTNER], tier=RateLimitTier.ENTERPRISE))


async def refusal(platform: Platform, **changes: Any) -> tuple[int | None, str]:
    with pytest.raises(RequestFailed) as error:
        await platform.api.create_webhook(ID, a_body(**changes), "key")
    return error.value.status, error.value.code


async def test_an_endpoint_is_listed_as_it_was_created(platform: Platform) -> None:
    await begun(platform)
    assert await platform.api.webhooks(ID) == ()
    body = a_body(partnerIds=[str(PARTNER.uuid)], status="PAUSED")
    made = await platform.api.create_webhook(ID, body, "key", PlainSecret("s3cret-of-16-characters"))
    assert await platform.api.webhooks(ID) == (made,)
    expected = Endpoint(
        id=made.id, url=URL, events=("compliance.*",), partner_ids=(str(PARTNER.uuid),), status="PAUSED", version=1
    )
    assert made == expected


async def test_a_creation_that_is_repeated_is_done_once(platform: Platform) -> None:
    await begun(platform)
    first, second = [await platform.api.create_webhook(ID, a_body(), "key") for _ in range(2)]
    assert first == second
    assert await platform.api.webhooks(ID) == (first,)


async def test_a_key_that_was_used_for_another_body_is_refused(platform: Platform) -> None:
    await begun(platform)
    await platform.api.create_webhook(ID, a_body(), "key")
    assert await refusal(platform, status="PAUSED") == (422, "idempotency-key-reused")


async def test_what_was_refused_may_be_mended_under_the_same_key(platform: Platform) -> None:
    await begun(platform)
    assert await refusal(platform, events=["*"]) == (422, "validation-error")
    assert (await platform.api.create_webhook(ID, a_body(), "key")).url == URL


async def test_what_is_no_webhook_is_refused(platform: Platform) -> None:
    await begun(platform)
    wrong: list[dict[str, Any]] = [
        {"url": "http://erp.acme.example"},
        {"events": []},
        {"events": ["prospect.*"]},
        {"status": "ON"},
        {"color": 1},
    ]
    for changes in wrong:
        assert await refusal(platform, **changes) == (422, "validation-error"), changes
    assert await refusal(platform, partnerIds=[str(a_uuid("B"))]) == (403, "forbidden")


async def test_an_update_changes_what_it_names(platform: Platform) -> None:
    await begun(platform)
    made = await platform.api.create_webhook(ID, a_body(partnerIds=[str(PARTNER.uuid)]), "key")
    await platform.api.update_webhook(ID, made, {"status": "DISABLED", "partnerIds": None}, "other")
    assert await platform.api.webhooks(ID) == (
        made.model_copy(update={"status": "DISABLED", "partner_ids": None, "version": 2}),
    )


async def test_an_update_of_an_older_version_is_a_conflict(platform: Platform) -> None:
    await begun(platform)
    made = await platform.api.create_webhook(ID, a_body(), "1")
    for _ in range(2):
        # The same key: it is the same update, and no conflict.
        await platform.api.update_webhook(ID, made, {"status": "PAUSED"}, "2")
    with pytest.raises(Conflict) as error:
        await platform.api.update_webhook(ID, made, {"status": "DISABLED"}, "3")
    assert error.value.code == "version-mismatch"
    assert [each.status for each in await platform.api.webhooks(ID)] == ["PAUSED"]


async def test_a_delete_that_is_repeated_is_done_and_another_finds_nothing(platform: Platform) -> None:
    await begun(platform)
    made = await platform.api.create_webhook(ID, a_body(), "1")
    for _ in range(2):
        await platform.api.delete_webhook(ID, made.id, "2")
    assert await platform.api.webhooks(ID) == ()
    with pytest.raises(NotFound):
        await platform.api.delete_webhook(ID, made.id, "3")


async def test_an_endpoint_that_the_platform_paused_says_why_until_it_is_resumed(platform: Platform) -> None:
    await begun(platform)
    await platform.api.create_webhook(ID, a_body(), "1")
    platform.auto_pause(URL, "20 deliveries failed.")
    (paused,) = await platform.api.webhooks(ID)
    assert (paused.status, paused.status_reason, paused.version) == ("PAUSED", "20 deliveries failed.", 2)
    await platform.api.update_webhook(ID, paused, {"status": "ACTIVE"}, "2")
    (resumed,) = await platform.api.webhooks(ID)
    assert (resumed.status, resumed.status_reason) == ("ACTIVE", None)


async def test_organizations_do_not_see_each_others_endpoints(platform: Platform) -> None:
    await applied(platform, an_organization(tier=RateLimitTier.ENTERPRISE), an_organization("beta"))
    await platform.keycloak.find_client("api-client-beta")
    made = await platform.api.create_webhook(ID, a_body(), "1")
    assert await platform.api.webhooks("api-client-beta") == ()
    with pytest.raises(NotFound):
        await platform.api.update_webhook("api-client-beta", made, {"status": "PAUSED"}, "2")


async def test_without_a_dpa_nothing_can_be_asked(platform: Platform) -> None:
    await applied(platform, an_organization(dpa=None))
    with pytest.raises(RequestFailed) as error:
        await platform.api.webhooks(ID)
    assert (error.value.status, error.value.code) == (403, "dpa-not-accepted")
