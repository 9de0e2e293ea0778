"""What Keycloak takes for an attribute of a client that is absent: one that says just that says nothing.

The admin console's form sends most of them whenever a client is saved there, and importing an export adds some. What it
sends was measured on 26.7.5; what the server takes was looked up in the classes that read it, in 26.0.8 and in 26.7.5.
"""

from typing import Final, NamedTuple


class Absence(NamedTuple):
    """The value that the server takes in an attribute's absence, and the class that does."""

    value: str
    source: str


# docs/decisions.md, 154: what may stand here.
IN_ABSENCE: Final = {
    "access.token.header.type.rfc9068": Absence("false", "OIDCAdvancedConfigWrapper"),
    "acr.loa.map": Absence("{}", "AcrUtils: the realm's map"),
    "allow.oidc.params.in.redirect.uris": Absence("false", "OIDCAdvancedConfigWrapper"),
    "allow.token.introspection.without.audience.check": Absence("false", "OIDCAdvancedConfigWrapper"),
    "allow.userinfo.with.lightweight.access.token": Absence("false", "OIDCAdvancedConfigWrapper"),
    "client.introspection.response.allow.jwt.claim.enabled": Absence("false", "AccessTokenIntrospectionProvider"),
    "client.use.lightweight.access.token.enabled": Absence("false", "AbstractOIDCProtocolMapper"),
    "client_credentials.use_refresh_token": Absence("false", "OIDCAdvancedConfigWrapper"),
    "display.on.consent.screen": Absence("false", "ClientModel; it is true of a client scope"),
    "dpop.bound.access.tokens": Absence("false", "OIDCAdvancedConfigWrapper"),
    "exclude.issuer.from.auth.response": Absence("false", "OIDCAdvancedConfigWrapper"),
    "exclude.session.state.from.auth.response": Absence("false", "OIDCAdvancedConfigWrapper"),
    "external.token.enabled": Absence("false", "OIDCAdvancedConfigWrapper"),
    "frontchannel.logout.session.required": Absence("true", "OIDCAdvancedConfigWrapper"),
    "id.token.as.detached.signature": Absence("false", "OIDCLoginProtocol"),
    "logout.confirmation.enabled": Absence("false", "OIDCAdvancedConfigWrapper"),
    "oauth2.device.authorization.grant.enabled": Absence("false", "OAuth2DeviceConfig"),
    "oauth2.jwt.authorization.grant.enabled": Absence("false", "OIDCAdvancedConfigWrapper"),
    "oidc.ciba.grant.enabled": Absence("false", "CibaConfig"),
    "post.logout.redirect.uris": Absence("+", "OIDCAdvancedConfigWrapper: those of redirectUris"),
    "request.object.required": Absence("not required", "AuthorizationEndpointRequestParserProcessor"),
    "require.pushed.authorization.requests": Absence("false", "ParConfig"),
    "standard.token.exchange.enableRefreshRequestedTokenType": Absence("NO", "OIDCAdvancedConfigWrapper"),
    "standard.token.exchange.enabled": Absence("false", "OIDCAdvancedConfigWrapper"),
    "tls.client.certificate.bound.access.tokens": Absence("false", "OIDCAdvancedConfigWrapper"),
    "token.response.type.bearer.lower-case": Absence("false", "OIDCAdvancedConfigWrapper"),
    "use.jwks.string": Absence("false", "OIDCAdvancedConfigWrapper"),
    "use.jwks.url": Absence("false", "OIDCAdvancedConfigWrapper"),
    "use.refresh.tokens": Absence("true", "OIDCAdvancedConfigWrapper"),
}
"""By attribute; none that the reconciler writes itself."""


def says_nothing(attribute: str, text: object) -> bool:
    """Tell whether the attribute is worth what its absence is."""
    return attribute in IN_ABSENCE and IN_ABSENCE[attribute].value == text
