"""Links of identity providers on a real Keycloak: linked, adopted, put back, ended, and people's left alone."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reconciler.manifest.write import manifest_text
from reconciler.model.identity_provider import IdentityProvider
from tests import broker
from tests.builders import an_organization
from tests.e2e.company import accounts, organization, with_company
from tests.e2e.shell import APPLY, Realm, Shell

ADDRESS = f"identity-provider/acme/{broker.ALIAS}"
REDIRECT = "kc.org.broker.redirect.mode.email-matches"


@pytest.fixture
def company(shell: Shell, realm: Realm, admin: httpx.Client) -> Iterator[Shell]:
    """A realm as applied, with a company's identity provider that somebody has linked, for its one domain."""
    with with_company(shell, realm, admin):
        yield shell


def provider(realm: Realm, alias: str = broker.ALIAS) -> Any:
    return next(each for each in realm.get("/identity-provider/instances") if each["alias"] == alias)


def declare(shell: Shell, *providers: dict[str, Any], organization: str = "acme") -> None:
    found = [IdentityProvider.model_validate(each, by_alias=True) for each in providers]
    text = manifest_text(an_organization(organization, providers=found))
    (shell.folder / f"{organization}.yaml").write_text(text, encoding="utf-8")


def unlink(admin: httpx.Client, realm: Realm, alias: str = broker.ALIAS) -> None:
    at = f"/{realm.name}/organizations/{organization(realm)['id']}/identity-providers/{alias}"
    admin.delete(at).raise_for_status()


def link(admin: httpx.Client, realm: Realm, alias: str, to: str) -> None:
    at = f"/{realm.name}/organizations/{organization(realm, to)['id']}/identity-providers"
    admin.post(at, json=alias).raise_for_status()


def add(admin: httpx.Client, realm: Realm, alias: str) -> None:
    config = {"clientId": "x", "clientSecret": "y", "tokenUrl": "https://x", "authorizationUrl": "https://x"}
    new = {"alias": alias, "providerId": "oidc", "enabled": True, "config": config}
    admin.post(f"/{realm.name}/identity-provider/instances", json=new).raise_for_status()


def is_settled(shell: Shell) -> bool:
    return shell("plan", "--no-effective", "--detailed-exitcode")[0] == 0


def test_a_link_is_adopted_put_back_changed_and_ended_and_people_keep_their_accounts(
    company: Shell, realm: Realm, admin: httpx.Client
) -> None:
    # What exists is adopted, and loses no domain that the manifest does not say.
    declare(company, {"alias": broker.ALIAS})
    assert "adopting it would remove what was set: domain" in company("plan", "--no-effective")[1]
    declare(company, {"alias": broker.ALIAS, "domain": "example.com"})
    code, out, err = company(*APPLY)
    assert code == 0, out + err
    assert is_settled(company)
    # Somebody ends it: that is drift, and it comes back.
    unlink(admin, realm)
    code, out, _ = company("drift", "--no-effective")
    assert code == 2
    assert ADDRESS in out
    code, out, err = company(*APPLY)
    assert code == 0, out + err
    assert provider(realm)["organizationId"] == organization(realm)["id"]
    assert provider(realm)["config"]["kc.org.domain"] == "example.com"
    # Another setting: the provider's own ones stay, its secret too, by which jane logs in.
    declare(company, {"alias": broker.ALIAS, "domain": "ANY", "redirectWhenEmailMatches": True})
    code, out, err = company(*APPLY)
    assert code == 0, out + err
    assert (provider(realm)["config"]["kc.org.domain"], provider(realm)["config"][REDIRECT]) == ("ANY", "true")
    broker.log_in(admin, realm.name, "jane")
    assert is_settled(company)
    # Its removal is a delete of high risk that names who keeps an account; a fix of drift never makes it.
    declare(company)
    out = company("plan", "--no-effective")[1]
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in out
    assert "Keycloak deletes no account" in out
    document = json.loads(company("plan", "--no-effective", "--json")[1])
    (change,) = document["resource_changes"]
    assert (change["address"], change["change"]["risk"]["level"]) == (ADDRESS, "high")
    assert ["jane"] in [each["names"] for each in change["change"]["consequences"]]
    assert company("drift", "--no-effective", "--fix")[0] == 0
    assert "organizationId" in provider(realm)
    assert company(*APPLY)[0] == 6
    assert "organizationId" in provider(realm)
    code, out, err = company(*APPLY, "--allow-delete")
    assert code == 0, out + err
    assert "organizationId" not in provider(realm)
    assert accounts(realm) == ["jane"]
    assert is_settled(company)


def test_a_new_link_beside_one_of_people_a_missing_provider_and_one_that_is_linked_elsewhere(
    company: Shell, realm: Realm, admin: httpx.Client
) -> None:
    for alias in ("ours", "others"):
        add(admin, realm, alias)
    (company.folder / "beta.yaml").write_text(manifest_text(an_organization("beta")), encoding="utf-8")
    code, out, err = company(*APPLY)
    assert code == 0, out + err
    link(admin, realm, "others", "beta")
    declare(company, {"alias": "missing"}, {"alias": "ours"}, {"alias": "others"})
    out = company("plan", "--no-effective")[1]
    assert "the realm has no identity provider 'missing'" in out
    assert "the identity provider 'others' is linked to 'beta' already, by a link that is unmanaged" in out
    declare(company, {"alias": "ours"})
    # As saved, then applied.
    assert company("plan", "--no-effective", "--out", "saved.plan")[0] == 0
    code, out, err = company("apply", "saved.plan", "--auto-approve", "--no-effective")
    assert code == 0, out + err
    assert provider(realm, "ours")["organizationId"] == organization(realm)["id"]
    assert is_settled(company)
    # The other link of the organization is people's: told, and left.
    assert f"1 identity provider ({broker.ALIAS})" in company("plan", "--no-effective")[1]
    # It moves to another organization in one run.
    declare(company)
    declare(company, {"alias": "ours"}, organization="beta")
    code, out, err = company(*APPLY, "--allow-delete")
    assert code == 0, out + err
    assert provider(realm, "ours")["organizationId"] == organization(realm, "beta")["id"]
    assert provider(realm)["organizationId"] == organization(realm)["id"]
    assert is_settled(company)


def test_an_incremental_drift_reads_each_link(company: Shell, realm: Realm, admin: httpx.Client) -> None:
    declare(company, {"alias": broker.ALIAS, "domain": "example.com"})
    code, out, err = company(*APPLY)
    assert code == 0, out + err
    watch = ("drift", "--no-effective", "--state", "drift.json")
    assert company(*watch)[0] == 0
    # No admin event tells of it.
    unlink(admin, realm)
    code, out, _ = company(*watch)
    assert code == 2
    assert ADDRESS in out
