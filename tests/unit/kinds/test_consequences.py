"""What a live system does beyond what a change tells it: it follows from the change, and counts everywhere."""

import re
from pathlib import Path

import click
import pytest

from reconciler.kinds.client import consequences as of_client
from reconciler.kinds.client import fields as client
from reconciler.kinds.organization import consequences as of_organization
from reconciler.kinds.organization import fields as people
from reconciler.kinds.realm import consequences as of_realm
from reconciler.kinds.realm import fields as realm
from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Verb
from reconciler.model.errors import GuardRefused
from reconciler.model.expectations import Expectations, People
from reconciler.model.finding import Code, FieldStatus, Severity
from reconciler.model.layout import OWNER_MARK
from reconciler.model.policy import PlacedPolicy, Policy
from reconciler.model.risk import RiskLevel
from reconciler.model.value import Fields
from reconciler.model.verdict import Verdict, verdict_of
from reconciler.plan.derive import derived
from reconciler.plan.guards import check_guards
from reconciler.plan.policy import evaluated
from reconciler.review.html.page import plan_html
from reconciler.review.plan_json import plan_document
from reconciler.review.plan_junit import plan_junit
from reconciler.review.plan_markdown import plan_markdown
from reconciler.review.plan_sarif import plan_sarif
from reconciler.review.plan_text import plan_text
from reconciler.review.subject import Subject
from tests.builders import (
    ACME,
    ACME_CLIENT,
    REALM,
    a_change,
    a_client,
    a_finding,
    a_plan,
    a_realm,
    an_organization,
    desired,
)
from tests.fakes.world import World

DOC = (Path(__file__).parents[3] / "docs" / "side-effects.md").read_text(encoding="utf-8")
OURS: Fields = {OWNER_MARK: "us"}
THE_REALM = Address.realm(REALM)
MANY = tuple(f"person-{number:02}" for number in range(23))


def one(address: Address, before: Fields | None, after: Fields | None) -> Change:
    """Return the change with all that follows from its two sides."""
    action = Action.CREATE if before is None else Action.DELETE if after is None else Action.UPDATE
    live = None if before is None else {**OURS, **before}
    wanted = None if after is None else {**({} if before is None else OURS), **after}
    (change,) = derived([a_change(address, action, before=live, after=wanted)], REALM)
    return change


def leaving(*names: str, unmanaged: tuple[str, ...] = ()) -> Change:
    """Return a change that ends memberships, of managed members and others."""
    managed: Fields = {people.MANAGED: names}
    return one(ACME, {people.PEOPLE: (*names, *unmanaged), **managed}, managed)


@pytest.mark.parametrize(
    ("address", "before", "after", "code", "named"),
    [
        (ACME, {people.MANAGED: ("jane",)}, None, "accounts-deleted", ("jane",)),
        (ACME, {people.PEOPLE: ("hugo",)}, None, "people-lose-access", ("hugo",)),
        (ACME, {people.GROUPS: ("team",)}, None, "people-lose-access", ("group team",)),
        (ACME, {people.ACCOUNTS: ("a", "b")}, None, "service-accounts-lose-organization", ("a", "b")),
        (ACME, {people.GROUPS: ("team",)}, {}, "group-roles-lost", ("team",)),
        (ACME, {people.IDENTITY_PROVIDERS: ("sso",)}, {}, "login-routing-lost", ("sso",)),
        (
            ACME,
            {people.IDENTITY_PROVIDERS: ("sso",), people.DOMAINS: ({"name": "a"},)},
            {people.IDENTITY_PROVIDERS: ("sso",)},
            "login-routing-lost",
            ("sso",),
        ),
        (
            ACME,
            {"suspended": False, people.MANAGED: ("jane",)},
            {"suspended": True, people.MANAGED: ("jane",)},
            "people-locked-out",
            ("jane",),
        ),
        (ACME_CLIENT, {client.OWN_ROLES: ("own",)}, {}, "roles-deleted", ("own",)),
        (ACME_CLIENT, {client.OWN_ROLES: ("own",)}, None, "roles-deleted", ("own",)),
        (ACME_CLIENT, {"keycloak.authorizationServicesEnabled": True}, {}, "permissions-deleted", ()),
        (ACME_CLIENT, {"keycloak.standardFlowEnabled": True}, None, "sessions-ended", ()),
        (ACME_CLIENT, {client.SERVICE_ACCOUNTS: True}, {client.SERVICE_ACCOUNTS: False}, "service-account-deleted", ()),
        (ACME_CLIENT, {client.CREDENTIALS: ("password",)}, {}, "service-account-replaced", ()),
        (
            THE_REALM,
            {realm.DEFAULT_ROLES: (*realm.BUILTIN_DEFAULT_ROLES, "everyone")},
            {realm.DEFAULT_ROLES: realm.BUILTIN_DEFAULT_ROLES},
            "everybody-loses-roles",
            ("everyone",),
        ),
        (
            THE_REALM,
            {realm.DEFAULT_ROLES: realm.BUILTIN_DEFAULT_ROLES[1:]},
            {realm.DEFAULT_ROLES: realm.BUILTIN_DEFAULT_ROLES},
            "everybody-gets-roles",
            realm.BUILTIN_DEFAULT_ROLES[:1],
        ),
        (THE_REALM, {"keycloak.clientScopes.basic.mappers.x": {"a": "b"}}, {}, "others-tokens-change", ("basic",)),
        (THE_REALM, {"secretRotation.overlap": 1}, {"secretRotation.overlap": 2}, "policies-rewritten", ()),
        (
            THE_REALM,
            {realm.ORGANIZATIONS_ENABLED: False},
            {realm.ORGANIZATIONS_ENABLED: True},
            "organizations-back",
            (),
        ),
    ],
)
def test_what_happens_beyond_a_change_follows_from_its_two_sides(
    address: Address, before: Fields, after: Fields | None, code: str, named: tuple[str, ...]
) -> None:
    change = one(address, before, after)
    (found,) = [each for each in change.consequences if each.risk.code == code]
    assert found.names == named
    assert change.risk.level.rank >= found.risk.level.rank


@pytest.mark.parametrize("address", [ACME, ACME_CLIENT, THE_REALM])
def test_a_creation_has_no_consequences(address: Address) -> None:
    assert one(address, None, {realm.ORGANIZATIONS_ENABLED: True, "displayName": "A"}).consequences == ()


def test_a_suspension_or_soft_deletion_deletes_nobody() -> None:
    managed: Fields = {people.MANAGED: ("jane",)}
    change = one(ACME, {"suspended": False, **managed}, {"suspended": True, **managed})
    assert change.deleted_accounts == ()
    assert change.risk.level is RiskLevel.HIGH


def test_only_managed_members_lose_their_accounts() -> None:
    change = leaving("jane", unmanaged=("hugo",))
    assert change.deleted_accounts == ("jane",)
    bodies = [dict(step.body) for step in change.steps if step.verb is Verb.REMOVE_MEMBER]
    # Ending access waits for nothing; deleting an account waits for the rest.
    assert bodies == [{"username": "hugo"}, {"username": "jane", "managed": True}]


def test_each_account_counts_as_destroyed() -> None:
    counts = a_plan(leaving("jane", "joe"), one(ACME_CLIENT, {}, None)).counts
    assert (counts.changed, counts.destroyed, counts.accounts) == (1, 3, 2)


def test_an_account_is_not_deleted_without_leave_and_the_message_names_it() -> None:
    with pytest.raises(GuardRefused, match=r"deletes 1 account of people \(jane\)") as error:
        check_guards(a_plan(leaving("jane")), allow_delete=False, force=False)
    assert "--allow-delete" in error.value.remedy
    check_guards(a_plan(leaving("jane")), allow_delete=True, force=False)


def test_accounts_count_into_the_share() -> None:
    others = [Address.organization(f"org-{number}") for number in range(9)]
    check_guards(a_plan(leaving("a", "b", "c"), unchanged=others), allow_delete=True, force=False)
    with pytest.raises(GuardRefused, match="4 resources and accounts, of 10 managed"):
        check_guards(a_plan(leaving("a", "b", "c", "d"), unchanged=others), allow_delete=True, force=False)


def test_a_policy_about_deletions_is_asked_about_accounts() -> None:
    policy = Policy.model_validate(
        {"name": "no-deletes", "when": {"action": ["delete"]}, "then": "deny", "message": "no"}
    )
    plan = evaluated(a_plan(leaving("jane")), [PlacedPolicy(policy, "reconciler.yaml:1")], "")
    assert [hit.address for hit in plan.policy_hits] == [ACME]


def test_every_format_names_twenty_accounts_and_counts_the_rest() -> None:
    plan = a_plan(leaving(*MANY))
    texts = {
        "text": click.unstyle(plan_text(plan)),
        "markdown": plan_markdown(plan, Subject.PLAN, max_size=60_000, link=""),
        "html": plan_html(plan, Subject.PLAN),
        "sarif": plan_sarif(plan, Subject.PLAN),
        "junit": plan_junit(plan, Subject.PLAN),
    }
    for form, text in texts.items():
        said = text.split("accounts of managed members", 1)[1]
        assert "person-19" in said, form
        assert "3 more" in said, form
    assert "23 to destroy (23 accounts of people)" in texts["text"]
    document = plan_document(plan)
    assert document["counts"] == {"add": 0, "change": 1, "destroy": 23, "accounts": 23}
    (found,) = document["resource_changes"][0]["change"]["consequences"]
    assert (found["risk"]["code"], found["names"]) == ("accounts-deleted", list(MANY))


@pytest.mark.anyio
async def test_people_change_no_plan_unless_the_organization_is_not_shared() -> None:
    world = await World(effective=False).settled(desired(an_organization(), realm=a_realm()))
    world.keycloak.by_hand.add_managed_member("acme", "jane")
    plan = await world.plan(desired(an_organization()))
    assert plan.is_empty
    assert [finding.code for finding in plan.findings if finding.severity is Severity.INFO] == [Code.SHARED_WITH_PEOPLE]
    for unshared in (desired(an_organization(people=People.NONE)), desired(an_organization())):
        world.expected = Expectations(people=People.NONE)
        assert (await world.plan(unshared)).counts.accounts == 1
    shared = await world.plan(desired(an_organization(people=People.SHARED)))
    assert shared.is_empty


def test_an_undeclared_service_account_is_drift() -> None:
    finding = a_finding(code=Code.UNMANAGED_MEMBER, severity=Severity.WARNING, status=FieldStatus.DRIFTED)
    assert verdict_of(a_plan(findings=[finding])) is not Verdict.IN_SYNC


def test_the_table_names_every_write_and_every_consequence() -> None:
    every = [item for module in (of_realm, of_organization, of_client) for item in vars(module).items()]
    codes = {value.code for name, value in every if hasattr(value, "code") and name.isupper()}
    words = set(re.findall(r"`([^`]+)`", DOC))
    assert codes - words == set()
    assert {verb.value for verb in Verb} - words == set()


@pytest.mark.anyio
@pytest.mark.parametrize("alias", [None, "acme-motors"])
async def test_deleting_an_organization_names_all_service_accounts_that_the_plan_does_not_move(
    alias: str | None,
) -> None:
    whole = desired(an_organization("acme"), an_organization("beta"), realm=a_realm())
    world = await World(effective=False).settled(whole)
    keycloak = world.keycloak
    acme = next(each for each in await keycloak.organizations() if each["alias"] == "acme")
    others = [*(f"backend-{number:02}" for number in range(22)), "api-client-hand", "api-client-theirs"]
    for client_id in others:
        attributes = {OWNER_MARK: "them"} if client_id.endswith("theirs") else {}
        body = {"clientId": client_id, "serviceAccountsEnabled": True, "attributes": attributes}
        user = await keycloak.service_account(await keycloak.create_client(body))
        assert user is not None
        await keycloak.add_member(acme["id"], user["id"])
    # Its own client goes with it, or to the organization of another alias.
    moved = [an_organization(alias, display_name="Acme", clients=[a_client("api-client-acme")])] if alias else []
    plan = await world.plan(desired(an_organization("beta"), *moved, realm=a_realm()))
    change = next(each for each in plan.changes if each.address == ACME)
    (found,) = [each for each in change.consequences if each.risk.code == "service-accounts-lose-organization"]
    assert found.names == tuple(sorted(f"service-account-{each}" for each in others))
    assert found.text.endswith(" and 4 more.")
    assert change.risk.level is RiskLevel.HIGH
    assert "service-account-api-client-hand, " in plan_text(plan)
