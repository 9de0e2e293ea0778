"""The rules that no model can check alone: between documents, and against the clock.

Each rule is a function from all entries to problems, and works on what the documents say plainly, so that a document
with other mistakes takes part. Where something stands twice, the second place is the problem.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic_core import PydanticCustomError

from reconciler.kinds.adoption_losses import can_be_dropped, split_drop
from reconciler.kinds.ignoring import kinds_of
from reconciler.kinds.registry import KINDS
from reconciler.manifest.claims import Claim, claims_of, items_of, place_of, repeats_of
from reconciler.manifest.explain import closest, quoted
from reconciler.manifest.ignoring import REMEDY, not_ignorable
from reconciler.manifest.positions import Step, path_steps
from reconciler.manifest.read import Entry
from reconciler.manifest.shape import MODELS, field_at, is_list, keys_of, model_at
from reconciler.manifest.webhook_rules import webhook_problems
from reconciler.model.errors import Problem
from reconciler.model.scalars import FIELD_PATH, KEYCLOAK_PATH, parse_moment

_NAME: Final = ("metadata", "name")
_DISPLAY_NAME: Final = ("spec", "displayName")
_UUID: Final = ("spec", "organizationUuid")
_CLIENTS: Final = ("spec", "clients")
_PROVIDERS: Final = ("spec", "identityProviders")
_PARTNERS: Final = ("spec", "authorizedPartners")
_ACCEPTED_AT: Final = ("spec", "dpa", "acceptedAt")
_IGNORED: Final = ("lifecycle", "ignoreChanges")
_DROPPED: Final = ("lifecycle", "adopt", "drop")


def check(entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    """Yield what is wrong between ``entries``, which come in order of file and line."""
    organizations = [entry for entry in entries if entry.kind == "IntegrationOrganization"]
    for rule in _RULES:
        yield from rule(organizations)
    yield from webhook_problems(organizations)
    yield from _two_realms([entry for entry in entries if entry.kind == "Realm"])
    yield from _future_acceptances(organizations, now)
    yield from _unknown_ignored_fields(entries)
    yield from _unknown_dropped_fields(entries)


def _equal_names(entries: Sequence[Entry]) -> Iterator[Problem]:
    for first, second in repeats_of(claims_of(entries, _NAME)):
        message = f"The organization {quoted(second.value)} is declared again; the first is at {place_of(first)}."
        yield second.entry.problem(second.steps, message, "Keep one document per organization.")


def _equal_display_names(entries: Sequence[Entry]) -> Iterator[Problem]:
    for first, second in repeats_of(claims_of(entries, _DISPLAY_NAME)):
        message = f"Another organization is called {quoted(second.value)} too, at {place_of(first)}."
        yield second.entry.problem(second.steps, message, "Keycloak wants unique names: add what tells them apart.")


def _equal_uuids(entries: Sequence[Entry]) -> Iterator[Problem]:
    for first, second in repeats_of(claims_of(entries, _UUID, str.casefold)):
        message = f"Another organization has the same UUID, at {place_of(first)}."
        yield second.entry.problem(second.steps, message, "Give each organization the UUID that the platform knows.")


def _equal_client_ids(entries: Sequence[Entry]) -> Iterator[Problem]:
    claims = [claim for entry in entries for claim in items_of(entry, _CLIENTS, "clientId")]
    for first, second in repeats_of(claims):
        whose = "this organization" if first.entry is second.entry else "another organization"
        message = f"The client {quoted(second.value)} belongs to {whose} already, at {place_of(first)}."
        yield second.entry.problem(second.steps, message, "A client belongs to exactly one organization, once.")


def _equal_identity_providers(entries: Sequence[Entry]) -> Iterator[Problem]:
    claims = [claim for entry in entries for claim in items_of(entry, _PROVIDERS, "alias")]
    for first, second in repeats_of(claims):
        whose = "this organization" if first.entry is second.entry else "another organization"
        message = f"The identity provider {quoted(second.value)} is linked to {whose} already, at {place_of(first)}."
        yield second.entry.problem(second.steps, message, "Keycloak links one to a single organization: remove one.")


def _equal_previous_client_ids(entries: Sequence[Entry]) -> Iterator[Problem]:
    current = {claim.value: claim for entry in entries for claim in items_of(entry, _CLIENTS, "clientId")}
    former = [claim for entry in entries for claim in _former_ids(entry)]
    repeats = list(repeats_of(former))
    first = [claim for claim in former if all(claim is not second for _, second in repeats)]
    heirs = {claim.value: _client_id_of(claim) for claim in first}
    for claim in former:
        if claim.value in current and not _is_passed_on(claim.value, heirs):
            message = f"{quoted(claim.value)} is the id of a declared client, at {place_of(current[claim.value])}."
            yield claim.entry.problem(claim.steps, message, "Name only ids that no client has any more.")
    for one, second in repeats:
        message = f"{quoted(second.value)} is a previous id of a client already, at {place_of(one)}."
        yield second.entry.problem(second.steps, message, "A client can be renamed to one id only: remove one.")


def _client_id_of(former: Claim) -> str:
    """Return the id of the client that had another one before."""
    return str(former.entry.raw(*former.steps[: len(_CLIENTS) + 1], "clientId"))


def _is_passed_on(client_id: str, heirs: Mapping[str, str]) -> bool:
    """Tell whether the declared client of that id had another one before, so that its own is free to be another's.

    Not in a circle: while two clients exchange their ids, one of them has none.
    """
    seen = {client_id}
    queue = [former for former, heir in heirs.items() if heir == client_id]
    is_renamed = bool(queue)
    while queue:
        former = queue.pop()
        if former in seen:
            return False
        seen.add(former)
        queue += [each for each, heir in heirs.items() if heir == former]
    return is_renamed


def _former_ids(entry: Entry) -> Iterator[Claim]:
    for index in range(len(entry.raw_list(*_CLIENTS))):
        steps: tuple[Step, ...] = (*_CLIENTS, index, "previousClientIds")
        for place in range(len(entry.raw_list(*steps))):
            yield from claims_of([entry], (*steps, place))


def _equal_partners(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        for first, second in repeats_of(items_of(entry, _PARTNERS, "uuid", str.casefold)):
            message = f"The partner is authorized already, at {place_of(first)}."
            yield entry.problem(second.steps, message, "Remove one of the two.")


def _two_realms(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries[1:]:
        first = Claim("", entries[0], ())
        yield entry.problem((), f"A realm is declared already, at {place_of(first)}.", "Keep one Realm document.")


def _future_acceptances(entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    for entry in entries:
        text = entry.raw(*_ACCEPTED_AT)
        try:
            moment = parse_moment(text) if isinstance(text, str) else None
        except PydanticCustomError:
            continue
        if moment is not None and moment > now:
            remedy = "Write when a person accepted the agreement; nobody can accept it in advance."
            yield entry.problem(_ACCEPTED_AT, "The acceptance lies in the future.", remedy)


def _unknown_ignored_fields(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        for index, path in enumerate(entry.raw_list(*_IGNORED)):
            if isinstance(path, dict):
                yield from _powerful_field(entry, index, path.get("path"))
            if not isinstance(path, str) or not FIELD_PATH.fullmatch(path) or entry.kind not in MODELS:
                continue
            fault = _fault_of(path, entry.kind)
            if fault is not None:
                yield entry.problem((*_IGNORED, index), *fault)


def _powerful_field(entry: Entry, index: int, path: object) -> Iterator[Problem]:
    if isinstance(path, str) and KEYCLOAK_PATH.fullmatch(path) and entry.kind in MODELS:
        message = not_ignorable(path, kinds_of(entry.kind))
        if message:
            yield entry.problem((*_IGNORED, index, "path"), message, REMEDY)


def _unknown_dropped_fields(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        clients = {claim.value for claim in items_of(entry, _CLIENTS, "clientId")}
        for index, name in enumerate(entry.raw_list(*_DROPPED)):
            if not isinstance(name, str) or not name or entry.kind not in MODELS:
                continue
            client_id, path = split_drop(name)
            if client_id not in {None, "*", *clients}:
                message = f"The manifest declares no client {quoted(client_id)}."
                yield entry.problem((*_DROPPED, index), message, "Write clients[CLIENTID] of one, or clients[*].")
                continue
            kinds = [each for each in KINDS.values() if each.document == entry.kind and (not client_id or each.items)]
            if not any(can_be_dropped(kind, path) for kind in kinds):
                allowed = sorted({known for kind in kinds for known in kind.fields.droppable})
                remedy = f"{closest(path, allowed)}Write the name as the plan that is blocked gives it."
                yield entry.problem((*_DROPPED, index), f"Adopting never takes {quoted(path)} away.", remedy)


def _fault_of(path: str, kind: str) -> tuple[str, str] | None:
    """Return what is wrong with the path of a field, and the remedy."""
    names = [step for step in path_steps(path) if step != "*"]
    for depth, name in enumerate(names, start=1):
        here = names[:depth]
        info = field_at(MODELS[kind], here)
        if info is None:
            owner = model_at(MODELS[kind], here[:-1])
            allowed = sorted(keys_of(owner)) if owner else []
            remedy = f"{closest(name, allowed)}Allowed here: {', '.join(allowed) or 'nothing'}."
            return f"There is no field {quoted(name)} in {quoted('.'.join(here[:-1]))}.", remedy
        starred = _is_starred(path, depth)
        if is_list(info) and not starred and depth < len(names):
            return f"{quoted(name)} is a list.", f"Write {name}[*] for every item of it."
        if starred and not is_list(info):
            return f"{quoted(name)} is not a list.", f"Write {name} without [*]."
    return None


def _is_starred(path: str, depth: int) -> bool:
    return path.split(".")[depth - 1].endswith("[*]")


_RULES: Final = (
    _equal_names,
    _equal_display_names,
    _equal_uuids,
    _equal_client_ids,
    _equal_identity_providers,
    _equal_previous_client_ids,
    _equal_partners,
)
