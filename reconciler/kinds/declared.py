"""What manifests declare of one resource, as it is compared without a server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.kinds.wording import day
from reconciler.model.address import Address
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.value import Fields, Value, unordered

LIFECYCLE: Final = "lifecycle."
PROTECTED: Final = f"{LIFECYCLE}preventDestroy"


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource as manifests declare it.

    ``former`` are names by which the other side may declare it; ``writer`` is as whom it is written, if not as us.
    """

    address: Address
    fields: Fields
    labels: Mapping[str, str]
    former: tuple[Address, ...] = ()
    writer: Address | None = None


def lifecycle_fields(lifecycle: Lifecycle) -> Iterator[tuple[str, Value]]:
    """Yield what no server holds as a field of its own, and a reviewer still wants to see."""
    if lifecycle.prevent_destroy:
        yield PROTECTED, True
    if lifecycle.ignore_changes:
        entries = (f"{each.path} until {day(each.until)}: {each.reason}" for each in lifecycle.ignored_fields)
        yield f"{LIFECYCLE}ignoreChanges", unordered((*lifecycle.ignored_paths, *entries))
    if lifecycle.adopt.drop:
        yield f"{LIFECYCLE}adopt.drop", unordered(lifecycle.adopt.drop)
