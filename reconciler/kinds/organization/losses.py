"""What adopting an organization takes from it."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds import loss
from reconciler.kinds.loss import HIGH, Loss, relied_on
from reconciler.kinds.organization import fields as organization
from reconciler.kinds.organization import people
from reconciler.model.manifest import Capabilities, IntegrationOrganization

_PEOPLE: Final = relied_on(HIGH, "people-removed", "People lose what they have through the organization.")
LOSSES: Final[Mapping[str, Loss]] = {
    "description": loss.WORDS,
    "suspended": loss.LOCKOUT,
    "authorizedPartners": loss.CALLS,
    "capabilities.": loss.CALLS,
    "dpa.": loss.CALLS,
    organization.EXTRA: loss.ATTRIBUTE,
    people.GROUPS: relied_on(HIGH, "organization-groups-deleted", "Whoever has roles by a group loses them."),
    people.ACCOUNTS_IN_GROUPS: loss.GROUP_LEFT,
    people.IDENTITY_PROVIDERS: _PEOPLE,
    people.INVITATIONS: _PEOPLE,
    people.MEMBERS: _PEOPLE,
    people.PEOPLE: _PEOPLE,
    people.DOMAINS: _PEOPLE,
    "keycloak.redirectUrl": loss.ADDRESS,
}
"""What losing a field means: by its path, or by what paths begin with, up to a dot."""


def unsaid(manifest: IntegrationOrganization) -> frozenset[str]:
    """Return the fields that the manifest could say, but leaves to their defaults."""
    said = manifest.spec.model_fields_set
    capabilities = manifest.spec.capabilities.model_fields_set if "capabilities" in said else frozenset()
    fields = {
        "suspended": "suspended" in said,
        "authorizedPartners": "authorized_partners" in said,
        "dpa.version": "dpa" in said,
        "dpa.acceptedAt": "dpa" in said,
        **{f"capabilities.{info.alias}": name in capabilities for name, info in Capabilities.model_fields.items()},
    }
    return frozenset(path for path, is_said in fields.items() if not is_said)
