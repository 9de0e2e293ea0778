"""What to read: everything, or what a few targets need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.address import Address, Kind
from reconciler.model.layout import OWNER_MARK
from reconciler.model.manifest import DesiredState
from reconciler.model.value import Representation


@dataclass(frozen=True, slots=True)
class Scope:
    """Say which objects are read one by one; pages of organizations and clients are always read whole.

    ``clients`` maps the clientIds that the manifests declare to their organization's alias; ``owner`` is the name in
    our marks. With ``targets``, only organizations and clients that one of them contains are read closer.
    """

    clients: Mapping[str, str]
    targets: tuple[Address, ...] = ()
    owner: str | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether everything is read."""
        return not self.targets

    def wants_organization(self, alias: str) -> bool:
        """Tell whether the organization, or one of its clients, is meant."""
        return self.is_whole or any(
            target.names[0] == alias for target in self.targets if target.kind is not Kind.REALM
        )

    def wants_client(self, representation: Representation) -> bool:
        """Tell whether the client is declared, or ours and to be deleted, and meant."""
        client_id = representation["clientId"]
        if client_id not in self.clients:
            mark = (representation.get("attributes") or {}).get(OWNER_MARK)
            return mark is not None and mark == self.owner
        return self.is_whole or self._contains(Address.client(self.clients[client_id], client_id))

    def _contains(self, address: Address) -> bool:
        return any(target.contains(address) for target in self.targets)


def scope_of(desired: DesiredState, targets: Iterable[Address] = (), owner: str | None = None) -> Scope:
    """Return the scope that planning ``desired`` needs."""
    return Scope(
        clients={c.client_id: org.name for org in desired.organizations for c in org.spec.clients},
        targets=tuple(targets),
        owner=owner,
    )
