"""Plans that show everything a review can, and live values that try everything a review must not obey."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from reconciler.model.address import Address
from reconciler.model.attribution import Attribution
from reconciler.model.change import Action, Change, FieldChange, Reason
from reconciler.model.finding import Code, FieldStatus, Severity
from reconciler.model.observed import ReadFailure
from reconciler.model.origin import Base, Origin, Resolved, SettingChange
from reconciler.model.place import Place
from reconciler.model.plan import Coverage, Effect, Plan, ReadMode
from reconciler.model.policy import PolicyEffect, PolicyHit
from reconciler.model.risk import Risk, RiskLevel
from reconciler.model.value import Value
from reconciler.plan.risk import assessed
from tests.builders import ACME, ACME_CLIENT, NOW, OWNER, REALM, a_change, a_finding, a_plan, a_uuid

BETA: Final = Address.organization("beta")
NORD, LAC, SUR = (str(a_uuid(name)) for name in ("Autohaus Nord", "Garage du Lac", "Casa del Sur"))
NAMES: Final = {NORD: "Autohaus Nord (DE)", LAC: "Garage du Lac (CH)", SUR: "Casa del Sur (ES)"}

HOSTILE: Final = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</details></code></pre>",
    "--><!--",
    "``` ~~~ ````",
    "\n```\n# out of the fence",
    "@everyone #1 !1 ~bug &1 %1 $1",
    "[click](javascript:alert(1)) www.evil.example https://evil.example",
    "\n/close\n",
    "\x1b[2J\x00\x07\x85",
    "\u202e\u2066\u200b right to left",
    "]]> &amp; <!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "::error::a workflow command",
    "{{ 7 * 7 }}{% raw %}",
    "\ud800\uffff",
    "x" * 5_000,
)
"""What somebody can write into a field in Keycloak."""


def a_review() -> Plan:
    """Return a plan with each kind of change, finding, hole and risk, as a real one has them."""
    keycloak, manifest, both = Reason.KEYCLOAK_CHANGED, Reason.MANIFEST_CHANGED, Reason.BOTH_CHANGED
    changes = (
        _change(
            ACME,
            Action.UPDATE,
            FieldChange("authorizedPartners", tuple(sorted((NORD, LAC))), tuple(sorted((NORD, SUR))), manifest),
            FieldChange("capabilities.allowContactPersonalData", False, True, manifest),
            FieldChange("capabilities.allowKycDocumentDownload", True, False, keycloak),
            FieldChange("capabilities.rateLimitTier", "HIGH_VOLUME", "STANDARD", both),
        ),
        _change(
            ACME_CLIENT,
            Action.UPDATE,
            FieldChange("description", "ERP", "ERP of the Munich plant", manifest),
            FieldChange(
                "keycloak.protocolMappers.harmless",
                {"protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "organizationUuid"}},
                None,
                keycloak,
            ),
            FieldChange("keycloak.redirectUris", ("https://evil.example/*",), None, keycloak),
        ),
        _change(
            Address.organization("casa-auto"),
            Action.CREATE,
            *_created({"displayName": "Casa Auto S.L.", "authorizedPartners": (SUR,), "suspended": False}),
        ),
        _change(
            Address.client("casa-auto", "api-client-casa-auto"),
            Action.CREATE,
            *_created({"enabled": True, "accessTokenLifespan": 300, "keycloak.publicClient": False}),
        ),
        _change(
            Address.client("nordwind", "api-client-nordwind-old"),
            Action.DELETE,
            FieldChange("enabled", True, None, Reason.NOT_DECLARED),
        ),
        _change(
            Address.organization("rhein"),
            Action.ADOPT,
            FieldChange("displayName", "Rhein Mobil", "Rhein Mobil AG", Reason.NEVER_APPLIED),
            blocked="it belongs to the reconciler 'team-b', not to 'team-integration'; --allow-takeover would take it",
        ),
    )
    return Plan(
        realm=REALM,
        owner=OWNER,
        created_at=NOW,
        changes=changes,
        unchanged=(BETA,),
        findings=(
            a_finding(
                Address.client("velo", "api-client-velo"),
                detail="capabilities.rateLimitTier: Keycloak has 'STANDARD', but GET /v1/me answers 'HIGH_VOLUME'.",
                remedy="The platform may still be catching up; if it stays so, ask NT24's support.",
                path="capabilities.rateLimitTier",
            ),
            a_finding(
                Address.client("casa-auto", "api-client-casa-auto"),
                Code.DPA_NOT_ACCEPTED,
                Severity.WARNING,
                FieldStatus.UNKNOWN,
                "The Data Processing Agreement 2026-01 must be accepted first; none was accepted.",
                "A person accepts the current DPA with NT24; then record its version and acceptedAt in the manifest.",
            ),
            a_finding(
                ACME,
                Code.PARTNER_NAME_DIFFERS,
                Severity.INFO,
                FieldStatus.IN_SYNC,
                "A name differs.",
                "Check it.",
                f"authorizedPartners[{NORD}]",
            ),
        ),
        unmanaged=(Address.client("-", "api-client-legacy"), Address.organization("somebody-else")),
        owners={Address.organization("somebody-else"): "team-b"},
        read_failures=(
            ReadFailure("members of zeta", "403 Forbidden", "Give the login the role view-users.", "forbidden"),
        ),
        references={},
        names=NAMES,
        asked_effective=True,
        keycloak_url="https://idp.example",
        effects=(
            Effect(ACME_CLIENT, "authorizedPartners", (NORD, SUR), (LAC, NORD), (NORD,)),
            Effect(ACME_CLIENT, "capabilities.allowKycDocumentDownload", False, True, False),
            Effect(ACME_CLIENT, "capabilities.rateLimitTier", "STANDARD", "HIGH_VOLUME", "HIGH_VOLUME"),
            Effect(
                Address.client("velo", "api-client-velo"),
                "capabilities.rateLimitTier",
                "STANDARD",
                "STANDARD",
                "HIGH_VOLUME",
            ),
        ),
        places={
            ACME: {
                "": Place("organizations/acme.yaml", 4, 3),
                "authorizedPartners": Place("organizations/acme.yaml", 12, 3),
                "capabilities.rateLimitTier": Place("organizations/acme.yaml", 15, 5),
            },
            ACME_CLIENT: {"": Place("organizations/acme.yaml", 9, 7)},
            Address.organization("nordwind"): {"": Place("organizations/nord wind.yaml", 4, 3)},
        },
        revision="1f2e3d4c5b6a79880123456789abcdef01234567",
    )


def a_report() -> Plan:
    """Return a report of drift in which admin events say who did it."""
    eve = Attribution(
        datetime(2026, 11, 24, 11, 59, 30, tzinfo=UTC), "eve", "security-admin-console", "10.1.2.3", "UPDATE x", True
    )
    field = FieldChange("displayName", "Acme by hand", "Acme", Reason.KEYCLOAK_CHANGED, attribution=eve)
    deleted = _change(ACME_CLIENT, Action.CREATE, *_created({"enabled": True}))
    changes = (
        _change(ACME, Action.UPDATE, field),
        replace(deleted, attribution=replace(eve, exact=False)),
    )
    coverage = Coverage(
        ReadMode.FULL, "no state is kept (--state FILE)", NOW, effective="all", asked=1, clients=1, requests=24
    )
    return replace(a_plan(*changes), coverage=coverage)


def stopped() -> Plan:
    """Return the same plan, stopped by one policy that denies, one that wants a label, and one that wants approval."""
    client = Address.client("nordwind", "api-client-nordwind-old")
    said = "Disable it for a month first; ask integration@example.com."
    agree = "A second person must agree."
    return replace(
        a_review(),
        policy_hits=(
            PolicyHit("no-client-is-deleted", PolicyEffect.DENY, client, "", said, "reconciler.yaml:6"),
            PolicyHit(
                "personal-data",
                PolicyEffect.REQUIRE_LABEL,
                ACME,
                "capabilities.allowContactPersonalData",
                "The data-protection officer sets the label.",
                "reconciler.yaml:11",
                ("personal-data=approved",),
            ),
            *(
                PolicyHit("two-people", PolicyEffect.REQUIRE_APPROVAL, ACME, path, agree, "reconciler.yaml:17")
                for path in ("authorizedPartners", "capabilities.allowContactPersonalData")
            ),
        ),
    )


def since_main() -> Plan:
    """Return the same plan beside that of a base: what was deleted and created is of this change, the rest of both."""
    both, old, new = Origin.BOTH, Origin.DRIFT_BEFORE, Origin.THIS_CHANGE
    fields: dict[str, tuple[Origin, Value]] = {
        "authorizedPartners": (both, tuple(sorted((NORD, LAC, SUR)))),
        "capabilities.rateLimitTier": (both, "ENTERPRISE"),
    }
    plan = a_review()
    changes = []
    for change in plan.changes:
        origin = both if change.address == ACME else new if change.action in {Action.CREATE, Action.DELETE} else old
        changed = []
        for each in change.field_changes:
            rest = new if each.reason is Reason.MANIFEST_CHANGED else old
            of, at_base = fields.get(each.path, (rest, None)) if origin is both else (origin, None)
            changed.append(replace(each, origin=of, at_base=at_base))
        changes.append(replace(change, origin=origin, field_changes=tuple(changed)))
    return replace(
        plan,
        changes=tuple(changes),
        findings=tuple(replace(each, origin=old) for each in plan.findings),
        base=Base(
            "origin/main",
            "0a8edeadd483fc1c5b8e0f4c1f1a3f0f7c1d2e3f",
            resolved=(Resolved(BETA), Resolved(ACME, "displayName")),
            unknown=(Address.organization("zeta"),),
            notes=("origin/main:organizations/zeta.yaml:4:1: spec.tier: The key is unknown.",),
        ),
    )


def with_settings() -> Plan:
    """Return that plan where the change alters ``reconciler.yaml`` as well."""
    plan = since_main()
    assert plan.base is not None
    url = "environments.production.keycloak.url"
    rule: dict[str, Value] = {
        "name": "two-people",
        "when": {"risk": "high"},
        "then": "require-approval",
        "message": "Ask.",
    }
    moved = Risk(RiskLevel.HIGH, "target-moved", "Logins are sent there.")
    gone = Risk(RiskLevel.HIGH, "policy-removed", "What it stopped is no longer stopped.")
    settings = (
        SettingChange(url, "https://idp.example.com", "https://elsewhere", moved, Place("reconciler.yaml", 4, 5)),
        SettingChange("policies.two-people", rule, None, gone, Place("reconciler.yaml", 1, 1)),
        SettingChange("policies.new", None, {"name": "new"}, Risk(RiskLevel.LOW, "policy-added", "It stops more.")),
    )
    return replace(plan, base=replace(plan.base, settings=settings))


def hostile(text: str) -> Plan:
    """Return a plan in which every value that somebody else can write is ``text``."""
    client = Address.client("acme", f"api-client-{text}")
    keycloak = Reason.KEYCLOAK_CHANGED
    by = Attribution(NOW, text, text, text, text, exact=True)
    changes = (
        _change(ACME, Action.UPDATE, FieldChange("displayName", text, "Acme", keycloak, attribution=by), blocked=text),
        _change(
            client,
            Action.UPDATE,
            FieldChange(f"keycloak.attributes.{text}", text, None, keycloak),
            FieldChange("keycloak.redirectUris", (text,), (), keycloak),
            FieldChange("keycloak.protocolMappers.x", {text: text}, None, keycloak),
            FieldChange("authorizedPartners", (NORD,), (text,), keycloak),
        ),
        replace(_change(Address.organization("gone"), Action.CREATE), attribution=by),
        # Whoever took our mark from an organization in Keycloak may have renamed it, too.
        _change(Address.organization(text), Action.DELETE, FieldChange("displayName", text, None, keycloak)),
    )
    return Plan(
        realm=text,
        owner=text,
        created_at=NOW,
        changes=changes,
        unchanged=(),
        findings=(a_finding(client, detail=text, remedy=text),),
        unmanaged=(Address.client("-", text),),
        owners={Address.client("-", text): text},
        read_failures=(ReadFailure(text, text, text, text),),
        references={},
        names={NORD: text, text: text},
        asked_effective=True,
        keycloak_url=f"https://{text}",
        effects=(Effect(client, "displayName", text, text, text),),
        places={ACME: {"": Place(text, 1, 1)}},
        revision=text,
        coverage=Coverage(ReadMode.FULL, text, NOW, unattributed=text),
        base=Base(
            text,
            text,
            (Resolved(client, text),),
            (client,),
            (text,),
            settings=(
                SettingChange(text, text, text, Risk(RiskLevel.HIGH, "target-moved", text), Place(text, 1, 1)),
                SettingChange(text, {text: text}, None, Risk(RiskLevel.HIGH, "policy-removed", text)),
            ),
        ),
        policy_hits=(PolicyHit(text, PolicyEffect.REQUIRE_LABEL, client, text, text, text, (text,)),),
    )


def many(number: int) -> Plan:
    """Return a plan that changes ``number`` organizations, each with a client."""
    changes = [
        change
        for index in range(number)
        for change in (
            _change(
                Address.organization(f"org-{index:04}"),
                Action.UPDATE,
                FieldChange("capabilities.allowMultiVinOrders", False, True, Reason.MANIFEST_CHANGED),
                FieldChange("displayName", f"Organization {index}", f"Organisation {index}", Reason.MANIFEST_CHANGED),
            ),
            _change(
                Address.client(f"org-{index:04}", f"api-client-org-{index:04}"),
                Action.CREATE if index % 5 else Action.DELETE,
                FieldChange("enabled", None, True, Reason.NEVER_APPLIED),
            ),
        )
    ]
    return Plan(REALM, OWNER, NOW, tuple(changes), (), (), (), (), {}, {}, asked_effective=True)


def _change(address: Address, action: Action, *fields: FieldChange, blocked: str = "") -> Change:
    return assessed(a_change(address, action, field_changes=fields, blocked=blocked))


def _created(fields: dict[str, Value]) -> list[FieldChange]:
    return [FieldChange(path, None, value, Reason.NEVER_APPLIED) for path, value in fields.items()]
