"""An in-memory Keycloak realm behind ``AdminApi`` and ``SecretApi``; ``tests/contract`` proves that it does not lie."""

import json
from typing import Any

from reconciler.ports import AdminApi, Clock, SecretApi
from tests.fakes.clients import Clients
from tests.fakes.events import Events
from tests.fakes.organizations import DOMAIN, Organizations, domains_of
from tests.fakes.roles import Roles
from tests.fakes.scaffolding import Scaffolding
from tests.fakes.secrets import Secrets, log_in
from tests.fakes.store import Json, Store, copied
from tests.fakes.traffic import Traffic


class FakeKeycloak(Scaffolding, Organizations, Clients, Roles, Events, Secrets, AdminApi, SecretApi):
    """Keep one realm, and answer like Keycloak 26.7.5 does.

    ``traffic`` counts the requests and breaks them; ``by_hand`` is what an administrator can do beside the port.
    """

    def __init__(self, realm: str, clock: Clock) -> None:
        self.traffic = Traffic()
        self.store = Store(realm, clock)
        self.by_hand = ByHand(self.store)

    def dump(self) -> Json:
        """Return all that was ever asked for, by names and without ids or times, to compare two histories."""
        store = self.store
        names = {user_id: user["username"] for user_id, user in store.users.items()}
        aliases = {key: organization["alias"] for key, organization in store.organizations.items()}
        return {
            "realm": {key: value for key, value in (store.realm or {}).items() if key != "id"},
            "scopes": sorted((_nameless(scope) for scope in store.scopes.values()), key=lambda each: str(each["name"])),
            "profiles": store.profiles,
            "policies": store.policies,
            "organizations": {each["alias"]: _nameless(each) for each in store.organizations.values()},
            "clients": {each["clientId"]: _nameless(each) for each in store.clients.values()},
            "users": {each["username"]: _nameless(each) for each in store.users.values()},
            "members": sorted((aliases[organization], names[user]) for organization, user in store.members),
            "roles": {names[user]: sorted(held) for user, held in store.user_roles.items()},
            "groups": {
                aliases[key]: sorted(group["path"] for group in groups.values())
                for key, groups in store.organization_groups.items()
                if groups
            },
            "links": sorted((names[user], alias) for user, alias in store.links),
            "composites": {role: sorted(contained) for role, contained in store.composites.items()},
        }


class ByHand:
    """Do what an administrator can do in Keycloak's console, and the reconciler cannot."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_user(self, username: str) -> str:
        """Make a user and return its id."""
        return self._store.new_user(username)

    def rename_user(self, user_id: str, email: str) -> None:
        """Set a user's name and e-mail address, in a realm that takes the address for the name."""
        self._store.users[user_id] |= {"username": email, "email": email}
        self._store.record("UPDATE", "USER", f"users/{user_id}", json.dumps({"username": email, "email": email}))

    def configure_events(self, **settings: bool) -> None:
        """Set by the resource of their own whether admin events are recorded, which is recorded in any case."""
        realm = self._store.the_realm()
        realm["adminEventsEnabled"] = True
        self._store.record("UPDATE", "REALM", "events/config", json.dumps(settings))
        realm |= settings

    def add_client_role(self, client_id: str, name: str) -> None:
        """Give a client a role of its own."""
        uuid = self._uuid(client_id)
        self._store.client_roles[uuid].add(name)
        self._store.record("CREATE", "CLIENT_ROLE", f"clients/{uuid}/roles/{name}")

    def delete_scope(self, name: str) -> None:
        """Delete a client scope, which every client loses."""
        found = self._store.scope_named(name)
        assert found is not None
        del self._store.scopes[found["id"]]
        for client in self._store.clients.values():
            for scopes in (client["defaultClientScopes"], client["optionalClientScopes"]):
                if name in scopes:
                    scopes.remove(name)
        self._store.record("DELETE", "CLIENT_SCOPE", f"client-scopes/{found['id']}")

    def add_mapping_of_scope(self, scope: str, role: str) -> None:
        """Let a client scope put a role into tokens."""
        found = self._store.scope_named(scope)
        assert found is not None
        self._store.scope_roles.setdefault(found["id"], set()).add(role)
        self._store.record("CREATE", "REALM_SCOPE_MAPPING", f"client-scopes/{found['id']}/scope-mappings/realm")

    def add_group(self, name: str) -> str:
        """Make a top-level group and return its id."""
        group_id = self._store.new_id()
        self._store.groups[group_id] = {"id": group_id, "name": name, "path": f"/{name}"}
        self._store.record("CREATE", "GROUP", f"groups/{group_id}")
        return group_id

    def join_group(self, username: str, group_id: str) -> None:
        """Put a user into a group."""
        user_id = self.user_id(username)
        self._store.in_group.append((group_id, user_id))
        self._store.record(
            "CREATE",
            "GROUP_MEMBERSHIP",
            f"users/{user_id}/groups/{group_id}",
            json.dumps(self._store.groups[group_id]),
            username=username,
        )

    def add_identity_provider(self, alias: str) -> None:
        """Make an identity provider."""
        self._store.identity_providers[alias] = {"alias": alias, "providerId": "oidc", "enabled": True, "config": {}}

    def link_identity_provider(self, alias: str, organization: str) -> None:
        """Make an identity provider and link it to an organization."""
        found = self._store.organization_named(organization)
        assert found is not None
        provider = {"alias": alias, "providerId": "oidc", "enabled": True, "organizationId": found["id"]}
        domains = sorted(domains_of(found))
        provider["config"] = {DOMAIN: domains[0]} if domains else {}
        self._store.identity_providers[alias] = provider

    def add_managed_member(self, organization: str, username: str) -> str:
        """Let somebody log in through the organization's identity provider for the first time; return the user's id."""
        found = self._store.organization_named(organization)
        assert found is not None
        user_id = self._store.new_user(username)
        # The person's own login is no event of an administrator.
        self._store.members.append((found["id"], user_id))
        self._store.managed.add((found["id"], user_id))
        return user_id

    def invite(self, organization: str, email: str) -> None:
        """Invite somebody to an organization."""
        found = self._store.organization_named(organization)
        assert found is not None
        invitation_id = self._store.new_id()
        invitations = self._store.invitations.setdefault(found["id"], {})
        invitations[invitation_id] = {"id": invitation_id, "email": email}
        path = f"organizations/{found['id']}/members/invite-user"
        self._store.record("ACTION", "ORGANIZATION_MEMBERSHIP", path)

    def add_organization_group(self, organization: str, path: str) -> str:
        """Give an organization a group of its own, below another where the path says so; return its id."""
        found = self._store.organization_named(organization)
        assert found is not None
        groups = self._store.organization_groups.setdefault(found["id"], {})
        above, _, name = f"/{path.lstrip('/')}".rpartition("/")
        parent = next((key for key, group in groups.items() if group["path"] == above), found["id"])
        group_id = self._store.new_id()
        groups[group_id] = {"id": group_id, "name": name, "path": f"{above}/{name}", "parentId": parent}
        sent = json.dumps({"id": group_id, "name": name})
        self._store.record("CREATE", "ORGANIZATION_GROUP", f"organizations/{found['id']}/groups", sent)
        return group_id

    def join_organization_group(self, organization: str, group_id: str, username: str) -> None:
        """Put a member into one of an organization's own groups."""
        found = self._store.organization_named(organization)
        assert found is not None
        user_id = self.user_id(username)
        self._store.in_organization_group.add((group_id, user_id))
        path = f"organizations/{found['id']}/groups/{group_id}/members/{user_id}"
        self._store.record("CREATE", "ORGANIZATION_GROUP_MEMBERSHIP", path)

    def link_user(self, username: str, alias: str) -> None:
        """Make an identity provider whose user logs in as this one."""
        self._store.identity_providers.setdefault(alias, {"alias": alias, "providerId": "oidc", "enabled": True})
        self._store.links.append((self.user_id(username), alias))
        self._store.record("CREATE", "USER", f"users/{self.user_id(username)}/federated-identity/{alias}")

    def import_account(self, client_id: str, *credentials: str, roles: tuple[str, ...] = ()) -> None:
        """Overwrite the user of a client's service account by a partial import, with credentials or realm roles."""
        uuid = self._uuid(client_id)
        self._store.drop_user(self._store.accounts.pop(uuid))
        user_id = self._store.accounts[uuid] = self._store.new_user(f"service-account-{client_id}")
        self._store.credentials[user_id] = list(credentials)
        if roles:
            self._store.user_roles[user_id] = set(roles)
        self._store.record("UPDATE", "REALM", f"users/{user_id}")

    def put_impostor(self, client_id: str) -> str:
        """Put a user that is none of Keycloak's into the place of a client's service account, and return its id."""
        self._store.drop_user(self._store.accounts.pop(self._uuid(client_id)))
        return self._store.new_user(f"service-account-{client_id}")

    def log_out(self, username: str) -> None:
        """End all sessions of a user: from then on, older tokens are void."""
        user_id = self.user_id(username)
        self._store.users[user_id]["notBefore"] = self._store.seconds()
        self._store.record("ACTION", "USER", f"users/{user_id}/logout")

    def add_default_group(self, name: str) -> None:
        """Make a top-level group that every new user joins."""
        self._store.default_groups.append(self.add_group(name))

    def require_of_new_users(self, action: str) -> None:
        """Require an action of every new user."""
        self._store.default_actions.append(action)

    def import_client_role(self, client_id: str, name: str) -> None:
        """Give a client a role of its own by a partial import, which is recorded as a change of the realm."""
        uuid = self._uuid(client_id)
        self._store.client_roles[uuid].add(name)
        self._store.record("CREATE", "REALM", f"clients/{uuid}")

    def log_in(self, client_id: str, secret: str) -> str | None:
        """Ask for a token as a client does, and return the token's id; None where the secret is refused."""
        return log_in(self._store, client_id, secret)

    def user_id(self, username: str) -> str:
        """Return a user's id."""
        return next(key for key, user in self._store.users.items() if user["username"] == username)

    def _uuid(self, client_id: str) -> str:
        client = self._store.client_named(client_id)
        assert client is not None
        return str(client["id"])


def _nameless(representation: Json) -> dict[str, Any]:
    """Return the representation without what differs from run to run."""
    found = copied(representation)
    found.pop("id", None)
    found.pop("createdTimestamp", None)
    for mapper in found.get("protocolMappers") or ():
        mapper.pop("id", None)
    attributes = found.get("attributes") or {}
    for key in [each for each in attributes if each.startswith("client.secret.")]:
        del attributes[key]
    for key in ("defaultClientScopes", "optionalClientScopes"):
        if key in found:
            found[key].sort()
    return found
