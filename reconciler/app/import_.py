"""Import: say as manifests what lives in the realm."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from reconciler.app.workflow import observe, observed_keycloak
from reconciler.kinds.known_as import ID, OF_ORGANIZATION, known_as
from reconciler.manifest.from_live import Choice, Imported, LeftOut, from_live, named, partners_of
from reconciler.manifest.load import load
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError, NotFound
from reconciler.model.expectations import NOTHING_EXPECTED, Expectations
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.observe.scope import Scope, scope_of
from reconciler.ports import Events, Systems
from reconciler.ports.run_events import Reading

REALM_FILE: Final = "realm.yaml"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Import what ``choice`` means of the realm; with a folder, not what other files of it declare already."""

    choice: Choice
    realm: str
    expected: Expectations = NOTHING_EXPECTED
    folder: Path | None = None


async def import_(request: ImportRequest, systems: Systems, events: Events) -> Imported:
    """Say what lives as manifests, for files of :func:`file_names`; nothing is written.

    Partners have the names that the platform knows, and what the platform decides is as it answers.

    Raises:
        NotFound: The realm is missing, or a pattern matches no organization.
    """
    with events.during(Reading()):
        found = await _look(systems, request.choice, request.realm, request.expected)
    return found if request.folder is None else without_declared(found, request.folder)


async def _look(systems: Systems, choice: Choice, realm: str, expected: Expectations) -> Imported:
    snapshot = await observed_keycloak(systems, Scope({}))
    if snapshot.realm is None:
        raise NotFound(f"Keycloak has no realm '{realm}'.", remedy="Name another by NT24_REALM.")
    if not snapshot.shows_organizations:
        raise NotFound(
            f"Organizations are disabled in the realm '{realm}': Keycloak shows none of them.",
            remedy="Enable them in Keycloak, or apply a manifest of kind: Realm; then import again.",
        )
    choice = replace(choice, patterns=tuple(_alias(each, snapshot) for each in choice.patterns))
    found = from_live(snapshot, choice, snapshot.taken_at)
    # Who is a client of what is known only now; roles and /v1/me are read for these alone.
    scope = scope_of(found.desired, found.addresses if choice.patterns else ())
    closer = await observe(systems, replace(scope, all_webhooks=True))
    again = from_live(closer, choice, closer.taken_at, expected)
    return replace(again, desired=named(again.desired, partners_of(closer)))


def _alias(pattern: str, snapshot: Snapshot) -> str:
    """Return a pattern that matches aliases, or the alias of the organization whose UUID or id was given.

    Raises:
        NotFound: It is neither; the message says what else is known by it.
    """
    if any(fnmatchcase(alias, pattern) for alias in snapshot.organizations):
        return pattern
    what, addresses = known_as(pattern, DesiredState(), snapshot) or ("", ())
    homes = sorted({each.alias for each in addresses})
    if len(homes) == 1 and what in {OF_ORGANIZATION, ID} and addresses[0] == addresses[0].home:
        return homes[0]
    said = f" It is {what} of {', '.join(map(str, addresses))}; did you mean {' or '.join(homes)}?" if homes else ""
    raise NotFound(f"No organization's alias matches '{pattern}'.{said}", remedy="reconciler list shows the aliases.")


def file_names(desired: DesiredState) -> tuple[str, ...]:
    """Return a file's name for each manifest: the realm's, if it is declared, then each organization's."""
    if desired.realm is None:
        return tuple(f"{each.name}.yaml" for each in desired.organizations)
    # An alias never contains an underscore.
    names = (f"{each.name}.yaml" for each in desired.organizations)
    return (REALM_FILE, *("realm_.yaml" if name == REALM_FILE else name for name in names))


def without_declared(found: Imported, out: Path) -> Imported:
    """Leave out what another file of ``out`` declares already: two would contradict each other."""
    try:
        sources = load([out]).sources
    except ManifestError:
        # The folder is missing, or holds nothing or nothing valid: nothing to contradict.
        return found
    names = dict(zip(found.addresses, file_names(found.desired), strict=True))
    places = {address: sources.at(address) for address in names}
    twice = {a: place for a, place in places.items() if place and Path(place.file) != out / names[a]}
    organizations = [o for o in found.desired.organizations if Address.organization(o.name) not in twice]
    realm = found.desired.realm
    return replace(
        found,
        desired=DesiredState(
            realm=None if realm is None or Address.realm(realm.name) in twice else realm,
            organizations=tuple(organizations),
        ),
        left_out=(
            *found.left_out,
            *(LeftOut(address, (f"It is declared already, in {place}.",)) for address, place in twice.items()),
        ),
    )
