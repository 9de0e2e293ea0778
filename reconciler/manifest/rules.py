"""The rules that no model can check alone: between documents, and against the clock.

Each rule is a function from all entries to problems, and works on what the documents say plainly, so that a document
with other mistakes takes part. Where something stands twice, the second place is the problem.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic_core import PydanticCustomError

from reconciler.kinds.adoption_losses import can_be_dropped, split_drop
from reconciler.kinds.registry import KINDS, kinds_in
from reconciler.kinds.unique import Unique
from reconciler.manifest.claims import Claim, claims_of, place_of, repeats_of
from reconciler.manifest.explain import closest
from reconciler.manifest.ignoring import REMEDY, not_ignorable
from reconciler.manifest.positions import path_steps
from reconciler.manifest.read import Entry
from reconciler.manifest.shape import MODELS, field_at, is_list, keys_of, model_at
from reconciler.model.errors import Problem
from reconciler.model.scalars import FIELD_PATH, KEYCLOAK_PATH, parse_moment
from reconciler.model.text import quoted

_CLIENTS: Final = ("spec", "clients")
_CLIENT_IDS: Final = (*_CLIENTS, "*", "clientId")
_FORMER_IDS: Final = (*_CLIENTS, "*", "previousClientIds", "*")
_WEBHOOKS: Final = ("spec", "webhooks")
_ACCEPTED_AT: Final = ("spec", "dpa", "acceptedAt")
_IGNORED: Final = ("lifecycle", "ignoreChanges")
_DROPPED: Final = ("lifecycle", "adopt", "drop")


def check(entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    """Yield what is wrong between ``entries``, which come in order of file and line."""
    for kind in KINDS.values():
        documents = [entry for entry in entries if entry.kind == kind.document]
        for unique in kind.uniques:
            for group in [[entry] for entry in documents] if unique.within else [documents]:
                yield from _repeated(unique, group)
    with_clients = [entry for entry in entries if entry.kind in MODELS and field_at(MODELS[entry.kind], _CLIENTS)]
    yield from _current_previous_ids(with_clients)
    for entry in with_clients:
        if entry.raw_list(*_WEBHOOKS):
            yield from _webhooks_without_client(entry)
            yield from _webhooks_of_other_partners(entry)
    yield from _future_acceptances(with_clients, now)
    yield from _unknown_ignored_fields(entries)
    yield from _unknown_dropped_fields(entries)


def _repeated(unique: Unique, entries: Sequence[Entry]) -> Iterator[Problem]:
    for first, second in repeats_of(claims_of(entries, unique.steps, str.casefold if unique.folds_case else str)):
        whose = "this organization" if first.entry is second.entry else "another organization"
        message = unique.message.format(value=quoted(second.value), whose=whose, place=place_of(first))
        yield second.entry.problem(second.steps, message, unique.remedy)


def _current_previous_ids(entries: Sequence[Entry]) -> Iterator[Problem]:
    current = {claim.value: claim for claim in claims_of(entries, _CLIENT_IDS)}
    former = claims_of(entries, _FORMER_IDS)
    heirs: dict[str, str] = {}
    for claim in former:
        heirs.setdefault(claim.value, _client_id_of(claim))
    for claim in former:
        if claim.value in current and not _is_passed_on(claim.value, heirs):
            message = f"{quoted(claim.value)} is the id of a declared client, at {place_of(current[claim.value])}."
            yield claim.entry.problem(claim.steps, message, "Name only ids that no client uses any more.")


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


def _webhooks_without_client(entry: Entry) -> Iterator[Problem]:
    clients = [claim.value for claim in claims_of([entry], _CLIENT_IDS)]
    if not entry.raw_list(*_CLIENTS):
        message = "The organization has no client, whose token could manage webhooks."
        yield entry.problem(_WEBHOOKS, message, "Declare one under spec.clients.")
        return
    for claim in claims_of([entry], (*_WEBHOOKS, "*", "client")):
        if claim.value not in clients:
            message = f"{quoted(claim.value)} is not a client of this organization."
            remedy = f"{closest(claim.value, clients)}Declared: {', '.join(clients)}."
            yield entry.problem(claim.steps, message, remedy)


def _webhooks_of_other_partners(entry: Entry) -> Iterator[Problem]:
    partners = claims_of([entry], ("spec", "authorizedPartners", "*", "uuid"), str.casefold)
    authorized = {claim.value for claim in partners}
    for claim in claims_of([entry], (*_WEBHOOKS, "*", "partnerIds", "*"), str.casefold):
        if claim.value not in authorized:
            message = "The organization is not authorized for this partner."
            yield entry.problem(claim.steps, message, "Add it to spec.authorizedPartners, or remove it here.")


def _future_acceptances(entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    for entry in entries:
        text = entry.raw(*_ACCEPTED_AT)
        try:
            moment = parse_moment(text) if isinstance(text, str) else None
        except PydanticCustomError:
            continue
        if moment is not None and moment > now:
            remedy = "Write the time at which a person accepted the agreement; it cannot be accepted in advance."
            yield entry.problem(_ACCEPTED_AT, "The acceptance is in the future.", remedy)


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
        message = not_ignorable(path, kinds_in(entry.kind))
        if message:
            yield entry.problem((*_IGNORED, index, "path"), message, REMEDY)


def _unknown_dropped_fields(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        clients = {claim.value for claim in claims_of([entry], _CLIENT_IDS)}
        for index, name in enumerate(entry.raw_list(*_DROPPED)):
            if not isinstance(name, str) or not name or entry.kind not in MODELS:
                continue
            client_id, path = split_drop(name)
            if client_id not in {None, "*", *clients}:
                message = f"The manifest declares no client {quoted(client_id)}."
                yield entry.problem((*_DROPPED, index), message, "Write clients[CLIENTID] of one, or clients[*].")
                continue
            kinds = [kind for kind in kinds_in(entry.kind) if not client_id or kind.items]
            if not any(can_be_dropped(kind, path) for kind in kinds):
                allowed = sorted({known for kind in kinds for known in kind.fields.droppable})
                remedy = f"{closest(path, allowed)}Write the name as the blocked plan shows it."
                yield entry.problem((*_DROPPED, index), f"Adopting never removes {quoted(path)}.", remedy)


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
