"""What a live system repeats of our secrets is masked, in whichever form."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import TypeVar
from urllib.parse import quote, quote_plus

import pytest

from reconciler.adapters.redaction import redacted, redacted_within, remember, secrets_of_a_run

T = TypeVar("T")
SECRET = 'p+q/r "s" 12345678'


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    with secrets_of_a_run():
        yield


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps({"secret": SECRET}),
        f"client_secret={quote_plus(SECRET)}&grant_type=x",
    ],
)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    remember(SECRET)
    assert "***" in redacted(f"before {form} after")
    assert "12345678" not in redacted(f"before {form} after")


@pytest.mark.parametrize("before", ["", "a", "ab", "api-client-acme:"])
def test_a_secret_is_masked_in_a_basic_login(before: str) -> None:
    remember(SECRET)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = redacted(encode((before + SECRET).encode()).decode())
        left = text.replace("***", "")
        assert "***" in text
        assert len(left) <= len(before) * 4 / 3 + 8


def test_a_secret_is_masked_wherever_json_holds_it() -> None:
    remember(SECRET)
    found = redacted_within({f"the {SECRET}": [1, None, {"a": f"x{SECRET}"}], "b": True})
    assert found == {"the ***": [1, None, {"a": "x***"}], "b": True}


def test_all_else_stays_as_it_is() -> None:
    remember(SECRET, None, "admin")
    assert redacted("the user admin of 12345678") == "the user admin of 12345678"


def test_a_secret_within_another_one_leaves_nothing_behind() -> None:
    remember("abcdefgh", "abcdefghijkl")
    assert redacted("x abcdefghijkl y") == "x *** y"


def test_secrets_that_overlap_leave_nothing_between_them() -> None:
    remember("abcdefgh", "efghijkl", "mnopqrst")
    assert redacted("x abcdefghijkl y mnopqrstmnopqrst") == "x *** y ******"


def in_a_program(work: Callable[[], T]) -> T:
    """Do the work where there is no run around it."""
    return Context().run(work)


def test_the_secrets_of_a_run_end_with_it() -> None:
    def runs() -> None:
        with secrets_of_a_run():
            remember("of-the-first")
            assert redacted("of-the-first") == "***"
        with secrets_of_a_run():
            assert redacted("of-the-first") == "of-the-first"

    in_a_program(runs)


def test_a_part_of_a_run_leaves_its_secrets_to_all_that_comes_after() -> None:
    """A command opens Keycloak, closes it, and asks the platform, which may repeat what it was sent before."""
    remember("of-the-whole")
    with secrets_of_a_run():
        remember("of-the-part")
        assert redacted("of-the-whole of-the-part") == "*** ***"
    assert redacted("of-the-whole of-the-part") == "*** ***"


def test_runs_beside_each_other_know_only_their_own() -> None:
    async def run(own: str) -> str:
        with secrets_of_a_run():
            # In a task of the run, as requests are.
            await asyncio.create_task(noted(own))
            await asyncio.sleep(0)
            return redacted("secret-one secret-two")

    async def noted(own: str) -> None:
        remember(own)

    async def both() -> tuple[str, str]:
        one, two = await asyncio.gather(run("secret-one"), run("secret-two"))
        return one, two

    assert in_a_program(lambda: asyncio.run(both())) == ("*** secret-two", "secret-one ***")


def test_a_search_looks_once_at_a_text_however_many_secrets_there_are() -> None:
    remember(*(f"eyJhbGciOiJSUzI1NiJ9.{number:08d}" for number in range(20_000)))
    text = "eyJhbGciOiJSUzI1NiJ9.x" * 5_000
    assert redacted(text) == text
