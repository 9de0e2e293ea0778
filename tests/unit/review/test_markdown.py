"""One comment: the verdict and the risks first, then what fits."""

from dataclasses import replace

import pytest

from reconciler.model.plan import Plan
from reconciler.review.plan_json import fingerprint_of
from reconciler.review.plan_markdown import plan_markdown
from reconciler.review.subject import Subject
from tests.builders import ACME, a_change, a_field_change, a_finding, a_plan
from tests.unit.review.showcase import a_report, a_review, many


def markdown(plan: Plan, *, subject: Subject = Subject.PLAN, max_size: int = 65_536, link: str = "") -> str:
    return plan_markdown(plan, subject, max_size=max_size, link=link)


def test_the_first_line_is_a_marker_that_stays_the_same_from_run_to_run() -> None:
    before, after = markdown(a_review()), markdown(replace(a_plan(), keycloak_url="https://idp.example"))
    assert before.splitlines()[0] == after.splitlines()[0]
    assert before.startswith("<!-- nt24-reconciler:plan:")


@pytest.mark.parametrize("other", [{"realm": "other"}, {"owner": "other"}, {"keycloak_url": "https://other.example"}])
def test_each_environment_has_a_comment_of_its_own(other: dict[str, str]) -> None:
    assert markdown(replace(a_review(), **other)).splitlines()[0] != markdown(a_review()).splitlines()[0]  # type: ignore[arg-type]


def test_drift_does_not_replace_the_comment_of_the_plan() -> None:
    assert markdown(a_plan(), subject=Subject.DRIFT).splitlines()[0] != markdown(a_plan()).splitlines()[0]


def test_the_revision_and_the_fingerprint_of_the_plan_are_named() -> None:
    written = markdown(a_review())
    assert "revision <code>1f2e3d4c5b6a</code>" in written
    assert f"plan <code>{fingerprint_of(a_review())[:12]}</code>" in written


def test_what_destroys_and_what_is_riskiest_stand_first_and_are_unfolded() -> None:
    written = markdown(a_review())
    order = [written.index(f"<code>organization/{name}</code> —") for name in ("nordwind", "acme", "casa-auto", "velo")]
    assert order == sorted(order)
    assert written.count("<details open>") == 2
    assert written.index("| high |") < written.index("| medium |") < order[0]


def test_a_set_shows_what_goes_and_what_comes_by_name() -> None:
    lines = markdown(a_review()).splitlines()
    assert any(line.startswith("- authorizedPartners: Garage du Lac (CH)  ") for line in lines)
    assert any(line.startswith("+ authorizedPartners: Casa del Sur (ES)  ") for line in lines)
    assert not any("Autohaus Nord" in line for line in lines)


def test_drift_names_who_did_it_and_what_the_report_rests_on() -> None:
    written = markdown(a_report(), subject=Subject.DRIFT)
    assert "#   by eve (security-admin-console) from 10.1.2.3, 2026-11-24 11:59:30 UTC\n" in written
    assert "# deleted perhaps by eve (security-admin-console) from 10.1.2.3" in written
    assert "\n# Full read, in 24 requests: no state is kept (--state FILE).\n" in written


@pytest.mark.parametrize("size", [4_000, 65_536, 200_000])
def test_it_fits_and_says_how_much_does_not(size: int) -> None:
    written = markdown(many(1_000), max_size=size, link="https://ci.example/1(2")
    assert len(written.encode()) <= size
    assert "left out here to fit into a comment**; see [the whole review](https://ci.example/1%282)." in written
    assert written.count("<details") == written.count("</details>")


def test_without_a_link_the_saved_plan_is_named() -> None:
    assert "reconciler show PLANFILE" in markdown(many(1_000))


def test_what_fits_is_whole() -> None:
    assert "left out" not in markdown(many(100))


def test_one_organization_that_does_not_fit_is_cut() -> None:
    fields = [a_field_change(f"keycloak.attributes.{n}", None, "x" * 100) for n in range(500)]
    written = markdown(a_plan(a_change(ACME, field_changes=fields)), max_size=10_000)
    assert len(written.encode()) <= 10_000
    assert "# … the rest is left out here" in written
    assert "keycloak.attributes.0:" in written


def test_many_partners_are_counted() -> None:
    partners = tuple(f"{n:04}" for n in range(2_000))
    change = a_change(ACME, field_changes=[a_field_change("authorizedPartners", None, partners)])
    assert "+ authorizedPartners: … and 1,980 more" in markdown(a_plan(change))


def test_nothing_to_do_is_one_line() -> None:
    written = markdown(a_plan())
    assert "### No changes." in written
    assert "<details" not in written


def test_findings_alone_are_shown() -> None:
    written = markdown(a_plan(findings=[a_finding(detail="Something differs.", remedy="Look at it.")]))
    assert "! Error: organization/acme: Something differs. [effective-differs, lagging]\n!   Look at it." in written
