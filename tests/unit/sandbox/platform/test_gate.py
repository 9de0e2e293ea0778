"""Whoever calls must be linked to one active organization with a current DPA."""

from pathlib import Path

import pytest

from tests.unit.sandbox.platform.builders import PARTNER, Platform, a_token, an_organization, problem


@pytest.mark.parametrize(
    "claim",
    [
        None,
        {},
        "acme",
        ["acme"],
        {"acme": {}},
        {"acme": {"id": 7}},
        {"acme": {"id": "org-1"}, "other": {"id": "org-2"}},
        {"acme": {"id": "deleted"}},
    ],
)
def test_a_token_that_does_not_name_exactly_one_known_organization_is_refused(
    platform: Platform, claim: object
) -> None:
    response = platform.me(a_token(organization=claim))

    assert problem(response) == (403, "forbidden")
    assert "not linked to exactly one active integration organization" in response.json()["detail"]


def test_a_suspended_organization_is_refused_although_the_token_is_still_good(tmp_path: Path) -> None:
    assert problem(Platform(tmp_path, an_organization(enabled=False)).me()) == (403, "forbidden")


def test_an_organization_without_platform_uuid_is_refused(tmp_path: Path) -> None:
    assert problem(Platform(tmp_path, an_organization(uuid="")).me()) == (403, "forbidden")


@pytest.mark.parametrize("path", ["/v1/me", f"/v1/partners/{PARTNER}/orders", f"/v1/kyc/documents/{PARTNER}"])
def test_without_a_dpa_every_call_is_refused(tmp_path: Path, path: str) -> None:
    platform = Platform(tmp_path, an_organization(dpa_version=None))

    assert problem(platform.get(path, a_token())) == (403, "dpa-not-accepted")


def test_an_outdated_dpa_is_refused(tmp_path: Path) -> None:
    response = Platform(tmp_path, an_organization(dpa_version="2025-12")).me()

    assert problem(response) == (403, "dpa-not-accepted")
    assert "2025-12 was accepted" in response.json()["detail"]


def test_a_dpa_that_nobody_accepted_is_refused(tmp_path: Path) -> None:
    assert problem(Platform(tmp_path, an_organization(dpa_accepted_at=None)).me()) == (403, "dpa-not-accepted")


def test_a_newer_dpa_is_accepted(tmp_path: Path) -> None:
    assert Platform(tmp_path, an_organization(dpa_version="2027-03")).me().status_code == 200


def test_while_keycloak_is_down_the_platform_says_that_it_cannot_serve(platform: Platform) -> None:
    platform.organizations.down = True

    response = platform.me()

    assert problem(response) == (503, "internal-error")
    assert "refused" not in response.text


def test_a_refused_organization_sees_its_rate_limit_all_the_same(tmp_path: Path) -> None:
    response = Platform(tmp_path, an_organization(dpa_version=None)).me()

    assert response.headers["X-RateLimit-Remaining"] == "99"
