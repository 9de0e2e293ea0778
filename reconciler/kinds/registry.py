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


def kinds_in(document: str) -> list[ResourceKind]:
    """Return the kinds that a document of that ``kind:`` declares; its own one is the first."""
    return [kind for kind in KINDS.values() if kind.document == document]


def kind_of(address: Address) -> ResourceKind:
    """Return the kind of a resource."""
    return KINDS[address.kind]
