"""Make people managed members, as Keycloak does it: they log in through the organization's identity provider."""

import html
import re
from http.cookiejar import Cookie, CookieJar
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import httpx

from tests.server import KEYS

ALIAS: Final = "corporate-sso"
_SECRET: Final = "broker-secret"
_PASSWORD: Final = "password"


def company_of(realm: str) -> str:
    """Return the name of the realm in which the company of a realm's organization keeps its people."""
    return f"{realm}-company"


def add_identity_provider(admin: httpx.Client, realm: str, organization_id: str, domain: str = "example.com") -> None:
    """Make a company's realm, and let the organization's people log in through it."""
    server = str(admin.base_url).rstrip("/").removesuffix("/admin/realms")
    company = f"{server}/realms/{company_of(realm)}"
    admin.delete(f"/{company_of(realm)}")
    _post(admin, "", _company(company_of(realm)))
    endpoints = {key: f"{company}/protocol/openid-connect/{path}" for key, path in _ENDPOINTS.items()}
    config = {**_CONFIG, **endpoints, "issuer": company, "kc.org.domain": domain}
    provider = {"alias": ALIAS, "providerId": "keycloak-oidc", "enabled": True, "trustEmail": True, "config": config}
    _post(admin, f"/{realm}/identity-provider/instances", provider)
    _post(admin, f"/{realm}/organizations/{organization_id}/identity-providers", ALIAS)


def log_in(admin: httpx.Client, realm: str, name: str) -> None:
    """Log a person in through the company's realm, so that Keycloak makes an account, and it a managed member."""
    server = str(admin.base_url).rstrip("/").removesuffix("/admin/realms")
    email = {"email": f"{name}@example.com", "emailVerified": True, "firstName": name.title(), "lastName": "Doe"}
    password = {"type": "password", "value": _PASSWORD}
    person = {"username": name, "enabled": True, "credentials": [password], **email}
    _post(admin, f"/{company_of(realm)}/users", person)
    query = {
        "client_id": "account",
        "redirect_uri": f"{server}/realms/{realm}/account/",
        "response_type": "code",
        "scope": "openid",
        "kc_idp_hint": ALIAS,
    }
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(_Jar()))
    page = browser.open(f"{server}/realms/{realm}/protocol/openid-connect/auth?{urlencode(query)}").read().decode()
    form = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert form, f"no login form: {page[:500]}"
    answer = browser.open(html.unescape(form[1]), urlencode({"username": name, "password": _PASSWORD}).encode())
    assert "/account" in answer.url, f"{answer.url}: {answer.read().decode()[:500]}"


def forget(admin: httpx.Client, realm: str) -> None:
    """Delete the company's realm."""
    admin.delete(f"/{company_of(realm)}")


_ENDPOINTS: Final = {"authorizationUrl": "auth", "tokenUrl": "token", "userInfoUrl": "userinfo", "jwksUrl": "certs"}
_CONFIG: Final = {
    "clientId": "broker",
    "clientSecret": _SECRET,
    "clientAuthMethod": "client_secret_post",
    "defaultScope": "openid email profile",
    "useJwksUrl": "true",
    "validateSignature": "true",
}


def _company(name: str) -> dict[str, Any]:
    broker = {"clientId": "broker", "secret": _SECRET, "redirectUris": ["*"]}
    # Without RSA keys a realm is made at once; tokens are then signed with another algorithm.
    return {
        "realm": name,
        "enabled": True,
        "clients": [broker],
        "components": KEYS,
        "defaultSignatureAlgorithm": "ES256",
    }


def _post(admin: httpx.Client, path: str, body: Any) -> None:
    answer = admin.post(path, json=body)
    assert answer.is_success, f"POST {path}: {answer.status_code} {answer.text}"


class _Jar(CookieJar):
    """Send Keycloak's cookies over HTTP, too, as browsers do to the machine that they run on."""

    def set_cookie(self, cookie: Cookie) -> None:
        cookie.secure = False
        super().set_cookie(cookie)
