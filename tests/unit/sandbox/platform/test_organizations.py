"""Organizations are read as the administrator, by the layout's names, and kept for a moment."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.platform.admin import AdminSession
from reconciler.sandbox.platform.organizations import KeycloakOrganizations, Organization, read_organization
from reconciler.sandbox.platform.problems import KeycloakUnavailable


class Keycloak:
    """Keycloak, as far as it is asked."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.logins = 0
        self.reads: list[str] = []
        self.found: dict[str, object] = {"id": "org-1", "name": "Acme", "enabled": True}
        self.answers = [200]
        password_file = folder / "password"
        password_file.write_text("hidden\n", encoding="ascii")
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        admin = AdminSession(http, "http://kc.test", "admin", password_file, clock=self)
        self.organizations = KeycloakOrganizations(admin, "a realm", cache_seconds=3, clock=lambda: self.now)

    def monotonic(self) -> float:
        return self.now

    def find(self, organization_id: str = "org-1") -> Organization | None:
        return asyncio.run(self.organizations.find(organization_id))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            assert b"password=hidden" in request.content
            self.logins += 1
            return httpx.Response(200, json={"access_token": f"token-{self.logins}", "expires_in": 60})
        assert request.headers["Authorization"] == f"Bearer token-{self.logins}"
        self.reads.append(request.url.raw_path.decode())
        return httpx.Response(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0], json=self.found)


def test_an_organization_is_read_by_its_id(tmp_path: Path) -> None:
    keycloak = Keycloak(tmp_path)

    found = keycloak.find("a/b")

    assert found is not None
    assert found.name == "Acme"
    assert keycloak.reads == ["/admin/realms/a%20realm/organizations/a%2Fb"]


def test_what_was_found_is_kept_for_the_time_of_the_cache(tmp_path: Path) -> None:
    keycloak = Keycloak(tmp_path)
    keycloak.find()
    keycloak.now += 2.9
    keycloak.find()
    assert len(keycloak.reads) == 1

    keycloak.now += 0.1
    keycloak.find()
    assert len(keycloak.reads) == 2


def test_an_organization_that_is_gone_is_not_found(tmp_path: Path) -> None:
    keycloak = Keycloak(tmp_path)
    keycloak.answers = [404]

    assert keycloak.find() is None


def test_the_administrators_token_is_kept_and_replaced_before_it_ends(tmp_path: Path) -> None:
    keycloak = Keycloak(tmp_path)
    for moment, logins in ((0, 1), (29, 1), (33, 2)):
        keycloak.now = moment
        keycloak.find()
        assert keycloak.logins == logins


def test_a_token_that_is_refused_is_replaced_once(tmp_path: Path) -> None:
    keycloak = Keycloak(tmp_path)
    keycloak.answers = [401, 200]

    assert keycloak.find() is not None
    assert keycloak.logins == 2


@pytest.mark.parametrize("status", [401, 403, 500])
def test_any_other_answer_means_that_keycloak_is_unavailable(tmp_path: Path, status: int) -> None:
    keycloak = Keycloak(tmp_path)
    keycloak.answers = [status]

    with pytest.raises(KeycloakUnavailable, match=f"answered {status}"):
        keycloak.find()


def test_attributes_are_read_by_the_names_of_the_layout() -> None:
    representation = {
        "id": "org-1",
        "name": "Acme",
        "enabled": False,
        "alias": "acme",
        "attributes": {
            "organizationUuid": ["0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01"],
            "authorizedPartners": [
                "9C2F4E10-1111-4222-8333-444455556666",
                "3b0d12ab-5d0c-4d0a-9d0e-0d3a5b6c7d8e",
                "9c2f4e10-1111-4222-8333-444455556666",
                "no uuid",
            ],
            "rateLimitTier": ["ENTERPRISE"],
            "allowMultiVinOrders": ["true"],
            "allowMarketplaceLedKyc": ["false"],
            "allowContactPersonalData": ["yes"],
            "dpaVersion": ["2026-01"],
            "dpaAcceptedAt": ["2026-01-15T10:00:00Z"],
            "reconciler/owner": ["main"],
        },
    }

    assert read_organization(json.dumps(representation).encode()) == Organization(
        id="org-1",
        name="Acme",
        enabled=False,
        uuid="0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        partners=("3b0d12ab-5d0c-4d0a-9d0e-0d3a5b6c7d8e", "9c2f4e10-1111-4222-8333-444455556666"),
        rate_limit_tier="ENTERPRISE",
        flags=frozenset({"allowMultiVinOrders"}),
        dpa_version="2026-01",
        dpa_accepted_at="2026-01-15T10:00:00Z",
    )


def test_an_organization_without_attributes_may_nothing() -> None:
    found = read_organization(b'{"id": "org-1", "name": "Acme"}')

    assert (found.uuid, found.partners, found.flags, found.dpa_version) == ("", (), frozenset(), None)
    assert found.rate_limit_tier == "STANDARD"
