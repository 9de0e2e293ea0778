"""Ask which features the server has, where nothing in the realm shows that it has those that manifests need."""

from collections.abc import Iterator

from reconciler.kinds.realm.rotation_policy import EXECUTOR
from reconciler.model.observed import Feature, RealmObservation
from reconciler.observe.scope import Scope
from reconciler.ports import AdminApi


async def missing_features(admin: AdminApi, scope: Scope, realm: RealmObservation | None) -> tuple[Feature, ...]:
    """Return the features that the server says it runs without; () where it does not tell this login."""
    doubtful = scope.features - set(_shown(realm) if realm else ())
    if not doubtful or (enabled := await admin.features()) is None:
        return ()
    return tuple(sorted(feature for feature in doubtful if feature not in enabled))


def _shown(realm: RealmObservation) -> Iterator[Feature]:
    """Yield the features without which the realm would not be what it is."""
    if realm.representation.get("organizationsEnabled"):
        yield Feature.ORGANIZATION
    executors = (executor for profile in realm.profiles for executor in profile.get("executors") or ())
    if any(executor.get("executor") == EXECUTOR for executor in executors):
        yield Feature.SECRET_ROTATION
