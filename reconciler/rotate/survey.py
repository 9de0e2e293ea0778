"""Look at the secrets of all clients: how old they are, when they end, and which are due."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.kinds.client.representation import marks_of
from reconciler.kinds.client.rotation_due import is_due, rotation_findings
from reconciler.kinds.client.secret_times import rotation_of
from reconciler.model.address import Address
from reconciler.model.errors import NotFound
from reconciler.model.finding import Finding
from reconciler.model.manifest import DesiredState, RotationPolicy
from reconciler.model.rotation import ClientRotation, Phase
from reconciler.ports import AdminApi, Clock


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One client: how far its rotation is, what the manifest says, and whether a new secret is due."""

    rotation: ClientRotation
    policy: RotationPolicy | None
    due: bool
    findings: tuple[Finding, ...]

    @property
    def needs_start(self) -> bool:
        """Tell whether a start for all that is due should take it: it is due, or was interrupted."""
        settled = self.rotation.phase in {Phase.SETTLED, Phase.ENDED, Phase.STARTING}
        return (self.due and settled) or (self.rotation.phase is Phase.UNDELIVERED)


async def survey(
    admin: AdminApi, desired: DesiredState, owner: str, clock: Clock, client_ids: Iterable[str] = ()
) -> tuple[Surveyed, ...]:
    """Return the clients that we manage, by address; with ``client_ids``, or ids in Keycloak, those.

    Raises:
        NotFound: There is no such client.
    """
    now = clock.now()
    homes = {c.client_id: m.name for m in desired.organizations for c in m.spec.clients}
    policies = {m.name: m.spec.secret_rotation for m in desired.organizations}
    wanted = set(client_ids)
    found: list[Surveyed] = []
    for representation in await admin.clients():
        client_id = str(representation["clientId"])
        names = {client_id, str(representation["id"])}
        if not names & wanted if wanted else not marks_of(representation).is_of(owner):
            continue
        wanted -= names
        alias = homes.get(client_id) or await _home(admin, str(representation["id"]))
        rotation, policy = rotation_of(Address.client(alias, client_id), representation, now), policies.get(alias)
        findings = tuple(rotation_findings(rotation, policy, now))
        found.append(Surveyed(rotation, policy, is_due(rotation, policy, now), findings))
        if client_ids and not wanted:
            break
    if wanted:
        missing = ", ".join(sorted(wanted))
        raise NotFound(f"Keycloak has no client '{missing}'.", remedy="List the ids: reconciler rotate status.")
    return tuple(sorted(found, key=lambda each: each.rotation.address.sort_key))


async def _home(admin: AdminApi, uuid: str) -> str:
    """Return the alias of the organization that a client without a manifest belongs to, or a dash."""
    user = await admin.service_account(uuid)
    aliases = await admin.organizations_of(user["id"]) if user else ()
    return aliases[0] if aliases else "-"
