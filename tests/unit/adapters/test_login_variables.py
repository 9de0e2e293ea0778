"""Which login the variables of the shell mean."""

from pathlib import Path

import pytest

from reconciler.adapters.login import (
    AccessTokenLogin,
    AdminLogin,
    ClientSecretLogin,
    JwtFileLogin,
    JwtLogin,
    PasswordLogin,
)
from reconciler.adapters.login_variables import login_from
from reconciler.model.errors import WrongUsage


def shell(**variables: str) -> dict[str, str]:
    return {f"KEYCLOAK_{name}": value for name, value in variables.items()}


@pytest.mark.parametrize(
    ("variables", "login"),
    [
        (shell(CLIENT_ID="me", CLIENT_SECRET="s", REALM="r"), ClientSecretLogin("r", "me", "s")),
        (shell(CLIENT_ID="me", CLIENT_SECRET="s", JWT_TOKEN=" "), ClientSecretLogin("master", "me", "s")),
        (shell(USER="u", PASSWORD=" p "), PasswordLogin("master", "admin-cli", "u", " p ")),
        (
            shell(USER="u", PASSWORD="p", CLIENT_ID="me", CLIENT_SECRET="s"),
            PasswordLogin("master", "me", "u", "p", "s"),
        ),
        (shell(ACCESS_TOKEN="t"), AccessTokenLogin("t")),
        (shell(JWT_TOKEN="a.b.c"), JwtLogin("master", None, "a.b.c")),
        (shell(JWT_TOKEN_FILE="/run/t", CLIENT_ID="me"), JwtFileLogin("master", "me", Path("/run/t"))),
    ],
)
def test_the_variables_name_a_login(variables: dict[str, str], login: AdminLogin) -> None:
    assert login_from(variables) == login


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "There are no credentials for Keycloak."),
        (shell(CLIENT_ID="me", REALM="r"), "There are no credentials for Keycloak."),
        (shell(CLIENT_SECRET="hunter2"), "KEYCLOAK_CLIENT_SECRET is set, but KEYCLOAK_CLIENT_ID is not."),
        (shell(JWT_SIGNING_ALG="RS256"), "KEYCLOAK_JWT_SIGNING_ALG is set, but KEYCLOAK_JWT_SIGNING_KEY is not."),
        (shell(USER="u"), "KEYCLOAK_USER is set, but KEYCLOAK_PASSWORD is not."),
        (shell(PASSWORD="hunter2"), "KEYCLOAK_PASSWORD is set, but KEYCLOAK_USER is not."),
        (shell(JWT_TOKEN="/hunter2"), "KEYCLOAK_JWT_TOKEN is not a JWT."),
        (
            shell(CLIENT_ID="me", CLIENT_SECRET="hunter2", JWT_TOKEN_FILE="t"),
            "KEYCLOAK_JWT_TOKEN_FILE and KEYCLOAK_CLIENT_SECRET are set",
        ),
        (
            shell(ACCESS_TOKEN="hunter2", USER="u", PASSWORD="hunter2"),
            "KEYCLOAK_ACCESS_TOKEN and KEYCLOAK_USER are set",
        ),
        (
            shell(USER="u", PASSWORD="p", CLIENT_SECRET="s", JWT_TOKEN="a.b.c"),
            "KEYCLOAK_JWT_TOKEN and KEYCLOAK_USER and KEYCLOAK_CLIENT_SECRET are set",
        ),
    ],
)
def test_no_login_half_of_one_and_several_are_wrong_usage(variables: dict[str, str], words: str) -> None:
    with pytest.raises(WrongUsage) as error:
        login_from(variables)
    assert words in error.value.message
    assert error.value.remedy
    assert "hunter2" not in error.value.message + error.value.remedy


@pytest.mark.parametrize(
    ("variables", "login"),
    [
        (shell(JWT_TOKEN="a.b.c"), JwtLogin("master", None, "a.b.c", "https://issuer")),
        (shell(JWT_TOKEN_FILE="/run/t"), JwtFileLogin("master", None, Path("/run/t"), "https://issuer")),
        (shell(USER="u", PASSWORD="p"), PasswordLogin("master", "admin-cli", "u", "p")),
    ],
)
def test_the_audience_is_for_logins_by_jwt(variables: dict[str, str], login: AdminLogin) -> None:
    assert login_from(variables, "https://issuer") == login
