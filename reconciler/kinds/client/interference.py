"""Plan around client policies of the realm: what they set stays, what they refuse is not tried, and both are said."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from reconciler.kinds.client.fields import FIELDS
from reconciler.kinds.client.representation import observed_fields
from reconciler.kinds.compare import differing, known
from reconciler.kinds.realm.client_policies import Interference, interferences
from reconciler.kinds.realm.rotation_policy import EXECUTOR, POLICY
from reconciler.kinds.row import Row
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import MANAGED_MARK
from reconciler.model.observed import ClientObservation, RealmObservation, Snapshot
from reconciler.model.value import ObservedFields

_FEW: Final = 3


def with_policies(row: Row, snapshot: Snapshot) -> Row:
    """Return a client's row, with what a policy sets left as it is, and blocked where one refuses every write."""
    if row.after is None or snapshot.realm is None:
        return row
    live = snapshot.clients.get(row.renamed_from or row.address.name)
    found = [each for each in _of_client(snapshot.realm, live) if each.is_certain]
    kept = replace(row, ignored=row.ignored | overridden(found, row.before or {}))
    refused = next((each for each in found if each.refuses), None)
    if refused is None or not _is_written(kept):
        return kept
    why = f"the realm's client policy '{refused.policy}' refuses it ({refused.executor}): {refused.refuses}"
    return replace(kept, obstacle=kept.obstacle or why)


def overridden(found: Iterable[Interference], before: ObservedFields) -> frozenset[str]:
    """Return the fields that are live as a policy is sure to set them again with each write."""
    pairs = (pair for each in found if each.is_certain for pair in each.fields.items())
    return frozenset(path for path, value in pairs if value is not None and before.get(path) == value)


def interferences_with(snapshot: Snapshot, client_id: str) -> list[Interference]:
    """Return what the policies do with each write of the client, live or to be created."""
    return [] if snapshot.realm is None else _of_client(snapshot.realm, snapshot.clients.get(client_id))


def policy_findings(situation: Situation, clients: Iterable[Address], changes: Collection[Change]) -> Iterator[Finding]:
    """Yield which policies interfere with the clients, each once, with a few of those that it is about."""
    snapshot = situation.snapshot
    pending = {change.address for change in changes}
    about: dict[tuple[str, str, bool], list[tuple[Address, Interference]]] = {}
    for address in clients:
        for each in interferences_with(snapshot, address.name):
            about.setdefault((each.policy, each.executor, each.is_certain), []).append((address, each))
    for pairs in about.values():
        addresses, each = [address for address, _ in pairs], pairs[0][1]
        bites = any(address in pending or _is_set(address, each, snapshot) for address in addresses)
        named = ", ".join(address.name for address in addresses[:_FEW])
        more = f" and {len(addresses) - _FEW} more" if len(addresses) > _FEW else ""
        yield Finding(
            Address.realm(situation.realm),
            Code.POLICY_REFUSES if each.refuses else Code.POLICY_OVERRIDES,
            Severity.ERROR if each.is_certain and bites else Severity.WARNING,
            FieldStatus.OVERRIDDEN if each.is_certain else FieldStatus.UNKNOWN,
            f"The realm's client policy '{each.policy}' (executor {each.executor}) {_does(each)} {named}{more}.",
            f"Exempt integration clients in Keycloak: give the policy '{each.policy}' one more condition, "
            f"client-attributes with {MANAGED_MARK} = true and negative logic. It does not hold while a client is "
            "created: what is set then, the next apply puts back.",
        )


def _does(each: Interference) -> str:
    if each.refuses:
        word = "refuses" if each.is_certain else "may refuse"
        return f"{word} every write, because {each.refuses}, of"
    word = "sets" if each.is_certain else "may set"
    return f"{word} {', '.join(sorted(each.fields))} with every write of"


def _of_client(realm: RealmObservation, live: ClientObservation | None) -> list[Interference]:
    # A rotation policy of somebody else's is a second one only beside ours.
    has_ours = any(policy["name"] == POLICY for policy in realm.policies)
    found = interferences(realm, live.representation if live else None)
    return [each for each in found if has_ours or each.executor != EXECUTOR]


def _is_set(address: Address, each: Interference, snapshot: Snapshot) -> bool:
    live = snapshot.clients.get(address.name)
    return live is not None and bool(overridden([each], observed_fields(live)))


def _is_written(row: Row) -> bool:
    """Tell whether the client itself has to be written, beside what belongs to it."""
    if row.before is None or row.renamed_from:
        return True
    return any(not row.ignores(path) for path in set(differing(known(row.before), row.after or {})) - FIELDS.apart)


def is_second_rotation(snapshot: Snapshot, client_id: str) -> bool:
    """Tell whether another rotation policy than ours may give the client's secrets their ends."""
    return any(each.executor == EXECUTOR for each in interferences_with(snapshot, client_id))
