"""Build texts of manifests and random manifests."""

from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel

from reconciler.model.expectations import IgnoredField
from reconciler.model.lifecycle import Lifecycle
from reconciler.model.manifest import (
    AdminEvents,
    Capabilities,
    Client,
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
    TimedFlag,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def an_organization_text(name: str = "acme", *, number: int = 1, spec: str = "") -> str:
    return (
        "apiVersion: reconciler/v1\n"
        "kind: IntegrationOrganization\n"
        f"metadata: {{name: {name}}}\n"
        "spec:\n"
        f"  displayName: {name.title()}\n"
        f"  organizationUuid: {UUID(int=number)}\n"
        f"{spec}"
    )


_Model = TypeVar("_Model", bound=BaseModel)


def _made(model: type[_Model], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[_Model]:
    return st.fixed_dictionaries(fields).map(model.model_validate)


_slugs = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
_visible = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
_texts = st.text(_visible, min_size=1, max_size=30).filter(lambda text: text == text.strip() and text.isprintable())
_tricky = st.sampled_from(
    ("NO", "yes", "0o17", "0x1F", "1e3", "12:30", "~", "null", "- a", "a: b", "#", "2026-01-15", "<<")
)
_names = st.one_of(_texts, _tricky)
_prose = st.one_of(st.just(""), _names, st.lists(_names, min_size=1, max_size=3).map("\n".join))
_moments = st.datetimes(datetime(2000, 1, 1), datetime(2026, 5, 31), timezones=st.just(UTC))  # noqa: DTZ001

_ends = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)) | st.dates().map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)
)

_partners = _made(
    Partner,
    uuid=st.uuids(),
    name=st.none() | _names,
    country=st.none() | st.from_regex("[A-Z]{2}", fullmatch=True),
    until=st.none() | _ends,
)
_clients = _made(
    Client,
    client_id=_slugs.map(lambda slug: f"api-client-{slug}"),
    description=_prose,
    enabled=st.booleans(),
    access_token_lifespan=st.integers(60, 3600),
)
_ignored = _made(
    IgnoredField,
    path=st.just("keycloak.attributes.brand.new"),
    reason=_names,
    until=_ends,
)
_lifecycles = _made(
    Lifecycle,
    prevent_destroy=st.booleans(),
    ignore_changes=st.lists(st.just("spec.displayName") | _ignored, max_size=2).map(tuple),
)
_specs = _made(
    OrganizationSpec,
    display_name=_names,
    description=_prose,
    organization_uuid=st.uuids(),
    suspended=st.booleans(),
    clients=st.lists(_clients, max_size=3, unique_by=lambda client: client.client_id).map(tuple),
    authorized_partners=st.lists(_partners, max_size=3, unique_by=lambda partner: partner.uuid).map(tuple),
    capabilities=_made(
        Capabilities,
        rate_limit_tier=st.sampled_from(RateLimitTier),
        allow_multi_vin_orders=st.booleans() | _made(TimedFlag, value=st.just(True), until=_ends, reason=_names),
    ),
    dpa=st.none() | _made(Dpa, version=st.just("2026-01"), accepted_at=_moments, evidence=st.none() | _names),
    webhooks=st.just(()),
)

organizations = _made(
    IntegrationOrganization,
    api_version=st.just("reconciler/v1"),
    kind=st.just("IntegrationOrganization"),
    metadata=_made(OrganizationMetadata, name=_slugs, labels=st.dictionaries(_names, _names | st.just(""), max_size=2)),
    spec=_specs,
    lifecycle=_lifecycles,
)
realms = _made(
    Realm,
    api_version=st.just("reconciler/v1"),
    kind=st.just("Realm"),
    metadata=_made(RealmMetadata, name=st.from_regex("[A-Za-z0-9_-]{1,10}", fullmatch=True)),
    spec=_made(
        RealmSpec,
        display_name=st.none() | _names,
        access_token_lifespan=st.integers(60, 3600),
        admin_events=_made(AdminEvents, enabled=st.booleans(), expiration=st.none() | st.integers(1, 10**6)),
        login_events=st.none()
        | _made(
            LoginEvents,
            enabled=st.booleans(),
            types=st.lists(st.sampled_from(["LOGIN", "CLIENT_LOGIN"]), unique=True).map(tuple),
            expiration=st.none() | st.integers(1, 10**6),
        ),
        secret_rotation=st.none()
        | _made(SecretRotation, expiration=st.integers(10**5, 10**6), overlap=st.integers(1, 10**4)),
    ),
    lifecycle=_made(Lifecycle, prevent_destroy=st.booleans()),
)
