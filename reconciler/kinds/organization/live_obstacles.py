"""Why a live object cannot be said as a manifest; the rest is left to the rules that every manifest obeys."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.kinds.client import representation as client
from reconciler.kinds.live_document import foreign
from reconciler.kinds.organization import representation as organization
from reconciler.model import layout
from reconciler.model.address import Address
from reconciler.model.errors import Problem
from reconciler.model.layout import CLIENT_PREFIX, SERVICE_ACCOUNT_PREFIX, service_account_of
from reconciler.model.manifest import CAPABILITIES
from reconciler.model.observed import ClientObservation, OrganizationObservation, ReadFailure, Snapshot
from reconciler.model.value import Fields

_PLACES: Final = {
    "metadata.name": "alias",
    "spec.displayName": "name",
    "spec.organizationUuid": f"attribute {layout.UUID}",
    "spec.authorizedPartners": f"attribute {layout.PARTNERS}",
    "spec.capabilities.rateLimitTier": f"attribute {layout.RATE_LIMIT_TIER}",
    **{f"spec.capabilities.{flag}": f"attribute {flag}" for flag in CAPABILITIES},
    "spec.dpa.version": f"attribute {layout.DPA_VERSION}",
    "spec.dpa.acceptedAt": f"attribute {layout.DPA_ACCEPTED_AT}",
}
"""Where Keycloak keeps what stands at a path of a manifest."""


_OPENID: Final = "openid-connect"
_HOMELESS: Final = (
    "It belongs to no organization: its service account is a member of none. "
    "Make it a member of its organization, or delete the client."
)
_OF_ANOTHER_PROTOCOL: Final = (
    "It is a client for {protocol}, which no manifest can declare. It is left alone. Leave it as it is while "
    "programs use it, and make an OpenID Connect client of another name for the organization."
)


def clients_of(alias: str, snapshot: Snapshot) -> list[ClientObservation]:
    """Return the clients whose service accounts are members of the organization, sorted by clientId."""
    return [live for _, live in sorted(snapshot.clients.items()) if alias in live.homes]


def homeless(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the clients that belong to no organization, each with what that means."""
    for client_id, live in sorted(snapshot.clients.items()):
        if not isinstance(live.organizations, ReadFailure) and not live.organizations:
            protocol = str(live.representation.get("protocol") or _OPENID)
            words = _HOMELESS if protocol == _OPENID else _OF_ANOTHER_PROTOCOL.format(protocol=_names(protocol))
            yield client_id, words


def _names(protocol: str) -> str:
    return "SAML" if protocol == "saml" else f"the protocol {protocol!r}"


def obstacles(
    live: OrganizationObservation, fields: Fields, snapshot: Snapshot, owner: str, *, allow_takeover: bool
) -> Iterator[str]:
    """Yield why an organization that has these fields cannot be imported."""
    yield from foreign("It", organization.observed_marks(live).owner, owner, allow_takeover=allow_takeover)
    members = snapshot.members.get(live.alias, ())
    if isinstance(members, ReadFailure):
        yield f"Its members could not be read: {members.reason}"
        return
    for each in clients_of(live.alias, snapshot):
        its_owner = client.observed_marks(each).owner
        yield from foreign(f"Its client {each.client_id}", its_owner, owner, allow_takeover=allow_takeover)
        yield from _of_client(each)
    yield from _other_clients(members, snapshot)
    yield from _of_facts(fields)


def _of_client(live: ClientObservation) -> Iterator[str]:
    homes = live.homes
    if len(homes) > 1:
        yield (
            f"Its client {live.client_id} is a member of {len(homes)} organizations ({', '.join(homes)}), so that its "
            "tokens name none. Take it out of all but one."
        )
    if isinstance(live.roles, ReadFailure):
        yield f"The roles of {live.client_id} could not be read: {live.roles.reason}"


def _other_clients(members: Sequence[str], snapshot: Snapshot) -> Iterator[str]:
    known = {service_account_of(client_id).lower() for client_id in snapshot.clients}
    renamed = {} if isinstance(snapshot.renamed, ReadFailure) else snapshot.renamed
    for member in members:
        name = service_account_of(renamed[member]).lower() if member in renamed else member
        if name.startswith(SERVICE_ACCOUNT_PREFIX) and name not in known:
            yield (
                f"Its client {name.removeprefix(SERVICE_ACCOUNT_PREFIX)} is not called {CLIENT_PREFIX}...: no manifest "
                "can declare it, and adopting the organization would take it out. Rename it in Keycloak together with "
                "the backend that uses it, or take it out of the organization."
            )


def _of_facts(fields: Fields) -> Iterator[str]:
    if not fields.get("organizationUuid"):
        yield f"It has no attribute {layout.UUID}. Give it the UUID by which the platform identifies the organization."
    version, accepted = fields.get("dpa.version"), fields.get("dpa.acceptedAt")
    if version and not accepted:
        yield (
            f"It has a {layout.DPA_VERSION}, but no {layout.DPA_ACCEPTED_AT}, and nobody may invent one. Set it to "
            f"when a person accepted the agreement, or remove {layout.DPA_VERSION}."
        )
    if accepted and not version:
        yield f"It has a {layout.DPA_ACCEPTED_AT}, but no {layout.DPA_VERSION}. Set that to the accepted version."


def words_for(address: Address, problem: Problem, steps: Sequence[str], snapshot: Snapshot) -> str:
    """Return what breaks a rule of manifests at ``steps``, with the place where Keycloak keeps it."""
    client_ids = [each.client_id for each in clients_of(address.name, snapshot)]
    if steps[:2] == ("spec", "clients") and len(steps) > 3:
        live = snapshot.clients[client_ids[int(steps[2])]]
        has_own = layout.TOKEN_LIFESPAN in (live.representation.get("attributes") or {})
        if steps[3] == "accessTokenLifespan" and not has_own:
            what = "has no access token lifespan, and the realm's is out of range"
            return f"Its client {live.client_id} {what}: {problem.message} Give the client one, 60 to 3600 seconds."
        return f"Its client {live.client_id}, {steps[3]}: {problem.message} {problem.remedy}".rstrip()
    # What to write in a file says nothing about Keycloak, where every attribute is text.
    remedy = "" if steps[-1] in CAPABILITIES else problem.remedy
    place = next((words for path, words in _PLACES.items() if problem.path.startswith(path)), problem.path)
    return f"Its {place}: {problem.message} {remedy}".rstrip()
