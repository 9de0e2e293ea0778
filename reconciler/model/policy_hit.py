"""What a policy stops: an effect, and the one place that it hits."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.address import Address


class PolicyEffect(StrEnum):
    """Name what a policy does to what it hits; closed."""

    DENY = "deny"
    REQUIRE_LABEL = "require-label"
    REQUIRE_APPROVAL = "require-approval"


@dataclass(frozen=True, slots=True)
class PolicyHit:
    """One policy that stops one change, or one field of it (``path``, empty for the whole resource).

    ``requires`` holds the labels that would do, each as ``label=value``. With ``at_base``, the policy is one of the
    base that this change takes away or alters.
    """

    policy: str
    effect: PolicyEffect
    address: Address
    path: str
    message: str
    place: str
    requires: tuple[str, ...] = ()
    at_base: bool = False

    @property
    def is_final(self) -> bool:
        """Tell whether no approval helps."""
        return self.effect is not PolicyEffect.REQUIRE_APPROVAL

    @property
    def sort_key(self) -> tuple[bool, str, tuple[int, tuple[str, ...]], str, str]:
        """Return the key that sorts what is denied first, then by policy, address and field."""
        return not self.is_final, self.policy, self.address.sort_key, self.path, self.place
