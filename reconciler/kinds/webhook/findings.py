"""Findings about webhooks: what could not be read, what the platform did by itself, and what nobody declares."""

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.kinds.situation import Situation
from reconciler.kinds.webhook.representation import MARKS
from reconciler.kinds.webhook.rows import matched
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import DesiredState, IntegrationOrganization
from reconciler.model.observed import MOCK, Endpoint, ReadFailure, Snapshot
from reconciler.model.webhook import Webhook, WebhookStatus

_SUSPENDED: Final = (
    "The organization is suspended, and its clients are refused: the webhook can be neither read nor written."
)
_WITHOUT_DPA: Final = (
    "A person accepts the current DPA with NT24; then record its version and acceptedAt in the manifest."
)
_ORPHANED: Final = "Get its client admitted and run plan again; or have it deleted on the platform afterwards."
_LATER: Final = "It is not written until its client is admitted; see the findings of that client, then run plan again."


def webhook_findings(situation: Situation, changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield what is to be known of the webhooks of declared organizations."""
    desired, snapshot = situation.desired, situation.snapshot
    planned = {change.address for change in changes}
    for manifest in desired.organizations:
        found, live = snapshot.webhooks.get(manifest.name), snapshot.organizations.get(manifest.name)
        unknown = [each for each in manifest.spec.webhooks if _address(manifest, each) not in planned]
        if manifest.spec.suspended:
            yield from (_suspended(_address(manifest, each)) for each in unknown)
        elif isinstance(found, ReadFailure):
            if snapshot.is_shut:
                continue
            yield from (_unknown(manifest, each, found) for each in unknown)
        elif found is None and live is None and manifest.spec.dpa is None:
            yield from (_not_yet(_address(manifest, each)) for each in unknown)
        elif found is not None and live is not None:
            marked = MARKS.valid(MARKS.read(live.representation), manifest.name)
            endpoints = matched({each.name: each.url for each in manifest.spec.webhooks}, found, marked)
            yield from _auto_paused(manifest, endpoints)
            known = {endpoint.id for endpoint in endpoints.values()} | {mark.id for mark in marked.values()}
            yield from (_undeclared(manifest, each) for each in found if each.id not in known)
    yield from _left_behind(desired, snapshot, planned)


def _left_behind(desired: DesiredState, snapshot: Snapshot, planned: set[Address]) -> Iterator[Finding]:
    """Yield our webhooks that nobody can ask for any more, while their organization leaves."""
    declared = {manifest.name for manifest in desired.organizations}
    for alias, live in snapshot.organizations.items():
        found = snapshot.webhooks.get(alias)
        if alias in declared or Address.organization(alias) not in planned or not isinstance(found, ReadFailure):
            continue
        detail = f"It could not be read, and outlives its organization on the platform: {found.reason.rstrip('.')}."
        for name in MARKS.read(live.representation):
            yield Finding(
                Address.webhook(alias, name),
                Code.WEBHOOK_LEFT_BEHIND,
                Severity.WARNING,
                FieldStatus.UNKNOWN,
                detail,
                _ORPHANED,
            )


def _address(manifest: IntegrationOrganization, webhook: Webhook) -> Address:
    return Address.webhook(manifest.name, webhook.name)


def _suspended(address: Address) -> Finding:
    return Finding(
        address,
        Code.WEBHOOK_UNKNOWN,
        Severity.INFO,
        FieldStatus.UNKNOWN,
        _SUSPENDED,
        "No action is needed while that is intended.",
    )


def _not_yet(address: Address) -> Finding:
    detail = "Nobody has accepted the Data Processing Agreement, and the platform refuses every call until then."
    return Finding(address, Code.DPA_NOT_ACCEPTED, Severity.WARNING, FieldStatus.UNKNOWN, detail, _WITHOUT_DPA)


def _unknown(manifest: IntegrationOrganization, webhook: Webhook, failure: ReadFailure) -> Finding:
    enabled = any(client.enabled for client in manifest.spec.clients)
    severity, code, remedy = Severity.ERROR, Code.WEBHOOK_UNKNOWN, failure.remedy or _LATER
    if failure.code == Code.DPA_NOT_ACCEPTED:
        code, remedy = Code.DPA_NOT_ACCEPTED, _WITHOUT_DPA
        severity = Severity.ERROR if manifest.spec.dpa else Severity.WARNING
    elif not enabled or failure.code == MOCK:
        severity = Severity.INFO
    detail = f"It could not be read, and is not written: {failure.reason.rstrip('.')}."
    return Finding(_address(manifest, webhook), code, severity, FieldStatus.UNKNOWN, detail, remedy)


def _auto_paused(manifest: IntegrationOrganization, endpoints: dict[str, Endpoint]) -> Iterator[Finding]:
    for webhook in manifest.spec.webhooks:
        endpoint = endpoints.get(webhook.name)
        if endpoint is None or not endpoint.status_reason or endpoint.status == WebhookStatus.ACTIVE:
            continue
        yield Finding(
            _address(manifest, webhook),
            Code.WEBHOOK_AUTO_PAUSED,
            Severity.WARNING,
            FieldStatus.DRIFTED if endpoint.status != webhook.status else FieldStatus.IN_SYNC,
            f"The platform paused it: {endpoint.status_reason.rstrip('.')}.",
            f"Make {webhook.url} respond again, then apply: it sets the status to {webhook.status}.",
        )


def _undeclared(manifest: IntegrationOrganization, endpoint: Endpoint) -> Finding:
    return Finding(
        Address.webhook(manifest.name, endpoint.id),
        Code.WEBHOOK_UNDECLARED,
        Severity.WARNING,
        FieldStatus.DRIFTED,
        f"No manifest declares this endpoint, which gets {', '.join(endpoint.events)} at {endpoint.url}.",
        f"Declare it under webhooks of {manifest.name} with this URL, which adopts it; or delete it on the platform.",
    )
