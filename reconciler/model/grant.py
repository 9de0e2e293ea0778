"""Grants that end: a partner, or a capability, that an organization has until some moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from reconciler.model.address import Address
from reconciler.model.strict import printed_as
from reconciler.model.value import Fields, Value


@dataclass(frozen=True, slots=True)
class Grant:
    """What an organization has until some moment."""

    __pydantic_config__: ClassVar = printed_as("GrantPart")
    address: Address
    """The organization."""
    path: str
    """The field: `authorizedPartners`, or a flag of `capabilities`."""
    until: datetime
    """From when on it does not have it any more, by Keycloak's clock."""
    item: str = ""
    """The partner's UUID; empty for a flag."""
    reason: str = ""
    """Why it has it for a while, as the manifest says."""

    def is_given(self, before: Fields | None, after: Fields | None) -> bool:
        """Tell whether the organization gets it by this change."""
        was, shall = (before or {}).get(self.path), (after or {}).get(self.path)
        if not self.item:
            return shall is True and was is not True
        held = isinstance(was, tuple) and self.item in was
        return isinstance(shall, tuple) and self.item in shall and not held

    def holds(self, now: datetime) -> bool:
        """Tell whether it has not ended."""
        return now < self.until


def is_taken_back(path: str, before: Value, after: Value, ended: tuple[Grant, ...]) -> bool:
    """Tell whether all that becomes of an organization's field is that what has ended is gone."""
    about = [grant for grant in ended if grant.path == path]
    if not isinstance(before, tuple):
        return bool(about) and before is True and after is False
    old, new = set(before), set(after if isinstance(after, tuple) else ())
    return new < old and old - new <= {grant.item for grant in about}
