"""The kind ``webhook``: an organization's endpoint on the platform, managed with the token of one of its clients."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.kinds import marks
from reconciler.kinds.item_marks import ItemMarks, Mark, entries_of, id_entry
from reconciler.kinds.webhook.fields import FIELDS, STATUS
from reconciler.model import layout
from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Step, Verb
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

_ENTRIES: Final = "entries"
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
    fields: dict[str, Value] = {
        "url": webhook.url,
        "events": unordered(webhook.events),
        "partnerIds": None if webhook.partner_ids is None else unordered(map(str, webhook.partner_ids)),
        STATUS: webhook.status.value,
    }
    said = {path: value for path, value in fields.items() if value is not None}
    # Whether it may be destroyed follows from its organization.
    return marks.marked(said, owner, Address.webhook(organization, webhook.name), protected=False)


def observation(endpoint: Endpoint | None, mark: Mark | None, owner: str | None) -> WebhookObservation:
    """Return a webhook as it is live; a mark that means another endpoint is none. ``owner`` is the organization's."""
    if mark is None or (endpoint is not None and mark.id != endpoint.id):
        return WebhookObservation(endpoint)
    return WebhookObservation(endpoint, owner, mark.applied, mark.soft_deleted)


def observed_fields(live: WebhookObservation) -> Fields:
    """Return what the platform has, and our marks."""
    fields: dict[str, Value] = {
        layout.OWNER_MARK: live.owner,
        layout.APPLIED_MARK: live.applied or None,
        layout.SOFT_DELETED_MARK: live.soft_deleted or None,
    }
    if (endpoint := live.endpoint) is not None:
        partners = None if endpoint.partner_ids is None else unordered(each.lower() for each in endpoint.partner_ids)
        fields |= {"url": endpoint.url, "events": unordered(endpoint.events), "partnerIds": partners}
        fields[STATUS] = endpoint.status
    return {path: value for path, value in fields.items() if value is not None}


def observed_marks(live: WebhookObservation, address: Address) -> marks.Marks:
    """Return the marks in the form that every kind has."""
    return marks.parse(live.owner, live.applied, address)


def soft_deleted_fields(before: Fields, at: str) -> Fields:
    """Return the live fields, but paused: what a webhook is that no manifest declares any more."""
    return marks.soft_deleted(before, STATUS, WebhookStatus.PAUSED.value, at)


def steps(
    action: Action, after: Fields | None, changed: Iterable[str], *, sender: str, exists: bool, former: str = ""
) -> tuple[Step, ...]:
    """Return the writes that bring a webhook to ``after``; the mark comes last.

    ``sender`` is the client whose token makes them. Where the endpoint does not ``exist``, only its mark is left.
    ``former`` is the name that its mark still has.
    """
    match action:
        case Action.CREATE if after is not None:
            body: Value = {path: after.get(path) for path in sorted(FIELDS.said)}
            return (Step(Verb.CREATE_WEBHOOK, {CLIENT: sender, WEBHOOK: body}), _mark_step(after, sender, former))
        case Action.UPDATE | Action.ADOPT if after is not None:
            patch: Value = {path: after.get(path) for path in sorted(FIELDS.said & set(changed))}
            update = (Step(Verb.UPDATE_WEBHOOK, {CLIENT: sender, WEBHOOK: patch}),) if patch else ()
            return (*update, _mark_step(after, sender, former))
        case Action.DELETE:
            delete = (Step(Verb.DELETE_WEBHOOK, {CLIENT: sender}),) if exists else ()
            return (*delete, Step(Verb.UNMARK_WEBHOOK, {CLIENT: sender}))
        case _:
            return ()


def _mark_step(after: Fields, sender: str, former: str) -> Step:
    body: dict[str, Value] = {CLIENT: sender, _ENTRIES: entries_of(after)}
    return Step(Verb.MARK_WEBHOOK, body | ({FORMER: former} if former else {}))


def entries_in(step: Step, endpoint_id: str) -> tuple[str, ...]:
    """Return the entries of the mark that a step writes, for the endpoint of that id."""
    entries = step.body.get(_ENTRIES)
    return (id_entry(endpoint_id), *(map(str, entries) if isinstance(entries, tuple) else ()))


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
        f"The platform takes {address} for one that was created and deleted today.", remedy="Try again tomorrow."
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


async def update(platform: PlatformApi, address: Address, live: Endpoint, step: Step) -> None:
    """Change the endpoint, if it still has the version of ``live``."""
    patch = step.body[WEBHOOK]
    key = key_of(address, step.verb.value, live.id, live.version, patch)
    await platform.update_webhook(str(step.body[CLIENT]), live, plain(patch), key)


async def delete(platform: PlatformApi, address: Address, endpoint_id: str, step: Step) -> None:
    """Delete the endpoint."""
    key = key_of(address, step.verb.value, endpoint_id)
    await platform.delete_webhook(str(step.body[CLIENT]), endpoint_id, key)
