"""Findings: what no write of ours can put right, with the remedy for a person."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.address import Address
from reconciler.model.origin import Origin
from reconciler.model.strict import is_none, printed_as


class Severity(StrEnum):
    """Say how much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(StrEnum):
    """Name what a finding is about, for programs; closed. :mod:`reconciler.model.finding_texts` explains each."""

    DPA_MISSING = "dpa-missing"
    DPA_DUE = "dpa-due"
    DPA_OUTDATED = "dpa-outdated"
    DPA_NOT_ACCEPTED = "dpa-not-accepted"
    PERSONAL_DATA_WITHOUT_DPA = "personal-data-without-dpa"
    EFFECTIVE_DIFFERS = "effective-differs"
    EFFECTIVE_UNKNOWN = "effective-unknown"
    PLATFORM_DIFFERS = "platform-differs"
    PLATFORM_IS_MOCK = "platform-is-mock"
    SIBLINGS_DIFFER = "siblings-differ"
    SIBLING_ORGANIZATIONS_DIFFER = "sibling-organizations-differ"
    PARTNER_UNKNOWN = "partner-unknown"
    PARTNER_NAME_DIFFERS = "partner-name-differs"
    PARTNER_COUNTRY_DIFFERS = "partner-country-differs"
    UNVERIFIED = "unverified"
    ORGANIZATIONS_OFF = "organizations-off"
    REALM_DISABLED = "realm-disabled"
    SCOPE_MISSING = "scope-missing"
    SCOPE_DIFFERS = "scope-differs"
    SCOPE_FORGES_CLAIMS = "scope-forges-claims"
    UNMANAGED_MEMBER = "unmanaged-member"
    SHARED_WITH_PEOPLE = "shared-with-people"
    INVITATIONS_NOT_SHOWN = "invitations-not-shown"
    MEMBER_OF_OTHER_OWNER = "member-of-other-owner"
    OWNER_UNPROVEN = "owner-unproven"
    NEVER_APPLIED = "never-applied"
    MARK_UNKNOWN = "mark-unknown"
    SERVICE_ACCOUNT_IMPOSTOR = "service-account-impostor"
    FIELD_IGNORED = "field-ignored"
    GRANT_ENDS = "grant-ends"
    GRANT_ENDED = "grant-ended"
    POLICY_NOT_HELD = "policy-not-held"
    FILES_PASSED_OVER = "files-passed-over"
    POLICY_OVERRIDES = "policy-overrides"
    POLICY_REFUSES = "policy-refuses"
    FEATURE_MISSING = "feature-missing"
    SECRET_LOST = "secret-lost"
    SECRET_EXPIRED = "secret-expired"
    SECRET_UNDELIVERED = "secret-undelivered"
    SECRET_ROTATED_BY_OTHERS = "secret-rotated-by-others"
    SECRET_EXPIRY_DIFFERS = "secret-expiry-differs"
    OLD_SECRET_CLOSED = "old-secret-closed"
    OLD_SECRET_EXPIRES = "old-secret-expires"
    ROTATION_DUE = "rotation-due"
    WEBHOOK_UNKNOWN = "webhook-unknown"
    WEBHOOK_AUTO_PAUSED = "webhook-auto-paused"
    WEBHOOK_UNDECLARED = "webhook-undeclared"
    WEBHOOK_LEFT_BEHIND = "webhook-left-behind"
    RETIRED = "retired"


class FieldStatus(StrEnum):
    """Compare one field in three places: desired, stored in Keycloak, effective in ``/v1/me``."""

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    LAGGING = "lagging"
    OVERRIDDEN = "overridden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person should know about a resource."""

    __pydantic_config__: ClassVar = printed_as("FindingPart")
    address: Address
    """The resource."""
    path: str = field(default="", kw_only=True)
    """The field of its organization that it is about; empty for the whole resource."""
    code: Code
    """The finding's name, for programs."""
    severity: Severity
    """How much it matters."""
    status: FieldStatus
    """Desired, stored and effective compared."""
    detail: str
    """What was found."""
    remedy: str
    """What to do."""
    origin: Annotated[Origin | None, Field(exclude_if=is_none)] = None
    """With `--base`: whether there would be none without this change of the manifests."""

    @property
    def sort_key(self) -> tuple[int, tuple[int, tuple[str, ...]], str, str]:
        """Return the key that sorts errors first, then by address."""
        return list(Severity).index(self.severity), self.address.sort_key, self.code, self.detail
