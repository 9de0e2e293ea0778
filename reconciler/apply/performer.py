"""Perform one step: the one place that says which verb of which kind a step means."""

from dataclasses import dataclass, field
from typing import assert_never

from reconciler.apply.webhooks import WebhookPerformer, misplaced
from reconciler.kinds.client import fields as client
from reconciler.kinds.client import service_account
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.kinds.realm import fields as realm
from reconciler.kinds.realm import token_scopes
from reconciler.kinds.webhook import fields as webhook
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change, Step, Verb
from reconciler.model.errors import NotFound, StalePlan
from reconciler.model.layout import APPLIED_MARK, OWNER_MARK, service_account_of
from reconciler.model.observed import (
    ClientObservation,
    OrganizationObservation,
    RealmObservation,
    WebhookObservation,
)
from reconciler.model.value import Fields, Representation, Unknown, fingerprint, plain
from reconciler.ports import AdminApi, Clock, PlatformApi, SecretSink

Live = RealmObservation | OrganizationObservation | ClientObservation | WebhookObservation | None


@dataclass(slots=True)
class Performer:
    """Write to Keycloak and the platform, and remember the ids of what was created."""

    admin: AdminApi
    platform: PlatformApi | None
    clock: Clock
    ids: dict[Address, str] = field(default_factory=dict)
    sink: SecretSink | None = None
    """Where the secrets of new webhooks go."""
    webhooks: WebhookPerformer = field(init=False)
    _default_role: str = ""

    def __post_init__(self) -> None:
        self.webhooks = WebhookPerformer(self.admin, self.platform, self.sink, self.ids)

    async def reread(self, change: Change, seen: Fields | None = None, *, again: bool = False) -> Live:
        """Read the live object again before it is written; ``again`` after an attempt that may have succeeded.

        ``seen`` are its fields as this apply has seen them last; without them, it must be as it was planned.

        Raises:
            StalePlan: It is gone, or not what was seen any more; ``again``, beside what the plan itself makes of it.
        """
        live, now = await self.read(change)
        if live is None:
            raise StalePlan(f"{change.address} is gone since it was planned.", remedy="Run plan again.")
        expected = change.precondition if seen is None else fingerprint(seen)
        before = (change.before or {}) if seen is None else seen
        if fingerprint(now) != expected and not (again and _leads_to(before, change.after or {}, now)):
            moved = sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p)) or ["its content"]
            raise StalePlan(
                f"{change.address} was changed since it was planned ({', '.join(moved[:5])}).", remedy="Run plan again."
            )
        return live

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the object that a change is about with its own fields, as it is now; None where there is none."""
        address = change.address
        try:
            match address.kind:
                case Kind.REALM:
                    found = await realm.read(self.admin)
                    return found, realm.observed_fields(found, change.after or {}) if found else {}
                case Kind.ORGANIZATION:
                    organization_id = self.ids.get(address) or await self._find_organization(address.name)
                    if organization_id is None:
                        return None, {}
                    live = await organization.read(self.admin, organization_id)
                    now = organization.observed_fields(live)
                    return live, people.as_planned(now, change.before or {}, change.after or {})
                case Kind.CLIENT:
                    seen = None
                    # It has its new name where the renaming is done.
                    for name in filter(None, (change.renamed_from, address.name)):
                        seen = seen or await client.read(self.admin, await self._role(), name)
                    fields = client.observed_fields(seen) if seen else {}
                    return seen, {path: v for path, v in fields.items() if not isinstance(v, Unknown)}
                case Kind.WEBHOOK:
                    known = await self.webhooks.read(change)
                    return known, webhook.observed_fields(known) if known else {}
                case _:
                    assert_never(address.kind)
        except NotFound:
            return None, {}

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write; an update goes on top of ``live``, which was read just before."""
        match change.address.kind:
            case Kind.REALM:
                await self._perform_realm(step, live)
            case Kind.ORGANIZATION:
                await self._perform_organization(change.address, step, live)
            case Kind.CLIENT:
                await self._perform_client(change.address, step, live)
            case Kind.WEBHOOK:
                await self.webhooks.perform(change, step, live if isinstance(live, WebhookObservation) else None)
            case _:
                assert_never(change.address.kind)

    async def was_created(self, change: Change, step: Step) -> bool:
        """Tell whether an attempt to create the object, whose answer was lost, succeeded; remember its id then."""
        match step.verb:
            case Verb.CREATE_REALM:
                # Only its name tells whose it is; whoever else made it has, or wants, the lock.
                return await self.admin.realm() is not None
            case Verb.CREATE_ORGANIZATION:
                found = await self.admin.find_organization(change.address.name)
            case Verb.CREATE_CLIENT:
                found = await self.admin.find_client(change.address.name)
            case _:
                return False
        if found is None or not _is_made_by(step, found):
            return False
        self.ids[change.address] = str(found["id"])
        return True

    async def is_hidden(self, change: Change, step: Step) -> bool:
        """Tell whether Keycloak shows nothing that stands in the way of what it refused to create twice."""
        match step.verb:
            case Verb.CREATE_ORGANIZATION:
                taken = {change.address.name, str(step.body.get("name"))}
                found = await self.admin.organizations()
                return not any({each["alias"], each["name"]} & taken for each in found)
            case Verb.CREATE_CLIENT:
                # The user of a service account is named in lower case, and a person may have its name.
                name = change.address.name.lower()
                clients = await self.admin.clients()
                impostors = await self.admin.impostors()
                return service_account_of(name) not in impostors and not any(
                    str(each["clientId"]).lower() == name for each in clients
                )
            case _:
                return False

    def is_needed(self, undo: Step, live: Live) -> bool:
        """Tell whether a write is to be taken back, as far as the live object shows.

        A client that has left the organization where it was, whatever the answer, keeps the one that it joined.
        """
        match live:
            case ClientObservation():
                return isinstance(live.organizations, tuple) and len(live.organizations) > 1
            case OrganizationObservation():
                return bool(live.representation.get("name") != undo.body.get("name"))
            case _:
                return False

    async def _perform_realm(self, step: Step, live: Live) -> None:
        match step.verb:
            case Verb.CREATE_REALM:
                await realm.create(self.admin, step.body)
            case Verb.UPDATE_REALM if isinstance(live, RealmObservation):
                await realm.update(self.admin, live.representation, step.body)
            case Verb.PUT_ROTATION_POLICY:
                await realm.put_rotation(self.admin, step.body)
            case Verb.PUT_ORGANIZATION_SCOPE:
                await token_scopes.put_ours(self.admin, step.body)
            case Verb.PUT_SCOPE_MAPPERS:
                await token_scopes.put_mappers(self.admin, step.body)
            case Verb.REMOVE_SCOPE_MAPPER:
                await token_scopes.remove_mapper(self.admin, step.body)
            case Verb.REMOVE_MAPPING_OF_SCOPE:
                await token_scopes.remove_mapping(self.admin, step.body)
            case Verb.ADD_DEFAULT_ROLE | Verb.REMOVE_DEFAULT_ROLE:
                adds = step.verb is Verb.ADD_DEFAULT_ROLE
                write = self.admin.add_composite if adds else self.admin.remove_composite
                await write(await self._role(), str(step.body["role"]))
            case _:
                raise misplaced(step)

    async def _perform_organization(self, address: Address, step: Step, live: Live) -> None:
        match step.verb:
            case Verb.CREATE_ORGANIZATION:
                self.ids[address] = await organization.create(self.admin, step.body)
            case Verb.UPDATE_ORGANIZATION if isinstance(live, OrganizationObservation):
                await organization.update(self.admin, live, step.body)
            case Verb.DELETE_ORGANIZATION:
                managed = people.names(step.body.get("managed"))
                await people.delete_organization(self.admin, self.ids[address], managed)
            case _:
                await self._perform_people(self.ids[address], step)

    async def _perform_people(self, organization_id: str, step: Step) -> None:
        said = {key: str(value) for key, value in step.body.items()}
        match step.verb:
            case Verb.REMOVE_MEMBER:
                managed = bool(step.body.get("managed"))
                await people.remove_member(self.admin, organization_id, said["username"], managed=managed)
            case Verb.DELETE_INVITATION:
                await people.delete_invitation(self.admin, organization_id, said["email"])
            case Verb.UNLINK_IDENTITY_PROVIDER:
                await people.unlink_identity_provider(self.admin, organization_id, said["alias"])
            case Verb.LEAVE_ORGANIZATION_GROUP:
                await people.leave_group(self.admin, organization_id, said["path"], said["username"])
            case Verb.DELETE_ORGANIZATION_GROUP:
                await people.delete_group(self.admin, organization_id, said["name"])
            case _:
                raise misplaced(step)

    async def _perform_client(self, address: Address, step: Step, live: Live) -> None:
        match step.verb:
            case Verb.CREATE_CLIENT:
                self.ids[address] = await client.create(self.admin, step.body)
            case Verb.UPDATE_CLIENT if isinstance(live, ClientObservation):
                await client.update(self.admin, live, step.body)
            case Verb.DELETE_CLIENT:
                await self.admin.delete_client(self.ids[address])
            case Verb.PUT_CLIENT_SCOPES if isinstance(live, ClientObservation):
                await client.put_scopes(self.admin, live, step.body)
            case Verb.ADD_CLIENT_SCOPE | Verb.REMOVE_CLIENT_SCOPE:
                adds = step.verb is Verb.ADD_CLIENT_SCOPE
                write = self.admin.add_client_scope if adds else self.admin.remove_client_scope
                await write(self.ids[address], str(step.body["name"]), default=bool(step.body["default"]))
            case Verb.DELETE_CLIENT_ROLE:
                await self.admin.delete_client_role(self.ids[address], str(step.body["name"]))
            case Verb.ADD_SCOPE_MAPPING:
                await self.admin.add_scope_mapping(self.ids[address], str(step.body["role"]))
            case Verb.REMOVE_SCOPE_MAPPING:
                await self.admin.remove_scope_mapping(self.ids[address], str(step.body["role"]))
            case Verb.GRANT_ROLE:
                role = step.body["role"] or await self._role()
                await service_account.grant(self.admin, self.ids[address], str(role))
            case Verb.REVOKE_ROLE:
                await service_account.revoke(self.admin, self.ids[address], str(step.body["role"]))
            case Verb.LEAVE_GROUP:
                await service_account.leave_group(self.admin, self.ids[address], str(step.body["path"]))
            case Verb.UNLINK_SERVICE_ACCOUNT:
                await service_account.unlink(self.admin, self.ids[address], str(step.body["alias"]))
            case Verb.UNREGISTER_NODE:
                await self.admin.unregister_node(self.ids[address], str(step.body["node"]))
            case Verb.REPLACE_SERVICE_ACCOUNT:
                await service_account.replace(self.admin, self.ids[address])
            case Verb.UPDATE_SERVICE_ACCOUNT:
                await service_account.update(self.admin, self.ids[address], step.body)
            case Verb.JOIN_ORGANIZATION | Verb.LEAVE_ORGANIZATION:
                joins = step.verb is Verb.JOIN_ORGANIZATION
                move = service_account.join if joins else service_account.leave
                await move(self.admin, self.ids[address], self._organization_id(str(step.body["organization"])))
            case _:
                raise misplaced(step)

    async def _role(self) -> str:
        """Return the realm role that every new user gets."""
        if not self._default_role and (representation := await self.admin.realm()) is not None:
            self._default_role = realm.default_role_of(representation)
        return self._default_role

    def _organization_id(self, alias: str) -> str:
        try:
            return self.ids[Address.organization(alias)]
        except KeyError:
            raise NotFound(f"There is no organization '{alias}'.", remedy="Run plan again.") from None

    async def _find_organization(self, alias: str) -> str | None:
        found = await self.admin.find_organization(alias)
        return None if found is None else str(found["id"])


def _leads_to(before: Fields, after: Fields, now: Fields) -> bool:
    """Tell whether every field is as it was seen, or already as the plan makes it."""
    return all(now.get(path) in (before.get(path), after.get(path)) for path in before.keys() | now.keys())


def _is_made_by(step: Step, found: Representation) -> bool:
    """Tell whether the object carries the marks that the step gives it."""
    wanted, live = plain(step.body.get("attributes")) or {}, found.get("attributes") or {}
    return all(live.get(mark) == wanted.get(mark) for mark in (OWNER_MARK, APPLIED_MARK))
