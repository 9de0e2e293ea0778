"""People that share an organization keep what is theirs, and no account ends unless somebody says so."""

import json
from collections.abc import Iterator

import httpx
import pytest

from reconciler.manifest.write import manifest_text
from reconciler.model.expectations import People
from tests import broker
from tests.builders import an_organization
from tests.e2e.company import accounts, organization, with_company
from tests.e2e.shell import APPLY, Realm, Shell

OLD_PLAN = ("apply", "old.plan", "--auto-approve", "--allow-delete", "--no-effective", "--verify-timeout", "1")


@pytest.fixture
def shared(shell: Shell, realm: Realm, admin: httpx.Client) -> Iterator[Shell]:
    """A realm with two organizations as applied, one of which jane has joined by its company's identity provider."""
    with with_company(shell, realm, admin):
        broker.log_in(admin, realm.name, "jane")
        yield shell


def unshare(shell: Shell) -> None:
    text = manifest_text(an_organization("acme", people=People.NONE))
    (shell.folder / "acme.yaml").write_text(text, encoding="utf-8")


def test_people_of_an_organization_are_reported_and_left_alone(shared: Shell, realm: Realm) -> None:
    before = organization(realm)
    code, out, _ = shared("plan", "--no-effective", "--detailed-exitcode")
    assert code == 0, out
    assert "1 managed member (jane), 1 identity provider (corporate-sso), 1 domain (example.com)" in out
    assert shared("drift", "--no-effective")[0] == 0
    # What is changed for another reason leaves them alone as well.
    text = manifest_text(an_organization("acme", description="Cars"))
    (shared.folder / "acme.yaml").write_text(text, encoding="utf-8")
    code, out, err = shared(*APPLY)
    assert code == 0, out + err
    assert organization(realm) == {**before, "description": "Cars", "attributes": organization(realm)["attributes"]}
    assert accounts(realm) == ["jane"]
    (provider,) = realm.get("/identity-provider/instances")
    assert provider["config"]["kc.org.domain"] == "example.com"


def test_an_account_that_ends_with_its_membership_is_a_delete_everywhere(shared: Shell, realm: Realm) -> None:
    unshare(shared)
    code, out, _ = shared("plan", "--no-effective")
    assert code == 0
    assert "high risk: Keycloak deletes the accounts of managed members with their membership: jane." in out
    assert "Plan: 0 to add, 1 to change, 1 to destroy (1 account of people)." in out
    document = json.loads(shared("plan", "--no-effective", "--json")[1])
    assert document["counts"] == {"add": 0, "change": 1, "destroy": 1, "accounts": 1}
    (change,) = document["resource_changes"]
    assert change["change"]["risk"]["level"] == "high"
    assert ["jane"] in [each["names"] for each in change["change"]["consequences"]]
    code, out, err = shared(*APPLY)
    assert code == 6, out + err
    assert "The plan deletes 1 account of people (jane)" in err
    assert accounts(realm) == ["jane"]
    code, out, err = shared(*APPLY, "--allow-delete")
    assert code == 0, out + err
    assert "1 destroyed (1 account of people)" in out
    assert accounts(realm) == []
    assert shared("plan", "--no-effective", "--detailed-exitcode")[0] == 0


def test_no_account_ends_by_a_fix_of_drift(shared: Shell, realm: Realm) -> None:
    unshare(shared)
    assert shared("drift", "--no-effective")[0] == 2
    code, out, err = shared("drift", "--no-effective", "--fix")
    assert code == 2, out + err
    assert "jane" in out
    assert accounts(realm) == ["jane"]
    # All else that drifted is put back.
    assert "domains" not in organization(realm)
    assert "organizationId" not in realm.get("/identity-provider/instances")[0]
    # A deletion is refused there as everywhere.
    (shared.folder / "acme.yaml").unlink()
    shared("drift", "--no-effective", "--fix", "--force")
    assert accounts(realm) == ["jane"]


def test_deleting_an_organization_counts_the_accounts_and_a_soft_deletion_ends_none(
    shared: Shell, realm: Realm
) -> None:
    (shared.folder / "acme.yaml").unlink()
    out = shared("plan", "--no-effective")[1]
    assert "3 to destroy (1 account of people)" in out
    assert "jane" in out
    code, out, err = shared(*APPLY)
    assert code == 6, out + err
    assert "jane" in err
    assert accounts(realm) == ["jane"]
    assert organization(realm)["enabled"]
    out = shared("plan", "--no-effective", "--soft-delete")[1]
    assert "Managed members cannot log in while the organization is disabled: jane." in out
    assert "0 to destroy" in out
    code, out, err = shared(*APPLY, "--soft-delete")
    assert code == 0, out + err
    assert accounts(realm) == ["jane"]
    code, out, err = shared(*APPLY, "--allow-delete")
    assert code == 0, out + err
    assert accounts(realm) == []


def test_who_became_a_managed_member_since_it_was_planned_is_not_deleted(
    shared: Shell, realm: Realm, admin: httpx.Client
) -> None:
    unshare(shared)
    assert shared("plan", "--no-effective", "--out", "old.plan")[0] == 0
    broker.log_in(admin, realm.name, "joe")
    # What the plan says cannot come true, however long its proof is waited for.
    code, out, err = shared(*OLD_PLAN)
    assert code != 0
    assert "joe" in accounts(realm), out + err


def test_who_joined_an_organization_since_its_deletion_was_planned_is_not_deleted(
    shared: Shell, realm: Realm, admin: httpx.Client
) -> None:
    (shared.folder / "acme.yaml").unlink()
    assert shared("plan", "--no-effective", "--out", "old.plan")[0] == 0
    broker.log_in(admin, realm.name, "jim")
    # What the plan says cannot come true, however long its proof is waited for.
    code, out, err = shared(*OLD_PLAN)
    assert code != 0
    assert "jim" in accounts(realm), out + err


def test_a_service_account_that_was_renamed_like_a_person_is_still_one(
    shell: Shell, realm: Realm, admin: httpx.Client
) -> None:
    code, out, err = shell(*APPLY)
    assert code == 0, out + err
    realm.post("/clients", {"clientId": "backend", "serviceAccountsEnabled": True})
    admin.put(f"/{realm.name}", json={"registrationEmailAsUsername": True}).raise_for_status()
    for client_id in ("backend", "api-client-acme"):
        (client,) = realm.get("/clients", clientId=client_id)
        user = realm.get(f"/clients/{client['id']}/service-account-user")["id"]
        if client_id == "backend":
            realm.post(f"/organizations/{organization(realm)['id']}/members", user)
        name = f"{client_id}@example.com"
        admin.put(f"/{realm.name}/users/{user}", json={"username": name, "email": name}).raise_for_status()
    out = shell("drift", "--no-effective")[1]
    assert "Not complete" not in out
    assert '- "backend@example.com"' in out
    assert '"api-client-acme@example.com"' in out
    code, out, err = shell(*APPLY)
    assert code == 0, out + err
    assert shell("plan", "--no-effective", "--detailed-exitcode")[0] == 0
    (client,) = realm.get("/clients", clientId="api-client-acme")
    user = realm.get(f"/clients/{client['id']}/service-account-user")
    assert user["username"] == "service-account-api-client-acme"
    assert [each["id"] for each in realm.get(f"/organizations/{organization(realm)['id']}/members")] == [user["id"]]
