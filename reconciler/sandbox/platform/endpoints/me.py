"""``GET /v1/me``: the effective state of the caller's organization."""

from reconciler.model.layout import DPA_ACCEPTED_AT, DPA_VERSION, PARTNERS, RATE_LIMIT_TIER, UUID
from reconciler.model.manifest import CAPABILITIES
from reconciler.sandbox.platform.endpoints.call import Call, Document


def me(call: Call) -> Document:
    """Return what the organization is and may do, as the platform enforces it at this moment."""
    organization = call.organization
    partners = ((uuid, call.directory.find(uuid)) for uuid in organization.partners)
    document: Document = {
        UUID: organization.uuid,
        "name": organization.name,
        PARTNERS: [{"uuid": uuid, **partner.model_dump()} for uuid, partner in partners if partner is not None],
        "capabilities": {
            RATE_LIMIT_TIER: organization.rate_limit_tier,
            **{flag: flag in organization.flags for flag in CAPABILITIES},
        },
    }
    if organization.dpa_version is not None:
        document[DPA_VERSION] = organization.dpa_version
    if organization.dpa_accepted_at is not None:
        document[DPA_ACCEPTED_AT] = organization.dpa_accepted_at
    return document
