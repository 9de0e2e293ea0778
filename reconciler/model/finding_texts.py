"""What each code of a finding means, in Markdown: ``explain`` and docs/findings.md (``make readme``) show it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from reconciler.model.finding import Code


class Meaning(NamedTuple):
    """How much a finding matters, what it means, and what to do."""

    severity: str
    what: str
    remedy: str


MEANINGS: Final[Mapping[Code, Meaning]] = {
    Code.DPA_MISSING: Meaning(
        "warning",
        "no accepted agreement is declared, and the platform could not be asked, or answers all the same",
        "A person accepts the current agreement with NT24; then record its `version` and `acceptedAt`.",
    ),
    Code.DPA_DUE: Meaning(
        "warning within `notice`; note before",
        "a newer agreement is required from a deadline on: all calls fail in so many days",
        "A person accepts it with NT24 before the deadline; then record it.",
    ),
    Code.DPA_OUTDATED: Meaning(
        "error",
        "the deadline has passed: all calls fail since that day, or will at any moment",
        "At once: a person accepts it with NT24; then record it.",
    ),
    Code.DPA_NOT_ACCEPTED: Meaning(
        "error; warning where the manifest declares no agreement",
        "the platform refuses every call of the client, because the agreement is missing or outdated",
        "A person accepts the current agreement with NT24; then record its `version` and `acceptedAt`.",
    ),
    Code.PERSONAL_DATA_WITHOUT_DPA: Meaning(
        "error where `/v1/me` says that it is in force; else warning",
        "`allowContactPersonalData` or `allowKycDocumentDownload` without a current agreement",
        "Leave it false until the agreement is accepted.",
    ),
    Code.EFFECTIVE_DIFFERS: Meaning(
        "error",
        "`/v1/me` answers something else than what Keycloak has",
        "`lagging`: wait. `overridden`: ask NT24; `reconciler request` writes the text.",
    ),
    Code.EFFECTIVE_UNKNOWN: Meaning(
        "error",
        "the client got no answer: no secret to read, no token, a refusal",
        "Look at the reason that is given.",
    ),
    Code.PLATFORM_DIFFERS: Meaning(
        "warning",
        "a field that the platform decides (`authority`) is not as the manifest says",
        "Ask NT24 (`reconciler request`), or correct the manifest.",
    ),
    Code.PLATFORM_IS_MOCK: Meaning(
        "warning",
        "`/v1/me` is answered even without a token: a mock, whose answers prove nothing and are not compared",
        "Name the real platform, or pass `--no-effective`.",
    ),
    Code.SIBLINGS_DIFFER: Meaning(
        "error",
        "clients of one organization get different answers",
        "Wait; if it stays so, ask NT24.",
    ),
    Code.SIBLING_ORGANIZATIONS_DIFFER: Meaning(
        "error",
        "clients of one organization resolve to different organizations",
        "Ask NT24 which one they are linked to.",
    ),
    Code.PARTNER_UNKNOWN: Meaning(
        "error; warning where it is listed without name and country",
        "NT24 does not know the partner's UUID, or does not let the organization act for it",
        "Check the UUID; then `reconciler request`.",
    ),
    Code.PARTNER_NAME_DIFFERS: Meaning(
        "warning",
        "the manifest calls a partner something else than the platform does",
        "Check that the UUID is that of the intended partner, then correct the manifest.",
    ),
    Code.PARTNER_COUNTRY_DIFFERS: Meaning(
        "warning",
        "the manifest calls a partner something else than the platform does",
        "Check that the UUID is that of the intended partner, then correct the manifest.",
    ),
    Code.UNVERIFIED: Meaning(
        "error",
        "something that a saved plan wrote could not be read again",
        "Give the reconciler's login the role that reads it.",
    ),
    Code.REALM_DISABLED: Meaning(
        "error",
        "the realm is disabled: no client gets a token, and nothing is in force",
        "Enable it, or declare `kind: Realm`.",
    ),
    Code.ORGANIZATIONS_OFF: Meaning(
        "error",
        "the realm has its organizations switched off: Keycloak shows none, and tokens name none",
        "Declare `kind: Realm`, or ask the realm's owner.",
    ),
    Code.SCOPE_MISSING: Meaning(
        "error",
        "the realm lacks a client scope that clients need: `nt24-organization`, `basic` or `service_account` where "
        "nobody declares it here, `roles` where a manifest declares roles; what needs it is blocked",
        "Declare `kind: Realm`, or ask the realm's owner.",
    ),
    Code.SCOPE_DIFFERS: Meaning(
        "error",
        "such a client scope of the realm is not as clients need it",
        "Declare `kind: Realm`, or ask the realm's owner.",
    ),
    Code.FEATURE_MISSING: Meaning(
        "error",
        "the server runs without a feature that the manifests need (`organization`, `client-secret-rotation`); the "
        "realm's change is blocked",
        "Start Keycloak with the feature, or leave out what needs it.",
    ),
    Code.FIELD_IGNORED: Meaning(
        "note; warning from 30 days before its end on, and after it",
        "an entry of `keycloakFields.ignore`, or of a manifest's `lifecycle.ignoreChanges`, leaves a field of "
        "Keycloak as it is, or has ended",
        "Nothing, until it ends; then it is compared again. Remove it, or extend it.",
    ),
    Code.GRANT_ENDS: Meaning(
        "warning",
        "a partner or a capability was granted until a moment (`until`) that comes within 30 days",
        "Nothing, if it shall end: then `apply` takes it back. Otherwise extend it.",
    ),
    Code.GRANT_ENDED: Meaning(
        "note",
        "a partner or a capability was granted until a moment that has come: the manifest no longer means it",
        "Remove the entry; or extend it.",
    ),
    Code.POLICY_NOT_HELD: Meaning(
        "note",
        "a policy would stop the change, but all that it does is to take back what was granted until now",
        "Nothing: what was agreed to end is not held back.",
    ),
    Code.FILES_PASSED_OVER: Meaning(
        "note",
        "files in the folders of manifests are other programs', or overlays of other environments, and are not read;"
        " `validate` names all of them",
        "Move them elsewhere, or give them our `apiVersion` and `kind` if they are meant.",
    ),
    Code.POLICY_OVERRIDES: Meaning(
        "error where a client has, or this plan writes, what the policy sets; else warning, as where it cannot be "
        "seen whether the policy holds",
        "a client policy of the realm sets a field of our clients with every write (consent, DPoP, mutual TLS, PKCE,"
        " signature algorithms, a second rotation of secrets): it never stays as declared. Where that is certain, "
        "the field is left as it is, and the plan says so here",
        "Exempt integration clients in Keycloak, as the finding says.",
    ),
    Code.POLICY_REFUSES: Meaning(
        "error where a client has, or this plan writes, what the policy sets; else warning, as where it cannot be "
        "seen whether the policy holds",
        "a client policy of the realm refuses every write of our clients (an authenticator that is not allowed, a "
        "setting that it wants); where that is certain, their changes are blocked",
        "Exempt integration clients in Keycloak, as the finding says.",
    ),
    Code.SCOPE_FORGES_CLAIMS: Meaning(
        "error",
        "a client scope that declared clients have carries a mapper that makes their tokens say what is not so: "
        "another organization, another client, roles that nobody gave; the realm is not declared here, or the scope "
        "is one that `ignoreChanges` leaves to a client",
        "Remove the mapper in Keycloak, and find out who added it.",
    ),
    Code.UNMANAGED_MEMBER: Meaning(
        "warning",
        "a client that no manifest declares belongs to a declared organization; `drift` exits with 2",
        "Declare it, or take it out.",
    ),
    Code.INVITATIONS_NOT_SHOWN: Meaning(
        "note",
        "Keycloak shows the login no invitations, which takes `manage-organizations`; only organizations that people "
        "share are concerned, where they are left alone, and those that are deleted, with which they end",
        "Nothing.",
    ),
    Code.SHARED_WITH_PEOPLE: Meaning(
        "note",
        "people share the organization: members that are no service account, invitations, identity providers, "
        "domains, a redirect URL or groups, which are left alone",
        "Nothing, if that is meant; else [`people: none`](side-effects.md).",
    ),
    Code.NEVER_APPLIED: Meaning(
        "note",
        "by `drift`: an object is declared and there, and the admin events show it without an ownership mark since "
        "it was created",
        "`apply` adopts it; `plan` shows what that changes.",
    ),
    Code.MARK_UNKNOWN: Meaning(
        "note",
        "by `drift`: an object exists and is declared, without an ownership mark, and no admin event shows whether "
        "it ever had it. The report counts it as drift, as it does what is missing; `--fix` leaves it alone",
        "Apply, if it was never applied; else find out who took the mark away.",
    ),
    Code.OWNER_UNPROVEN: Meaning(
        "warning",
        "an object carries our owner mark, but nothing proves that we applied it: a copy of another object, a name "
        "that no manifest can declare (`broker`), no fingerprints, or those of an earlier version. It is never "
        "deleted, suspended or disabled",
        "Remove the mark in Keycloak, or declare the object.",
    ),
    Code.MEMBER_OF_OTHER_OWNER: Meaning(
        "note",
        "a client of another reconciler belongs to a declared organization",
        "Nothing, if that is intended.",
    ),
    Code.SERVICE_ACCOUNT_IMPOSTOR: Meaning(
        "error",
        "a user that is no service account has the name of a client's: the client gets no tokens, and whoever logs "
        "in as that user may pass for it",
        "Find out who made it; delete or rename it in Keycloak, then apply.",
    ),
    Code.SECRET_EXPIRED: Meaning(
        "error",
        "the client's secret has ended: it gets no token",
        "`rotate start`",
    ),
    Code.SECRET_LOST: Meaning(
        "warning",
        "somebody made the client public, which destroyed its secret",
        "Give its user the new secret.",
    ),
    Code.SECRET_UNDELIVERED: Meaning(
        "warning",
        "a new secret was made and reached no sink",
        "`rotate deliver`",
    ),
    Code.SECRET_ROTATED_BY_OTHERS: Meaning(
        "warning",
        "somebody made a new secret beside the reconciler",
        "`rotate deliver`, or `rotate abort`",
    ),
    Code.SECRET_EXPIRY_DIFFERS: Meaning(
        "warning",
        "the end of a secret is not what the realm's policy makes it",
        "`rotate start`, if nobody meant that",
    ),
    Code.OLD_SECRET_CLOSED: Meaning(
        "error",
        "`rotate confirm` closed the old secret for a trial, and its machine was lost",
        "`apply`; or `rotate confirm`, or `rotate abort`",
    ),
    Code.OLD_SECRET_EXPIRES: Meaning(
        "warning",
        "the old secret ends soon, and the rotation is not confirmed",
        "Switch what still uses it, then `rotate confirm`.",
    ),
    Code.ROTATION_DUE: Meaning(
        "warning",
        "the secret is older than `maxAge`, or ends soon",
        "`rotate start --due`",
    ),
    Code.WEBHOOK_UNKNOWN: Meaning(
        "error; note while the organization is suspended or no client is enabled",
        "the webhook could be neither read nor written",
        "Look at what is said of its client.",
    ),
    Code.WEBHOOK_AUTO_PAUSED: Meaning(
        "warning",
        "the platform paused the webhook by itself",
        "Make its URL answer again, then apply.",
    ),
    Code.WEBHOOK_UNDECLARED: Meaning(
        "warning",
        "an endpoint on the platform that no manifest declares",
        "Declare it, or delete it there.",
    ),
    Code.WEBHOOK_LEFT_BEHIND: Meaning(
        "warning",
        "its organization leaves, and nobody can ask the platform for the webhook any more",
        "Let its client be admitted and plan again; or have it deleted on the platform.",
    ),
    Code.RETIRED: Meaning(
        "note",
        "no manifest declares it any more, and `--soft-delete` switched it off: the organization is suspended, its "
        "clients are disabled; `list` says so, too",
        "`apply --allow-delete` deletes it; a manifest that declares it again revives it, with its secrets.",
    ),
}
