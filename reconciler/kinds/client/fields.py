"""The fields of a client and of its service account.

Of the rules, those of the client itself leave ``client_credentials`` and nothing else.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds import loss
from reconciler.kinds.client.secret_times import CREATED, EXPIRES, OLD_EXPIRES, ROTATED_AT
from reconciler.kinds.evidence import By, Evidence, by_sent
from reconciler.kinds.field import MARKS, Field, FieldTable, attribute
from reconciler.kinds.loss import HIGH, LOW, MEDIUM, harmless, relied_on
from reconciler.kinds.marks import MEMBERSHIPS
from reconciler.kinds.risk_rules import (
    DURATION,
    LONGER,
    SHORTER,
    WORDS,
    always,
    came,
    flag,
    high,
    items,
    low,
    medium,
    members,
    number,
    switched,
)
from reconciler.model import layout
from reconciler.model.change import Action
from reconciler.model.field_class import FieldClass
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.touch import Aspect, Thing
from reconciler.model.value import Value

KEYCLOAK: Final = "keycloak."
ATTRIBUTE: Final = "keycloak.attributes."
MAPPER: Final = "keycloak.protocolMappers."
USER: Final = "serviceAccount."
"""What paths begin with: of the client, its attributes, its own mappers, and its service account."""

LIFESPAN: Final = "accessTokenLifespan"
ROLES: Final = "serviceAccountRoles"
DEFAULT_ROLE: Final = "serviceAccount.defaultRole"
GROUPS: Final = "serviceAccount.groups"
LINKS: Final = "serviceAccount.identityProviders"
CREDENTIALS: Final = "serviceAccount.credentials"
"""Types of the credentials that are stored for the service account's user."""
USERNAME: Final = "serviceAccount.username"
"""The service account's user name, where it is not the one that follows from the clientId."""
OWN_ROLES: Final = "keycloak.roles"
SCOPE_MAPPINGS: Final = "keycloak.scopeMappings"
NODES: Final = "keycloak.registeredNodes"
SERVICE_ACCOUNTS: Final = "keycloak.serviceAccountsEnabled"
FULL_SCOPE: Final = "keycloak.fullScopeAllowed"
ORIGINS: Final = "keycloak.webOrigins"
DEFAULT_SCOPES: Final = "keycloak.defaultClientScopes"
OPTIONAL_SCOPES: Final = "keycloak.optionalClientScopes"
ORGANIZATIONS: Final = MEMBERSHIPS


def _membership(before: Value, after: Value) -> Risk:
    if before is None:
        return low("membership-given", "The client acts for the organization.")
    if items(before) > items(after):
        return low("membership-ended", "An undeclared membership is removed.")
    return high("client-moved", "The client acts for another organization, with its partners and capabilities.")


def _enabled(before: Value, after: Value) -> Risk:
    if after is True:
        # A new client that is enabled surprises nobody.
        return medium("client-enabled", "The client can get tokens again.") if before is False else _NEW_ENABLED
    return high("client-disabled", "The system that uses it gets no tokens.") if before is True else _NEW_DISABLED


_NEW_ENABLED: Final = low("client-enabled", "The client can get tokens.")
_NEW_DISABLED: Final = low("client-disabled", "The client gets no tokens yet.")


_LOGIN: Final = relied_on(HIGH, "login-method-removed", "Programs that log in without the client's secret are refused.")
_FLOW: Final = relied_on(HIGH, "login-flow-removed", "Logins through it are refused.")
_ANEW: Final = relied_on(
    HIGH, "service-account-replaced", "The service account is recreated: its tokens have another subject (sub)."
)
_WEAKER: Final = always(high("authentication-weakened", "It controls who can log in as the client, and how."))
_OPENED: Final = switched(high("flow-switched-on", "Tokens can be obtained without the client's secret."))
_SENT_THERE: Final = came(high("redirect-uri-added", "Whoever is redirected there gets codes or tokens of the client."))
_CLAIMS: Final = always(high("claims-changed", "Tokens carry different claims, which other services trust."))
_SCOPED: Final = came(high("client-scope-added", "Its tokens may carry more claims and roles."))
_GRANTED: Final = came(high("role-granted", "The service account has more permissions in Keycloak."))
SCOPE_LOST: Final = relied_on(HIGH, "client-scope-removed", "Its claims are removed from tokens.")
MAPPER_LOST: Final = relied_on(HIGH, "mapper-removed", "Its claim is removed from tokens.")

_SENT: Final = Evidence(Thing.CLIENT, (Aspect.ITSELF, Aspect.IMPORTED, Aspect.AUTHORIZATION))
_NEW_ACCOUNT: Final = Evidence(Thing.USER, by=By.NEW_ACCOUNT)
_OF_ROLES: Final = (
    Evidence(Thing.USER, (Aspect.ROLES,), By.ROLES),
    Evidence(Thing.CLIENT, (Aspect.AUTHORIZATION,), By.SUSPICION),
    _NEW_ACCOUNT,
)
_OF_SCOPES: Final = (Evidence(Thing.CLIENT, (Aspect.SCOPES,), By.NAMES), _NEW_ACCOUNT)
# Whatever else is sent, Keycloak keeps them.
_OF_ANOTHER: Final = (Evidence(Thing.USER, (Aspect.IMPORTED, Aspect.LOGOUT), By.TOUCH),)

_OF_CLIENT: Final = (
    Field("", told=(_SENT,)),
    Field(
        "clientId", risk=always(high("client-renamed", "The system that uses it is refused until it sends the new id."))
    ),
    Field("description", is_said=True, risk=WORDS, loss=loss.WORDS),
    Field("enabled", is_said=True, about=FieldClass.ENABLED, risk=_enabled, loss=loss.SWITCHED_OFF),
    Field(
        LIFESPAN,
        is_said=True,
        place=attribute(layout.TOKEN_LIFESPAN),
        about=FieldClass.TOKENS,
        risk=DURATION,
        event=number(up=LONGER, down=SHORTER),
        loss=loss.DEFAULT,
    ),
    Field(KEYCLOAK, about=FieldClass.SETTINGS, may_be_ignored=True),
    Field("keycloak.id", exempt="Keycloak's own key"),
    Field("keycloak.access", exempt="what the caller may do with it, not a property of the client"),
    Field("keycloak.name", loss=loss.WORDS),
    Field("keycloak.alwaysDisplayInConsole", loss=loss.WORDS),
    Field(
        "keycloak.authorizationServicesEnabled",
        rule=False,
        event=_OPENED,
        called="the authorization services",
        loss=relied_on(HIGH, "authorization-services-deleted", "Its resources, permissions and policies are deleted."),
    ),
    Field(
        "keycloak.bearerOnly",
        rule=False,
        loss=harmless(MEDIUM, "login-added", "It can get tokens, which it could not before."),
    ),
    Field(
        "keycloak.clientAuthenticatorType",
        rule="client-secret",
        event=_WEAKER,
        called="the way in which the client proves who it is",
        loss=_LOGIN,
    ),
    Field(
        "keycloak.consentRequired",
        rule=False,
        may_be_ignored=True,
        loss=harmless(MEDIUM, "consent-removed", "People are no longer asked for consent."),
    ),
    Field(
        "keycloak.directAccessGrantsEnabled",
        rule=False,
        event=_OPENED,
        called="the direct access grants flow",
        loss=_FLOW,
    ),
    Field("keycloak.frontchannelLogout", rule=False, loss=loss.DEFAULT),
    Field(
        FULL_SCOPE,
        rule=False,
        event=switched(high("role-granted", "Its tokens carry every role of the service account.")),
        called="full scope",
        loss=harmless(LOW, "default-removed", "Undeclared roles are removed from tokens."),
        may_be_dropped=True,
    ),
    Field("keycloak.implicitFlowEnabled", rule=False, event=_OPENED, called="the implicit flow", loss=_FLOW),
    Field("keycloak.nodeReRegistrationTimeout", rule=-1, loss=loss.DEFAULT),
    Field(
        "keycloak.notBefore",
        rule=0,
        loss=harmless(MEDIUM, "revocation-removed", "Tokens issued before that time become valid again."),
    ),
    Field(
        "keycloak.protocol",
        rule="openid-connect",
        event=_WEAKER,
        loss=relied_on(HIGH, "protocol-changed", "Programs that use the protocol are refused."),
    ),
    Field(
        "keycloak.publicClient",
        rule=False,
        event=switched(
            high("authentication-weakened", "Anyone who knows its id can log in as the client: it has no secret.")
        ),
        called="access without a secret (public client)",
        risk=flag(
            on=NO_RISK,
            off=high(
                "secret-destroyed",
                "Its secret was destroyed: it gets a new one, which must be given to the system that uses it.",
            ),
        ),
        loss=_LOGIN,
    ),
    Field(SERVICE_ACCOUNTS, rule=True),
    Field(
        "keycloak.standardFlowEnabled",
        rule=False,
        event=_OPENED,
        called="the standard flow",
        loss=harmless(
            LOW, "default-removed", "Keycloak enables it by default, and it is unusable without a redirect URI."
        ),
    ),
    Field("keycloak.authenticationFlowBindingOverrides", event=_WEAKER, loss=_FLOW),
    Field("keycloak.surrogateAuthRequired", loss=loss.DEFAULT),
    Field(
        "keycloak.redirectUris",
        is_set=True,
        event=_SENT_THERE,
        called="redirect URI",
        loss=relied_on(HIGH, "redirect-uris-removed", "People who log in through it are refused."),
    ),
    Field(
        ORIGINS,
        is_set=True,
        event=came(high("web-origin-added", "Web pages from there can read the client's responses.")),
        called="web origin",
        loss=loss.ADDRESS,
    ),
    Field("keycloak.rootUrl", loss=loss.ADDRESS),
    Field("keycloak.baseUrl", loss=loss.ADDRESS),
    Field("keycloak.adminUrl", loss=loss.ADDRESS),
    Field(
        NODES,
        is_apart=True,
        item="the cluster node",
        called="cluster node",
        told=(Evidence(Thing.CLIENT, (Aspect.NODES,), By.NAMES),),
        loss=loss.SETTING,
    ),
    *(
        Field(
            path,
            is_apart=True,
            told=_OF_SCOPES,
            about=FieldClass.TOKENS,
            event=_SCOPED,
            called=called,
            loss=SCOPE_LOST,
        )
        for path, called in ((DEFAULT_SCOPES, "default client scope"), (OPTIONAL_SCOPES, "optional client scope"))
    ),
    Field(
        SCOPE_MAPPINGS,
        is_apart=True,
        told=(Evidence(Thing.CLIENT, (Aspect.SCOPE_MAPPINGS,), By.ROLES),),
        event=came(high("role-granted", "Its tokens may carry more roles.")),
        called="scope mapping of the role",
        about=FieldClass.ROLES,
        loss=relied_on(HIGH, "scope-mapping-removed", "These roles are removed from tokens."),
    ),
    Field(
        OWN_ROLES,
        is_apart=True,
        called="role of its own",
        told=(Evidence(Thing.CLIENT, (Aspect.OWN_ROLES, Aspect.AUTHORIZATION), By.NAMES),),
        about=FieldClass.ROLES,
        loss=relied_on(HIGH, "client-roles-deleted", "Holders of these roles lose them."),
    ),
    Field(
        MAPPER,
        told=(Evidence(Thing.CLIENT, (Aspect.MAPPERS,), By.MAPPER, below=MAPPER), _SENT),
        about=FieldClass.TOKENS,
        event=_CLAIMS,
        loss=MAPPER_LOST,
        are_many=True,
    ),
)
_POWERFUL: Final = (
    *("acr.", "default.acr.", "minimum.acr.", "oauth2.", "oidc.ciba.", "external.token.", "standard.token.exchange."),
    *("client_credentials.", "allow.", "post.logout.redirect.uris"),
    *("backchannel.logout.", "frontchannel.logout.", "request.uris", layout.MARKS),
)
"""Of attributes: logins and flows, whose tokens count where, secrets, addresses that people or tokens are sent to, and
marks."""
_OF_ATTRIBUTES: Final = (
    *MARKS,
    Field(ATTRIBUTE, loss=loss.ATTRIBUTE, may_be_ignored=True, are_many=True),
    *(Field(ATTRIBUTE + group, event=_WEAKER, may_be_ignored=False) for group in _POWERFUL),
    Field(
        ATTRIBUTE + "client.secret.",
        event=always(high("secret-changed", "The client's secret, or its validity, is different.")),
        may_be_ignored=False,
    ),
    # As Keycloak gives them to every client.
    Field(ATTRIBUTE + "backchannel.logout.revoke.offline.tokens", rule="false"),
    Field(ATTRIBUTE + "backchannel.logout.session.required", rule="true"),
    Field(ATTRIBUTE + "realm_client", rule="false"),
    # Ours, the same for every owner.
    Field(ATTRIBUTE + layout.MANAGED_MARK, rule="true"),
    Field(ATTRIBUTE + CREATED, exempt="written by Keycloak whenever a secret is made"),
    Field(
        ATTRIBUTE + EXPIRES,
        ends_secret=True,
        by_planner=True,
        exempt="written by Keycloak's secret-rotation executor; judged in secret_times",
    ),
    Field(ATTRIBUTE + ROTATED_AT, exempt="written by Keycloak during a rotation"),
    Field(
        ATTRIBUTE + OLD_EXPIRES,
        ends_secret=True,
        by_planner=True,
        exempt="written by Keycloak during a rotation; judged in secret_times",
    ),
    Field(
        ATTRIBUTE + layout.ROTATION_MARK,
        exempt="written by rotate while a rotation is under way, and by nothing that is planned",
    ),
    *(
        Field(ATTRIBUTE + prefix, event=_WEAKER, loss=_LOGIN)
        for prefix in ("jwks.", "jwt.credential.", "token.endpoint.auth.", "use.jwks.", "x509.")
    ),
    *(
        Field(ATTRIBUTE + name, event=_OPENED, called=called, loss=_FLOW)
        for name, called in (
            ("oauth2.device.authorization.grant.enabled", "the device authorization grant flow"),
            ("oauth2.jwt.authorization.grant.enabled", "the JWT authorization grant flow"),
            ("oidc.ciba.grant.enabled", "the CIBA flow"),
            ("standard.token.exchange.enabled", "token exchange"),
        )
    ),
    *(Field(ATTRIBUTE + name, loss=loss.WORDS) for name in ("consent.screen.text", "logoUri", "policyUri", "tosUri")),
)
_OF_ACCOUNT: Final = (
    Field(USER, told=(Evidence(Thing.USER),), about=FieldClass.SERVICE_ACCOUNT),
    Field(
        ROLES,
        is_said=True,
        is_apart=True,
        told=_OF_ROLES,
        about=FieldClass.ROLES,
        risk=members(
            removed=lambda _: medium("role-revoked", "The service account has fewer permissions in Keycloak."),
            added=lambda _: high("role-granted", "The service account has more permissions in Keycloak."),
        ),
        called="role",
        verbs=("granted", "revoked"),
        loss=loss.CALLS,
    ),
    Field(DEFAULT_ROLE, is_apart=True, told=_OF_ROLES, about=FieldClass.ROLES, called="the realm's default role"),
    Field(
        ORGANIZATIONS,
        is_apart=True,
        told=(Evidence(Thing.ORGANIZATION, (Aspect.MEMBERS,), By.MEMBERSHIP),),
        about=FieldClass.MEMBERSHIP,
        risk=_membership,
        called="membership of organization",
        loss=loss.DEFAULT,
    ),
    Field(
        GROUPS,
        is_apart=True,
        told=(Evidence(Thing.USER, (Aspect.GROUPS,), By.NAMES, by_sent("path")),),
        about=FieldClass.MEMBERSHIP,
        event=_GRANTED,
        called="membership of group",
        loss=loss.GROUP_LEFT,
    ),
    Field(
        LINKS,
        is_apart=True,
        told=(Evidence(Thing.USER, (Aspect.LINKS,), By.NAMES),),
        item="the identity provider",
        event=came(high("authentication-weakened", "Someone can log in as the service account through it.")),
        called="link to the identity provider",
        loss=relied_on(MEDIUM, "identity-provider-unlinked", "Nobody can log in as it through the identity provider."),
    ),
    Field("serviceAccount.id", exempt="Keycloak's own key"),
    Field("serviceAccount.createdTimestamp", exempt="written by Keycloak once"),
    Field("serviceAccount.membershipType", exempt="how it joined; only in listings of members"),
    Field("serviceAccount.enabled", rule=True, loss=loss.SWITCHED_OFF),
    Field("serviceAccount.requiredActions", is_set=True, loss=loss.DEFAULT),
    *(
        Field(USER + name, loss=loss.ATTRIBUTE)
        for name in ("attributes", "email", "emailVerified", "firstName", "lastName")
    ),
    Field("serviceAccount.notBefore", rule=0, is_apart=True, told=_OF_ANOTHER, loss=_ANEW),
    Field(
        USERNAME,
        is_apart=True,
        told=_OF_ANOTHER,
        loss=_ANEW,
        exempt="follows from the clientId; one that does not is judged in client",
    ),
    *(
        Field(path, is_apart=True, told=_OF_ANOTHER, event=_WEAKER, loss=_ANEW)
        for path in (CREDENTIALS, "serviceAccount.totp")
    ),
)

FIELDS: Final = FieldTable(*_OF_CLIENT, *_OF_ATTRIBUTES, *_OF_ACCOUNT)
ONLY_ANEW: Final = FIELDS.which(lambda row: row.loss is _ANEW)
"""Fields of the service account that Keycloak changes for no request: only another user has them as they shall be."""
SCOPES: Final = {DEFAULT_SCOPES: True, OPTIONAL_SCOPES: False}

ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.DELETE: high("client-deleted", "Its secret is destroyed, and the system that uses it is refused.")
}
"""What happens to a whole client."""
