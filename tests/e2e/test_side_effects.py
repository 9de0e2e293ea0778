"""What Keycloak does beyond what each write tells it: the table of docs/side-effects.md, measured.

A realm in which people have things that hang on ours is read whole before and after each write. Whatever differs is
either what the write says, or named here; ``->`` stands for what the plan says of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import httpx
import pytest

from reconciler.apply.performer import Performer
from reconciler.kinds.writing import WriteContext as Writing
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.value import Value
from reconciler.ports import Systems
from reconciler.sandbox.lifecycle import Running
from tests import broker
from tests.e2e import live
from tests.e2e.crowded_realm import ALIAS, CLIENT, Crowded
from tests.e2e.everything import differing, everything
from tests.mailbox import mailbox

RENAMED = "api-client-new"
OTHER_ACCOUNT = "service-account-*"


@dataclass(frozen=True)
class Write:
    """One write: ``told`` are patterns of the paths that it names, ``beyond`` of those that the server adds."""

    kind: str
    verb: Verb
    body: dict[str, Value]
    told: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.verb} {', '.join(map(str, self.body)) or '-'}"


ROTATION: dict[str, Value] = {
    "profile": {
        "name": "nt24-secret-rotation",
        "executors": (
            {
                "executor": "secret-rotation",
                "configuration": {
                    "expiration-period": 1000,
                    "rotated-expiration-period": 100,
                    "remaining-rotation-period": 100,
                },
            },
        ),
    },
    "policy": {
        "name": "nt24-secret-rotation",
        "enabled": True,
        "conditions": ({"condition": "client-roles", "configuration": {"roles": ("none",)}},),
        "profiles": ("nt24-secret-rotation",),
    },
}
ON_THE_REALM = (
    Write("realm", Verb.UPDATE_REALM, {"accessTokenLifespan": 120}, ("realm/accessTokenLifespan",)),
    Write(
        "realm",
        Verb.UPDATE_REALM,
        {"adminEventsEnabled": True, "attributes": {"adminEventsExpiration": 100}},
        ("realm/adminEventsEnabled", "realm/attributes/adminEventsExpiration"),
    ),
    Write(
        "realm",
        Verb.UPDATE_REALM,
        {"eventsEnabled": True, "enabledEventTypes": ("CLIENT_LOGIN",), "eventsExpiration": 100},
        ("realm/eventsEnabled", "realm/enabledEventTypes", "realm/eventsExpiration"),
    ),
    Write(
        "realm",
        Verb.PUT_ROTATION_POLICY,
        ROTATION,
        ("p*/nt24-secret-rotation", "realm/clientP*/nt24-secret-rotation"),
    ),
    Write("realm", Verb.REMOVE_DEFAULT_ROLE, {"role": "everyone"}, ("role/default-roles/composites",)),
    Write("realm", Verb.ADD_DEFAULT_ROLE, {"role": "everyone"}, ("role/default-roles/composites",)),
    Write(
        "realm", Verb.REMOVE_SCOPE_MAPPER, {"scope": "roles", "name": "realm roles"}, ("scope/roles/protocolMappers/*",)
    ),
    Write(
        "realm",
        Verb.REMOVE_MAPPING_OF_SCOPE,
        {"scope": "shared", "role": f"{CLIENT}/orders"},
        ("scope/shared/mappings/*",),
    ),
    Write(
        "realm",
        Verb.PUT_SCOPE_MAPPERS,
        {"scope": "shared", "mappers": {}},
        (),
    ),
)
ON_AN_ORGANIZATION = (
    Write("organization", Verb.UPDATE_ORGANIZATION, {"name": "Acme AG"}, ("organization/acme/name",)),
    Write("organization", Verb.UPDATE_ORGANIZATION, {"redirectUrl": None}, ("organization/acme/redirectUrl",)),
    Write(
        "organization",
        Verb.UPDATE_ORGANIZATION,
        {"enabled": False},
        ("organization/acme/enabled",),
        ("user/jane/enabled", f"identity-provider/{broker.ALIAS}/enabled"),
    ),
    Write(
        "organization",
        Verb.UPDATE_ORGANIZATION,
        {"enabled": True},
        ("organization/acme/enabled",),
        ("user/jane/enabled", f"identity-provider/{broker.ALIAS}/enabled"),
    ),
    Write(
        "organization",
        Verb.UPDATE_ORGANIZATION,
        {"domains": None},
        ("organization/acme/domains/*",),
        (f"identity-provider/{broker.ALIAS}/config/kc.org.domain",),
    ),
    Write("organization", Verb.DELETE_INVITATION, {"email": "ines@example.net"}, ("organization/acme/invitations",)),
    Write(
        "organization",
        Verb.LEAVE_ORGANIZATION_GROUP,
        {"path": "/team/leads", "username": f"service-account-{CLIENT}"},
        ("organization/acme/group/team/leads/members",),
    ),
    Write(
        "organization",
        Verb.REMOVE_MEMBER,
        {"username": "hugo"},
        ("organization/acme/members/hugo",),
        ("organization/acme/group/team/members", "organization/acme/group/team/leads/members"),
    ),
    Write(
        "organization",
        Verb.REMOVE_MEMBER,
        {"username": "jane", "managed": True},
        ("organization/acme/members/jane",),
        ("user/jane", "client/account/sessions", "group/everybody/members"),
    ),
    Write(
        "organization",
        Verb.DELETE_ORGANIZATION_GROUP,
        {"name": "team"},
        # With all that is below it.
        ("organization/acme/group/team",),
    ),
    Write(
        "organization",
        Verb.UNLINK_IDENTITY_PROVIDER,
        {"alias": broker.ALIAS},
        ("organization/acme/identity-providers", f"identity-provider/{broker.ALIAS}/organizationId"),
    ),
    Write(
        "identity-provider",
        Verb.LINK_IDENTITY_PROVIDER,
        {"alias": broker.ALIAS},
        ("organization/acme/identity-providers", f"identity-provider/{broker.ALIAS}/organizationId"),
    ),
    Write(
        "identity-provider",
        Verb.UPDATE_IDENTITY_PROVIDER,
        {"redirectWhenEmailMatches": True},
        (f"identity-provider/{broker.ALIAS}/config/kc.org.broker.redirect.mode.email-matches",),
    ),
    Write(
        "identity-provider",
        Verb.MARK_IDENTITY_PROVIDER,
        {"entries": ("domain=1",)},
        ("organization/acme/attributes*",),
    ),
    Write("identity-provider", Verb.UNMARK_IDENTITY_PROVIDER, {}, ("organization/acme/attributes*",)),
    Write(
        "identity-provider",
        Verb.UNLINK_IDENTITY_PROVIDER,
        {"alias": broker.ALIAS},
        ("organization/acme/identity-providers", f"identity-provider/{broker.ALIAS}/organizationId"),
    ),
    Write(
        "organization",
        Verb.DELETE_ORGANIZATION,
        {"managed": ("joe",)},
        ("organization/acme",),
        (
            "user/joe",
            "client/account/sessions",
            "group/everybody/members",
            f"identity-provider/{broker.ALIAS}/organizationId",
        ),
    ),
)
HOLDERS = (
    "user/hugo/roles/clientMappings*",
    "group/everybody/clientRoles/*",
    "group/everybody/roles/clientMappings*",
    "role/auditor/composite*",
    "*/realmMappings/auditor/composite",
    "client/shop/mappings/clientMappings*",
    "scope/shared/mappings/clientMappings*",
)
MEMBERSHIPS = (f"user/{OTHER_ACCOUNT}", "group/everybody/members", "organization/acme/*members*")
ON_A_CLIENT = (
    Write("client", Verb.UPDATE_CLIENT, {"description": "Cars"}, (f"client/{CLIENT}/description",)),
    Write("client", Verb.UPDATE_CLIENT, {"enabled": False}, (f"client/{CLIENT}/enabled",)),
    Write("client", Verb.UPDATE_CLIENT, {"enabled": True}, (f"client/{CLIENT}/enabled",)),
    Write("client", Verb.UPDATE_CLIENT, {"standardFlowEnabled": False}, (f"client/{CLIENT}/standardFlowEnabled",)),
    Write("client", Verb.UPDATE_CLIENT, {"fullScopeAllowed": False}, (f"client/{CLIENT}/fullScopeAllowed",)),
    Write("client", Verb.UPDATE_CLIENT, {"protocolMappers": ()}, (f"client/{CLIENT}/protocolMappers/own",)),
    Write("client", Verb.UNREGISTER_NODE, {"node": "node"}, (f"client/{CLIENT}/registeredNodes*",)),
    Write(
        "client",
        Verb.REMOVE_CLIENT_SCOPE,
        {"name": "shared", "default": True},
        (f"client/{CLIENT}/defaultClientScopes",),
    ),
    Write(
        "client", Verb.ADD_CLIENT_SCOPE, {"name": "shared", "default": True}, (f"client/{CLIENT}/defaultClientScopes",)
    ),
    Write("client", Verb.ADD_SCOPE_MAPPING, {"role": "auditor"}, (f"client/{CLIENT}/mappings*",)),
    Write("client", Verb.REMOVE_SCOPE_MAPPING, {"role": "auditor"}, (f"client/{CLIENT}/mappings*",)),
    Write("client", Verb.REVOKE_ROLE, {"role": "auditor"}, (f"user/service-account-{CLIENT}/roles/*auditor",)),
    Write("client", Verb.GRANT_ROLE, {"role": "auditor"}, (f"user/service-account-{CLIENT}/roles/*auditor",)),
    Write(
        "client",
        Verb.LEAVE_GROUP,
        {"path": "/everybody"},
        ("group/everybody/members", f"user/service-account-{CLIENT}/groups"),
    ),
    Write("client", Verb.UPDATE_SERVICE_ACCOUNT, {"firstName": "X"}, (f"user/service-account-{CLIENT}/firstName",)),
    Write(
        "client",
        Verb.LEAVE_ORGANIZATION,
        {"organization": ALIAS},
        (f"organization/acme/members/service-account-{CLIENT}",),
        ("organization/acme/group/team/members", "organization/acme/group/team/leads/members"),
    ),
    Write(
        "client",
        Verb.JOIN_ORGANIZATION,
        {"organization": ALIAS},
        (f"organization/acme/members/service-account-{CLIENT}",),
    ),
    Write("client", Verb.DELETE_CLIENT_ROLE, {"name": "orders"}, (f"client/{CLIENT}/role/orders",), HOLDERS),
    Write(
        "client",
        Verb.UPDATE_CLIENT,
        {"authorizationServicesEnabled": False},
        (f"client/{CLIENT}/authorizationServicesEnabled",),
        (f"client/{CLIENT}/authorization",),
    ),
    Write(
        "client",
        Verb.REPLACE_SERVICE_ACCOUNT,
        {},
        (f"user/service-account-{CLIENT}/*",),
        ("group/everybody/members", "organization/acme/members/*"),
    ),
    Write(
        "client",
        Verb.UPDATE_CLIENT,
        {"serviceAccountsEnabled": False},
        (f"client/{CLIENT}/serviceAccountsEnabled",),
        (f"user/service-account-{CLIENT}", f"client/{CLIENT}/defaultClientScopes", "group/everybody/members"),
    ),
    Write(
        "client",
        Verb.UPDATE_CLIENT,
        {"serviceAccountsEnabled": True},
        (f"client/{CLIENT}/serviceAccountsEnabled",),
        (f"user/service-account-{CLIENT}", f"client/{CLIENT}/defaultClientScopes", "group/everybody/members"),
    ),
    Write(
        "client",
        Verb.PUT_CLIENT_SCOPES,
        {"defaultClientScopes": ("basic", "shared"), "optionalClientScopes": ()},
        (f"client/{CLIENT}/defaultClientScopes", f"client/{CLIENT}/optionalClientScopes"),
    ),
    Write(
        "client",
        Verb.DELETE_CLIENT,
        {},
        (f"client/{CLIENT}",),
        (f"user/service-account-{CLIENT}", "group/everybody/members", "user/hugo/sessions", "user/hugo/consents*"),
    ),
)


@pytest.fixture
def crowded_realm(sandbox: Running, admin: httpx.Client, no_realm: str) -> Iterator[Crowded]:
    with mailbox() as port:
        found = Crowded(admin, no_realm)
        found.make(port)
        yield found
        broker.forget(admin, no_realm)


TABLE = {"realm": ON_THE_REALM, "organization": ON_AN_ORGANIZATION, "client": ON_A_CLIENT}


@pytest.mark.parametrize("writes", TABLE.values(), ids=TABLE.keys())
def test_a_write_does_what_it_says_and_what_the_table_says(
    writes: tuple[Write, ...], sandbox: Running, crowded_realm: Crowded, admin: httpx.Client
) -> None:
    before, found = whole(admin, crowded_realm), []
    for write in writes:
        if write.verb is Verb.DELETE_ORGANIZATION:
            crowded_realm.call(
                "POST", f"/organizations/{crowded_realm.organization()}/identity-providers", broker.ALIAS
            )
            broker.log_in(admin, crowded_realm.realm, "joe")
            before = whole(admin, crowded_realm)
        live.run(sandbox, lambda systems, write=write: performed(systems, crowded_realm, write))  # type: ignore[misc]
        after = whole(admin, crowded_realm)
        paths = differing(before, after)
        patterns = (*write.told, *write.beyond)
        found += [f"{write.name}: {p} {paths[p]}" for p in paths if not any(fnmatchcase(p, each) for each in patterns)]
        found += [f"{write.name}: no {each}" for each in patterns if not any(fnmatchcase(p, each) for p in paths)]
        before = after
    assert not found, "\n".join(found)


def whole(admin: httpx.Client, crowded_realm: Crowded) -> dict[str, str]:
    role = admin.get(f"/{crowded_realm.realm}").json()["defaultRole"]["name"]
    found = everything(admin, crowded_realm.realm)
    return {path.replace(role, "default-roles"): text.replace(role, "default-roles") for path, text in found.items()}


async def performed(systems: Systems, crowded_realm: Crowded, write: Write) -> None:
    """Make the write as an apply does."""
    home = Address.organization(ALIAS)
    address = {
        "realm": Address.realm(crowded_realm.realm),
        "organization": home,
        "client": Address.client(ALIAS, CLIENT),
        "identity-provider": Address.identity_provider(ALIAS, broker.ALIAS),
    }
    ids = {home: crowded_realm.organization()}
    if write.kind == "client":
        ids[address["client"]] = crowded_realm.client(CLIENT)
    performer = Performer(Writing(systems.admin, None, ids))
    step = Step(write.verb, write.body)
    change = Change(address[write.kind], Action.UPDATE, {}, {}, (), (step,))
    await performer.writer(change.address).perform(change, step, (await performer.read(change))[0])


def test_every_verb_is_measured() -> None:
    measured = {write.verb for writes in TABLE.values() for write in writes}
    creations = {verb for verb in Verb if verb.startswith("create-")} | {Verb.PUT_ORGANIZATION_SCOPE}
    on_the_platform = {verb for verb in Verb if verb.endswith("-webhook")}
    assert measured | creations | on_the_platform | {Verb.UNLINK_SERVICE_ACCOUNT} == {*Verb}
