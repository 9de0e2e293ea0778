"""A field of Keycloak that is left as it is for a while: something that a release, or a client policy, has added."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from reconciler.model.deadline import Deadline
from reconciler.model.scalars import KeycloakPath, Text
from reconciler.model.strict import Strict


class IgnoredField(Strict):
    """A field that is left as it is in Keycloak, whoever changed it."""

    path: Annotated[KeycloakPath, Field(examples=["keycloak.attributes.brand.new"])]
    """The field as plans name it, `keycloak.…`, with all that is below it. What gives power cannot be ignored: marks,
    roles, mappers, scopes, redirect URIs, flows, secrets, members."""
    reason: Text
    """Why nobody needs to look at it."""
    until: Deadline
    """When it is compared again: a date (its first moment in UTC), or a date and time with an offset."""

    def holds(self, now: datetime) -> bool:
        """Tell whether the field is ignored still."""
        return now < self.until

    def covers(self, path: str) -> bool:
        """Tell whether it is about the field."""
        return path == self.path or path.startswith(f"{self.path}.")
