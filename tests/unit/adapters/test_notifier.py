"""A notification that cannot be delivered says why, and never where to."""

import pytest

from reconciler.adapters.notifier import notify

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "HOOK is not set"),
        ("ftp://hooks.example/secret", "HOOK holds no URL"),
        ("http://hooks.example/secret", "HOOK must be an https:// URL"),
        ("http://127.0.0.1:9/secret", "the address in HOOK does not answer (ConnectError)"),
    ],
)
async def test_what_cannot_be_delivered_says_why_without_the_url(url: str, why: str) -> None:
    assert await notify("HOOK", url, {}) == why
