"""What the suite does by hand, on either server, because no port can."""

import json
from base64 import urlsafe_b64decode
from typing import Any, Protocol

import httpx

from tests import broker
from tests.fakes.keycloak import ByHand
from tests.mailbox import mailbox


class Hands(Protocol):
    """An administrator at Keycloak's console."""

    def add_user(self, username: str) -> str:
        """Make a user and return its id."""
        ...

    def rename_user(self, user_id: str, email: str) -> None:
        """Set a user's name and e-mail address, in a realm that takes the address for the name."""
        ...

    def add_client_role(self, client_id: str, name: str) -> None:
        """Give a client a role of its own."""
        ...

    def add_group(self, name: str) -> str:
        """Make a top-level group and return its id."""
        ...

    def join_group(self, username: str, group_id: str) -> None:
        """Put a user into a group."""
        ...

    def add_identity_provider(self, alias: str) -> None:
        """Make an identity provider."""
        ...

    def link_identity_provider(self, alias: str, organization: str) -> None:
        """Make an identity provider and link it to an organization."""
        ...

    def add_mapping_of_scope(self, scope: str, role: str) -> None:
        """Let a client scope put a realm role into tokens."""
        ...

    def add_organization_group(self, organization: str, path: str) -> str:
        """Give an organization a group of its own, below another where the path says so; return its id."""
        ...

    def join_organization_group(self, organization: str, group_id: str, username: str) -> None:
        """Put a member into one of an organization's own groups."""
        ...

    def add_managed_member(self, organization: str, username: str) -> str:
        """Let somebody log in through an organization's identity provider for the first time; return the user's id."""
        ...

    def invite(self, organization: str, email: str) -> None:
        """Invite somebody to an organization."""
        ...

    def link_user(self, username: str, alias: str) -> None:
        """Make an identity provider whose user logs in as this one."""
        ...

    def import_client_role(self, client_id: str, name: str) -> None:
        """Give a client a role of its own by a partial import."""
        ...

    def delete_scope(self, name: str) -> None:
        """Delete a client scope."""
        ...

    def import_account(self, client_id: str, *credentials: str, roles: tuple[str, ...] = ()) -> None:
        """Overwrite the user of a client's service account by a partial import, with credentials or realm roles."""
        ...

    def configure_events(self, **settings: bool) -> None:
        """Set by the resource of their own whether admin events are recorded."""
        ...

    def put_impostor(self, client_id: str) -> str:
        """Put another user into the place of a client's service account, and return its id."""
        ...

    def log_out(self, username: str) -> None:
        """End all sessions of a user."""
        ...

    def add_default_group(self, name: str) -> None:
        """Make a top-level group that every new user joins."""
        ...

    def require_of_new_users(self, action: str) -> None:
        """Require an action of every new user."""
        ...

    def log_in(self, client_id: str, secret: str) -> str | None:
        """Ask for a token as a client does, and return the token's id; None where the secret is refused."""
        ...


class FakeHands(Hands):
    """The fake's administrator."""

    def __init__(self, by_hand: ByHand) -> None:
        self._by_hand = by_hand

    def add_user(self, username: str) -> str:
        return self._by_hand.add_user(username)

    def configure_events(self, **settings: bool) -> None:
        self._by_hand.configure_events(**settings)

    def add_client_role(self, client_id: str, name: str) -> None:
        self._by_hand.add_client_role(client_id, name)

    def add_group(self, name: str) -> str:
        return self._by_hand.add_group(name)

    def join_group(self, username: str, group_id: str) -> None:
        self._by_hand.join_group(username, group_id)

    def add_identity_provider(self, alias: str) -> None:
        self._by_hand.add_identity_provider(alias)

    def link_identity_provider(self, alias: str, organization: str) -> None:
        self._by_hand.link_identity_provider(alias, organization)

    def add_mapping_of_scope(self, scope: str, role: str) -> None:
        self._by_hand.add_mapping_of_scope(scope, role)

    def add_organization_group(self, organization: str, path: str) -> str:
        return self._by_hand.add_organization_group(organization, path)

    def join_organization_group(self, organization: str, group_id: str, username: str) -> None:
        self._by_hand.join_organization_group(organization, group_id, username)

    def add_managed_member(self, organization: str, username: str) -> str:
        self._by_hand.link_identity_provider(broker.ALIAS, organization)
        return self._by_hand.add_managed_member(organization, username)

    def invite(self, organization: str, email: str) -> None:
        self._by_hand.invite(organization, email)

    def link_user(self, username: str, alias: str) -> None:
        self._by_hand.link_user(username, alias)

    def rename_user(self, user_id: str, email: str) -> None:
        self._by_hand.rename_user(user_id, email)

    def import_client_role(self, client_id: str, name: str) -> None:
        self._by_hand.import_client_role(client_id, name)

    def delete_scope(self, name: str) -> None:
        self._by_hand.delete_scope(name)

    def import_account(self, client_id: str, *credentials: str, roles: tuple[str, ...] = ()) -> None:
        self._by_hand.import_account(client_id, *credentials, roles=roles)

    def put_impostor(self, client_id: str) -> str:
        return self._by_hand.put_impostor(client_id)

    def log_out(self, username: str) -> None:
        self._by_hand.log_out(username)

    def add_default_group(self, name: str) -> None:
        self._by_hand.add_default_group(name)

    def require_of_new_users(self, action: str) -> None:
        self._by_hand.require_of_new_users(action)

    def log_in(self, client_id: str, secret: str) -> str | None:
        return self._by_hand.log_in(client_id, secret)


class RealHands(Hands):
    """Plain requests to a real server."""

    def __init__(self, console: httpx.Client, realm: str) -> None:
        self._console = console
        self._realm = realm

    def add_user(self, username: str) -> str:
        return self._post("/users", {"username": username, "enabled": True})

    def rename_user(self, user_id: str, email: str) -> None:
        self._console.put(f"/{self._realm}", json={"registrationEmailAsUsername": True}).raise_for_status()
        body = {"username": email, "email": email}
        self._console.put(f"/{self._realm}/users/{user_id}", json=body).raise_for_status()

    def configure_events(self, **settings: bool) -> None:
        self._console.put(f"/{self._realm}/events/config", json=settings).raise_for_status()

    def add_client_role(self, client_id: str, name: str) -> None:
        client = self._get("/clients", clientId=client_id)[0]
        self._post(f"/clients/{client['id']}/roles", {"name": name})

    def add_group(self, name: str) -> str:
        return self._post("/groups", {"name": name})

    def join_group(self, username: str, group_id: str) -> None:
        user = self._get("/users", username=username, exact="true")[0]
        self._console.put(f"/{self._realm}/users/{user['id']}/groups/{group_id}").raise_for_status()

    def link_identity_provider(self, alias: str, organization: str) -> None:
        self.add_identity_provider(alias)
        self._post(f"/organizations/{self._organization_id(organization)}/identity-providers", alias)

    def add_organization_group(self, organization: str, path: str) -> str:
        at = f"/organizations/{self._organization_id(organization)}/groups"
        above, _, name = path.rpartition("/")
        parents = {group["name"]: group["id"] for group in self._get(at)}
        return self._post(f"{at}/{parents[above]}/children" if above else at, {"name": name})

    def join_organization_group(self, organization: str, group_id: str, username: str) -> None:
        user = self._get("/users", username=username, exact="true")[0]
        at = f"/organizations/{self._organization_id(organization)}/groups/{group_id}/members/{user['id']}"
        self._console.put(f"/{self._realm}{at}").raise_for_status()

    def add_managed_member(self, organization: str, username: str) -> str:
        # The contract's realms have no RSA keys.
        self._console.put(f"/{self._realm}", json={"defaultSignatureAlgorithm": "ES256"}).raise_for_status()
        broker.add_identity_provider(self._console, self._realm, self._organization_id(organization))
        broker.log_in(self._console, self._realm, username)
        broker.forget(self._console, self._realm)
        return str(self._get("/users", username=username, exact="true")[0]["id"])

    def invite(self, organization: str, email: str) -> None:
        path = f"/{self._realm}/organizations/{self._organization_id(organization)}/members/invite-user"
        form = {"email": email, "firstName": "Ines", "lastName": "Invited"}
        with mailbox() as port:
            server = {"host": "127.0.0.1", "port": str(port), "from": "keycloak@example.com"}
            self._console.put(f"/{self._realm}", json={"smtpServer": server}).raise_for_status()
            self._console.post(path, data=form).raise_for_status()

    def link_user(self, username: str, alias: str) -> None:
        self.add_identity_provider(alias)
        user = self._get("/users", username=username, exact="true")[0]
        self._post(f"/users/{user['id']}/federated-identity/{alias}", {"userId": "1", "userName": "eve"})

    def import_client_role(self, client_id: str, name: str) -> None:
        self._post("/partialImport", {"ifResourceExists": "FAIL", "roles": {"client": {client_id: [{"name": name}]}}})

    def delete_scope(self, name: str) -> None:
        found = next(each for each in self._get("/client-scopes") if each["name"] == name)
        self._console.delete(f"/{self._realm}/client-scopes/{found['id']}").raise_for_status()

    def import_account(self, client_id: str, *credentials: str, roles: tuple[str, ...] = ()) -> None:
        stored = [{"type": each, "secretData": "{}", "credentialData": "{}"} for each in credentials]
        name = f"service-account-{client_id}".lower()
        user = {"username": name, "enabled": True, "serviceAccountClientId": client_id, "credentials": stored}
        user |= {"realmRoles": list(roles)} if roles else {}
        self._post("/partialImport", {"ifResourceExists": "OVERWRITE", "users": [user]})

    def put_impostor(self, client_id: str) -> str:
        name = f"service-account-{client_id}".lower()
        user = self._get("/users", username=name, exact="true")[0]
        self._console.delete(f"/{self._realm}/users/{user['id']}").raise_for_status()
        return self.add_user(name)

    def log_out(self, username: str) -> None:
        self._post(f"/users/{self._get('/users', username=username, exact='true')[0]['id']}/logout", None)

    def add_default_group(self, name: str) -> None:
        self._console.put(f"/{self._realm}/default-groups/{self.add_group(name)}").raise_for_status()

    def require_of_new_users(self, action: str) -> None:
        path = f"/authentication/required-actions/{action}"
        changed = {**self._get(path), "enabled": True, "defaultAction": True}
        self._console.put(f"/{self._realm}{path}", json=changed).raise_for_status()

    def add_mapping_of_scope(self, scope: str, role: str) -> None:
        found = next(each for each in self._get("/client-scopes") if each["name"] == scope)
        self._post(f"/client-scopes/{found['id']}/scope-mappings/realm", [self._get(f"/roles/{role}")])

    def log_in(self, client_id: str, secret: str) -> str | None:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        url = self._console.base_url.join(f"/realms/{self._realm}/protocol/openid-connect/token")
        answer = httpx.post(url, data=form, trust_env=False, timeout=60)
        assert answer.status_code in {200, 401}, answer.text
        if answer.status_code == 401:
            return None
        payload = answer.json()["access_token"].split(".")[1]
        return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"])

    def add_identity_provider(self, alias: str) -> None:
        config = {"clientId": "x", "clientSecret": "y", "tokenUrl": "https://x", "authorizationUrl": "https://x"}
        provider = {"alias": alias, "providerId": "oidc", "enabled": True, "config": config}
        self._post("/identity-provider/instances", provider)

    def _organization_id(self, alias: str) -> str:
        return str(next(each["id"] for each in self._get("/organizations") if each["alias"] == alias))

    def _post(self, path: str, body: object) -> str:
        answer = self._console.post(f"/{self._realm}{path}", json=body).raise_for_status()
        return str(answer.headers.get("location", "")).rpartition("/")[2]

    def _get(self, path: str, **query: str) -> Any:
        return self._console.get(f"/{self._realm}{path}", params=query).raise_for_status().json()
