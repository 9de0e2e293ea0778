"""The page in a real browser: it shows, filters, folds, reads well, and runs and loads nothing of others."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Dialog, Page

from reconciler.model.address import Address
from reconciler.model.plan import Plan
from reconciler.review.html.page import plan_html
from reconciler.review.subject import Subject
from tests.builders import a_plan
from tests.unit.review.showcase import HOSTILE, a_report, a_review, hostile, many, since_main, stopped

Open = Callable[..., Page]
Scheme = Literal["light", "dark"]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a plan; what it complains about, asks for or alerts fails the test."""
    wrong: list[str] = []
    contexts = []

    def refuse(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        dialog.dismiss()

    def opened(plan: Plan, *, subject: Subject = Subject.PLAN, scripts: bool = True, width: int = 1280,
               scheme: Scheme = "light", hash_: str = "") -> Page:  # fmt: skip
        file = tmp_path / "review.html"
        file.write_text(plan_html(plan, subject), encoding="utf-8")
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", refuse)
        page.on("request", lambda request: wrong.append(request.url) if request.url != page.url else None)
        page.goto(file.as_uri() + hash_)
        wrong[:] = [each for each in wrong if not each.startswith(file.as_uri()) and each != "data:,"]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def shown(page: Page) -> list[str]:
    found: list[str] = page.locator(".part:visible").evaluate_all("all => all.map((each) => each.id)")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "plan",
    [a_review(), a_plan(), many(3), many(30), since_main(), stopped()],
    ids=["review", "empty", "many", "with a summary", "since", "stopped"],
)
def test_it_meets_wcag_aa(show: Open, plan: Plan, scheme: Scheme) -> None:
    page = show(plan, scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": [*STANDARDS, "best-practice"]}})
    assert found.violations_count == 0, found.generate_report()


def test_the_page_is_read_without_scripts(show: Open) -> None:
    page = show(a_review(), scripts=False)
    assert (
        page.locator("h1").inner_text()
        == "Plan: 2 to add, 2 to change, 1 to destroy, but not everything could be read."
    )
    assert page.locator("#filter").is_hidden()
    assert len(shown(page)) == 5
    page.locator("summary", has_text="casa-auto").click()
    assert page.locator(".path", has_text="client/casa-auto/api-client-casa-auto").last.is_visible()


def test_a_field_is_shown_in_three_places(show: Open) -> None:
    page = show(a_review())
    row = page.locator(".card tr", has_text="rateLimitTier").first
    assert row.locator("td").all_inner_texts() == ["STANDARD", "HIGH_VOLUME", "HIGH_VOLUME as in Keycloak"]
    partners = page.locator(".card tr", has_text="authorizedPartners").first.locator("td")
    assert "Casa del Sur (ES)" in partners.nth(0).inner_text()
    assert "Garage du Lac (CH)" in partners.nth(1).inner_text()
    assert "as in Keycloak, but:" in partners.nth(2).inner_text()


def test_what_is_stored_but_not_in_force_is_shown_though_nothing_is_planned(show: Open) -> None:
    page = show(a_review())
    page.locator("#organization\\/velo > summary").click()
    lag = page.locator(".lag td")
    assert lag.all_inner_texts() == ["STANDARD", "STANDARD", "HIGH_VOLUME"]


def test_drift_names_who_did_it_and_what_the_report_rests_on(show: Open) -> None:
    page = show(a_report(), subject=Subject.DRIFT)
    page.get_by_role("button", name="Open all").click()
    assert "by eve (security-admin-console) from 10.1.2.3, 2026-11-24 11:59:30 UTC" in page.inner_text("main")
    assert "deleted perhaps by eve" in page.inner_text("main")
    assert "Full read, in 24 requests" in page.inner_text("footer")


def test_filters_narrow_what_is_shown_and_say_how_much_is_left(show: Open) -> None:
    page = show(a_review())
    page.get_by_label("Organization or client").fill("NORDWIND-old")
    assert shown(page) == ["organization/nordwind"]
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Risk", exact=True).select_option("high")
    assert shown(page) == ["organization/nordwind", "organization/acme"]
    assert page.locator("#shown").inner_text() == "2 of 5 shown"
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("only what changed in Keycloak").check()
    assert shown(page) == ["organization/acme"]
    page.get_by_role("button", name="Reset").click()
    for action in ("update", "destroy", "adopt", "findings"):
        page.get_by_label(action, exact=True).uncheck()
    assert shown(page) == ["organization/casa-auto"]
    page.get_by_label("create", exact=True).uncheck()
    assert page.get_by_text("Nothing matches the filter.").is_visible()


def test_what_is_the_same_in_many_organizations_is_one_part_to_which_their_links_lead(show: Open) -> None:
    plan = only_orders(60)
    page = show(plan, hash_="#organization/org-41")
    assert shown(page) == ["same-0"]
    page.locator("#same-0[open] li#organization\\/org-41").wait_for()
    assert page.locator(".card").count() == 1
    assert page.locator(".card li").count() == 60
    assert page.locator(".summary tbody tr").count() == 1
    page.get_by_label("Organization or client").fill("ORG-59")
    assert shown(page) == ["same-0"]
    page.get_by_label("Organization or client").fill("org-60")
    assert shown(page) == []


def only_orders(number: int) -> Plan:
    plan = many(number)
    orders = [
        replace(change, address=Address.organization(f"org-{at}"), field_changes=change.field_changes[:1])
        for at, change in enumerate(plan.changes[::2])
    ]
    return replace(plan, changes=tuple(orders))


def test_what_was_there_before_the_change_can_be_left_out(show: Open) -> None:
    page = show(since_main())
    page.get_by_label("Since the base").select_option("this change")
    assert shown(page) == ["organization/nordwind", "organization/casa-auto"]
    page.get_by_label("Since the base").select_option("pre-existing drift")
    assert "organization/rhein" in shown(page)
    assert "organization/nordwind" not in shown(page)


def test_what_policies_stop_stands_before_the_risks_and_leads_to_its_place(show: Open) -> None:
    page = show(stopped())
    headings = page.locator("h2").all_inner_texts()
    assert headings[:2] == ["Denied by policy: apply refuses it.", "Look at these first"]
    page.get_by_role("link", name="client/nordwind/api-client-nordwind-old").first.click()
    page.locator("#organization\\/nordwind[open]").wait_for()


def test_a_long_value_is_folded_and_whole(show: Open) -> None:
    page = show(hostile("long " * 1_000))
    page.locator("details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    folded = page.locator("details.long").first
    assert "5,000 characters" in folded.inner_text()
    assert len(folded.locator("> .value").inner_text()) >= 4_999


def test_everything_is_reached_by_keyboard(show: Open) -> None:
    page = show(a_review())
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        if "velo" in seen[-1]:
            break
    assert seen[:2] == ["Skip to the changes", "theme"]
    assert {"words", "risk", "drift", "open", "close"} <= set(seen)
    page.keyboard.press("Enter")
    page.locator("#organization\\/velo[open]").wait_for()


def test_a_link_to_an_organization_opens_it(show: Open) -> None:
    page = show(a_review(), hash_="#organization/velo")
    page.locator("#organization\\/velo[open]").wait_for()
    page.get_by_role("link", name="organization/casa-auto").click()
    page.locator("#organization\\/casa-auto[open]").wait_for()


def test_colours_follow_the_system_until_somebody_chooses(show: Open) -> None:
    page = show(a_review(), scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    button = page.locator("#theme")
    button.click()
    light = page.evaluate(paper)
    button.click()
    assert page.evaluate(paper) == dark != light
    assert button.get_attribute("aria-label") == "Colours: dark"


@pytest.mark.parametrize("plan", [a_review(), many(60), hostile("x" * 5_000)], ids=["review", "many", "long"])
def test_nothing_is_wider_than_a_phone(show: Open, plan: Plan) -> None:
    page = show(plan, width=360)
    page.locator("details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_print_unfolds_everything_and_drops_the_controls(show: Open) -> None:
    page = show(a_review())
    page.emulate_media(media="print")
    assert page.locator("#filter").is_hidden()
    assert page.get_by_text("api-client-casa-auto").last.is_visible()


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_what_others_wrote_is_only_text(show: Open, text: str) -> None:
    page = show(hostile(text))
    assert page.locator("script").count() == 1
    assert page.locator("img, svg, iframe, object, base, a[href^=javascript]").count() == 0


def test_the_policy_stops_what_should_ever_get_in(show: Open, tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "broken.html"
    planted = "<script>document.title = 'owned'</script><img src='http://127.0.0.1:9/x' onerror='document.title=1'>"
    file.write_text(plan_html(a_review(), Subject.PLAN).replace("<h1>", f"<h1>{planted}"), encoding="utf-8")
    page = browser.new_page()
    try:
        page.goto(file.as_uri())
        assert page.title() == "Plan: 2 to add, 2 to change, 1 to destroy, but not everything could be read. · nt24-idp"
        assert page.locator("#filter").is_visible()
    finally:
        page.close()


def test_a_thousand_organizations_are_searched_at_once(show: Open) -> None:
    page = show(many(1_000))
    page.get_by_label("Organization or client").fill("org-0999")
    # Its own part, and the one that it shares with 799 others.
    assert shown(page)[0] == "organization/org-0999"
    assert page.locator(".part:visible h3").all_inner_texts() == ["organization org-0999", "800 clients"]
    spent = page.evaluate(
        "() => { const from = performance.now();"
        " document.querySelector('#words').dispatchEvent(new Event('input', { bubbles: true }));"
        " return performance.now() - from; }"
    )
    # Far above what it takes: only a search that grows with the square of the page fails.
    assert spent < 5_000


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert plan_html(a_review(), Subject.PLAN) == plan_html(a_review(), Subject.PLAN)
    assert "http" not in re.sub(r"https://(idp|evil)\.example", "", plan_html(a_review(), Subject.PLAN)).replace(
        "http-equiv", ""
    )
