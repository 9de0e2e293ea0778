"""What lives in the realm, and who manages it: the plan's own knowledge, resource by resource."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Code
from reconciler.model.layout import OWNER_MARK
from reconciler.model.ownership import Ownership
from reconciler.model.plan import Plan
from reconciler.model.text import visible
from reconciler.review.labels import dim


@dataclass(frozen=True, slots=True)
class ListedResource:
    """One resource; ``owner`` is the reconciler that manages it, empty for none, ``note`` what a plan says of it."""

    address: Address
    ownership: Ownership
    owner: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every resource that the plan knows of, sorted by address."""

    items: tuple[ListedResource, ...]

    def number(self, ownership: Ownership) -> int:
        """Return how many resources are managed so."""
        return sum(item.ownership is ownership for item in self.items)

    @property
    def live(self) -> int:
        """Return how many resources live in the realm, or on the platform."""
        return len(self.items) - self.number(Ownership.MISSING)


def inventory_of(plan: Plan) -> Inventory:
    """Return whose each resource is; what is only declared is managed once it is created or adopted."""
    return Inventory(tuple(sorted(_items(plan), key=lambda item: item.address.sort_key)))


def _items(plan: Plan) -> Iterator[ListedResource]:
    retired = {each.address for each in plan.findings if each.code is Code.RETIRED}
    for address in plan.unchanged:
        note = "retired: no longer declared, and switched off" if {address, address.home} & retired else ""
        yield ListedResource(address, Ownership.MANAGED, plan.owner, note)
    for address in (each for each in plan.unmanaged if not any(left.contains(each) for left in plan.excluded)):
        owner = plan.owners.get(address, "")
        yield ListedResource(address, Ownership.OTHER_OWNER if owner else Ownership.UNMANAGED, owner)
    for change in plan.changes:
        yield _changing(change, plan.owner)


def _changing(change: Change, us: str) -> ListedResource:
    if change.before is None:
        return ListedResource(change.address, Ownership.MISSING, note="declared, and not there yet")
    if change.adopts:
        owner = str(change.before.get(OWNER_MARK) or "")
        whose = Ownership.OTHER_OWNER if owner not in ("", us) else Ownership.UNMANAGED
        return ListedResource(
            change.address, whose, owner if whose is Ownership.OTHER_OWNER else "", "declared, to be adopted"
        )
    note = "no longer declared" if change.after is None else "differs from its manifest"
    return ListedResource(change.address, Ownership.MANAGED, us, note)


def inventory_text(inventory: Inventory) -> str:
    """Return a line for each resource, and the share that is managed."""
    width = max((len(visible(str(item.address))) for item in inventory.items), default=0)
    lines = [f"{visible(str(item.address)):<{width}}  {_words(item)}" for item in inventory.items]
    return "".join(f"{line}\n" for line in (*lines, *([""] if lines else []), _share(inventory)))


def _words(item: ListedResource) -> str:
    if item.ownership is Ownership.MISSING:
        return dim(item.note)
    whose = f"managed by '{visible(item.owner)}'" if item.ownership is Ownership.OTHER_OWNER else item.ownership.value
    return f"{whose} ({item.note})" if item.note else whose


def _share(inventory: Inventory) -> str:
    managed, live = inventory.number(Ownership.MANAGED), inventory.live
    missing = inventory.number(Ownership.MISSING)
    if live:
        text = f"{managed} of {live} resources are managed ({100 * managed // live} %)"
        others = inventory.number(Ownership.OTHER_OWNER)
        text += f"; {inventory.number(Ownership.UNMANAGED)} unmanaged, {others} of other owners."
    else:
        text = "Nothing lives there yet."
    return f"{text} Declared, and not there yet: {missing}." if missing else text


def inventory_json(inventory: Inventory, plan: Plan) -> str:
    """Return the same for programs; ``managedShare`` is from 0 to 1, null where nothing lives."""
    managed, live = inventory.number(Ownership.MANAGED), inventory.live
    document = {
        "realm": plan.realm,
        "owner": plan.owner,
        "complete": plan.complete,
        "counts": {each.value: inventory.number(each) for each in Ownership},
        "managedShare": round(managed / live, 4) if live else None,
        "resources": [
            {
                "address": str(item.address),
                "kind": item.address.kind.value,
                "ownership": item.ownership.value,
                "owner": item.owner or None,
                "note": item.note or None,
            }
            for item in inventory.items
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
