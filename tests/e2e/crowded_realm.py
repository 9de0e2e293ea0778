"""A realm in which others have things that hang on ours: people, groups, roles, sessions, policies, permissions."""

from typing import Any, Final

import httpx

from reconciler.model import layout
from tests import broker
from tests.server import KEYS

ALIAS: Final = "acme"
CLIENT: Final = "api-client-acme"
ACCOUNT: Final = layout.service_account_of(CLIENT)
PROFILE: Final = {"name": "others", "executors": [{"executor": "secure-session", "configuration": {}}]}
POLICY: Final = {
    "name": "others",
    "enabled": True,
    "conditions": [{"condition": "client-roles", "configuration": {"roles": ["others"]}}],
    "profiles": ["others"],
}


class Crowded:
    """The realm, made by plain requests of its administrator."""

    def __init__(self, admin: httpx.Client, realm: str) -> None:
        self._admin = admin
        self.realm = realm

    def make(self, mail_port: int) -> None:
        """Make everything; invitations are sent to the port."""
        self._realm(mail_port)
        self._client()
        self._people()
        self._organization()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; return the answer's JSON, or the id of what was created."""
        answer = self._admin.request(method, f"/{self.realm}{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        created = answer.headers.get("location")
        return created.rpartition("/")[2] if created else answer.json() if answer.content else None

    def client(self, client_id: str) -> str:
        """Return a client's id."""
        return str(self.call("GET", f"/clients?clientId={client_id}")[0]["id"])

    def user(self, name: str) -> str:
        """Return a user's id."""
        return str(self.call("GET", f"/users?username={name}&exact=true")[0]["id"])

    def organization(self) -> str:
        """Return the organization's id."""
        return str(self.call("GET", "/organizations")[0]["id"])

    def _realm(self, mail_port: int) -> None:
        made: dict[str, Any] = {
            "realm": self.realm,
            "enabled": True,
            "organizationsEnabled": True,
            "components": KEYS,
            "defaultSignatureAlgorithm": "ES256",
            "attributes": {"others": "kept"},
            "smtpServer": {"host": "127.0.0.1", "port": str(mail_port), "from": "no@example.com"},
            "roles": {"realm": [{"name": "auditor"}, {"name": "everyone"}]},
            "groups": [{"name": "everybody"}],
            "defaultGroups": ["/everybody"],
        }
        self._admin.post("", json=made).raise_for_status()
        self.call("PUT", "/client-policies/profiles", {"profiles": [PROFILE]})
        self.call("PUT", "/client-policies/policies", {"policies": [POLICY]})
        default = self.call("GET", "")["defaultRole"]["id"]
        self.call("POST", f"/roles-by-id/{default}/composites", [self.call("GET", "/roles/everyone")])

    def _client(self) -> None:
        client = self.call(
            "POST",
            "/clients",
            {
                "clientId": CLIENT,
                "publicClient": False,
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "directAccessGrantsEnabled": True,
                "standardFlowEnabled": True,
                "secret": "acme-secret",
                "registeredNodes": {"node": 1},
                "protocolMappers": [
                    {
                        "name": "own",
                        "protocol": "openid-connect",
                        "protocolMapper": "oidc-hardcoded-claim-mapper",
                        "config": {"claim.name": "x", "claim.value": "y"},
                    }
                ],
            },
        )
        self.call("POST", f"/clients/{client}/roles", {"name": "orders"})
        role = self.call("GET", f"/clients/{client}/roles/orders")
        auditor = self.call("GET", "/roles/auditor")
        self.call("POST", f"/roles-by-id/{auditor['id']}/composites", [role])
        other = self.call("POST", "/clients", {"clientId": "shop", "fullScopeAllowed": False})
        self.call("POST", f"/clients/{other}/scope-mappings/clients/{client}", [role])
        scope = self.call("POST", "/client-scopes", {"name": "shared", "protocol": "openid-connect"})
        self.call("POST", f"/client-scopes/{scope}/scope-mappings/clients/{client}", [role])
        for each in (client, other):
            self.call("PUT", f"/clients/{each}/default-client-scopes/{scope}")
        self.call("POST", f"/clients/{client}/authz/resource-server/resource", {"name": "report"})
        account = self.call("GET", f"/clients/{client}/service-account-user")["id"]
        self.call("POST", f"/users/{account}/role-mappings/realm", [auditor])

    def _people(self) -> None:
        client = self.client(CLIENT)
        role = self.call("GET", f"/clients/{client}/roles/orders")
        group = self.call("GET", "/groups")[0]["id"]
        self.call("POST", f"/groups/{group}/role-mappings/clients/{client}", [role])
        password = [{"type": "password", "value": "pw"}]
        hugo = {"username": "hugo", "enabled": True, "email": "hugo@example.org", "firstName": "H", "lastName": "H"}
        hugo_id = self.call("POST", "/users", {**hugo, "credentials": password})
        self.call("POST", f"/users/{hugo_id}/role-mappings/clients/{client}", [role])
        for scope in ("openid", "openid offline_access"):
            form = {"grant_type": "password", "client_id": CLIENT, "client_secret": "acme-secret"}
            form |= {"username": "hugo", "password": "pw", "scope": scope}
            url = self._admin.base_url.join(f"/realms/{self.realm}/protocol/openid-connect/token")
            answer = httpx.post(url, data=form, trust_env=False, timeout=60)
            assert answer.is_success, answer.text

    def _organization(self) -> None:
        organization = {
            "alias": ALIAS,
            "name": "Acme",
            "redirectUrl": "https://acme.example.com/",
            "domains": [{"name": "example.com", "verified": True}],
            "attributes": {"others": ["kept"]},
        }
        at = f"/organizations/{self.call('POST', '/organizations', organization)}"
        account = self.call("GET", f"/clients/{self.client(CLIENT)}/service-account-user")["id"]
        for each in (account, self.user("hugo")):
            self.call("POST", f"{at}/members", each)
        group = self.call("POST", f"{at}/groups", {"name": "team"})
        below = self.call("POST", f"{at}/groups/{group}/children", {"name": "leads"})
        self.call("POST", f"{at}/groups/{group}/role-mappings/realm", [self.call("GET", "/roles/auditor")])
        for each in (account, self.user("hugo")):
            self.call("PUT", f"{at}/groups/{group}/members/{each}")
            self.call("PUT", f"{at}/groups/{below}/members/{each}")
        form = {"email": "ines@example.net", "firstName": "Ines", "lastName": "I"}
        self._admin.post(f"/{self.realm}{at}/members/invite-user", data=form).raise_for_status()
        broker.add_identity_provider(self._admin, self.realm, at.rpartition("/")[2])
        broker.log_in(self._admin, self.realm, "jane")
