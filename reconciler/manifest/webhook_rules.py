"""The rules of webhooks that need more than one place of a manifest.

Like those of :mod:`reconciler.manifest.rules`, each works on what the documents say plainly.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.manifest.claims import Claim, claims_of, items_of, place_of, repeats_of
from reconciler.manifest.explain import closest, quoted
from reconciler.manifest.positions import Step
from reconciler.manifest.read import Entry
from reconciler.model.errors import Problem

_WEBHOOKS: Final = ("spec", "webhooks")
_CLIENTS: Final = ("spec", "clients")
_PARTNERS: Final = ("spec", "authorizedPartners")


def webhook_problems(organizations: Sequence[Entry]) -> Iterator[Problem]:
    """Yield what is wrong with the webhooks of each organization as a whole."""
    for entry in organizations:
        if entry.raw_list(*_WEBHOOKS):
            yield from _repeated(entry)
            yield from _without_client(entry)
            yield from _of_other_partners(entry)


def _repeated(entry: Entry) -> Iterator[Problem]:
    for first, second in repeats_of(items_of(entry, _WEBHOOKS, "name")):
        message = f"The webhook {quoted(second.value)} is declared already, at {place_of(first)}."
        yield entry.problem(second.steps, message, "Give each webhook of an organization a name of its own.")
    for first, second in repeats_of(items_of(entry, _WEBHOOKS, "url")):
        message = f"Another webhook of the organization has this URL, at {place_of(first)}."
        yield entry.problem(second.steps, message, "Put the events of both into one, or give each a URL of its own.")


def _without_client(entry: Entry) -> Iterator[Problem]:
    clients = [claim.value for claim in items_of(entry, _CLIENTS, "clientId")]
    if not entry.raw_list(*_CLIENTS):
        message = "The organization has no client, whose token could manage webhooks."
        yield entry.problem(_WEBHOOKS, message, "Declare one under spec.clients.")
        return
    for claim in items_of(entry, _WEBHOOKS, "client"):
        if claim.value not in clients:
            message = f"{quoted(claim.value)} is no client of this organization."
            remedy = f"{closest(claim.value, clients)}Declared: {', '.join(clients)}."
            yield entry.problem(claim.steps, message, remedy)


def _of_other_partners(entry: Entry) -> Iterator[Problem]:
    authorized = {claim.value for claim in items_of(entry, _PARTNERS, "uuid", str.casefold)}
    for claim in _partner_ids(entry):
        if claim.value not in authorized:
            message = "The organization may not act for this partner."
            yield entry.problem(claim.steps, message, "Add it to spec.authorizedPartners, or remove it here.")


def _partner_ids(entry: Entry) -> Iterator[Claim]:
    for index in range(len(entry.raw_list(*_WEBHOOKS))):
        steps: tuple[Step, ...] = (*_WEBHOOKS, index, "partnerIds")
        for place in range(len(entry.raw_list(*steps))):
            yield from claims_of([entry], (*steps, place), str.casefold)
