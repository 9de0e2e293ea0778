"""What two sets of manifests declare differently."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from reconciler.model.address import Address
from reconciler.model.change import Action, Change, Reason
from reconciler.model.expectations import IgnoredField
from reconciler.model.lifecycle import Adoption
from reconciler.model.manifest import DesiredState, SecretRotation
from reconciler.model.risk import RiskLevel
from reconciler.plan.declared_diff import declared_changes
from tests.builders import (
    ACME,
    ACME_CLIENT,
    OWNER,
    REALM,
    a_client,
    a_dpa,
    a_partner,
    a_realm,
    a_webhook,
    an_organization,
    desired,
)
from tests.properties.strategies import desired_states

BETA = Address.organization("beta")
BETA_CLIENT = Address.client("beta", "api-client-beta")


def changes(before: DesiredState, after: DesiredState) -> tuple[Change, ...]:
    return declared_changes(before, after, REALM, OWNER)


def only(before: DesiredState, after: DesiredState) -> Change:
    [change] = changes(before, after)
    return change


def fields(change: Change) -> dict[str, tuple[object, object]]:
    return {field.path: (field.before, field.after) for field in change.field_changes}


def test_what_is_new_is_created_with_what_a_plan_would_show() -> None:
    found = changes(desired(), desired(an_organization()))
    assert [(change.address, change.action) for change in found] == [
        (ACME, Action.CREATE),
        (ACME_CLIENT, Action.CREATE),
    ]
    assert fields(found[0])["displayName"] == (None, "Acme")
    assert not any(path.startswith("reconciler/") for path in fields(found[0]))


def test_what_is_gone_is_deleted_after_what_belongs_to_it() -> None:
    found = changes(desired(an_organization()), desired())
    assert [(change.address, change.action) for change in found] == [
        (ACME_CLIENT, Action.DELETE),
        (ACME, Action.DELETE),
    ]
    assert {change.risk.level for change in found} == {RiskLevel.HIGH}
    assert {change.labels for change in found} == {None}


def test_what_is_protected_at_the_base_is_not_deleted() -> None:
    found = changes(desired(an_organization(prevent_destroy=True)), desired())
    assert next(change for change in found if change.address == ACME).blocked


def test_a_field_that_differs_has_the_risk_that_a_plan_would_give_it() -> None:
    before = desired(an_organization(partners=[a_partner("Autohaus Nord"), a_partner("Garage du Lac")]))
    change = only(before, desired(an_organization(partners=[a_partner("Autohaus Nord")])))
    [field] = change.field_changes
    assert (field.path, field.reason, field.risk.code) == (
        "authorizedPartners",
        Reason.MANIFEST_CHANGED,
        "partner-removed",
    )
    assert change.risk.level is RiskLevel.HIGH


def test_a_renamed_client_is_no_new_one() -> None:
    renamed = a_client("api-client-erp", previous=("api-client-acme",))
    change = only(desired(an_organization()), desired(an_organization(clients=[renamed])))
    assert (change.address.name, change.action, change.renamed_from) == (
        "api-client-erp",
        Action.UPDATE,
        "api-client-acme",
    )
    assert fields(change) == {"clientId": ("api-client-acme", "api-client-erp")}


def test_a_client_that_moves_to_another_organization_is_the_same_client() -> None:
    one = a_client("api-client-one")
    before = desired(an_organization("acme", clients=[one]), an_organization("beta", clients=[]))
    after = desired(an_organization("acme", clients=[]), an_organization("beta", clients=[one]))
    change = only(before, after)
    assert (change.address, change.action, change.risk.code) == (
        Address.client("beta", "api-client-one"),
        Action.UPDATE,
        "client-moved",
    )


def test_a_webhook_of_the_same_url_is_renamed_and_another_one_is_new() -> None:
    hook = a_webhook("compliance", url="https://erp.acme.example/hook")
    before = desired(an_organization(webhooks=[hook]))
    renamed = only(before, desired(an_organization(webhooks=[hook.model_copy(update={"name": "events"})])))
    assert (renamed.address.name, renamed.renamed_from) == ("events", "compliance")
    other = a_webhook("events", url="https://erp.acme.example/other")
    found = changes(before, desired(an_organization(webhooks=[other])))
    assert sorted(change.action for change in found) == [Action.CREATE, Action.DELETE]


def test_what_only_git_holds_is_compared_too() -> None:
    dpa = a_dpa()
    before = an_organization(prevent_destroy=True, dpa=dpa)
    labels = before.metadata.model_copy(update={"labels": {"team": "sales"}})
    evidence = before.spec.model_copy(update={"dpa": dpa.model_copy(update={"evidence": "contracts/acme.pdf"})})
    after = an_organization(ignore_changes=("spec.description",)).model_copy(
        update={"metadata": labels, "spec": evidence}
    )
    change = next(each for each in changes(desired(before), desired(after)) if each.address == ACME)
    assert fields(change) == {
        "dpa.evidence": (None, "contracts/acme.pdf"),
        "labels.team": (None, "sales"),
        "lifecycle.ignoreChanges": (None, ("spec.description",)),
        "lifecycle.preventDestroy": (True, None),
    }
    assert change.risk.code == "protection-removed"


def test_each_field_of_keycloak_that_a_manifest_ignores_is_a_high_risk() -> None:
    entry = IgnoredField(
        path="keycloak.attributes.brand.new", reason="26.8 adds it", until=datetime(2027, 3, 31, tzinfo=UTC)
    )
    before, after = (
        desired(an_organization(ignore_changes=("spec.description",))),
        desired(an_organization(ignore_changes=(entry,))),
    )
    change = only(before, after)
    said = "keycloak.attributes.brand.new until 2027-03-31: 26.8 adds it"
    assert fields(change) == {"lifecycle.ignoreChanges": (("spec.description",), (said,))}
    assert (change.risk.level, change.risk.code) == (RiskLevel.HIGH, "fields-ignored")
    assert only(after, before).risk.level is RiskLevel.LOW


def test_the_realm_is_compared() -> None:
    change = only(desired(realm=a_realm()), desired(realm=a_realm(lifespan=120)))
    assert (change.address, fields(change)) == (Address.realm(REALM), {"accessTokenLifespan": (300, 120)})


def test_what_a_realm_does_not_declare_any_more_stays_and_is_not_watched() -> None:
    rotation = SecretRotation(expiration=7_776_000, overlap=172_800)
    change = only(desired(realm=a_realm(rotation=rotation)), desired(realm=a_realm()))
    assert set(fields(change)) == {"secretRotation.expiration", "secretRotation.overlap"}
    assert change.risk.code == "no-longer-declared"
    assert changes(desired(realm=a_realm()), desired()) == ()


@settings(deadline=None, max_examples=40)
@given(desired_states())
def test_the_same_manifests_never_differ(state: DesiredState) -> None:
    assert changes(state, state) == ()


@settings(deadline=None, max_examples=40)
@given(desired_states(), desired_states())
def test_every_difference_is_seen_from_both_sides(one: DesiredState, other: DesiredState) -> None:
    # A realm that is not declared any more is left alone.
    one, other = (each.model_copy(update={"realm": None}) for each in (one, other))
    assert bool(changes(one, other)) is bool(changes(other, one))


@pytest.mark.parametrize("moment", [datetime(2026, 1, 15, 11, tzinfo=UTC)])
def test_an_agreement_of_another_moment_is_a_difference(moment: datetime) -> None:
    change = only(desired(an_organization()), desired(an_organization(dpa=a_dpa(accepted_at=moment))))
    assert set(fields(change)) == {"dpa.acceptedAt"}


def test_what_a_manifest_lets_go_on_adoption_is_compared() -> None:
    before = an_organization()
    dropping = before.lifecycle.model_copy(update={"adopt": Adoption(drop=("keycloak.redirectUris",))})
    change = only(desired(before), desired(before.model_copy(update={"lifecycle": dropping})))
    assert fields(change) == {"lifecycle.adopt.drop": (None, ("keycloak.redirectUris",))}
    assert (change.risk.level, change.risk.code) == (RiskLevel.MEDIUM, "adoption-drops")
