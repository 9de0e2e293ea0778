"""The fake server's organizations and their members."""

import json
from typing import Any

from reconciler.model.value import Representation
from tests.fakes.store import Json, Store, broken, copied, fits, missing, refused, taken
from tests.fakes.traffic import Traffic, request

_WRITTEN = ("description", "redirectUrl", "domains")
DOMAIN = "kc.org.domain"
"""Setting of an identity provider: the domain of the people whom it is for."""


class Organizations:
    """Answer like Keycloak's ``/organizations``."""

    traffic: Traffic
    store: Store

    @request
    async def organizations(self) -> tuple[Representation, ...]:
        return tuple(copied(list(self.store.with_organizations().values())))

    @request
    async def organization(self, organization_id: str) -> Representation:
        return copied(self.store.the_organization(organization_id))

    @request
    async def find_organization(self, alias: str) -> Representation | None:
        self.store.with_organizations()
        return copied(self.store.organization_named(alias))

    @request
    async def create_organization(self, representation: Representation) -> str:
        organizations = self.store.with_organizations()
        name = str(representation.get("name") or "")
        alias = str(representation.get("alias") or name)
        if not name:
            raise refused("Name can not be null")
        if " " in alias:
            raise refused("Empty Space not allowed.")
        self._check_name(name, "")
        if self.store.organization_named(alias) is not None:
            raise taken("A organization with the same alias already exists")
        organization_id = self.store.new_id()
        organizations[organization_id] = {
            "id": organization_id,
            "name": name,
            "alias": alias,
            "enabled": representation.get("enabled", True),
            "attributes": _attributes(representation.get("attributes") or {}),
            **_optional(representation),
        }
        sent = json.dumps(dict(representation))
        self.store.record("CREATE", "ORGANIZATION", f"organizations/{organization_id}", sent)
        return organization_id

    @request
    async def update_organization(self, organization_id: str, representation: Representation) -> None:
        organization = self.store.the_organization(organization_id)
        if representation.get("alias") != organization["alias"]:
            raise refused("Cannot change the alias")
        self._check_name(representation.get("name") or "", organization_id)
        attributes, optional = representation.get("attributes"), _optional(representation)
        organization |= {
            "name": representation["name"],
            "enabled": representation.get("enabled", True),
            "attributes": organization["attributes"] if attributes is None else _attributes(attributes),
        }
        gone = domains_of(organization) - domains_of(representation)
        for provider in self._linked(organization_id):
            if provider.get("config", {}).get(DOMAIN) in gone:
                del provider["config"][DOMAIN]
        # Whatever else a PUT leaves out is forgotten.
        for key in _WRITTEN:
            organization.pop(key, None)
        organization |= optional
        written = json.dumps(dict(representation))
        self.store.record("UPDATE", "ORGANIZATION", f"organizations/{organization_id}", written)

    @request
    async def delete_organization(self, organization_id: str) -> None:
        alias = self.store.the_organization(organization_id)["alias"]
        for user_id in [user for organization, user in self.store.members if organization == organization_id]:
            self._end(organization_id, user_id)
        del self.store.organizations[organization_id]
        self.store.organization_groups.pop(organization_id, None)
        self.store.invitations.pop(organization_id, None)
        for provider in self._linked(organization_id):
            self._unlink(provider)
        gone = json.dumps({"id": organization_id, "alias": alias})
        self.store.record("DELETE", "ORGANIZATION", f"organizations/{organization_id}", gone)

    @request
    async def members(self, organization_id: str) -> tuple[Representation, ...]:
        self.store.the_organization(organization_id)
        users = [self.store.users[user] for organization, user in self.store.members if organization == organization_id]
        ordered = sorted(users, key=lambda user: str(user["username"]))
        return tuple(self._member(organization_id, user) for user in ordered)

    @request
    async def organizations_of(self, user_id: str) -> tuple[str, ...]:
        organizations = self.store.with_organizations()
        self.store.the_user(user_id)
        return tuple(sorted(organizations[each]["alias"] for each, user in self.store.members if user == user_id))

    @request
    async def add_member(self, organization_id: str, user_id: str) -> None:
        self.store.the_organization(organization_id)
        self.store.the_user(user_id)
        if (organization_id, user_id) in self.store.members:
            raise taken("User is already a member of the organization.")
        self.store.members.append((organization_id, user_id))
        username = self.store.users[user_id]["username"]
        path = f"organizations/{organization_id}/members"
        self.store.record("CREATE", "ORGANIZATION_MEMBERSHIP", path, self._briefly(organization_id), username=username)

    @request
    async def remove_member(self, organization_id: str, user_id: str) -> None:
        self.store.the_organization(organization_id)
        if (organization_id, user_id) not in self.store.members:
            raise missing("HTTP 404 Not Found")
        username = self.store.users[user_id]["username"]
        self._end(organization_id, user_id)
        path = f"organizations/{organization_id}/members/{user_id}"
        self.store.record("DELETE", "ORGANIZATION_MEMBERSHIP", path, self._briefly(organization_id), username=username)

    def _briefly(self, organization_id: str) -> str:
        """Return what events of memberships hold."""
        found = self.store.organizations[organization_id]
        return json.dumps({key: found[key] for key in ("id", "name", "alias", "enabled")})

    @request
    async def organization_groups(self, organization_id: str) -> tuple[Representation, ...]:
        if organization_id not in self.store.with_organizations():
            return ()
        return self._groups_below(organization_id, organization_id)

    @request
    async def organization_subgroups(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        self._the_group(organization_id, group_id)
        return self._groups_below(organization_id, group_id)

    @request
    async def organization_group_members(self, organization_id: str, group_id: str) -> tuple[Representation, ...]:
        self._the_group(organization_id, group_id)
        users = [self.store.users[user] for group, user in self.store.in_organization_group if group == group_id]
        ordered = sorted(users, key=lambda user: str(user["username"]))
        return tuple(self._member(organization_id, user) for user in ordered)

    @request
    async def leave_organization_group(self, organization_id: str, group_id: str, user_id: str) -> None:
        self._the_group(organization_id, group_id)
        self.store.the_user(user_id)
        self.store.in_organization_group.discard((group_id, user_id))
        path = f"organizations/{organization_id}/groups/{group_id}/members/{user_id}"
        self.store.record("DELETE", "ORGANIZATION_GROUP_MEMBERSHIP", path)

    @request
    async def invitations(self, organization_id: str) -> tuple[Representation, ...]:
        if organization_id not in self.store.with_organizations():
            return ()
        return tuple(copied(list(self.store.invitations.get(organization_id, {}).values())))

    @request
    async def delete_invitation(self, organization_id: str, invitation_id: str) -> None:
        self.store.the_organization(organization_id)
        if self.store.invitations.get(organization_id, {}).pop(invitation_id, None) is None:
            raise missing("Invitation not found")
        path = f"organizations/{organization_id}/invitations/{invitation_id}"
        self.store.record("DELETE", "ORGANIZATION_MEMBERSHIP", path)

    @request
    async def delete_organization_group(self, organization_id: str, group_id: str) -> None:
        self.store.the_organization(organization_id)
        self._the_group(organization_id, group_id)
        groups = self.store.organization_groups[organization_id]
        gone = {group_id}
        while below := {key for key, group in groups.items() if group["parentId"] in gone} - gone:
            gone |= below
        for each in gone:
            del groups[each]
        self.store.in_organization_group = {e for e in self.store.in_organization_group if e[0] not in gone}
        path = f"organizations/{organization_id}/groups/{group_id}"
        self.store.record("DELETE", "ORGANIZATION_GROUP", path)

    @request
    async def identity_providers(self) -> tuple[Representation, ...]:
        self.store.the_realm()
        return tuple(map(self._shown, self.store.identity_providers.values()))

    @request
    async def identity_provider(self, alias: str) -> Representation:
        return self._shown(self._the_provider(alias))

    @request
    async def create_identity_provider(self, representation: Representation) -> None:
        alias = representation["alias"]
        if alias in self.store.identity_providers:
            raise taken(f"Identity Provider {alias} already exists")
        self.store.identity_providers[alias] = {"enabled": True, **json.loads(json.dumps(representation))}
        path = f"identity-provider/instances/{alias}"
        self.store.record("CREATE", "IDENTITY_PROVIDER", path, json.dumps(representation))

    @request
    async def update_identity_provider(self, alias: str, representation: Representation) -> None:
        provider = self._the_provider(alias)
        config = dict(representation.get("config") or {})
        domain, organization_id = config.get(DOMAIN), provider.get("organizationId")
        domains = {"ANY", *domains_of(self.store.organizations.get(str(organization_id), {}))}
        if organization_id and domain and domain not in domains:
            raise refused("Domain does not match any domain from the organization")
        # To what it is linked is written elsewhere.
        provider["config"] = {key: value for key, value in config.items() if value != ""}
        self.store.record("UPDATE", "IDENTITY_PROVIDER", f"identity-provider/instances/{alias}", json.dumps(provider))

    @request
    async def link_identity_provider(self, organization_id: str, alias: str) -> None:
        organization = self.store.the_organization(organization_id)
        provider = self.store.identity_providers.get(alias)
        if provider is None:
            raise refused("Identity provider not found with the given alias")
        if provider.get("organizationId") == organization_id:
            raise taken("Identity provider already associated to the organization")
        if provider.get("organizationId"):
            raise refused("Identity provider already associated with a different organization")
        provider["organizationId"] = organization_id
        # It is written back as it is shown from now on.
        provider["enabled"] = provider["enabled"] and organization["enabled"]

    @request
    async def unlink_identity_provider(self, organization_id: str, alias: str) -> None:
        self.store.the_organization(organization_id)
        provider = self.store.identity_providers.get(alias, {})
        if provider.get("organizationId") != organization_id:
            raise missing("Identity provider not found with the given alias")
        self._unlink(provider)

    def _the_provider(self, alias: str) -> Json:
        if (provider := self.store.identity_providers.get(alias)) is None:
            raise missing("HTTP 404 Not Found")
        return provider

    def _linked(self, organization_id: str) -> list[Json]:
        providers = self.store.identity_providers.values()
        return [provider for provider in providers if provider.get("organizationId") == organization_id]

    def _unlink(self, provider: Json) -> None:
        del provider["organizationId"]
        provider.get("config", {}).pop(DOMAIN, None)

    def _shown(self, provider: Json) -> Json:
        organization = self.store.organizations.get(str(provider.get("organizationId")), {"enabled": True})
        return {**copied(provider), "enabled": provider["enabled"] and organization["enabled"]}

    def _member(self, organization_id: str, user: Json) -> Json:
        if (organization_id, user["id"]) not in self.store.managed:
            return {**copied(user), "membershipType": "UNMANAGED"}
        enabled = user["enabled"] and self.store.organizations[organization_id]["enabled"]
        return {**copied(user), "enabled": enabled, "membershipType": "MANAGED"}

    def _end(self, organization_id: str, user_id: str) -> None:
        """End a membership, with the organization's groups; a managed member's account goes with it."""
        if (organization_id, user_id) in self.store.managed:
            self.store.drop_user(user_id)
            return
        self.store.members.remove((organization_id, user_id))
        groups = self.store.organization_groups.get(organization_id, {})
        self.store.in_organization_group -= {(group, user_id) for group in groups}

    def _groups_below(self, organization_id: str, parent_id: str) -> tuple[Json, ...]:
        groups = self.store.organization_groups.get(organization_id, {}).values()
        found = [copied(group) for group in groups if group["parentId"] == parent_id]
        return tuple(sorted(found, key=lambda group: str(group["name"])))

    def _the_group(self, organization_id: str, group_id: str) -> None:
        self.store.the_organization(organization_id)
        if group_id not in self.store.organization_groups.get(organization_id, {}):
            raise missing("Group not found")

    def _check_name(self, name: str, own_id: str) -> None:
        fits(name)
        if not name or any(each["name"] == name and key != own_id for key, each in self.store.organizations.items()):
            raise taken("A organization with the same name already exists.")


def domains_of(representation: Representation) -> set[str]:
    """Return the names of an organization's domains."""
    return {str(domain["name"]) for domain in representation.get("domains") or ()}


def _attributes(attributes: Representation) -> dict[str, list[str]]:
    kept = {key: list(values) for key, values in attributes.items() if values}
    for values in kept.values():
        if any(not isinstance(value, str) for value in values):
            raise broken()
        fits(*values)
    return kept


def _optional(representation: Representation) -> Json:
    fits(representation.get("description"), longest=4000)
    chosen: dict[str, Any] = {key: representation[key] for key in _WRITTEN if representation.get(key)}
    if "domains" in chosen:
        chosen["domains"] = [{"verified": False, **domain} for domain in chosen["domains"]]
    return chosen
