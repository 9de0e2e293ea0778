"""What manifests declare of one resource, as it is compared without a server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.address import Address
from reconciler.model.manifest import Lifecycle
from reconciler.model.value import Fields, Value, unordered

LIFECYCLE: Final = "lifecycle."
PROTECTED: Final = f"{LIFECYCLE}preventDestroy"


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource as manifests declare it; ``former`` are names by which the other side may declare it."""

    address: Address
    fields: Fields
    labels: Mapping[str, str]
    former: tuple[Address, ...] = ()


def lifecycle_fields(lifecycle: Lifecycle) -> Iterator[tuple[str, Value]]:
    """Yield what no server holds as a field of its own, and a reviewer still wants to see."""
    if lifecycle.prevent_destroy:
        yield PROTECTED, True
    if lifecycle.ignore_changes:
        yield f"{LIFECYCLE}ignoreChanges", unordered(lifecycle.ignore_changes)
    if lifecycle.adopt.drop:
        yield f"{LIFECYCLE}adopt.drop", unordered(lifecycle.adopt.drop)
