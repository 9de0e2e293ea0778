"""All kinds of resource, in the order in which they are created: the one place that names them all."""

from collections.abc import Mapping
from typing import Final

from reconciler.kinds.base import ResourceKind
from reconciler.kinds.client.kind import ClientKind
from reconciler.kinds.identity_provider.kind import IdentityProviderKind
from reconciler.kinds.organization.kind import OrganizationKind
from reconciler.kinds.realm.kind import RealmKind
from reconciler.kinds.webhook.kind import WebhookKind
from reconciler.model.address import Address, Kind

KINDS: Final[Mapping[Kind, ResourceKind]] = {
    each.kind: each for each in (RealmKind(), OrganizationKind(), ClientKind(), WebhookKind(), IdentityProviderKind())
}


def kind_of(address: Address) -> ResourceKind:
    """Return the kind of a resource."""
    return KINDS[address.kind]
