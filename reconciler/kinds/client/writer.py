"""Read and write clients in one apply."""

from dataclasses import dataclass

from reconciler.kinds.client import representation, service_account
from reconciler.kinds.patch import merged
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.change import Change, Step, Verb
from reconciler.model.layout import service_account_of
from reconciler.model.observed import ClientObservation
from reconciler.model.value import Fields, Unknown


@dataclass(slots=True)
class ClientWriter(Writer):
    """Write clients, and their service accounts."""

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the client as it is now."""
        admin, seen = self.systems.admin, None
        # It has its new name where the renaming is done.
        for name in filter(None, (change.renamed_from, change.address.name)):
            seen = seen or await representation.read(admin, await self.systems.default_role(), name)
        found = representation.observed_fields(seen) if seen else {}
        return seen, {path: value for path, value in found.items() if not isinstance(value, Unknown)}

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write."""
        admin, ids, address = self.systems.admin, self.systems.ids, change.address
        match step.verb:
            case Verb.CREATE_CLIENT:
                ids[address] = await admin.create_client(merged({}, step.body))
            case Verb.UPDATE_CLIENT if isinstance(live, ClientObservation):
                await representation.update(admin, live, step.body)
            case Verb.DELETE_CLIENT:
                await admin.delete_client(ids[address])
            case Verb.PUT_CLIENT_SCOPES if isinstance(live, ClientObservation):
                await representation.put_scopes(admin, live, step.body)
            case Verb.ADD_CLIENT_SCOPE | Verb.REMOVE_CLIENT_SCOPE:
                adds = step.verb is Verb.ADD_CLIENT_SCOPE
                write = admin.add_client_scope if adds else admin.remove_client_scope
                await write(ids[address], str(step.body["name"]), default=bool(step.body["default"]))
            case Verb.DELETE_CLIENT_ROLE:
                await admin.delete_client_role(ids[address], str(step.body["name"]))
            case Verb.ADD_SCOPE_MAPPING:
                await admin.add_scope_mapping(ids[address], str(step.body["role"]))
            case Verb.REMOVE_SCOPE_MAPPING:
                await admin.remove_scope_mapping(ids[address], str(step.body["role"]))
            case Verb.UNREGISTER_NODE:
                await admin.unregister_node(ids[address], str(step.body["node"]))
            case _:
                await self._perform_account(ids[address], step)

    async def _perform_account(self, uuid: str, step: Step) -> None:
        admin = self.systems.admin
        match step.verb:
            case Verb.GRANT_ROLE:
                role = step.body["role"] or await self.systems.default_role()
                await service_account.grant(admin, uuid, str(role))
            case Verb.REVOKE_ROLE:
                await service_account.revoke(admin, uuid, str(step.body["role"]))
            case Verb.LEAVE_GROUP:
                await service_account.leave_group(admin, uuid, str(step.body["path"]))
            case Verb.UNLINK_SERVICE_ACCOUNT:
                await service_account.unlink(admin, uuid, str(step.body["alias"]))
            case Verb.REPLACE_SERVICE_ACCOUNT:
                await service_account.replace(admin, uuid)
            case Verb.UPDATE_SERVICE_ACCOUNT:
                await service_account.update(admin, uuid, step.body)
            case Verb.JOIN_ORGANIZATION | Verb.LEAVE_ORGANIZATION:
                joins = step.verb is Verb.JOIN_ORGANIZATION
                move = service_account.join if joins else service_account.leave
                await move(admin, uuid, await self.systems.organization_id(str(step.body["organization"])))
            case _:
                raise misplaced(step)

    async def was_created(self, change: Change, step: Step) -> bool:
        """Tell whether a client is there that carries the marks that the step gives it."""
        return self.is_made(change, step, await self.systems.admin.find_client(change.address.name))

    async def is_hidden(self, change: Change, step: Step) -> bool:
        """Tell whether Keycloak shows no client of that id, and no person with its service account's name."""
        # The user of a service account is named in lower case.
        name = change.address.name.lower()
        clients = await self.systems.admin.clients()
        impostors = await self.systems.admin.impostors()
        return service_account_of(name) not in impostors and not any(
            str(each["clientId"]).lower() == name for each in clients
        )

    def is_needed(self, undo: Step, live: Live) -> bool:
        """Tell whether it is in more than one organization.

        A client that has left the organization where it was, whatever the answer, keeps the one that it joined.
        """
        organizations = live.organizations if isinstance(live, ClientObservation) else ()
        return isinstance(organizations, tuple) and len(organizations) > 1
