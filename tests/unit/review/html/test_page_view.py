"""What only the page shows: fields that Keycloak has as declared, and that are not in force."""

from dataclasses import replace

import pytest

from reconciler.model.change import Change
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.plan import Effect
from reconciler.model.value import Value
from reconciler.review.html.page import plan_html
from reconciler.review.subject import Subject
from tests.builders import ACME, ACME_CLIENT, a_change, a_field_change, a_finding, a_plan

TIER, PARTNERS = "capabilities.rateLimitTier", "authorizedPartners"
UNKNOWN = a_finding(ACME, Code.PARTNER_UNKNOWN, status=FieldStatus.OVERRIDDEN, path=f"{PARTNERS}[1]")
DECIDED = a_finding(ACME, Code.PLATFORM_DIFFERS, Severity.WARNING, FieldStatus.OVERRIDDEN, path=TIER)
MOVES = a_change(ACME_CLIENT, field_changes=[a_field_change("serviceAccount.organizations", "beta", "acme")])
CHANGES = a_change(ACME, field_changes=[a_field_change(TIER, "ENTERPRISE", "STANDARD")])
DESCRIBES = a_change(ACME, field_changes=[a_field_change("description", "A", "B")])


@pytest.mark.parametrize(
    ("change", "finding", "path", "values", "is_shown"),
    [
        (None, a_finding(ACME_CLIENT, path=TIER), TIER, ("A", "A", "B"), True),
        (None, a_finding(ACME_CLIENT, status=FieldStatus.OVERRIDDEN, path=TIER), TIER, ("A", "A", "B"), True),
        (DESCRIBES, a_finding(ACME_CLIENT, path=TIER), TIER, ("A", "A", "B"), True),
        (None, UNKNOWN, PARTNERS, (("1",), ("1",), ()), True),
        (CHANGES, None, TIER, ("STANDARD", "ENTERPRISE", "ENTERPRISE"), False),
        (MOVES, None, TIER, ("A", "A", "B"), False),
        (MOVES, a_finding(ACME, path="displayName"), TIER, ("A", "A", "B"), False),
        (None, DECIDED, TIER, ("A", "C", "B"), False),
    ],
    ids=["lags", "overridden", "lags beside a change of another field", "unknown partner", "the field changes",
         "the client changes", "another finding", "the platform decides it"],
)  # fmt: skip
def test_only_what_a_finding_says_of_what_is_stored_as_declared_is_not_in_force(
    change: Change | None, finding: Finding | None, path: str, values: tuple[Value, Value, Value], is_shown: bool
) -> None:
    plan = a_plan(*([change] if change else []), findings=[finding] if finding else [])
    page = plan_html(replace(plan, effects=(Effect(ACME_CLIENT, path, *values),)), Subject.PLAN)
    assert ("Stored as declared, and not in force" in page) is is_shown
