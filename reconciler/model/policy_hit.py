"""What a policy stops: an effect, and the one place that it hits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.address import Address
from reconciler.model.strict import is_empty, printed_as


class PolicyEffect(StrEnum):
    """Name what a policy does to what it hits; closed."""

    DENY = "deny"
    REQUIRE_LABEL = "require-label"
    REQUIRE_APPROVAL = "require-approval"


@dataclass(frozen=True, slots=True)
class PolicyHit:
    """A policy that stops the plan."""

    __pydantic_config__: ClassVar = printed_as("PolicyPart")
    policy: str
    """The policy's name."""
    effect: PolicyEffect
    """What it does; only an approval can satisfy require-approval."""
    address: Address
    """The resource that it hits."""
    path: str
    """The field that it hits; empty for the whole resource."""
    message: str
    """The policy's own words."""
    place: str
    """Where the policy stands: file and line."""
    requires: tuple[str, ...] = ()
    """With require-label, the labels that would do, each as label=value."""
    at_base: Annotated[bool, Field(exclude_if=is_empty)] = False
    """Whether it is a policy of the base that this change takes away, alters, or is not meant by any more."""

    @property
    def is_final(self) -> bool:
        """Tell whether no approval helps."""
        return self.effect is not PolicyEffect.REQUIRE_APPROVAL

    @property
    def sort_key(self) -> tuple[bool, str, tuple[int, tuple[str, ...]], str, str]:
        """Return the key that sorts what is denied first, then by policy, address and field."""
        return not self.is_final, self.policy, self.address.sort_key, self.path, self.place
