"""An integrator's credentials come from the environment, whole or not at all."""

import pytest

from reconciler.adapters.own_login import own_login
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import WrongUsage

ID, SECRET, TOKEN = "NT24_CLIENT_ID", "NT24_CLIENT_SECRET", "NT24_ACCESS_TOKEN"


@pytest.mark.parametrize("given", [{}, {ID: "", SECRET: ""}])
def test_without_any_there_is_no_login(given: dict[str, str]) -> None:
    assert own_login(given) is None


@pytest.mark.parametrize(("given", "missing"), [(ID, SECRET), (SECRET, ID)])
def test_half_a_login_is_wrong_usage(given: str, missing: str) -> None:
    with pytest.raises(WrongUsage, match=f"{given} is set, but {missing} is not."):
        own_login({given: "x"})


def test_nothing_shows_the_secret_or_the_token() -> None:
    login = own_login({ID: "api-client-acme", SECRET: "hunter2", TOKEN: "hunter3"})

    assert login is not None
    assert "hunter" not in repr((login, login.credentials()))


@pytest.mark.parametrize("spoiled", ["s3cret\n", " s3cret", '"s3cret"', "'s3cret'", "\ufeffs3cret\r\n"])
def test_what_surrounds_a_secret_is_taken_off_for_a_second_try(spoiled: str) -> None:
    login = own_login({ID: "api-client-acme", SECRET: spoiled})
    assert login is not None

    credentials = login.credentials()

    assert credentials.secret == PlainSecret(spoiled)
    assert credentials.trimmed == ("api-client-acme", PlainSecret("s3cret"))


def test_a_clean_login_needs_no_second_try() -> None:
    login = own_login({ID: "api-client-acme", SECRET: "s3cret", TOKEN: "a.b.c\n"})
    assert login is not None

    credentials = login.credentials()

    assert credentials.trimmed is None
    assert credentials.token == PlainSecret("a.b.c")
