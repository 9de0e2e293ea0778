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
            changed=medium("login-routing-changed", "People with addresses of another domain are led to the provider."),
            removed=medium("login-routing-lost", "Nobody is led to the provider by the e-mail address any more."),
            given=low("login-routing-given", "People with addresses of the domain are led to the provider."),
        ),
        loss=relied_on(MEDIUM, "login-routing-lost", "Who has an address of the domain is not led to the provider."),
    ),
    Field(
        REDIRECT,
        is_said=True,
        place=("config", "kc.org.broker.redirect.mode.email-matches"),
        risk=flag(
            on=low("login-redirect", "People with addresses of the domain cannot log in otherwise."),
            off=low("login-redirect-ended", "People with addresses of the domain are asked how to log in."),
        ),
        loss=relied_on(MEDIUM, "login-redirect-ended", "Who has an address of the domain is asked how to log in."),
    ),
    Field(MANAGED, by_planner=True),
    Field("", about=FieldClass.MEMBERSHIP),
)

ACTIONS: Final[Mapping[Action, Risk]] = {
    Action.CREATE: medium("identity-provider-linked", "Whoever logs in by it joins the organization."),
    Action.DELETE: high("identity-provider-unlinked", "Nobody joins the organization by it any more."),
}
"""What happens to a whole link."""
