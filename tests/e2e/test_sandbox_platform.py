"""The platform API on a real Keycloak: what a client may do follows from what Keycloak says."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from reconciler.model import layout
from reconciler.sandbox.lifecycle import Running

PARTNER = "3b0d12ab-5d0c-4d0a-9d0e-0d3a5b6c7d8e"
OTHER_PARTNER = "9c2f4e10-1111-4222-8333-444455556666"
ATTRIBUTES = {
    layout.UUID: ["0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01"],
    layout.PARTNERS: [PARTNER],
    layout.RATE_LIMIT_TIER: ["STANDARD"],
    "allowMarketplaceLedKyc": ["false"],
    "allowMultiVinOrders": ["true"],
    "allowContactPersonalData": ["false"],
    "allowKycDocumentDownload": ["false"],
    layout.DPA_VERSION: ["2026-01"],
    layout.DPA_ACCEPTED_AT: ["2026-01-15T10:00:00Z"],
}
MAPPER = {
    "name": "organization",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-organization-membership-mapper",
    "config": {
        "claim.name": layout.ORGANIZATION_CLAIM,
        "jsonType.label": "JSON",
        "addOrganizationId": "true",
        "addOrganizationAttributes": "false",
        "access.token.claim": "true",
        "introspection.token.claim": "true",
        "id.token.claim": "false",
        "userinfo.token.claim": "false",
        # Without it, Keycloak leaves out the id; with "false", the whole claim.
        "multivalued": "true",
    },
}
CACHE_SECONDS = 0.4


@dataclass
class Realm:
    """A realm made with plain requests, as the layout describes it."""

    name: str
    running: Running
    admin: httpx.Client
    service_account: str = ""

    def create(self) -> None:
        self._post("", {"realm": self.name, "enabled": True, "organizationsEnabled": True})
        scope = {
            "name": layout.ORGANIZATION_SCOPE,
            "protocol": "openid-connect",
            "attributes": {"include.in.token.scope": "false"},
            "protocolMappers": [MAPPER],
        }
        self._post(f"/{self.name}/client-scopes", scope)

    def organization(self, alias: str) -> str:
        body = {"name": f"Company {alias}", "alias": alias, "enabled": True, "attributes": ATTRIBUTES}
        return self._post(f"/{self.name}/organizations", body)

    def client(self, client_id: str) -> None:
        client = {
            "clientId": client_id,
            "secret": "s3cret",
            "publicClient": False,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
            "fullScopeAllowed": False,
            "defaultClientScopes": list(layout.DEFAULT_CLIENT_SCOPES),
            "optionalClientScopes": [],
        }
        internal_id = self._post(f"/{self.name}/clients", client)
        self.service_account = self.admin.get(f"/{self.name}/clients/{internal_id}/service-account-user").json()["id"]

    def add_member(self, organization_id: str) -> None:
        self._post(f"/{self.name}/organizations/{organization_id}/members", self.service_account)

    def change(self, organization_id: str, **changes: object) -> None:
        path = f"/{self.name}/organizations/{organization_id}"
        current = self.admin.get(path).json()
        self.admin.put(path, json=current | changes).raise_for_status()
        time.sleep(CACHE_SECONDS)

    def token(self, client_id: str) -> str:
        answer = httpx.post(
            f"{self.running.keycloak_url}/realms/{self.name}/protocol/openid-connect/token",
            data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": "s3cret"},
            trust_env=False,
        )
        return str(answer.raise_for_status().json()["access_token"])

    def clear(self) -> None:
        """Delete what a test made; making a realm anew takes seconds, for its keys."""
        for organization in self.admin.get(f"/{self.name}/organizations").json():
            self.admin.delete(f"/{self.name}/organizations/{organization['id']}").raise_for_status()
        for client in self.admin.get(f"/{self.name}/clients").json():
            if client["clientId"] in {CLIENT, FOREIGN_CLIENT}:
                self.admin.delete(f"/{self.name}/clients/{client['id']}").raise_for_status()

    def _post(self, path: str, body: object) -> str:
        answer = self.admin.post(path, json=body).raise_for_status()
        return str(answer.headers.get("location", "")).rpartition("/")[2]


CLIENT = "api-client-acme"
FOREIGN_CLIENT = "erp-of-somebody"
Get = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def whole_realm(sandbox: Running, admin: httpx.Client) -> Iterator[Realm]:
    realm = Realm(sandbox.realm, sandbox, admin)
    admin.delete(f"/{realm.name}")
    realm.create()
    yield realm
    admin.delete(f"/{realm.name}")


@pytest.fixture
def realm(whole_realm: Realm) -> Iterator[Realm]:
    whole_realm.client(CLIENT)
    yield whole_realm
    whole_realm.clear()


@pytest.fixture
def get(sandbox: Running) -> Iterator[Get]:
    with httpx.Client(base_url=sandbox.api_url, trust_env=False) as client:

        def get(path: str, token: str) -> httpx.Response:
            return client.get(path, headers={"Authorization": f"Bearer {token}"})

        yield get


def problem(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition("/")[2]


def claims(token: str) -> dict[str, Any]:
    import jwt

    return jwt.decode(token, options={"verify_signature": False})


def test_a_linked_client_sees_its_organization(realm: Realm, get: Get) -> None:
    organization = realm.organization("acme")
    realm.add_member(organization)
    token = realm.token(CLIENT)

    assert claims(token)["organization"] == {"acme": {"id": organization}}
    response = get("/v1/me", token)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "organizationUuid": "0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01",
        "name": "Company acme",
        "authorizedPartners": [{"uuid": PARTNER, "name": "Trade Partner 3b0d12ab", "country": "DE"}],
        "capabilities": {
            "rateLimitTier": "STANDARD",
            "allowMarketplaceLedKyc": False,
            "allowMultiVinOrders": True,
            "allowContactPersonalData": False,
            "allowKycDocumentDownload": False,
        },
        "dpaVersion": "2026-01",
        "dpaAcceptedAt": "2026-01-15T10:00:00Z",
    }
    assert response.headers["X-RateLimit-Category"] == "read"


def test_partners_and_capabilities_decide_what_is_reachable(realm: Realm, get: Get) -> None:
    organization = realm.organization("acme")
    realm.add_member(organization)
    token = realm.token(CLIENT)
    document = f"/v1/kyc/documents/{OTHER_PARTNER}"

    assert get(f"/v1/partners/{PARTNER}/orders", token).json()["pagination"]["totalElements"] == 3
    assert problem(get(f"/v1/partners/{OTHER_PARTNER}/orders", token)) == (403, "forbidden")
    assert problem(get(document, token)) == (403, "capability-required")
    realm.change(
        organization,
        attributes=ATTRIBUTES | {layout.PARTNERS: [PARTNER, OTHER_PARTNER], "allowKycDocumentDownload": ["true"]},
    )
    assert get(f"/v1/partners/{OTHER_PARTNER}/orders", token).status_code == 200
    assert get(document, token).status_code == 200


def test_a_suspended_organization_is_refused_with_old_and_new_tokens(realm: Realm, get: Get) -> None:
    organization = realm.organization("acme")
    realm.add_member(organization)
    old = realm.token(CLIENT)
    realm.change(organization, enabled=False)
    new = realm.token(CLIENT)

    assert "organization" not in claims(new)
    assert problem(get("/v1/me", old)) == (403, "forbidden")
    assert problem(get("/v1/me", new)) == (403, "forbidden")


def test_a_client_of_two_organizations_is_refused(realm: Realm, get: Get) -> None:
    realm.add_member(realm.organization("acme"))
    realm.add_member(realm.organization("other"))

    assert problem(get("/v1/me", realm.token(CLIENT))) == (403, "forbidden")


def test_a_client_without_organization_is_refused(realm: Realm, get: Get) -> None:
    assert problem(get("/v1/me", realm.token(CLIENT))) == (403, "forbidden")


def test_without_a_current_dpa_every_call_is_refused(realm: Realm, get: Get) -> None:
    organization = realm.organization("acme")
    realm.add_member(organization)
    realm.change(organization, attributes=ATTRIBUTES | {layout.DPA_VERSION: ["2025-01"]})
    token = realm.token(CLIENT)

    assert problem(get("/v1/me", token)) == (403, "dpa-not-accepted")
    assert problem(get(f"/v1/partners/{PARTNER}/orders", token)) == (403, "dpa-not-accepted")


def test_tokens_of_another_realm_are_refused(realm: Realm, sandbox: Running, admin: httpx.Client, get: Get) -> None:
    foreign = Realm("another-realm", sandbox, admin)
    admin.delete("/another-realm")
    foreign.create()
    foreign.client(CLIENT)
    try:
        assert problem(get("/v1/me", foreign.token(CLIENT))) == (401, "unauthorized")
    finally:
        admin.delete("/another-realm")


def test_other_clients_of_the_realm_are_refused(realm: Realm, get: Get) -> None:
    realm.client(FOREIGN_CLIENT)

    assert problem(get("/v1/me", realm.token(FOREIGN_CLIENT))) == (401, "unauthorized")


def test_a_partner_has_the_name_that_the_directory_gives(realm: Realm, sandbox: Running, get: Get) -> None:
    realm.add_member(realm.organization("acme"))
    before = sandbox.partners_file.read_text(encoding="utf-8")
    sandbox.partners_file.write_text(f'{{"{PARTNER}": {{"name": "Autohaus Nord", "country": "AT"}}}}', encoding="utf-8")
    try:
        partners = get("/v1/me", realm.token(CLIENT)).json()["authorizedPartners"]
    finally:
        sandbox.partners_file.write_text(before, encoding="utf-8")

    assert partners == [{"uuid": PARTNER, "name": "Autohaus Nord", "country": "AT"}]
