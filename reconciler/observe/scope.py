"""What to read: everything, or what a few targets need."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kinds.webhook.representation import senders_of
from reconciler.model.address import Address
from reconciler.model.layout import OWNER_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Feature
from reconciler.model.value import Representation


@dataclass(frozen=True, slots=True)
class Scope:
    """Say which objects are read one by one; pages of organizations and clients are always read whole.

    ``clients`` maps the clientIds that the manifests declare to their organization's alias; ``owner`` is the name in
    our marks. With ``targets``, only organizations and clients that one of them contains are read closer.
    ``webhooks`` maps the aliases whose manifests declare webhooks to the clients that may be asked for them, the best
    one first; with ``all_webhooks``, every organization is asked for its own.
    """

    clients: Mapping[str, str]
    targets: tuple[Address, ...] = ()
    owner: str | None = None
    webhooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    all_webhooks: bool = False
    features: frozenset[Feature] = frozenset()
    """Those of the server that the manifests need."""

    @property
    def is_whole(self) -> bool:
        """Tell whether everything is read."""
        return not self.targets

    def wants_organization(self, alias: str) -> bool:
        """Tell whether the organization, or one of its clients, is meant."""
        return self.is_whole or any(target.shares_home(Address.organization(alias)) for target in self.targets)

    def wants_client(self, representation: Representation) -> bool:
        """Tell whether the client is declared, or ours and to be deleted, and meant."""
        client_id = representation["clientId"]
        if client_id not in self.clients:
            mark = (representation.get("attributes") or {}).get(OWNER_MARK)
            return mark is not None and mark == self.owner
        address = Address.client(self.clients[client_id], client_id)
        return self.is_whole or any(each.contains(address) or each.rests_on(address) for each in self.targets)


def scope_of(desired: DesiredState, targets: Iterable[Address] = (), owner: str | None = None) -> Scope:
    """Return the scope that planning ``desired`` needs."""
    return Scope(
        clients={c.client_id: org.name for org in desired.organizations for c in org.spec.clients},
        targets=tuple(targets),
        owner=owner,
        webhooks={org.name: senders_of(org) for org in desired.organizations if org.spec.webhooks},
        features=frozenset(_needed(desired)),
    )


def _needed(desired: DesiredState) -> Iterator[Feature]:
    if desired.realm is not None:
        yield Feature.ORGANIZATION
        if desired.realm.spec.secret_rotation is not None:
            yield Feature.SECRET_ROTATION
