"""Take pictures of the HTML review in Chromium: plans of 1, 20 and 200 changes, in light, in dark and on a phone.

The plans are made by the real planner against a Keycloak in memory, and shown by the real renderer.
"""

import asyncio
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import sync_playwright

from reconciler.model.manifest import IntegrationOrganization
from reconciler.model.plan import Plan
from reconciler.review.html.page import plan_html
from reconciler.review.subject import Subject
from tests.builders import a_client, a_partner, a_realm, an_organization, desired
from tests.fakes.world import World

OUT: Final = Path("build/pictures")
SIZES: Final = (1, 20, 200)
LOOKS: Final[dict[str, tuple[Literal["light", "dark"], int]]] = {
    "light": ("light", 1280),
    "dark": ("dark", 1280),
    "phone": ("light", 375),
}
LONG: Final = f"https://collector.example.net/{'a-very-long-path/' * 6}callback"
COMPANIES: Final = ("Acme Motors GmbH", "Casa Auto S.p.A.", "Nordwind Handel AG & Co. KG", "Vélo City SARL",
                    "Überregionale Kraftfahrzeughandelsgesellschaft Süd mbH", "Garage du Lac SA")  # fmt: skip


async def plan_of(size: int) -> Plan:
    """Return a plan with that many changes: creations, deletions, manifests that changed, and changes by hand."""
    before, after = list[IntegrationOrganization](), list[IntegrationOrganization]()
    for number in range(size):
        name = f"company-{number:03}"
        company = COMPANIES[number % len(COMPANIES)]
        title, partners = f"{company} {number}", (a_partner(), a_partner("Garage du Lac", "CH"))
        clients = (a_client(f"api-client-{name}-erp"),)
        here = an_organization(name, display_name=title, clients=clients, partners=partners)
        if number % 6 != 1:
            before.append(here)
        if number % 6 == 3:
            here = an_organization(name, display_name=title, clients=(), partners=partners[:1])
        if number % 6 != 2:
            after.append(here)
    world = await World().settled(desired(*before, realm=a_realm()))
    for number, manifest in enumerate(before):
        if number % 4 == 0:
            live = world.keycloak.store.organization_named(manifest.name)
            assert live is not None
            live["attributes"]["allowKycDocumentDownload"] = ["true"]
        if number % 9 == 0:
            client = world.keycloak.store.client_named(f"api-client-{manifest.name}-erp")
            assert client is not None
            client["redirectUris"] = [LONG]
    found = await world.plan(desired(*after, realm=a_realm()))
    assert len(found.changes) >= size, len(found.changes)
    changes = found.changes[:size]
    homes = {change.address.home for change in changes}
    return replace(
        found,
        changes=changes,
        # A large estate has findings beside its changes, too.
        findings=tuple(each for each in found.findings if each.address.home in homes or size > 100),
        keycloak_url="https://idp.example.com",
        environment="production",
        login="reconciler-plan",
        revision="b98ec51cb10615214abb7c326eb2eef7caf008f0",
    )


def main() -> None:
    """Write the pages and their pictures into ``build/pictures``."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("There is no Chromium. Install it (Debian and Ubuntu: apt-get install chromium).")
    OUT.mkdir(parents=True, exist_ok=True)
    pages = {size: plan_html(asyncio.run(plan_of(size)), Subject.PLAN) for size in SIZES}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size, text in pages.items():
            file = OUT / f"{size}.html"
            file.write_text(text, encoding="utf-8")
            for look, (scheme, width) in LOOKS.items():
                context = browser.new_context(viewport={"width": width, "height": 1800}, color_scheme=scheme)
                page = context.new_page()
                page.goto(file.resolve().as_uri())
                picture = OUT / f"{size}-{look}.png"
                page.screenshot(path=picture)
                print(picture)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
