"""What a change does to how plans are made: one setting that differs between the base and what is reviewed."""

from dataclasses import dataclass
from typing import ClassVar

from reconciler.model.place import Place
from reconciler.model.risk import Risk
from reconciler.model.strict import printed_as
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
