"""What a change does to how plans are made: one setting that differs between the base and what is reviewed."""

from dataclasses import dataclass

from reconciler.model.place import Place
from reconciler.model.risk import Risk
from reconciler.model.value import Value


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting's way from ``before`` (the base) to ``after``; None means: the file does not say it.

    ``path`` is as ``reconciler.yaml`` nests it, items of lists by their names:
    ``environments.production.keycloak.url``, ``policies.two-people``; or what a manifest ignores in Keycloak,
    ``organization/acme.lifecycle.ignoreChanges.keycloak.attributes.x``. ``place`` is where the newer file says it, or
    would.
    """

    path: str
    before: Value
    after: Value
    risk: Risk
    place: Place | None = None
