"""Build values for tests: each has sensible parts, and a test names only what it is about."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from reconciler.model.address import Address, Kind
from reconciler.model.change import Action, Change, FieldChange, Reason, Step
from reconciler.model.expectations import IgnoredField, People
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.identity_provider import IdentityProvider
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.manifest import (
    AdminEvents,
    Capabilities,
    Client,
    DesiredState,
    Dpa,
    IntegrationOrganization,
    LoginEvents,
    OrganizationMetadata,
    OrganizationSpec,
    Partner,
    RateLimitTier,
    Realm,
    RealmMetadata,
    RealmSpec,
    SecretRotation,
)
from reconciler.model.observed import ReadFailure
from reconciler.model.plan import Plan
from reconciler.model.value import Fields, Value
from reconciler.model.webhook import Webhook, WebhookStatus
from reconciler.plan.derive import derived

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REALM = "nt24-idp"
OWNER = "team-integration"

_NAMESPACE = UUID("0f8c1c1e-5a0e-4b7e-9b57-0a4a1c1f7f01")

ACME = Address.organization("acme")
ACME_CLIENT = Address.client("acme", "api-client-acme")
ACME_WEBHOOK = Address.webhook("acme", "compliance")


def a_uuid(name: str) -> UUID:
    """Return the UUID that always goes with the name."""
    return uuid5(_NAMESPACE, name)


def a_client(
    client_id: str = "api-client-acme",
    *,
    description: str = "",
    enabled: bool = True,
    lifespan: int = 300,
    previous: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
) -> Client:
    return Client(
        client_id=client_id,
        description=description,
        enabled=enabled,
        access_token_lifespan=lifespan,
        previous_client_ids=previous,
        service_account_roles=roles,
    )


def a_partner(name: str = "Autohaus Nord", country: str | None = "DE") -> Partner:
    return Partner(uuid=a_uuid(name), name=name, country=country)


def a_dpa(version: str = "2026-01", accepted_at: datetime = datetime(2026, 1, 15, 10, tzinfo=UTC)) -> Dpa:
    return Dpa(version=version, accepted_at=accepted_at)


A_DPA = a_dpa()


def a_webhook(
    name: str = "compliance",
    *,
    url: str | None = None,
    events: tuple[str, ...] = ("compliance.*",),
    partners: Iterable[Partner] | None = None,
    status: WebhookStatus = WebhookStatus.ACTIVE,
    client: str | None = None,
) -> Webhook:
    """Build a webhook that delivers to a path of its name."""
    return Webhook(
        name=name,
        url=url or f"https://erp.acme.example/{name}",
        events=events,
        partner_ids=None if partners is None else tuple(partner.uuid for partner in partners),
        status=status,
        client=client,
    )


def an_organization(
    name: str = "acme",
    *,
    display_name: str | None = None,
    company: str = "",
    description: str = "",
    suspended: bool = False,
    clients: Iterable[Client] | None = None,
    partners: Iterable[Partner] = (),
    tier: RateLimitTier = RateLimitTier.STANDARD,
    capabilities: Capabilities | None = None,
    dpa: Dpa | None = A_DPA,
    webhooks: Iterable[Webhook] = (),
    providers: Iterable[IdentityProvider] = (),
    people: People | None = None,
    domains: Iterable[str] | None = None,
    prevent_destroy: bool = False,
    ignore_changes: tuple[str | IgnoredField, ...] = (),
) -> IntegrationOrganization:
    """Build the manifest of an organization with one client, ``api-client-{name}``.

    ``company`` is what its UUID goes with, which is its name by default.
    """
    return IntegrationOrganization(
        api_version="reconciler/v1",
        kind="IntegrationOrganization",
        metadata=OrganizationMetadata(name=name),
        spec=OrganizationSpec(
            display_name=display_name or name.title(),
            description=description,
            organization_uuid=a_uuid(company or name),
            suspended=suspended,
            clients=tuple([a_client(f"api-client-{name}")] if clients is None else clients),
            authorized_partners=tuple(partners),
            capabilities=capabilities or Capabilities(rate_limit_tier=tier),
            dpa=dpa,
            webhooks=tuple(webhooks),
            identity_providers=tuple(providers),
            people=people,
            domains=None if domains is None else tuple(domains),
        ),
        lifecycle=Lifecycle(prevent_destroy=prevent_destroy, ignore_changes=ignore_changes),
    )


def a_realm(
    name: str = REALM,
    *,
    display_name: str | None = None,
    lifespan: int = 300,
    admin_events: AdminEvents | None = None,
    login_events: LoginEvents | None = None,
    rotation: SecretRotation | None = None,
    prevent_destroy: bool = False,
) -> Realm:
    """Build the manifest of the realm's scaffolding."""
    return Realm(
        api_version="reconciler/v1",
        kind="Realm",
        metadata=RealmMetadata(name=name),
        spec=RealmSpec(
            display_name=display_name,
            access_token_lifespan=lifespan,
            admin_events=admin_events or AdminEvents(),
            login_events=login_events,
            secret_rotation=rotation,
        ),
        lifecycle=Lifecycle(prevent_destroy=prevent_destroy),
    )


def desired(*organizations: IntegrationOrganization, realm: Realm | None = None) -> DesiredState:
    """Build what the manifests say together."""
    return DesiredState(realm=realm, organizations=tuple(sorted(organizations, key=lambda each: each.name)))


def a_field_change(
    path: str = "displayName",
    before: Value = "Acme",
    after: Value = "Acme Motors",
    reason: Reason = Reason.MANIFEST_CHANGED,
) -> FieldChange:
    return FieldChange(path, before, after, reason)


def a_change(
    address: Address = ACME,
    action: Action = Action.UPDATE,
    *,
    before: Fields | None = None,
    after: Fields | None = None,
    field_changes: Iterable[FieldChange] = (),
    steps: Iterable[Step] = (),
    depends_on: Iterable[Address] = (),
    precondition: str = "",
    blocked: str = "",
) -> Change:
    """Build a change; what is live and desired follows from the action where it is not given."""
    if before is None and action is not Action.CREATE:
        before = {}
    if after is None and action is not Action.DELETE:
        after = {}
    return Change(
        address=address,
        action=action,
        before=before,
        after=after,
        field_changes=tuple(field_changes),
        steps=tuple(steps),
        depends_on=tuple(depends_on),
        precondition=precondition,
        blocked=blocked,
    )


def a_finding(
    address: Address = ACME,
    code: Code = Code.EFFECTIVE_DIFFERS,
    severity: Severity = Severity.ERROR,
    status: FieldStatus = FieldStatus.LAGGING,
    detail: str = "Something differs.",
    remedy: str = "Look at it.",
    path: str = "",
) -> Finding:
    return Finding(address, code, severity, status, detail, remedy, path=path)


def a_derived_plan(*changes: Change, **parts: Any) -> Plan:
    """Build a plan as planning makes it: fields, steps, risk, order and ids follow from the changes' two sides."""
    found = derived(changes, REALM)
    ids = {
        c.address: f"id-{c.address.name}" for c in found if c.before is not None and c.address.kind is not Kind.REALM
    }
    return a_plan(*found, references=ids, **parts)


def a_plan(
    *changes: Change,
    unchanged: Iterable[Address] = (),
    findings: Iterable[Finding] = (),
    unmanaged: Iterable[Address] = (),
    read_failures: Iterable[ReadFailure] = (),
    references: dict[Address, str] | None = None,
    names: dict[str, str] | None = None,
    asked_effective: bool = True,
) -> Plan:
    return Plan(
        realm=REALM,
        owner=OWNER,
        created_at=NOW,
        changes=changes,
        unchanged=tuple(unchanged),
        findings=tuple(findings),
        unmanaged=tuple(unmanaged),
        read_failures=tuple(read_failures),
        references=references or {},
        names=names or {},
        asked_effective=asked_effective,
    )
