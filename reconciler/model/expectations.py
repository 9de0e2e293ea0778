"""What an environment expects: who decides a field, which agreement is required, and what is too much for one plan."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from reconciler.model.duration import Duration
from reconciler.model.scalars import DPA_VERSION_PATTERN, Deadline, KeycloakPath, Text
from reconciler.model.strict import Strict

_A_MONTH: Final = 30 * 86_400


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


class Guards(Strict):
    """When a plan deletes, suspends or disables too much at once: `apply` refuses it without `--force`."""

    max_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    """The largest share of what is managed that one plan may delete, suspend or disable: from 0 to 1."""
    min_resources: Annotated[int, Field(ge=1)] = 10
    """How many resources must be managed for the share to count."""


DEFAULT_GUARDS: Final = Guards()
"""What holds where no settings say anything."""


class DpaRequirement(Strict):
    """The version of the Data Processing Agreement that NT24 requires, or has announced."""

    required: Annotated[str, Field(pattern=DPA_VERSION_PATTERN, examples=["2026-07"])]
    """The oldest version that will do, year and month, such as `2026-07`."""
    deadline: Deadline
    """From when on every call is refused where it is not accepted: a date, or a date and time with an offset."""
    notice: Duration = _A_MONTH
    """How long before the deadline an organization that lacks it is a warning; before that, it is a note."""


class Decider(StrEnum):
    """Say who decides a field; closed."""

    MANIFEST = "manifest"
    PLATFORM = "platform"


class Authority(Strict):
    """Who decides a field. What the platform decides is checked against `GET /v1/me`, and never written."""

    organization_uuid: Decider = Decider.MANIFEST
    """Who decides `organizationUuid`."""
    authorized_partners: Decider = Decider.MANIFEST
    """Who decides `authorizedPartners`."""
    capabilities: Decider = Decider.MANIFEST
    """Who decides all `capabilities`."""
    dpa: Decider = Decider.MANIFEST
    """Who decides which agreement is accepted: `dpa.version` and `dpa.acceptedAt`."""

    @property
    def of_platform(self) -> tuple[str, ...]:
        """Return the fields that the platform decides, as manifests call them, sorted."""
        said = self.model_dump(by_alias=True)
        return tuple(sorted(field for field, decider in said.items() if decider is Decider.PLATFORM))


class People(StrEnum):
    """Say whose the people of an organization are; closed.

    People are users that are no service account, with what lets them in: invitations, linked identity providers,
    domains, the redirect URL and the organization's own groups.
    """

    SHARED = "shared"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an environment expects of its organizations.

    ``platform_fields`` are those that the platform decides, sorted, each with all that is below it. ``people`` holds
    for organizations whose manifest does not say it. ``ignored`` are fields of Keycloak that are left as they are for a
    while. ``allow_empty`` says that there may be no manifest at all.
    """

    platform_fields: tuple[str, ...] = ()
    dpa: DpaRequirement | None = None
    guards: Guards = DEFAULT_GUARDS
    people: People = People.SHARED
    ignored: tuple[IgnoredField, ...] = ()
    allow_empty: bool = False

    def is_platforms(self, path: str) -> bool:
        """Tell whether the platform decides the field of an organization."""
        return any(path == field or path.startswith(f"{field}.") for field in self.platform_fields)

    def is_outdated(self, version: str | None, now: datetime) -> bool:
        """Tell whether calls are refused by now, because the accepted ``version`` is too old."""
        return self.dpa is not None and now >= self.dpa.deadline and is_older(version, self.dpa.required)


NOTHING_EXPECTED: Final = Expectations()
"""What holds where no settings say anything."""


def is_older(version: str | None, required: str) -> bool:
    """Tell whether an agreement is older than the required one; none is, and of an unknown form nobody can tell."""
    if version is None:
        return True
    # Versions are year and month, so that they sort as text.
    return re.fullmatch(DPA_VERSION_PATTERN, version) is not None and version < required
