"""Findings about clients of one organization that get different answers: they share all but their secrets."""

from collections.abc import Collection, Iterator, Mapping

from reconciler.kinds.organization.fields import FIELDS
from reconciler.kinds.organization.representation import effective_fields
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import as_set, partner_list, said
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.observed import Effective
from reconciler.model.value import Fields, Value, fingerprint

_REMEDY = "Each client is linked to exactly one organization. Ask NT24 which one these are linked to."
_WAIT = "The platform may still be catching up; if this persists, ask NT24 which value is effective."


def sibling_findings(situation: Situation, pending: Collection[Address]) -> Iterator[Finding]:
    """Yield where clients of one organization differ; a client that is still to be written explains itself."""
    for manifest in situation.desired.organizations:
        answers: dict[str, Fields] = {}
        for client in sorted(manifest.spec.clients, key=lambda client: client.client_id):
            answer = situation.snapshot.effective.get(client.client_id)
            if isinstance(answer, Effective) and Address.client(manifest.name, client.client_id) not in pending:
                answers[client.client_id] = effective_fields(answer)
        yield from _differences(Address.organization(manifest.name), answers, situation.names)


def _differences(address: Address, answers: Mapping[str, Fields], names: Mapping[str, str]) -> Iterator[Finding]:
    uuids = {client: fields.get("organizationUuid") for client, fields in answers.items()}
    if _differ(uuids):
        detail = f"Its clients resolve to different organizations by GET /v1/me: {_each(uuids)}."
        code = Code.SIBLING_ORGANIZATIONS_DIFFER
        yield Finding(address, code, Severity.ERROR, FieldStatus.LAGGING, detail, _REMEDY, path="organizationUuid")
        return
    for path in FIELDS.effective:
        values = {client: fields.get(path) for client, fields in answers.items()}
        if _differ(values):
            what = _partners(values, names) if path == "authorizedPartners" else f"{_each(values)}."
            detail = f"{path}: GET /v1/me answers its clients differently: {what}"
            yield Finding(address, Code.SIBLINGS_DIFFER, Severity.ERROR, FieldStatus.LAGGING, detail, _WAIT, path=path)


def _differ(values: Mapping[str, Value]) -> bool:
    return len({fingerprint(value) for value in values.values()}) > 1


def _each(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{client} gets {said(value)}" for client, value in values.items())


def _partners(values: Mapping[str, Value], names: Mapping[str, str]) -> str:
    every = frozenset[str]().union(*map(as_set, values.values()))
    lacks = {client: every - as_set(value) for client, value in values.items()}
    return ", ".join(f"{client} lacks {partner_list(uuids, names)}" for client, uuids in lacks.items() if uuids) + "."
