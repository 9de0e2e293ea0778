"""What the endpoints answer follows from the organization."""

from pathlib import Path

import pytest

from tests.unit.sandbox.platform.builders import OTHER_PARTNER, PARTNER, Platform, a_token, an_organization, problem

ORDERS = f"/v1/partners/{PARTNER}/orders"


def test_me_tells_the_whole_effective_state(tmp_path: Path) -> None:
    flags = frozenset({"allowMultiVinOrders"})
    platform = Platform(tmp_path, an_organization(partners=(PARTNER, OTHER_PARTNER), tier="HIGH_VOLUME", flags=flags))
    platform.partners_file.write_text(
        f'{{"{PARTNER}": {{"name": "Autohaus Nord", "country": "AT"}}}}', encoding="utf-8"
    )

    assert platform.me().json() == {
        "organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        "name": "Acme Motors GmbH",
        "authorizedPartners": [
            {"uuid": PARTNER, "name": "Autohaus Nord", "country": "AT"},
            {"uuid": OTHER_PARTNER, "name": "Trade Partner 9c2f4e10", "country": "DE"},
        ],
        "capabilities": {
            "rateLimitTier": "HIGH_VOLUME",
            "allowMarketplaceLedKyc": False,
            "allowMultiVinOrders": True,
            "allowContactPersonalData": False,
            "allowKycDocumentDownload": False,
        },
        "dpaVersion": "2026-01",
        "dpaAcceptedAt": "2026-01-15T10:00:00Z",
    }


def test_a_partner_that_nt24_does_not_know_is_left_out_and_refused(tmp_path: Path) -> None:
    platform = Platform(tmp_path, an_organization(partners=(PARTNER, OTHER_PARTNER)))
    platform.partners_file.write_text(f'{{"{PARTNER}": null}}', encoding="utf-8")

    assert [each["uuid"] for each in platform.me().json()["authorizedPartners"]] == [OTHER_PARTNER]
    assert platform.get(ORDERS, a_token()).status_code == 403


def test_orders_of_an_authorized_partner_are_always_the_same(platform: Platform) -> None:
    first, second = platform.get(ORDERS, a_token()), platform.get(ORDERS, a_token())

    assert first.status_code == 200
    assert first.json() == second.json()
    assert len(first.json()["data"]) == 3


def test_orders_come_in_pages(platform: Platform) -> None:
    answer = platform.get(f"{ORDERS}?page=1&size=2", a_token()).json()

    assert [order["externalOrderId"] for order in answer["data"]] == ["ORDER-0003"]
    assert answer["pagination"] == {
        "page": 1,
        "size": 2,
        "totalElements": 3,
        "totalPages": 2,
        "hasNext": False,
        "hasPrevious": True,
    }


def test_a_page_that_cannot_be_is_refused_with_every_field_named(platform: Platform) -> None:
    response = platform.get(f"{ORDERS}?page=-1&size=101", a_token())

    assert problem(response) == (422, "validation-error")
    assert response.json()["errors"] == [
        {"field": "page", "message": "must be a whole number from 0 to 1000000", "rejectedValue": "-1"},
        {"field": "size", "message": "must be a whole number from 1 to 100", "rejectedValue": "101"},
    ]


def test_orders_of_a_partner_that_is_not_authorized_are_refused(platform: Platform) -> None:
    response = platform.get(f"/v1/partners/{OTHER_PARTNER}/orders", a_token())

    assert problem(response) == (403, "forbidden")
    assert OTHER_PARTNER in response.json()["detail"]


def test_a_partner_that_is_no_uuid_is_malformed(platform: Platform) -> None:
    assert problem(platform.get("/v1/partners/nord/orders", a_token())) == (400, "malformed-request")


@pytest.mark.parametrize("allowed", [True, False])
def test_orders_name_a_contact_only_for_those_who_may_see_personal_data(tmp_path: Path, *, allowed: bool) -> None:
    flags = frozenset({"allowContactPersonalData"} if allowed else ())

    order = Platform(tmp_path, an_organization(flags=flags)).get(ORDERS, a_token()).json()["data"][0]

    assert ("responsibleContact" in order) is allowed


def test_kyc_documents_need_the_capability(platform: Platform) -> None:
    response = platform.get(f"/v1/kyc/documents/{PARTNER}", a_token())

    assert problem(response) == (403, "capability-required")
    assert "allowKycDocumentDownload" in response.json()["detail"]


def test_kyc_documents_come_to_those_who_have_the_capability(tmp_path: Path) -> None:
    platform = Platform(tmp_path, an_organization(flags=frozenset({"allowKycDocumentDownload"})))

    assert platform.get(f"/v1/kyc/documents/{PARTNER}", a_token()).json()["uuid"] == PARTNER
