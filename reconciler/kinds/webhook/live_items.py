"""Say the endpoints of an organization as webhooks of its manifest; each gets a name, which the platform has not."""

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from reconciler.kinds.webhook.representation import MARKS
from reconciler.model.address import Address
from reconciler.model.observed import Endpoint, Snapshot
from reconciler.model.webhook import Webhook


def webhooks_of(alias: str, snapshot: Snapshot) -> tuple[list[dict[str, Any]], list[tuple[Address, str]]]:
    """Return the items of ``spec.webhooks``, and the endpoints that no manifest can say, each with the reason."""
    found = snapshot.webhooks.get(alias)
    live = snapshot.organizations.get(alias)
    if live is None or not isinstance(found, tuple):
        return [], []
    names = {mark.id: name for name, mark in MARKS.read(live.representation).items()}
    items: dict[str, dict[str, Any]] = {}
    left_out: list[tuple[Address, str]] = []
    for endpoint in found:
        name = names.get(endpoint.id) or _name(endpoint, {*items, *names.values()})
        said = {"name": name, **endpoint.model_dump(include={"url", "events", "status"}, mode="json")}
        if endpoint.partner_ids is not None:
            said["partnerIds"] = list(endpoint.partner_ids)
        problem = _problem(said) or _repeats(endpoint, items)
        if problem:
            left_out.append((Address.webhook(alias, endpoint.id), problem))
        else:
            items[name] = said
    return [items[name] for name in sorted(items)], left_out


def _problem(said: dict[str, Any]) -> str:
    try:
        Webhook.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"Its {'.'.join(map(str, first['loc'])) or 'content'}: {first['msg']}"
    return ""


def _repeats(endpoint: Endpoint, items: dict[str, dict[str, Any]]) -> str:
    twice = any(item["url"] == endpoint.url for item in items.values())
    return "Another endpoint has the same URL. Delete one of them on the platform." if twice else ""


def _name(endpoint: Endpoint, taken: set[str]) -> str:
    """Return a name that its URL suggests: the last part of the path, or the host."""
    parts = urlsplit(endpoint.url)
    last = parts.path.rstrip("/").rpartition("/")[2] or parts.netloc
    slug = re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:60] or "webhook"
    number = 1
    while (name := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return name
