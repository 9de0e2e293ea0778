"""Where a difference comes from: this change of the manifests, or something that was there before it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.address import Address
from reconciler.model.place import Place
from reconciler.model.risk import Risk
from reconciler.model.strict import AddressKey, is_empty, printed_as
from reconciler.model.value import Value


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting of `reconciler.yaml` that differs between the base and what is reviewed."""

    __pydantic_config__: ClassVar = printed_as("SettingPart")
    # What a manifest ignores in Keycloak is one, too: organization/acme.lifecycle.ignoreChanges.keycloak.attributes.x.
    path: str
    """The setting, as the file nests it; items of lists by their names."""
    before: Value
    """What the base says; null means: nothing."""
    after: Value
    """What is said now; null means: nothing."""
    risk: Risk
    """What could go wrong; high where credentials move, or where a guard or a policy may stop less."""
    place: Place | None = None
    """Where the file says it now, or would; null where there is no file any more."""


class Origin(StrEnum):
    """Say whether a difference would be there without this change of the manifests; closed."""

    THIS_CHANGE = "this-change"
    DRIFT_BEFORE = "drift-before"
    BOTH = "both"


def joined(origins: Iterable[Origin | None]) -> Origin | None:
    """Return the origin of what has parts of these origins; None where that of no part is known."""
    known = {origin for origin in origins if origin is not None}
    return Origin.BOTH if len(known) > 1 else next(iter(known), None)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What differs for the base's manifests, and does not for these."""

    __pydantic_config__: ClassVar = printed_as("SettledPart")
    address: Address
    """The resource."""
    path: str = ""
    """The field; empty for the whole resource."""


@dataclass(frozen=True, slots=True)
class Base:
    """The revision by which changes say where they come from."""

    __pydantic_config__: ClassVar = printed_as("BasePart")
    name: str
    """The revision, as it was named."""
    commit: str
    """The commit that it means."""
    resolved: Annotated[tuple[Resolved, ...], Field(alias="settled")] = ()
    """What differed before, and does not any more because of this change."""
    unknown: tuple[Address, ...] = ()
    """The organizations, and the realm, whose manifests are invalid there: their changes have no origin."""
    notes: tuple[str, ...] = ()
    """What was wrong with the base, for people."""
    head: str = ""
    """Of a `diff`: what the base is compared with; else empty."""
    settings: Annotated[tuple[SettingChange, ...], Field(exclude_if=is_empty)] = ()
    """What differs in `reconciler.yaml`, the highest risk first."""
    labels: Annotated[
        Mapping[AddressKey, Mapping[str, str]], Field(exclude_if=is_empty, json_schema_extra={"default": {}})
    ] = field(default_factory=dict)
    """The labels of organizations there, where policies of the base go by them."""
