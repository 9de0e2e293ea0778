"""What a live system repeats of our secrets is masked, in whichever form."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from reconciler.adapters import redaction
from reconciler.adapters.redaction import redacted, redacted_within, remember

SECRET = 'p+q/r "s" 12345678'


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())


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
