"""One field in three places: what reviewers see beside a change."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.address import Address
from reconciler.model.strict import printed_as
from reconciler.model.value import Value


@dataclass(frozen=True, slots=True)
class Effect:
    """One field in three places."""

    __pydantic_config__: ClassVar = printed_as("EffectPart")
    client: Annotated[Address, Field(alias="address")]
    """The client that was asked."""
    path: str
    """The field of its organization."""
    desired: Value
    """What the manifest says; null means: nothing."""
    stored: Value
    """What Keycloak has; null means: nothing."""
    effective: Value
    """What `GET /v1/me` answers; null means: nothing."""
