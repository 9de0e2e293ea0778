"""What planning is about: both sides, and what the plan is made for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.model.address import Address
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.grant import Grant
from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization
from reconciler.model.observed import Snapshot


def _any(_address: Address) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Situation:
    """Both sides; ``owner`` is the name in our marks, and ``means`` tells which resources the plan is about."""

    desired: DesiredState
    snapshot: Snapshot
    realm: str
    owner: str
    expected: Expectations = NOTHING_EXPECTED
    asked_effective: bool = True
    means: Callable[[Address], bool] = _any
    names: Mapping[str, str] = field(default_factory=dict)
    """What readers know partners by, by UUID."""
    grants: tuple[Grant, ...] = ()
    """What the manifests grant until some moment; what has ended is not part of what is desired."""

    def clients(self) -> Iterator[tuple[IntegrationOrganization, Client, Address]]:
        """Yield every declared client, with its manifest and its address."""
        for manifest in self.desired.organizations:
            for client in manifest.spec.clients:
                yield manifest, client, Address.client(manifest.name, client.client_id)
