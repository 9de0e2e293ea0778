"""Compare what is stored with what is in force: the third side, which ``GET /v1/me`` shows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reconciler.kinds.organization import EFFECTIVE_PATHS, desired_fields, effective_fields, observed_fields
from reconciler.model.address import Address
from reconciler.model.change import Change
from reconciler.model.effect import Effect
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import Client, DesiredState, IntegrationOrganization
from reconciler.model.observed import Effective, Hole, Snapshot
from reconciler.model.value import Fields, Value

_DISABLED: Final = "client-disabled"
_FORBIDDEN: Final = "forbidden"


def effective_findings(desired: DesiredState, snapshot: Snapshot, changes: Iterable[Change]) -> Iterator[Finding]:
    """Yield where the platform does not do what is stored; a change that is still planned explains itself."""
    pending = {change.address for change in changes}
    for manifest in desired.organizations:
        for client in manifest.spec.clients:
            answer = snapshot.effective.get(client.client_id)
            addresses = {Address.organization(manifest.name), Address.client(manifest.name, client.client_id)}
            if isinstance(answer, Effective):
                if Address.client(manifest.name, client.client_id) not in pending:
                    yield from _differences(manifest, client, answer, snapshot)
                yield from _partner_differences(manifest, answer)
            elif isinstance(answer, Hole) and not addresses & pending:
                yield from refusal(
                    Address.client(manifest.name, client.client_id),
                    answer,
                    enabled=client.enabled,
                    suspended=manifest.spec.suspended,
                    has_dpa=manifest.spec.dpa is not None,
                )


def _differences(
    manifest: IntegrationOrganization, client: Client, answer: Effective, snapshot: Snapshot
) -> Iterator[Finding]:
    live = snapshot.organizations.get(manifest.name)
    if live is None:
        return
    wanted, stored = desired_fields(manifest, ""), observed_fields(live)
    settled = [path for path in EFFECTIVE_PATHS if stored.get(path) == wanted.get(path)]
    yield from lagging(Address.client(manifest.name, client.client_id), stored, answer, settled)


def lagging(address: Address, stored: Fields, answer: Effective, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield the paths at which the platform answers a client something else than what Keycloak has."""
    effective = effective_fields(answer)
    for path in paths:
        if stored.get(path) != effective.get(path):
            yield Finding(
                address,
                Code.EFFECTIVE_DIFFERS,
                Severity.ERROR,
                FieldStatus.LAGGING,
                f"{path}: Keycloak has {_text(stored.get(path))}, but GET /v1/me answers {_text(effective.get(path))}.",
                "The platform may still be catching up; if it stays so, ask NT24's support which value is in force.",
                path,
            )


def _partner_differences(manifest: IntegrationOrganization, answer: Effective) -> Iterator[Finding]:
    known = {partner.uuid: partner for partner in answer.authorized_partners}
    for partner in manifest.spec.authorized_partners:
        found = known.get(partner.uuid)
        if found is None:
            continue
        for code, what, ours, theirs in (
            (Code.PARTNER_NAME_DIFFERS, "name", partner.name, found.name),
            (Code.PARTNER_COUNTRY_DIFFERS, "country", partner.country, found.country),
        ):
            if ours is not None and theirs is not None and ours != theirs:
                yield Finding(
                    Address.organization(manifest.name),
                    code,
                    Severity.WARNING,
                    FieldStatus.IN_SYNC,
                    f"The manifest says that the {what} of partner {partner.uuid} is {_text(ours)}; "
                    f"the platform says {_text(theirs)}.",
                    "Check that the UUID is the partner you mean, then correct the manifest.",
                    f"authorizedPartners[{partner.uuid}]",
                )


def refusal(address: Address, hole: Hole, *, enabled: bool, suspended: bool, has_dpa: bool) -> Iterator[Finding]:
    """Yield why a client gets no answer, unless that is what its fields mean."""
    if hole.code == _DISABLED and not enabled:
        return
    if hole.code == _FORBIDDEN and suspended:
        return
    severity, code, remedy = (
        Severity.ERROR,
        Code.EFFECTIVE_UNKNOWN,
        hole.remedy or "Look at the reason, then run plan again.",
    )
    if hole.code == Code.DPA_NOT_ACCEPTED:
        code = Code.DPA_NOT_ACCEPTED
        remedy = "A person accepts the current DPA with NT24; then record its version and acceptedAt in the manifest."
        severity = Severity.ERROR if has_dpa else Severity.WARNING
    yield Finding(address, code, severity, FieldStatus.UNKNOWN, hole.reason, remedy)


def effects(desired: DesiredState, snapshot: Snapshot, changes: Iterable[Change]) -> Iterator[Effect]:
    """Yield, per client that was asked, the third side of every field that changes, or has another effect."""
    changed = {change.address: {field.path for field in change.field_changes} for change in changes}
    for manifest in desired.organizations:
        live = snapshot.organizations.get(manifest.name)
        if live is None:
            continue
        paths = changed.get(Address.organization(manifest.name), set())
        wanted, stored = desired_fields(manifest, ""), observed_fields(live)
        for client in manifest.spec.clients:
            answer = snapshot.effective.get(client.client_id)
            if isinstance(answer, Effective):
                sides = ((path, effective_fields(answer).get(path)) for path in EFFECTIVE_PATHS)
                for path, effective in sides:
                    if path in paths or stored.get(path) != effective:
                        address = Address.client(manifest.name, client.client_id)
                        yield Effect(address, path, wanted.get(path), stored.get(path), effective)


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


def _text(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else f"'{value}'"
