"""Manifests as hypothesis draws them."""

from hypothesis import strategies as st

from reconciler.model.manifest import (
    AdminEvents,
    Capabilities,
    Client,
    DesiredState,
    Dpa,
    IntegrationOrganization,
    LoginEvents,
    Partner,
    RateLimitTier,
    Realm,
    SecretRotation,
)
from tests.builders import a_client, a_dpa, a_partner, a_realm, an_organization, desired

NAMES = ("acme", "beta", "zeta")

_texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=30)
_partners: st.SearchStrategy[list[Partner]] = st.lists(
    st.sampled_from([a_partner(name) for name in ("A", "B", "C", "D")]), unique_by=lambda partner: partner.uuid
)
_dpas: st.SearchStrategy[Dpa | None] = st.sampled_from([None, a_dpa(), a_dpa("2025-01")])
_capabilities = st.builds(
    Capabilities,
    rate_limit_tier=st.sampled_from(RateLimitTier),
    allow_marketplace_led_kyc=st.booleans(),
    allow_multi_vin_orders=st.booleans(),
    allow_contact_personal_data=st.booleans(),
    allow_kyc_document_download=st.booleans(),
)


def _client(client_id: str) -> st.SearchStrategy[Client]:
    return st.builds(
        a_client,
        st.just(client_id),
        description=_texts,
        enabled=st.booleans(),
        lifespan=st.integers(60, 3600),
    )


def _organization(name: str) -> st.SearchStrategy[IntegrationOrganization]:
    clients = st.tuples(_client(f"api-client-{name}"), _client(f"api-client-{name}-two"))
    return st.builds(
        an_organization,
        st.just(name),
        description=_texts,
        suspended=st.booleans(),
        clients=clients.flatmap(lambda both: st.sampled_from([(), both[:1], both])),
        partners=_partners,
        capabilities=_capabilities,
        dpa=_dpas,
    )


def realms() -> st.SearchStrategy[Realm]:
    """Draw the scaffolding."""
    rotations = st.sampled_from([None, SecretRotation(expiration=7_776_000, overlap=172_800)])
    events = st.builds(AdminEvents, details=st.booleans(), expiration=st.sampled_from([None, 31_536_000]))
    logins = st.builds(
        LoginEvents,
        enabled=st.booleans(),
        types=st.sampled_from([(), ("CLIENT_LOGIN",), ("CLIENT_LOGIN_ERROR", "CLIENT_LOGIN")]),
        expiration=st.sampled_from([None, 2_592_000]),
    )
    return st.builds(
        a_realm,
        display_name=st.sampled_from([None, "Integration"]),
        lifespan=st.integers(60, 3600),
        admin_events=events,
        login_events=st.none() | logins,
        rotation=rotations,
    )


def desired_states(*, min_organizations: int = 0) -> st.SearchStrategy[DesiredState]:
    """Draw a realm with up to three organizations of up to two clients each."""
    chosen = st.lists(st.sampled_from(NAMES), min_size=min_organizations, unique=True)
    organizations = chosen.flatmap(lambda names: st.tuples(*map(_organization, names)))
    return st.builds(lambda found, realm: desired(*found, realm=realm), organizations, realms())
