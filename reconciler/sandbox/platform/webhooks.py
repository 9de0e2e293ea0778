"""Webhook endpoints, by organization, in a file that survives a restart."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from reconciler.model.webhook import WebhookStatus
from reconciler.sandbox.platform.documents import Webhook, WebhookDraft, WebhookPatch
from reconciler.sandbox.platform.problems import Problem, ProblemType

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. Its secret is nothing that anybody could ask for later, so that it is not kept here."""

    id: str
    organization_id: str
    url: str
    events: tuple[str, ...]
    partner_ids: tuple[str, ...] | None
    status: str = WebhookStatus.ACTIVE
    status_reason: str | None = None
    version: int = 1

    def document(self) -> Webhook:
        """Return what the API answers."""
        found: dict[str, object] = {
            "id": self.id,
            "url": self.url,
            "events": list(self.events),
            "partnerIds": None if self.partner_ids is None else list(self.partner_ids),
            "status": self.status,
            "version": self.version,
        }
        return Webhook.model_validate(found | ({"statusReason": self.status_reason} if self.status_reason else {}))


_STORED = TypeAdapter(tuple[Endpoint, ...])


class WebhookStore:
    """Keep endpoints and their versions."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._endpoints: dict[str, Endpoint] = {}
        if path is not None and path.exists():
            self._endpoints = {each.id: each for each in _STORED.validate_json(path.read_bytes())}

    def all(self, organization_id: str) -> list[Endpoint]:
        """Return the organization's endpoints, in the order of their creation."""
        return [each for each in self._endpoints.values() if each.organization_id == organization_id]

    def find(self, organization_id: str, endpoint_id: str) -> Endpoint:
        """Return one endpoint of the organization.

        Raises:
            Problem: 404: it has none of that id.
        """
        found = self._endpoints.get(endpoint_id)
        if found is None or found.organization_id != organization_id:
            raise Problem(ProblemType.NOT_FOUND, f"There is no webhook {endpoint_id[:_LONGEST]}.")
        return found

    def create(self, organization_id: str, body: WebhookDraft, partners: tuple[str, ...]) -> tuple[Endpoint, str]:
        """Create an endpoint and return it with its secret, which is made up where the body brings none.

        Raises:
            Problem: 403: the body names a partner whom the organization may not act for.
        """
        made = Endpoint(str(uuid4()), organization_id, **{"partner_ids": None, **_fields(body, partners)})
        self._put(made)
        return made, body.secret or secrets.token_urlsafe(48)

    def update(
        self,
        organization_id: str,
        endpoint_id: str,
        patch: WebhookPatch,
        if_match: str | None,
        partners: tuple[str, ...],
    ) -> Endpoint:
        """Change an endpoint by a merge patch, and return it with its next version.

        Raises:
            Problem: 400, 403, 404 or 409: it cannot be changed so.
        """
        before = self.find(organization_id, endpoint_id)
        if if_match is None:
            raise Problem(ProblemType.MALFORMED_REQUEST, "Send If-Match with the version that you have seen.")
        self.check_version(before, if_match)
        fields = _fields(patch, partners)
        reason = None if "status" in fields else before.status_reason
        after = replace(before, **fields, status_reason=reason, version=before.version + 1)
        self._put(after)
        return after

    def check_version(self, endpoint: Endpoint, if_match: str | None) -> None:
        """Refuse a write that was made for another version.

        Raises:
            Problem: 409: the endpoint has another version.
        """
        if if_match is not None and if_match.strip('"') != str(endpoint.version):
            detail = f"The webhook has version {endpoint.version}, not {if_match[:_LONGEST]}."
            raise Problem(ProblemType.VERSION_MISMATCH, detail)

    def delete(self, endpoint: Endpoint) -> None:
        """Delete an endpoint."""
        del self._endpoints[endpoint.id]
        self._save()

    def auto_pause(self, url: str, reason: str) -> list[Endpoint]:
        """Pause every endpoint of that URL as the platform does by itself, and return them."""
        found = [each for each in self._endpoints.values() if each.url == url]
        paused = [
            replace(each, status=WebhookStatus.PAUSED, status_reason=reason, version=each.version + 1) for each in found
        ]
        for each in paused:
            self._put(each)
        return paused

    def _put(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.id] = endpoint
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        draft = self._path.with_name(f".{self._path.name}")
        draft.write_bytes(_STORED.dump_json(tuple(self._endpoints.values())))
        draft.replace(self._path)


def _fields(body: WebhookPatch, partners: tuple[str, ...]) -> dict[str, Any]:
    """Return what the body sets by the names of :class:`Endpoint`.

    Raises:
        Problem: 403: it names a partner whom the organization may not act for.
    """
    fields = body.model_dump(mode="json", by_alias=False, exclude_unset=True, exclude={"secret"})
    for partner in fields.get("partner_ids") or ():
        if partner not in partners:
            detail = f"The organization may not act for the partner {partner}."
            raise Problem(ProblemType.FORBIDDEN, detail)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
