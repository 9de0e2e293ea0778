"""Compare what is stored with what is in force: the third side, which ``GET /v1/me`` shows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from reconciler.kinds.organization.fields import FIELDS
from reconciler.kinds.organization.representation import desired_fields, effective_fields, observed_fields
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import as_set, day, partner_list, said
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import DesiredState, IntegrationOrganization
from reconciler.model.observed import MOCK, Effective, ReadFailure, Snapshot
from reconciler.model.plan import Effect
from reconciler.model.request import ask_nt24
from reconciler.model.value import Fields, Value

PARTNERS: Final = "authorizedPartners"
_DISABLED: Final = "client-disabled"
_FORBIDDEN: Final = "forbidden"
_UNAUTHORIZED: Final = "unauthorized"
"""What the platform says of a token that it does not take; the token endpoint has other words."""
_SETTLED: Final = timedelta(minutes=2)
"""After a write, the platform may lag behind for some seconds; what differs longer than this stays so."""
_FEW: Final = 10
"""Partners that are reported one by one when the platform does not list them."""


def effective_findings(situation: Situation, changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield where the platform does not do what is stored; a change that is still planned explains itself."""
    if situation.snapshot.is_shut:
        return
    pending = {change.address for change in changes}
    for manifest, client, address in situation.clients():
        answer = situation.snapshot.effective.get(client.client_id)
        if isinstance(answer, Effective):
            if address not in pending:
                yield from _differences(manifest, address, answer, situation)
        elif isinstance(answer, ReadFailure) and not {address.home, address} & pending:
            yield from _refusal(address, answer, client.enabled, manifest.spec.suspended, manifest.spec.dpa is not None)


def refused_to_all(clients: Iterable[Address], snapshot: Snapshot, changes: Iterable[Change], realm: str) -> str:
    """Return why the platform takes the token of no client that was asked; empty where it takes one, or may after all.

    A token that Keycloak has just given, and that is refused to each of them, is a matter of addresses: the platform
    trusts another Keycloak or realm. What is still planned for a client or the realm may be the reason as well.
    """
    if snapshot.is_shut:
        return ""
    pending = {change.address for change in changes}
    answers = {each: answer for each in clients if (answer := snapshot.effective.get(each.name)) is not None}
    asked = {a: each for a, each in answers.items() if not (isinstance(each, ReadFailure) and each.code == _DISABLED)}
    refused = [each.reason for each in asked.values() if isinstance(each, ReadFailure) and each.code == _UNAUTHORIZED]
    may_explain = {Address.realm(realm)} | {each for address in asked for each in (address, address.home)}
    is_changed = not may_explain.isdisjoint(pending)
    return refused[0] if refused and len(refused) == len(asked) and not is_changed else ""


def effects_of_saved(
    wanted: Mapping[Address, Fields | None], clients: Iterable[Address], situation: Situation, pending: set[Address]
) -> Iterator[Finding]:
    """Yield where the platform does not do what is stored, once a plan that wants that of each resource is applied."""
    snapshot = situation.snapshot
    for address in clients:
        live, answer = snapshot.organizations.get(address.alias), snapshot.effective.get(address.name)
        if answer is None or live is None:
            continue
        stored = observed_fields(live)
        after = wanted.get(address.home) or stored
        if isinstance(answer, Effective):
            ours = [path for path in FIELDS.effective if not situation.expected.is_platforms(path)]
            settled = [path for path in ours if stored.get(path) == after.get(path)]
            yield from _lagging(address, stored, answer, settled, situation.names)
        elif not {address, address.home} & pending:
            enabled = bool(snapshot.clients[address.name].representation.get("enabled"))
            yield from _refusal(address, answer, enabled, stored.get("suspended") is True, "dpa.version" in stored)


def mock_findings(situation: Situation) -> Iterator[Finding]:
    """Yield that a mock stands in the platform's place: what it answers is compared with nothing."""
    for answer in situation.snapshot.effective.values():
        if isinstance(answer, ReadFailure) and answer.code == MOCK:
            address, code = Address.realm(situation.realm), Code.PLATFORM_IS_MOCK
            yield Finding(address, code, Severity.WARNING, FieldStatus.UNKNOWN, answer.reason, answer.remedy)
            return


def unsettled(desired: DesiredState, snapshot: Snapshot, expected: Expectations) -> tuple[str, ...]:
    """Return the aliases whose answers differ from what Keycloak has, where that is what shall be; sorted."""
    return tuple(
        sorted(
            manifest.name
            for manifest in desired.organizations
            for client in manifest.spec.clients
            if isinstance(answer := snapshot.effective.get(client.client_id), Effective)
            and any(differing_fields(manifest, answer, snapshot, expected))
        )
    )


def has_settled(alias: str, snapshot: Snapshot) -> bool:
    """Tell whether the organization was last written so long ago that no difference is a lag; False if not known."""
    written = snapshot.written.get(alias)
    return written is not None and snapshot.taken_at - written > _SETTLED


def differing_fields(
    manifest: IntegrationOrganization, answer: Effective, snapshot: Snapshot, expected: Expectations
) -> Iterator[str]:
    """Yield the paths that Keycloak has as the manifest says, and the platform does not."""
    live = snapshot.organizations.get(manifest.name)
    if live is None:
        return
    wanted, stored, effective = desired_fields(manifest, ""), observed_fields(live), effective_fields(answer)
    for path in FIELDS.effective:
        is_stored = stored.get(path) == wanted.get(path) and not expected.is_platforms(path)
        if is_stored and stored.get(path) != effective.get(path):
            yield path


def _differences(
    manifest: IntegrationOrganization, address: Address, answer: Effective, situation: Situation
) -> Iterator[Finding]:
    snapshot, names = situation.snapshot, situation.names
    paths = list(differing_fields(manifest, answer, snapshot, situation.expected))
    if not paths:
        return
    stored = observed_fields(snapshot.organizations[manifest.name])
    since = ""
    if has_settled(manifest.name, snapshot):
        since = f"It was last written in Keycloak {day(snapshot.written[manifest.name].replace(microsecond=0))}."
    missing = as_set(stored.get(PARTNERS)) - as_set(effective_fields(answer).get(PARTNERS))
    if since and PARTNERS in paths and 0 < len(missing) <= _FEW:
        yield from (_unknown_partner(manifest, uuid, since, names) for uuid in missing)
        if missing == as_set(stored.get(PARTNERS)) ^ as_set(effective_fields(answer).get(PARTNERS)):
            paths.remove(PARTNERS)
    yield from _lagging(address, stored, answer, paths, names, since)


def _lagging(
    address: Address,
    stored: Fields,
    answer: Effective,
    paths: Iterable[str],
    names: Mapping[str, str],
    since: str = "",
) -> Iterator[Finding]:
    """Yield the paths at which the platform answers a client something else than what Keycloak has.

    ``since`` is a sentence that says when Keycloak was last written, where that is too long ago for a lag.
    """
    effective = effective_fields(answer)
    remedy = "The platform may still be catching up; if this persists, ask NT24's support which value is effective."
    if since:
        remedy = f"No write can fix that. Ask NT24 which value is effective: {ask_nt24(address.names[0])}"
    for path in paths:
        if stored.get(path) != effective.get(path):
            yield Finding(
                address,
                Code.EFFECTIVE_DIFFERS,
                Severity.ERROR,
                FieldStatus.OVERRIDDEN if since else FieldStatus.LAGGING,
                f"{path}: {_words(path, stored.get(path), effective.get(path), names)} {since}".rstrip(),
                remedy,
                path=path,
            )


def _words(path: str, stored: Value, effective: Value, names: Mapping[str, str]) -> str:
    if path != PARTNERS:
        return f"Keycloak has {said(stored)}, but GET /v1/me answers {said(effective)}."
    missing, extra = as_set(stored) - as_set(effective), as_set(effective) - as_set(stored)
    parts = [f"GET /v1/me does not list {partner_list(missing, names)}, which Keycloak has."] if missing else []
    parts += [f"GET /v1/me lists {partner_list(extra, names)}, which Keycloak does not have."] if extra else []
    return " ".join(parts)


def _unknown_partner(manifest: IntegrationOrganization, uuid: str, since: str, names: Mapping[str, str]) -> Finding:
    return Finding(
        Address.organization(manifest.name),
        Code.PARTNER_UNKNOWN,
        Severity.ERROR,
        FieldStatus.OVERRIDDEN,
        f"NT24 does not know the partner {partner_list([uuid], names)}, or does not let the organization act for it: "
        f"GET /v1/me does not list it. {since}",
        f"Check the UUID. If it is right, {ask_nt24(manifest.name)}",
        path=f"{PARTNERS}[{uuid}]",
    )


def _refusal(
    address: Address, failure: ReadFailure, enabled: bool, suspended: bool, has_dpa: bool
) -> Iterator[Finding]:
    """Yield why a client gets no answer, unless that is what its fields mean."""
    if failure.code == _DISABLED and not enabled:
        return
    if (failure.code == _FORBIDDEN and suspended) or failure.code == MOCK:
        return
    severity, code = Severity.ERROR, Code.EFFECTIVE_UNKNOWN
    remedy = failure.remedy or "Fix the cause, then run plan again."
    if failure.code == Code.DPA_NOT_ACCEPTED:
        code = Code.DPA_NOT_ACCEPTED
        remedy = "A person accepts the current DPA with NT24; then record its version and acceptedAt in the manifest."
        severity = Severity.ERROR if has_dpa else Severity.WARNING
    yield Finding(address, code, severity, FieldStatus.UNKNOWN, failure.reason, remedy)


def effects(situation: Situation, changes: Iterable[Change]) -> Iterator[Effect]:
    """Yield, per client that was asked, the third side of every field that changes, or has another effect."""
    changed = {change.address: {field.path for field in change.field_changes} for change in changes}
    for manifest, client, address in situation.clients():
        live = situation.snapshot.organizations.get(manifest.name)
        answer = situation.snapshot.effective.get(client.client_id)
        if live is None or not isinstance(answer, Effective):
            continue
        wanted, stored, found = desired_fields(manifest, ""), observed_fields(live), effective_fields(answer)
        for path in FIELDS.effective:
            base = wanted if situation.expected.is_platforms(path) else stored
            if path in changed.get(address.home, ()) or base.get(path) != found.get(path):
                yield Effect(address, path, wanted.get(path), stored.get(path), found.get(path))


def partner_names(desired: DesiredState, snapshot: Snapshot) -> Mapping[str, str]:
    """Return, per partner UUID, what readers know it by; the manifests win over the platform."""
    names: dict[str, str] = {}
    for answer in snapshot.effective.values():
        if isinstance(answer, Effective):
            names |= {str(p.uuid): _label(p.name, p.country) for p in answer.authorized_partners if p.name}
    return dict(sorted({**names, **declared_names(desired)}.items()))


def declared_names(desired: DesiredState) -> Mapping[str, str]:
    """Return what the manifests call partners, by UUID."""
    partners = (each for manifest in desired.organizations for each in manifest.spec.authorized_partners)
    return {str(each.uuid): _label(each.name, each.country) for each in partners if each.name}


def _label(name: str | None, country: str | None) -> str:
    return f"{name} ({country})" if country else str(name)
