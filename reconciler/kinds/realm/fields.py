"""The fields of a realm's scaffolding."""

from typing import Final

from reconciler.kinds import loss
from reconciler.kinds.evidence import By, Evidence
from reconciler.kinds.field import Field, FieldTable
from reconciler.kinds.loss import HIGH, relied_on
from reconciler.kinds.realm.token_scopes import OURS, SCOPES, mapper_path, mappings_path
from reconciler.kinds.risk_rules import DURATION, WORDS, always, came, flag, high, items, low, medium, number, replaced
from reconciler.model.field_class import FieldClass
from reconciler.model.layout import DEFAULT_CLIENT_SCOPES, ORGANIZATION_SCOPE, ROLES_SCOPE
from reconciler.model.risk import NO_RISK, Risk
from reconciler.model.touch import Aspect, Thing
from reconciler.model.value import Value

DEFAULT_ROLES: Final = "keycloak.defaultRoles"
BUILTIN_DEFAULT_ROLES: Final = ("account/manage-account", "account/view-profile", "offline_access", "uma_authorization")
"""What Keycloak's default role contains when a realm is created; sorted."""
ORGANIZATIONS_ENABLED: Final = "keycloak.organizationsEnabled"
ROTATION: Final = "secretRotation."
ROTATION_RULE: Final = "keycloak.secretRotation."
OVERLAP: Final = ROTATION + "overlap"
REMAINING: Final = ROTATION_RULE + "remaining"

_CLAIMS: Final = always(high("claims-changed", "Tokens carry different claims, which other services trust."))
_SEEN: Final = low("hardening-restored", "More is recorded, or kept for longer.")
_KEPT: Final = low("retention-changed", "The retention of records changes.")
_UNSEEN: Final = medium("hardening-weakened", "Fewer logins are recorded, or kept for a shorter time.")
_ROTATES: Final = replaced(
    changed=medium("rotation-changed", "The validity of secrets changes."),
    removed=high("hardening-weakened", "Secrets do not expire, and an old one is invalid at once when it is rotated."),
    given=low("rotation-set", "Secrets expire, and an old one stays valid for a while when it is rotated."),
)


def _event_types(before: Value, after: Value) -> Risk:
    # No types at all stand for all of them.
    fewer = bool(items(after)) and (before == () or bool(items(before) - items(after)))
    return _UNSEEN if fewer else _SEEN


def _of_scope(scope: str) -> tuple[Field, Field]:
    """Return the fields of a client scope: its mappers, and what roles it needs."""
    mappers = mapper_path(scope, "")
    of_mappers = Evidence(Thing.CLIENT_SCOPE, (Aspect.MAPPERS,), By.MAPPER, scope=scope, below=mappers)
    of_mappings = Evidence(Thing.CLIENT_SCOPE, (Aspect.SCOPE_MAPPINGS,), By.ROLES, scope=scope)
    return Field(mappers, told=(of_mappers,), event=_CLAIMS), Field(mappings_path(scope), told=(of_mappings,))


FIELDS: Final = FieldTable(
    *(field for scope in (*DEFAULT_CLIENT_SCOPES, ROLES_SCOPE) for field in _of_scope(scope)),
    Field("", told=(Evidence(Thing.REALM, operation="UPDATE"),), about=FieldClass.REALM),
    Field("displayName", is_said=True, is_optional=True, place=("displayName",), risk=WORDS, loss=loss.WORDS),
    Field(
        "accessTokenLifespan",
        is_said=True,
        place=("accessTokenLifespan",),
        risk=DURATION,
        loss=loss.DEFAULT,
    ),
    Field("adminEvents.", loss=loss.DEFAULT),
    Field(
        "adminEvents.enabled",
        is_said=True,
        place=("adminEventsEnabled",),
        risk=flag(on=_SEEN, off=high("hardening-weakened", "It is no longer recorded who changed what in Keycloak.")),
    ),
    Field(
        "adminEvents.details",
        is_said=True,
        place=("adminEventsDetailsEnabled",),
        risk=flag(on=_SEEN, off=medium("hardening-weakened", "It is no longer recorded what was written to Keycloak.")),
    ),
    Field(
        "adminEvents.expiration",
        is_said=True,
        is_optional=True,
        place=("attributes", "adminEventsExpiration"),
        risk=number(
            _SEEN, medium("hardening-weakened", "The record of who changed what is deleted sooner."), _KEPT, _KEPT
        ),
    ),
    Field("loginEvents.", loss=loss.DEFAULT),
    Field(
        "loginEvents.enabled",
        is_said=True,
        is_optional=True,
        place=("eventsEnabled",),
        risk=flag(on=_SEEN, off=_UNSEEN),
    ),
    Field("loginEvents.types", is_said=True, is_optional=True, place=("enabledEventTypes",), risk=_event_types),
    Field(
        "loginEvents.expiration",
        is_said=True,
        is_optional=True,
        place=("eventsExpiration",),
        risk=number(_SEEN, _UNSEEN, _KEPT, _KEPT),
    ),
    Field(ROTATION, loss=loss.DEFAULT),
    Field(ROTATION + "expiration", is_said=True, risk=_ROTATES),
    Field(OVERLAP, is_said=True, risk=_ROTATES),
    Field(ROTATION_RULE, loss=loss.DEFAULT, may_be_ignored=False),
    Field(
        "keycloak.enabled",
        rule=True,
        place=("enabled",),
        event=flag(on=NO_RISK, off=high("realm-disabled", "Nobody gets a token of the realm.")),
        called="the realm",
        loss=loss.SWITCHED_OFF,
    ),
    Field(
        ORGANIZATIONS_ENABLED,
        rule=True,
        place=("organizationsEnabled",),
        event=flag(on=NO_RISK, off=high("organizations-off", "Tokens name no organization, and calls are refused.")),
        called="organizations",
    ),
    Field(
        DEFAULT_ROLES,
        rule=BUILTIN_DEFAULT_ROLES,
        event=came(high("role-granted", "All users of the realm have it.")),
        called="default role",
        verbs=("granted", "revoked"),
        told=(Evidence(Thing.REALM_ROLE, (Aspect.COMPOSITES,), By.ROLES),),
        loss=relied_on(HIGH, "default-roles-removed", "All users of the realm lose them."),
    ),
    Field(
        OURS,
        event=_CLAIMS,
        told=(Evidence(Thing.CLIENT_SCOPE, by=By.SUSPICION, scope=ORGANIZATION_SCOPE),),
        loss=loss.DEFAULT,
        may_be_ignored=False,
    ),
    Field(
        SCOPES,
        event=_CLAIMS,
        loss=relied_on(HIGH, "scope-mapper-removed", "Clients with the client scope lose it from their tokens."),
    ),
)
