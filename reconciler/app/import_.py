"""Import: say as manifests what lives in the realm."""

from dataclasses import replace
from fnmatch import fnmatchcase

from reconciler.app.workflow import observe
from reconciler.manifest.from_live import Choice, Imported, from_live, named, partners_of
from reconciler.manifest.live_decided import as_decided
from reconciler.model.errors import NotFound
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.observe.keycloak import observe_keycloak
from reconciler.observe.scope import Scope, scope_of
from reconciler.ports import Systems


async def import_live(
    systems: Systems, choice: Choice, realm: str, expected: Expectations = NOTHING_EXPECTED
) -> Imported:
    """Say what lives as manifests, partners with the names that the platform knows.

    What the platform decides is as it answers.

    Raises:
        NotFound: The realm is missing, or a pattern matches no organization.
    """
    snapshot = await observe_keycloak(systems.admin, Scope({}), systems.clock.now())
    if snapshot.realm is None:
        raise NotFound(f"Keycloak has no realm '{realm}'.", remedy="Name another by NT24_REALM.")
    for pattern in choice.patterns:
        if not any(fnmatchcase(alias, pattern) for alias in snapshot.organizations):
            raise NotFound(f"No organization's alias matches '{pattern}'.", remedy="Look at the aliases in Keycloak.")
    found = from_live(snapshot, choice, snapshot.taken_at)
    # Who is a client of what is known only now; roles and /v1/me are read for these alone.
    scope = scope_of(found.desired, found.addresses if choice.patterns else ())
    closer = as_decided(await observe(systems, replace(scope, all_webhooks=True)), expected)
    again = from_live(closer, choice, closer.taken_at)
    return replace(again, desired=named(again.desired, partners_of(closer)))
