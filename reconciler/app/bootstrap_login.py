"""Bootstrap: make the clients by which the reconciler itself logs in, each with the least roles that it needs."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.model.address import Address
from reconciler.model.errors import NotFound, ReconcilerError, WrongUsage
from reconciler.model.layout import CLIENT_PREFIX
from reconciler.model.value import Representation
from reconciler.ports import Events, SecretSink, Systems
from reconciler.ports.run_events import Reading

ROLES_OF: Final = "realm-management"
"""The client of every realm but ``master`` whose roles open the realm's part of the Admin API."""
MARK: Final = "reconciler/login"
"""The attribute of a client that was made here."""
SHAPE: Final = MappingProxyType(
    {
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": False,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "fullScopeAllowed": True,
    }
)
"""How such a client is: confidential, with a service account and no other flow. The full scope puts the roles of
``realm-management`` into its tokens, where Keycloak looks for them."""


@dataclass(frozen=True, slots=True)
class LoginClient:
    """A client that logs in for the reconciler, and the roles of ``realm-management`` that it needs."""

    client_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BootstrapRequest:
    """Make these clients in the realm; with ``delivers``, deliver the secrets of those that are there already, too."""

    clients: tuple[LoginClient, ...]
    realm: str
    delivers: bool = False


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """What became of one client; all of it is nothing where it was as it should be."""

    client: LoginClient
    is_new: bool
    mended: tuple[str, ...] = ()
    """Its settings that were put right, sorted."""
    granted: tuple[str, ...] = ()
    """The roles of ``realm-management`` that it lacked."""
    surplus: tuple[str, ...] = ()
    """Roles that it holds beside; they are left to whoever gave them."""
    delivered: str = ""
    """Where its secret is now; empty where it was not delivered."""


async def bootstrap_login(request: BootstrapRequest, systems: Systems, events: Events) -> tuple[Bootstrapped, ...]:
    """Make what is missing, and change nothing else; running it again changes nothing.

    Raises:
        WrongUsage: A client of that name is there that was not made here, or the name is an integration's.
        NotFound: The realm, or a role, is missing.
        SinkFailed: No secret could be delivered; nothing was made then.
    """
    sink = systems.sink
    if sink is None:
        raise WrongUsage("No sink is named for the secrets.", remedy="Name a sink: --sink.")
    for each in request.clients:
        if each.client_id.startswith(CLIENT_PREFIX):
            raise WrongUsage(
                f"'{each.client_id}' is the name of an integration's client.",
                remedy=f"Choose one that does not begin with {CLIENT_PREFIX}.",
            )
    with events.during(Reading()):
        if await systems.admin.realm() is None:
            raise NotFound(f"Keycloak has no realm '{request.realm}'.", remedy="Name another by NT24_REALM.")
        found = {each.client_id: await systems.admin.find_client(each.client_id) for each in request.clients}
        for client_id, live in found.items():
            if live is not None and MARK not in (live.get("attributes") or {}):
                raise WrongUsage(
                    f"The realm has a client '{client_id}' already, which was not made by bootstrap-login.",
                    remedy="Name another by --reader and --writer, or delete that one.",
                )
    await sink.check()
    return tuple([await _made(each, found[each.client_id], systems, sink, request) for each in request.clients])


_AGAIN: Final = "The client may be there already: run it again with --deliver."


async def _made(
    client: LoginClient, live: Representation | None, systems: Systems, sink: SecretSink, request: BootstrapRequest
) -> Bootstrapped:
    mended = tuple(sorted(key for key, value in SHAPE.items() if live is not None and live.get(key) != value))
    try:
        return await _mended(client, live, mended, systems, sink, request)
    except ReconcilerError as error:
        error.remedy = f"{error.remedy} {_AGAIN}".strip() if live is None else error.remedy
        raise


async def _mended(
    client: LoginClient, live: Representation | None, mended: tuple[str, ...], systems: Systems, sink: SecretSink,
    request: BootstrapRequest,
) -> Bootstrapped:  # fmt: skip
    admin = systems.admin
    if live is None:
        attributes = {MARK: "true"}
        uuid = await admin.create_client({"clientId": client.client_id, **SHAPE, "attributes": attributes})
    else:
        uuid = str(live["id"])
        if mended:
            await admin.update_client(uuid, {**live, **SHAPE})
    account = await admin.service_account(uuid)
    if account is None:
        raise NotFound(
            f"Keycloak made no service account for '{client.client_id}'.", remedy="Look into Keycloak's log."
        )
    ours = f"{ROLES_OF}/"
    held = [role.removeprefix(ours) for role in await admin.roles_of(account["id"]) if role.startswith(ours)]
    granted = tuple(role for role in client.roles if role not in held)
    for role in granted:
        await admin.grant_role(account["id"], ours + role)
    surplus = tuple(role for role in held if role not in client.roles)
    delivered = await _delivered(client, systems, sink) if live is None or request.delivers else ""
    return Bootstrapped(client, live is None, mended, granted, surplus, delivered)


async def _delivered(client: LoginClient, systems: Systems, sink: SecretSink) -> str:
    secret, _ = await systems.secrets.secrets_of(client.client_id) if systems.secrets else (None, None)
    if secret is None:
        raise NotFound(f"The secret of '{client.client_id}' cannot be read in Keycloak.")
    return await sink.deliver(Address.client("reconciler", client.client_id), secret)
