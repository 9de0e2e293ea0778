"""Names that Keycloak wants unique in a realm, and how they pass from one resource of a plan to another.

Organizations have display names, which are told apart by case; aliases never change. Clients have ids, and service
accounts named after them, which ignore case (measured on Keycloak 26.7.5, with H2 and PostgreSQL alike).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from reconciler.kinds.registry import kind_of
from reconciler.model.address import Address, Kind, sorted_addresses
from reconciler.model.change import Change
from reconciler.model.value import Fields

Name: TypeAlias = tuple[Kind, str]
"""Of what kind of resource it is unique, and how Keycloak tells it from others."""


def name_before(change: Change) -> Name | None:
    """Return the unique name that the live resource has, if it is there and has one."""
    return _name(change.address, change.before, change.renamed_from or change.address.name)


def name_after(change: Change) -> Name | None:
    """Return the unique name that the resource shall have, if it shall be there and has one."""
    return _name(change.address, change.after, change.address.name)


def _name(address: Address, fields: Fields | None, name: str) -> Name | None:
    found = None if fields is None else kind_of(address).unique_name(fields, name)
    return None if found is None else (address.kind, found)


def givers(changes: Iterable[Change]) -> Mapping[Address, Address]:
    """Return, for each change that takes a name, the change that gives it up."""
    found = list(changes)
    given = {name: c.address for c in found if (name := name_before(c)) is not None and name != name_after(c)}
    taken = {c.address: name for c in found if (name := name_after(c)) is not None and name != name_before(c)}
    return {taker: given[name] for taker, name in taken.items() if given.get(name, taker) != taker}


def cycles(givers_of: Mapping[Address, Address]) -> Iterator[tuple[Address, ...]]:
    """Yield the resources that pass their names on in a circle, each circle once, from its first address."""
    seen: set[Address] = set()
    for start in sorted_addresses(givers_of):
        path: list[Address] = []
        here: Address | None = start
        while here is not None and here not in seen:
            seen.add(here)
            path.append(here)
            here = givers_of.get(here)
        if here in path:
            yield sorted_addresses(path[path.index(here) :])
