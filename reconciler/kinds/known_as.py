"""What is named by something else than its address: an id, a display name, or a partner that it has."""

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.model.address import Address, sorted_addresses
from reconciler.model.layout import PARTNERS, UUID
from reconciler.model.manifest import DesiredState
from reconciler.model.observed import Snapshot
from reconciler.model.text import visible

OF_ORGANIZATION: Final = "the organizationUuid"
ID: Final = "the id in Keycloak"
_NAME: Final = "the display name"
_PARTNER: Final = "a partner"
_MEANT: Final = (OF_ORGANIZATION, ID, _NAME)
"""What names one resource, the surest first."""
_NAMED: Final = 3


def known_as(text: str, desired: DesiredState, snapshot: Snapshot) -> tuple[str, tuple[Address, ...]] | None:
    """Return what the text is of which resources, declared or live; None where it is nothing of any.

    A name of another case counts, as people type it.
    """
    wanted = text.casefold()
    found = [(what, address) for what, name, address in _names(desired, snapshot) if name.casefold() == wanted]
    for what in (*_MEANT, _PARTNER):
        if addresses := sorted_addresses(address for each, address in found if each == what):
            return what, addresses
    return None


def hints(targets: Iterable[Address], desired: DesiredState, snapshot: Snapshot) -> dict[Address, tuple[str, str]]:
    """Return, of targets that are nowhere under their name, what is known by that name, and what to type."""
    there = {*snapshot.organizations, *(each.name for each in desired.organizations)}
    hinted: dict[Address, tuple[str, str]] = {}
    for target in targets:
        if target.alias and target.alias not in there and (found := known_as(target.alias, desired, snapshot)):
            what, addresses = found
            shown = [str(_inside(each, target)) for each in addresses[:_NAMED]]
            more = ", ..." if len(addresses) > _NAMED else ""
            kinds = " Partners are no resources." if what == _PARTNER else ""
            is_what = f"{visible(target.alias)} is {what} of {', '.join(map(str, addresses[:_NAMED]))}{more}.{kinds}"
            hinted[target] = is_what, f"Did you mean {' or '.join(shown)}?"
    return hinted


def _inside(found: Address, target: Address) -> Address:
    """Return what is meant below the organization that was found."""
    return Address(target.kind, (found.name, *target.names[1:])) if found == found.home else found


def _names(desired: DesiredState, snapshot: Snapshot) -> Iterator[tuple[str, str, Address]]:
    for manifest in desired.organizations:
        address = Address.organization(manifest.name)
        yield OF_ORGANIZATION, str(manifest.spec.organization_uuid), address
        yield _NAME, manifest.spec.display_name, address
        for partner in manifest.spec.authorized_partners:
            yield from ((_PARTNER, name, address) for name in (str(partner.uuid), partner.name or ""))
    for alias, live in snapshot.organizations.items():
        address, attributes = Address.organization(alias), live.representation.get("attributes") or {}
        yield ID, live.id, address
        yield _NAME, str(live.representation.get("name") or ""), address
        for what, attribute in ((OF_ORGANIZATION, UUID), (_PARTNER, PARTNERS)):
            yield from ((what, str(value), address) for value in attributes.get(attribute) or ())
    for client_id, client in snapshot.clients.items():
        for home in client.homes or ("*",):
            yield ID, client.id, Address.client(home, client_id)
