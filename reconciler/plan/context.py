"""What a plan is made for."""

from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations


@dataclass(frozen=True, slots=True)
class Context:
    """What a plan is made for.

    ``owner`` is the name in our marks. Where it reads and writes (``keycloak_url``, ``api_url``, ``environment``,
    ``login``, ``revision``) is written into the plan. ``allow_takeover`` lets the plan write what another reconciler
    owns. With ``soft_delete``, what is not declared any more is suspended or disabled instead of deleted; it stays so
    until a plan without it has ``allow_delete``. With ``only_drift``, what nobody changed in Keycloak is left as it is,
    and is not marked as applied.
    What ``exclude`` names is left out. ``by_uuid`` holds what was named by a UUID, as it was written. With ``destroy``,
    what the targets name shall go, or everything, but not what belongs to organizations that are ``protected``.
    """

    realm: str
    owner: str
    targets: tuple[Address, ...] = ()
    asked_effective: bool = True
    keycloak_url: str = ""
    api_url: str = ""
    allow_takeover: bool = False
    soft_delete: bool = False
    allow_delete: bool = False
    only_drift: bool = False
    exclude: tuple[Address, ...] = ()
    by_uuid: tuple[Address, ...] = ()
    destroy: bool = False
    expired: bool = False
    """Whether nothing is written but the end of grants."""
    protected: frozenset[Address] = frozenset()
    expected: Expectations = NOTHING_EXPECTED
    environment: str = ""
    login: str = ""
    revision: str = ""

    def means(self, address: Address) -> bool:
        """Tell whether the plan is about the resource."""
        is_named = not self.targets or any(target.contains(address) for target in self.targets)
        return is_named and not any(each.contains(address) for each in self.exclude)
