"""The fields of a link to an identity provider."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.field import Field, FieldTable
from reconciler.kinds.loss import MEDIUM, relied_on
from reconciler.kinds.organization.fields import MANAGED
from reconciler.kinds.risk_rules import flag, high, low, medium, replaced
from reconciler.model.change import Action
from reconciler.model.field_class import FieldClass
from reconciler.model.risk import Risk

DOMAIN: Final = "domain"
REDIRECT: Final = "redirectWhenEmailMatches"

FIELDS: Final = FieldTable(
    Field(
        DOMAIN,
        is_said=True,
        place=("config", "kc.org.domain"),
        risk=replaced(
            changed=medium(
                "login-routing-changed", "Users with addresses of another domain are redirected to the provider."
            ),
            removed=medium(
                "login-routing-lost", "Users are no longer redirected to the provider by their e-mail address."
            ),
            given=low("login-routing-given", "Users with addresses of the domain are redirected to the provider."),
        ),
        loss=relied_on(
            MEDIUM, "login-routing-lost", "Users with addresses of the domain are not redirected to the provider."
        ),
    ),
    Field(
        REDIRECT,
        is_said=True,
        place=("config", "kc.org.broker.redirect.mode.email-matches"),
        risk=flag(
            on=low("login-redirect", "Users with addresses of the domain cannot log in any other way."),
            off=low("login-redirect-ended", "Users with addresses of the domain are asked how to log in."),
        ),
        loss=relied_on(MEDIUM, "login-redirect-ended", "Users with addresses of the domain are asked how to log in."),
    ),
    Field(MANAGED, by_planner=True),
    Field("", about=FieldClass.MEMBERSHIP),
)

ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.CREATE: medium("identity-provider-linked", "Users who log in through it join the organization."),
    Action.DELETE: high("identity-provider-unlinked", "Users no longer join the organization through it."),
}
"""What happens to a whole link."""
