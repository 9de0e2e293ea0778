"""Identity providers of the realm that manifests link to an organization."""

from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from reconciler.model.layout import MAX_VALUE_LENGTH
from reconciler.model.scalars import DOMAIN_PATTERN, PROVIDER_ALIAS_PATTERN, broken
from reconciler.model.strict import Strict

ANY_DOMAIN: Final = "ANY"
"""Keycloak's word for all domains of the organization."""


class IdentityProvider(Strict):
    """An identity provider of the realm that people of the organization log in by: they join by it."""

    IDENTITY: ClassVar = "alias"

    alias: Annotated[str, Field(pattern=PROVIDER_ALIAS_PATTERN, max_length=MAX_VALUE_LENGTH, examples=["acme-idp"])]
    """The alias of an identity provider that the realm has already; an organization at most is linked to it."""
    domain: Annotated[str, Field(pattern=DOMAIN_PATTERN, max_length=MAX_VALUE_LENGTH)] | None = None
    """The domain of e-mail addresses whose owners log in by it, one of the organization's; `ANY` for all of them."""
    redirect_when_email_matches: bool = False
    """Whether who has such an address is sent there at once, and not asked first."""

    @model_validator(mode="after")
    def _redirects_by_domain(self) -> Self:
        if self.redirect_when_email_matches and self.domain is None:
            raise broken("Nobody can be redirected: no domain is named.", "Add domain, or remove it.")
        return self
