"""Why a token names no organization."""

from dataclasses import replace

import pytest

from reconciler.diagnose.membership import link_causes, membership_causes
from reconciler.diagnose.stored import Stored
from reconciler.model import layout
from reconciler.model.observed import ReadFailure
from tests.unit.diagnose.builders import an_organization, stored

ACME, OTHER = an_organization(), an_organization(alias="other")
UNREAD = ReadFailure("organizations", "403 Forbidden.")


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (stored(organizations=()), "no-organization"),
        (stored(organizations=(ACME, OTHER)), "several-organizations"),
        (stored(organizations=(an_organization(enabled=False),)), "organization-suspended"),
        (stored(defaultClientScopes=["basic"]), "organization-scope-missing"),
        (stored(realm={"organizationsEnabled": False}, organizations=()), "organizations-off"),
        (stored(), "organization-mapper-wrong"),
    ],
)
def test_the_record_names_the_very_cause(record: Stored, code: str) -> None:
    causes = membership_causes(record, None)

    assert [cause.code for cause in causes] == [code]
    assert causes[0].certain


def test_the_organizations_of_a_client_with_several_are_named() -> None:
    (cause,) = membership_causes(stored(organizations=(ACME, OTHER)), None)

    assert "2 organizations: acme, other." in cause.what


def test_without_a_record_every_cause_is_possible_and_the_usual_one_is_first() -> None:
    causes = membership_causes(None, None)

    assert causes[0].code == "organization-suspended"
    assert len(causes) == 6
    assert all(cause.tell and not cause.certain for cause in causes)


def test_organizations_that_nobody_may_read_leave_the_possible_causes() -> None:
    assert len(membership_causes(replace(stored(), organizations=UNREAD), None)) == 6


@pytest.mark.parametrize("claim", [["acme"], {"acme": {}}, "acme"])
def test_a_claim_of_another_form_is_the_mapper_s_fault(claim: object) -> None:
    assert [cause.code for cause in membership_causes(stored(), claim)] == ["organization-mapper-wrong"]


def test_an_organization_that_the_platform_does_not_know_has_no_uuid() -> None:
    unknown = stored(organizations=(an_organization({layout.UUID: []}),))

    assert [cause.code for cause in link_causes(unknown)] == ["organization-unknown-to-platform"]
    assert [cause.code for cause in link_causes(None)] == [
        "organization-suspended",
        "organization-unknown-to-platform",
        "platform-behind",
    ]
