"""The URLs of live systems: HTTPS, but for this very machine."""

from collections.abc import Callable

import httpx
import pytest

import nt24_tokens
from nt24_tokens import url as integrators
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


NO_URLS = (
    "kc.example", "ftp://kc.example", "https://", "", "https://kc.example:99999", "https://[kc", "https:/kc.example",
    "https:///kc", "https://a b", "https://kc.example ", " https://kc.example", "https://kc.example\n",
    "https://kc\n.example", "https://kc.example/a\tb", "https://kc.example/a b", "https://kc.example\0", "https://ü.example",
    "https://kc.example/ü", "https://kc.example/\ud800", "https://a..b", "https://.a", f"https://{'a' * 64}.example",
    "https://-a.example", "https://xn--a\\xff", "https://xn--\u0661", "https://kc.example:-1", "https://kc.example:abc",
    "https://kc.example:0", "https://kc.example?a=b", "https://kc.example#a", "https://*", "https://[::1", "https://[x]",
    "https://a,b", "https://kc.example\u2028",
)  # fmt: skip


@pytest.mark.parametrize("check", [checked_url, integrators.checked_url])
@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_is_refused(url: str, check: Callable[..., str]) -> None:
    ours = check is checked_url
    with pytest.raises(
        WrongUsage if ours else nt24_tokens.WrongUsage, match="is not a valid URL for Keycloak"
    ) as error:
        check("Keycloak", url, allow_http=True, **({"name": "KEYCLOAK_URL"} if ours else {"unless": ""}))
    remedy = str(getattr(error.value, "remedy", ""))
    assert "Write it as https://host[:port][/path]" in remedy
    assert ("Check KEYCLOAK_URL." in remedy) is ours


@pytest.mark.parametrize(
    "url",
    [
        "https://kc", "https://a_b.example", "https://kc.example.", "https://xn--bcher-kva.example", "https://10.0.0.1:8443",
        "https://[2001:db8::1]:8443/auth", "https://kc.example/a%20b/%zz", "https://1.2.3.4.5",
    ],
)  # fmt: skip
def test_what_every_client_takes_is_a_url(url: str) -> None:
    assert checked_url("Keycloak", url, allow_http=False) == url
    assert httpx.URL(url).host


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
