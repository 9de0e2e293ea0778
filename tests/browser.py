"""A real browser for the tests of one module."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_REMEDY = "Install it (Debian and Ubuntu: apt-get install chromium), or name one: CHROMIUM=/path/to/chromium."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, as the machine has it: nothing is downloaded."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"There is no Chromium. {_REMEDY}")
        pytest.skip(f"NO TEST OF THIS KIND RUNS HERE: there is no Chromium. {_REMEDY}")
    # Its event loop runs in this thread for as long as it is open, and would be in the way of others' asyncio.run.
    # Chromium's sandbox needs rights that containers and root often lack; these pages are our own, or planted by us.
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield found
        found.close()
