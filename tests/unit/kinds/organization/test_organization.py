"""How an organization compares, and which writes lead from one state to another."""

from typing import Any

import pytest

from reconciler.kinds.organization import fields as people
from reconciler.kinds.organization import representation as organization
from reconciler.kinds.organization.fields import FIELDS
from reconciler.kinds.registry import kind_of
from reconciler.model.change import Action, Change, Step, Verb
from reconciler.model.observed import Effective, OrganizationObservation
from reconciler.model.value import Value
from tests.builders import ACME, a_dpa, a_partner, a_uuid, an_organization

PARTNERS = (a_partner("B"), a_partner("A"))
DESIRED = organization.desired_fields(an_organization(partners=PARTNERS), "us")


def observed(**representation: Any) -> dict[str, Value]:
    whole = {"id": "1", "alias": "acme", "name": "Acme", **representation}
    return dict(organization.observed_fields(OrganizationObservation("1", "acme", whole)))


def steps(before: dict[str, Value], *changed: str) -> list[Step]:
    change = Change(ACME, Action.UPDATE, before, DESIRED, (), ())
    return list(kind_of(ACME).steps(change, changed))


def test_partners_are_compared_as_a_set() -> None:
    assert DESIRED["authorizedPartners"] == tuple(sorted(str(partner.uuid) for partner in PARTNERS))
    assert observed(attributes={"authorizedPartners": ["b", "a", "b"]})["authorizedPartners"] == ("a", "b")


@pytest.mark.parametrize(("texts", "value"), [(["true"], True), (["false"], False), (["maybe"], "maybe")])
def test_a_flag_is_read_where_it_is_one(texts: list[str], value: Value) -> None:
    assert observed(attributes={"allowMultiVinOrders": texts})["capabilities.allowMultiVinOrders"] == value


def test_a_value_that_was_doubled_is_seen() -> None:
    assert observed(attributes={"dpaVersion": ["2026-01", "2025-01"]})["dpa.version"] == ("2025-01", "2026-01")


def test_a_missing_switch_means_that_it_is_not_suspended() -> None:
    assert observed()["suspended"] is False
    assert observed(enabled=False)["suspended"] is True


def test_what_no_manifest_names_is_seen() -> None:
    fields = observed(redirectUrl="https://x", attributes={"note": ["n"]}, domains=[{"name": "x"}])
    assert fields["keycloak.redirectUrl"] == "https://x"
    assert fields["keycloak.attributes.note"] == "n"
    assert fields["keycloak.domains"] == ({"name": "x"},)


def test_a_creation_sends_everything_with_the_marks() -> None:
    (create,) = kind_of(ACME).steps(Change(ACME, Action.CREATE, None, DESIRED, (), ()), ())
    attributes: Any = create.body["attributes"]
    assert (create.verb, create.body["alias"], create.body["enabled"]) == (Verb.CREATE_ORGANIZATION, "acme", True)
    assert attributes["allowMultiVinOrders"] == ("false",)
    assert attributes["reconciler/owner"] == ("us",)
    assert "description" not in create.body


def test_an_update_sends_only_what_changed() -> None:
    (update,) = steps({"dpa.version": "2025-01"}, "dpa.version", "suspended")
    assert update == Step(Verb.UPDATE_ORGANIZATION, {"attributes": {"dpaVersion": ("2026-01",)}, "enabled": True})


def test_what_no_manifest_names_is_removed() -> None:
    (update,) = steps({"keycloak.attributes.note": "n"}, "keycloak.attributes.note", "keycloak.redirectUrl")
    assert update.body == {"attributes": {"note": None}, "redirectUrl": None}


def test_foreign_members_and_identity_providers_leave_one_by_one() -> None:
    before: dict[str, Value] = {people.PEOPLE: ("eve", "hugo"), people.IDENTITY_PROVIDERS: ("corporate",)}
    assert [(step.verb, dict(step.body)) for step in steps(before, *before)] == [
        (Verb.UNLINK_IDENTITY_PROVIDER, {"alias": "corporate"}),
        (Verb.REMOVE_MEMBER, {"username": "eve"}),
        (Verb.REMOVE_MEMBER, {"username": "hugo"}),
    ]


def test_what_is_in_force_compares_in_the_paths_of_the_manifest() -> None:
    manifest = an_organization(partners=PARTNERS, dpa=a_dpa())
    answer = Effective.model_validate(
        {
            "organizationUuid": str(a_uuid("acme")),
            "name": "Acme",
            "authorizedPartners": [{"uuid": str(partner.uuid)} for partner in PARTNERS],
            "capabilities": {"rateLimitTier": "STANDARD", "allowBrandNew": True},
            "dpaVersion": "2026-01",
            "dpaAcceptedAt": "2026-01-15T11:00:00+01:00",
            "somethingNew": {},
        }
    )
    wanted = organization.desired_fields(manifest, "us")
    effective = organization.effective_fields(answer)
    assert effective == {path: wanted[path] for path in effective}
    assert set(effective) <= set(FIELDS.effective)
