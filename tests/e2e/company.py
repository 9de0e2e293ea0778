"""A company whose people log in through its own identity provider, which its organization is linked to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests import broker
from tests.e2e.shell import APPLY, Realm, Shell


@contextmanager
def with_company(shell: Shell, realm: Realm, admin: httpx.Client) -> Iterator[None]:
    """Apply the manifests; then link acme, as a person does, to an identity provider for its one domain."""
    code, out, err = shell(*APPLY)
    assert code == 0, out + err
    whole = organization(realm)
    whole["domains"] = [{"name": "example.com", "verified": True}]
    admin.put(f"/{realm.name}/organizations/{whole['id']}", json=whole).raise_for_status()
    broker.add_identity_provider(admin, realm.name, whole["id"])
    try:
        yield
    finally:
        broker.forget(admin, realm.name)


def organization(realm: Realm, alias: str = "acme") -> Any:
    """Return the organization, whole."""
    found = realm.get("/organizations", briefRepresentation="false")
    return next(each for each in found if each["alias"] == alias)


def accounts(realm: Realm) -> list[str]:
    """Return the names of all users but service accounts."""
    return [user["username"] for user in realm.get("/users")]
