"""Findings about fields that the platform decides: they are compared with ``GET /v1/me``, and never written."""

from collections.abc import Iterator, Mapping

from reconciler.kinds.organization.fields import FIELDS
from reconciler.kinds.organization.representation import desired_fields, effective_fields
from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import as_set, partner_list, said
from reconciler.model.address import Address
from reconciler.model.expectations import Expectations
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.observed import Effective, Snapshot
from reconciler.model.request import ask_nt24
from reconciler.model.value import Value


def platform_findings(situation: Situation) -> Iterator[Finding]:
    """Yield where the platform decided otherwise than the manifest says; what could not be seen is no difference."""
    for manifest in situation.desired.organizations:
        for path, wanted, decided in decided_otherwise(manifest, situation.snapshot, situation.expected):
            yield Finding(
                Address.organization(manifest.name),
                Code.PLATFORM_DIFFERS,
                Severity.WARNING,
                FieldStatus.OVERRIDDEN,
                f"{path}: {_words(path, wanted, decided, situation.names)} The platform decides it.",
                f"If the manifest is right, {ask_nt24(manifest.name)} Otherwise correct the manifest.",
                path=path,
            )


def decided_otherwise(
    manifest: IntegrationOrganization, snapshot: Snapshot, expected: Expectations
) -> Iterator[tuple[str, Value, Value]]:
    """Yield each field that the platform decides, and differently: its path, what the manifest says, what is in force.

    A manifest that declares no agreement says nothing of it. What ``/v1/me`` leaves out is worth what is off.
    """
    answer = answer_for(manifest, snapshot)
    if answer is None:
        return
    wanted, decided = desired_fields(manifest, ""), effective_fields(answer)
    for path in FIELDS.effective:
        is_meant = expected.is_platforms(path) and (manifest.spec.dpa is not None or not path.startswith("dpa."))
        if is_meant and (wanted.get(path) or None) != (decided.get(path) or None):
            yield path, wanted.get(path), decided.get(path)


def answer_for(manifest: IntegrationOrganization, snapshot: Snapshot) -> Effective | None:
    """Return what the platform answered to the first client of the organization that got an answer."""
    clients = sorted(client.client_id for client in manifest.spec.clients)
    answers = (snapshot.effective.get(client_id) for client_id in clients)
    return next((answer for answer in answers if isinstance(answer, Effective)), None)


def _words(path: str, wanted: Value, decided: Value, names: Mapping[str, str]) -> str:
    if path != "authorizedPartners":
        return f"the manifest says {said(wanted)}, but GET /v1/me answers {said(decided)}."
    ours, theirs = as_set(wanted), as_set(decided)
    missing = [f"GET /v1/me does not list {partner_list(ours - theirs, names)}."] if ours - theirs else []
    extra = [f"GET /v1/me lists {partner_list(theirs - ours, names)}, which the manifest does not."]
    return " ".join([*missing, *(extra if theirs - ours else [])])
