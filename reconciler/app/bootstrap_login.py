"""Bootstrap: make the clients by which the reconciler itself logs in, each with the least roles that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

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
    subject: str = ""
    """The subject of the tokens by which it proves itself, of whom the request trusts; empty for a secret."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Who issues the tokens by which clients prove themselves, such as a code host to its jobs."""

    alias: str
    issuer: str
    keys: str
    """The URL of its public keys."""
    longest: int
    """How old a token may be, in seconds."""

    @property
    def keys_config(self) -> Mapping[str, str]:
        """Return by which settings Keycloak checks the signatures of its tokens, those of people's too."""
        return {"useJwksUrl": "true", "jwksUrl": self.keys, "validateSignature": "true"}

    @property
    def config(self) -> Mapping[str, str]:
        """Return the settings of an identity provider that is for clients alone."""
        return {
            "issuer": self.issuer,
            **self.keys_config,
            **_SWITCHES,
            _LONGEST: str(self.longest),
            # Nobody logs in by it; Keycloak wants them all the same.
            "clientId": UNUSED,
            "authorizationUrl": "https://unused.example",
            "tokenUrl": "https://unused.example",
        }

    @property
    def representation(self) -> Representation:
        """Return the identity provider."""
        return {"alias": self.alias, "providerId": "oidc", "hideOnLogin": True, "config": dict(self.config)}


UNUSED: Final = "unused"
"""The client of an identity provider by which nobody logs in."""
# An apply logs in twice, the second time for its lock.
_SWITCHES: Final = MappingProxyType({"supportsClientAssertions": "true", "supportsClientAssertionReuse": "true"})
_LONGEST: Final = "fedClientAssertionMaxExp"


@dataclass(frozen=True, slots=True)
class BootstrapRequest:
    """Make these clients in the realm; with ``delivers``, deliver the secrets of those that are there already, too."""

    clients: tuple[LoginClient, ...]
    realm: str
    delivers: bool = False
    trust: Trust | None = None
    """Whose tokens the clients prove themselves by; None for their secrets."""


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


@dataclass(frozen=True, slots=True)
class Trusted:
    """What became of the issuer's identity provider."""

    alias: str
    is_new: bool
    is_shared: bool = False
    """Whether it has a client of its own, so that people may log in by it."""
    mended: tuple[str, ...] = ()
    """Its settings that were added or put right, as ``name=value``, sorted."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What became of all of it."""

    clients: tuple[Bootstrapped, ...]
    trusted: Trusted | None = None
    """None where clients log in by their secrets."""


async def bootstrap_login(request: BootstrapRequest, systems: Systems, events: Events) -> Bootstrap:
    """Make what is missing, and change nothing else; running it again changes nothing.

    Raises:
        WrongUsage: A client of that name is there that was not made here, the name is an integration's, or an identity
            provider of that alias is another issuer's, or checks tokens by other keys.
        NotFound: The realm, or a role, is missing.
        SinkFailed: No secret could be delivered; nothing was made then.
    """
    sink = systems.sink
    if sink is None and request.trust is None:
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
    trusted = await _trust(request.trust, systems) if request.trust is not None else None
    if trusted is None and sink is not None:
        await sink.check()
    made = [await _made(each, found[each.client_id], systems, sink, request) for each in request.clients]
    return Bootstrap(tuple(made), trusted)


async def _trust(trust: Trust, systems: Systems) -> Trusted:
    """Let Keycloak know the issuer, as an identity provider that nobody sees when logging in.

    Where there is one already, people may log in by it: it gets what clients' tokens need, and keeps the rest.
    """
    aliases = {provider["alias"] for provider in await systems.admin.identity_providers()}
    if trust.alias not in aliases:
        await systems.admin.create_identity_provider(trust.representation)
        return Trusted(trust.alias, is_new=True)
    live = await systems.admin.identity_provider(trust.alias)
    config: Mapping[str, str] = live.get("config") or {}
    if config.get("issuer") != trust.issuer or live.get("providerId", "oidc") != "oidc":
        said = f"type {live.get('providerId')} and the issuer {config.get('issuer', 'none')}"
        raise WrongUsage(
            f"The realm has an identity provider '{trust.alias}' already, of the {said}.",
            remedy="Name that issuer by --issuer, or another alias by --alias.",
        )
    if others := [f"{k}={config[k]}" for k, v in trust.keys_config.items() if config.get(k) and config[k] != v]:
        raise WrongUsage(
            f"The identity provider '{trust.alias}' has {', '.join(others)}, and people may log in by it.",
            remedy=f"Clients' tokens need {', '.join(f'{k}={v}' for k, v in trust.keys_config.items())}: set that, "
            "if it is right for who logs in by it.",
        )
    # How old a token may be is somebody's choice, where it is said.
    wanted = {**trust.keys_config, **_SWITCHES, _LONGEST: config.get(_LONGEST) or str(trust.longest)}
    added = {key: value for key, value in wanted.items() if config.get(key) != value}
    if added:
        await systems.admin.update_identity_provider(trust.alias, {**live, "config": {**config, **added}})
    mended = tuple(sorted(f"{key}={value}" for key, value in added.items()))
    return Trusted(trust.alias, is_new=False, is_shared=config.get("clientId") != UNUSED, mended=mended)


def shape_of(client: LoginClient, trust: Trust | None) -> Mapping[str, Any]:
    """Return how a client is: it proves itself by its secret, or by a token of the issuer that is trusted."""
    if trust is None:
        return {**SHAPE, "attributes": {MARK: "true"}}
    proof = {f"{_PROOF}issuer": trust.alias, f"{_PROOF}sub": client.subject}
    # As long as the longest run: a job's token may be too old to log in again.
    attributes = {MARK: "true", **proof, "access.token.lifespan": str(_LONGEST_RUN)}
    return {**SHAPE, "clientAuthenticatorType": _FEDERATED, "attributes": attributes}


def _shape_from(live: Representation | None, client: LoginClient, trust: Trust | None) -> Mapping[str, Any]:
    """Return how a client is to be; one that logged in by a token goes back to a secret, one by a key keeps it."""
    shape = shape_of(client, trust)
    if live is None or trust is not None or live.get("clientAuthenticatorType") != _FEDERATED:
        return shape
    # Keycloak drops an attribute that is empty.
    attributes = {**shape["attributes"], f"{_PROOF}issuer": "", f"{_PROOF}sub": ""}
    return {**shape, "clientAuthenticatorType": "client-secret", "attributes": attributes}


def _has(live: object, wanted: object) -> bool:
    return live.items() >= wanted.items() if isinstance(live, dict) and isinstance(wanted, dict) else live == wanted


_FEDERATED: Final = "federated-jwt"
_PROOF: Final = "jwt.credential."
_LONGEST_RUN: Final = 3600
_AGAIN: Final = "The client may be there already: run it again with --deliver."


async def _made(
    client: LoginClient, live: Representation | None, systems: Systems, sink: SecretSink | None,
    request: BootstrapRequest,
) -> Bootstrapped:  # fmt: skip
    shape = _shape_from(live, client, request.trust)
    mended = tuple(sorted(key for key, value in shape.items() if live is not None and not _has(live.get(key), value)))
    try:
        return await _mended(client, live, mended, systems, sink, request)
    except ReconcilerError as error:
        error.remedy = f"{error.remedy} {_AGAIN}".strip() if live is None else error.remedy
        raise


async def _mended(
    client: LoginClient, live: Representation | None, mended: tuple[str, ...], systems: Systems,
    sink: SecretSink | None, request: BootstrapRequest,
) -> Bootstrapped:  # fmt: skip
    admin, shape = systems.admin, _shape_from(live, client, request.trust)
    if live is None:
        uuid = await admin.create_client({"clientId": client.client_id, **shape})
    else:
        uuid = str(live["id"])
        if mended:
            attributes = {**(live.get("attributes") or {}), **shape["attributes"]}
            await admin.update_client(uuid, {**live, **shape, "attributes": attributes})
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
    # Who logged in by a token has had none.
    is_due = request.trust is None and (live is None or request.delivers or "clientAuthenticatorType" in mended)
    delivered = await _delivered(client, systems, sink) if sink is not None and is_due else ""
    return Bootstrapped(client, live is None, mended, granted, surplus, delivered)


async def _delivered(client: LoginClient, systems: Systems, sink: SecretSink) -> str:
    secret, _ = await systems.secrets.secrets_of(client.client_id) if systems.secrets else (None, None)
    if secret is None:
        raise NotFound(f"The secret of '{client.client_id}' cannot be read in Keycloak.")
    return await sink.deliver(Address.client("reconciler", client.client_id), secret)
