"""Read and write the resources of a plan, each by the writer of its kind."""

from reconciler.kinds.registry import KINDS
from reconciler.kinds.writing import Live, WriteContext, Writer
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change
from reconciler.model.errors import NotFound, StalePlan
from reconciler.model.value import Fields, fingerprint


class Performer:
    """Writes to Keycloak and the platform in one apply."""

    def __init__(self, systems: WriteContext) -> None:
        self._writers: dict[Kind, Writer] = {kind: each.writer(systems) for kind, each in KINDS.items()}

    def writer(self, address: Address) -> Writer:
        """Return what writes a resource."""
        return self._writers[address.kind]

    async def reread(self, change: Change, seen: Fields | None = None, *, again: bool = False) -> Live:
        """Read the live object again before it is written; ``again`` after an attempt that may have succeeded.

        ``seen`` are its fields as this apply has seen them last; without them, it must be as it was planned.

        Raises:
            StalePlan: It is gone, or not what was seen any more; ``again``, beside what the plan itself makes of it.
        """
        live, now = await self.read(change)
        if live is None:
            raise StalePlan(f"{change.address} was deleted after it was planned.", remedy="Run plan again.")
        expected = change.precondition if seen is None else fingerprint(seen)
        before = (change.before or {}) if seen is None else seen
        if fingerprint(now) != expected and not (again and _leads_to(before, change.after or {}, now)):
            moved = sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p)) or ["its content"]
            raise StalePlan(
                f"{change.address} was changed after it was planned ({', '.join(moved[:5])}).", remedy="Run plan again."
            )
        return live

    async def read(self, change: Change) -> tuple[Live, Fields]:
        """Return the object that a change is about with its own fields, as it is now; None where there is none."""
        try:
            return await self.writer(change.address).read(change)
        except NotFound:
            return None, {}


def _leads_to(before: Fields, after: Fields, now: Fields) -> bool:
    """Tell whether every field is as it was seen, or already as the plan makes it."""
    return all(now.get(path) in (before.get(path), after.get(path)) for path in before.keys() | now.keys())
