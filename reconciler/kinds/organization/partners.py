"""Findings about partners that the platform lists, but knows otherwise than the manifest, or not at all."""

from collections.abc import Iterator

from reconciler.kinds.situation import Situation
from reconciler.kinds.wording import said
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.manifest import IntegrationOrganization, Partner
from reconciler.model.observed import Effective, EffectivePartner
from reconciler.model.request import ask_nt24


def partner_findings(situation: Situation) -> Iterator[Finding]:
    """Yield the declared partners that the platform lists with another name or country, or without any."""
    for manifest, client, _ in situation.clients():
        answer = situation.snapshot.effective.get(client.client_id)
        if isinstance(answer, Effective):
            known = {partner.uuid: partner for partner in answer.authorized_partners}
            for partner in manifest.spec.authorized_partners:
                if found := known.get(partner.uuid):
                    yield from _differences(manifest, partner, found)


def _differences(manifest: IntegrationOrganization, partner: Partner, found: EffectivePartner) -> Iterator[Finding]:
    def finding(code: Code, detail: str, remedy: str) -> Finding:
        address, path = Address.organization(manifest.name), f"authorizedPartners[{partner.uuid}]"
        return Finding(address, code, Severity.WARNING, FieldStatus.IN_SYNC, detail, remedy, path=path)

    if found.name is None and found.country is None:
        detail = f"GET /v1/me lists the partner {partner.uuid}, but knows neither its name nor its country."
        yield finding(Code.PARTNER_UNKNOWN, detail, f"Check the UUID. If it is right, {ask_nt24(manifest.name)}")
    for code, what, ours, theirs in (
        (Code.PARTNER_NAME_DIFFERS, "name", partner.name, found.name),
        (Code.PARTNER_COUNTRY_DIFFERS, "country", partner.country, found.country),
    ):
        if ours is not None and theirs is not None and ours != theirs:
            yield finding(
                code,
                f"The manifest says that the {what} of partner {partner.uuid} is {said(ours)}; "
                f"the platform says {said(theirs)}.",
                "Check that the UUID is the partner you mean, then correct the manifest.",
            )
