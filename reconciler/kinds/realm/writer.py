"""Read and write the realm in one apply."""

from dataclasses import dataclass

from reconciler.kinds.patch import merged
from reconciler.kinds.realm import representation, token_scopes
from reconciler.kinds.writing import Live, Writer, misplaced
from reconciler.model.change import Change, Step, Verb
from reconciler.model.observed import RealmObservation
from reconciler.model.value import Fields


@dataclass(slots=True)
class RealmWriter(Writer):
    """Write the scaffolding."""

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the realm as it is now."""
        found = await representation.read(self.systems.admin)
        return found, representation.observed_fields(found, change.after or {}) if found else {}

    async def perform(self, change: Change, step: Step, live: Live) -> None:
        """Make one write."""
        admin = self.systems.admin
        match step.verb:
            case Verb.CREATE_REALM:
                await admin.create_realm(merged({}, step.body))
            case Verb.UPDATE_REALM if isinstance(live, RealmObservation):
                # Keycloak keeps what is left out, but replaces "attributes" whole.
                whole = merged(live.representation, step.body)
                await admin.update_realm({key: whole.get(key) for key in step.body})
            case Verb.PUT_ROTATION_POLICY:
                await representation.put_rotation(admin, step.body)
            case Verb.PUT_ORGANIZATION_SCOPE:
                await token_scopes.put_ours(admin, step.body)
            case Verb.PUT_SCOPE_MAPPERS:
                await token_scopes.put_mappers(admin, step.body)
            case Verb.REMOVE_SCOPE_MAPPER:
                await token_scopes.remove_mapper(admin, step.body)
            case Verb.REMOVE_MAPPING_OF_SCOPE:
                await token_scopes.remove_mapping(admin, step.body)
            case Verb.ADD_DEFAULT_ROLE | Verb.REMOVE_DEFAULT_ROLE:
                adds = step.verb is Verb.ADD_DEFAULT_ROLE
                write = admin.add_composite if adds else admin.remove_composite
                await write(await self.systems.default_role(), str(step.body["role"]))
            case _:
                raise misplaced(step)

    async def was_created(self, change: Change, step: Step) -> bool:
        """Tell whether the realm is there: only its name tells whose it is, and whoever else made it wants the lock."""
        return await self.systems.admin.realm() is not None
