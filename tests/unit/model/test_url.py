"""The URLs of live systems: HTTPS, but for this very machine."""

import pytest

from reconciler.model.errors import WrongUsage
from reconciler.model.url import checked_url, climbs, fits_a_path


@pytest.mark.parametrize(
    "url", ["https://kc.example/auth/", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_https_and_loopback_are_accepted_without_a_slash_at_the_end(url: str) -> None:
    assert checked_url("Keycloak", url, allow_http=False) == url.rstrip("/")


def test_plain_http_to_another_machine_is_refused_with_the_flag_that_allows_it() -> None:
    with pytest.raises(WrongUsage, match="plain HTTP") as error:
        checked_url("Keycloak", "http://kc.example", allow_http=False)
    assert "--allow-http" in error.value.remedy
    assert checked_url("Keycloak", "http://kc.example", allow_http=True) == "http://kc.example"


@pytest.mark.parametrize(
    "url", ["kc.example", "ftp://kc.example", "https://", "", "https://kc.example:99999", "https://[kc"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(WrongUsage, match="is not a URL of Keycloak"):
        checked_url("Keycloak", url, allow_http=True)


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(WrongUsage) as error:
        checked_url("Keycloak", "https://admin:hunter2@kc.example", allow_http=False)
    assert "hunter2" not in error.value.message


@pytest.mark.parametrize(
    "path", ["..", ".", "/roles/..", "/roles/../x", "../..", "a%2F..", "%2e%2E", "a\\..", "..;x", "https://kc/x/.?y"]
)
def test_a_path_with_a_step_climbs(path: str) -> None:
    assert climbs(path)


@pytest.mark.parametrize("path", ["", "...", "a..b", ".well-known", "/roles/a%2Fb", "https://kc.example/x?y=../z"])
def test_dots_within_a_name_are_no_step(path: str) -> None:
    assert not climbs(path)
    assert path == "" or "/" in path or fits_a_path(path)


@pytest.mark.parametrize("name", ["..", "a/b", "a;b", "%2e", "a?b", "a#b", "a\\b"])
def test_what_others_read_anew_is_no_part_of_a_path(name: str) -> None:
    assert not fits_a_path(name)
