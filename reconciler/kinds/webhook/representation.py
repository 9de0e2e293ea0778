"""The kind ``webhook``: an organization's endpoint on the platform, managed with the token of one of its clients."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.kinds import marks
from reconciler.kinds.item_marks import ItemMarks, Mark, entries_body, mark_fields
from reconciler.kinds.said import said
from reconciler.kinds.webhook.fields import FIELDS, STATUS
from reconciler.model import layout
from reconciler.model.address import Address, Kind
from reconciler.model.change import Change, Step, Verb
from reconciler.model.errors import Conflict, RequestFailed
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import ClientObservation, Endpoint, WebhookObservation
from reconciler.model.value import Fields, Value, plain, unordered
from reconciler.model.webhook import Webhook, WebhookStatus
from reconciler.ports import PlatformApi, Secret

MARKS: Final = ItemMarks(Kind.WEBHOOK, layout.WEBHOOKS_MARK)
"""The platform has no place for marks, nor for a name."""
CLIENT: Final = "client"
"""In a step: the client whose token makes it."""

WEBHOOK: Final = "webhook"
"""In a step: what the platform is sent."""
FORMER: Final = "former"
"""In a step: the name whose mark goes."""

_REUSED: Final = "idempotency-key-reused"
_GHOSTS: Final = 5
"""How many endpoints one idempotency key may have made within a day that are gone again."""


def sender_of(manifest: IntegrationOrganization, webhook: Webhook) -> str:
    """Return the client whose token manages the webhook: the one it names, or the first enabled one by id."""
    if webhook.client is not None:
        return webhook.client
    return min((not client.enabled, client.client_id) for client in manifest.spec.clients)[1]


def senders_of(manifest: IntegrationOrganization) -> tuple[str, ...]:
    """Return the clients that may be asked for the organization's webhooks, the best one first."""
    named = {sender_of(manifest, webhook) for webhook in manifest.spec.webhooks} if manifest.spec.clients else set()
    ranked = sorted((not c.enabled, c.client_id not in named, c.client_id) for c in manifest.spec.clients)
    return tuple(client_id for _, _, client_id in ranked)


def usable_clients(clients: Iterable[ClientObservation]) -> dict[str, list[str]]:
    """Return by alias the live clients that are enabled, and in that organization alone, sorted."""
    found: dict[str, list[str]] = {}
    for live in sorted(clients, key=lambda client: client.client_id):
        if (
            live.representation.get("enabled")
            and isinstance(live.organizations, tuple)
            and len(live.organizations) == 1
        ):
            found.setdefault(live.organizations[0], []).append(live.client_id)
    return found


def desired_fields(organization: str, webhook: Webhook, owner: str) -> Fields:
    """Return what the manifest of the organization says, marks included."""
    # Whether it may be destroyed follows from its organization.
    return marks.marked(said(webhook, FIELDS), owner, Address.webhook(organization, webhook.name))


def observation(endpoint: Endpoint | None, mark: Mark | None, owner: str | None) -> WebhookObservation:
    """Return a webhook as it is live; a mark that means another endpoint is none. ``owner`` is the organization's."""
    if mark is None or (endpoint is not None and mark.id != endpoint.id):
        return WebhookObservation(endpoint)
    return WebhookObservation(endpoint, owner, mark.applied, mark.soft_deleted)


def observed_fields(live: WebhookObservation) -> Fields:
    """Return what the platform has, and our marks."""
    fields = mark_fields(live)
    if (endpoint := live.endpoint) is not None:
        partners = None if endpoint.partner_ids is None else unordered(each.lower() for each in endpoint.partner_ids)
        fields |= {"url": endpoint.url, "events": unordered(endpoint.events), "partnerIds": partners}
        fields[STATUS] = endpoint.status
    return {path: value for path, value in fields.items() if value is not None}


def soft_deleted_fields(before: Fields, at: str) -> Fields:
    """Return the live fields, but paused: what a webhook is that no manifest declares any more."""
    return marks.soft_deleted(before, STATUS, WebhookStatus.PAUSED.value, at)


def creation(change: Change, after: Fields) -> Iterator[Step]:
    """Yield the writes that create the webhook; the mark comes last."""
    body: Value = {path: after.get(path) for path in sorted(FIELDS.said)}
    yield Step(Verb.CREATE_WEBHOOK, {CLIENT: change.sender, WEBHOOK: body})
    yield _mark_step(change, after)


def update(change: Change, before: Fields, after: Fields, changed: frozenset[str]) -> Iterator[Step]:
    """Yield the writes that update the webhook; the mark comes last, and instead of that of its former name."""
    if patch := {path: after.get(path) for path in sorted(FIELDS.said & changed)}:
        yield Step(Verb.UPDATE_WEBHOOK, {CLIENT: change.sender, WEBHOOK: patch})
    yield _mark_step(change, after)


def deletion(change: Change) -> Iterator[Step]:
    """Yield the writes that delete the webhook; where the endpoint is gone, only its mark is left."""
    if "url" in (change.before or {}):
        yield Step(Verb.DELETE_WEBHOOK, {CLIENT: change.sender})
    yield Step(Verb.UNMARK_WEBHOOK, {CLIENT: change.sender})


def _mark_step(change: Change, after: Fields) -> Step:
    former = {FORMER: change.renamed_from} if change.renamed_from else {}
    return Step(Verb.MARK_WEBHOOK, {CLIENT: change.sender, **entries_body(after), **former})


# docs/decisions.md, 32: why it follows from the write.
def key_of(address: Address, *parts: Value) -> str:
    """Return the idempotency key of a write: the same for the same write, in whichever run.

    What tells a write from an equal one of another time (a version, an id) must be among the ``parts``.
    """
    text = json.dumps([str(address), *map(plain, parts)], sort_keys=True)
    return f"reconciler-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


async def create(platform: PlatformApi, address: Address, step: Step, secret: Secret | None) -> str:
    """Create the endpoint and return its id; repeated, it is the same endpoint.

    A key stands for one endpoint for a day, even where that was deleted since: then the next key is taken, which
    follows from it.

    Raises:
        Conflict: An earlier run has made it with another secret.
    """
    sender, body = str(step.body[CLIENT]), step.body[WEBHOOK]
    key = key_of(address, step.verb.value, body)
    for _ in range(_GHOSTS):
        made = await _made(platform, sender, plain(body), key, secret)
        live = await platform.webhooks(sender)
        if made in {endpoint.id for endpoint in live}:
            return made
        if not made and _url(body) in {endpoint.url for endpoint in live}:
            raise Conflict(
                f"An earlier run has created {address}, with another secret than the one that was delivered now.",
                remedy="Delete that endpoint on the platform, then run apply again.",
            )
        key = key_of(address, key, made)
    raise RequestFailed(
        f"The platform reports that {address} was created and deleted today.", remedy="Try again tomorrow."
    )


async def _made(platform: PlatformApi, sender: str, body: Any, key: str, secret: Secret | None) -> str:
    """Return the id of what was made under the key; empty where that was made of another body."""
    try:
        return (await platform.create_webhook(sender, body, key, secret)).id
    except RequestFailed as error:
        if error.code != _REUSED:
            raise
        return ""


def _url(body: Value) -> Value:
    return body.get("url") if isinstance(body, Mapping) else None
