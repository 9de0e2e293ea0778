"""The ways to log in, on a real Keycloak: another realm of the same server plays the CI that issues tokens."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from reconciler.model.errors import ExitCode
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import Command, Done

pytestmark = pytest.mark.e2e

MANAGED: Final = f"login-managed-{uuid4().hex[:8]}"
ISSUER: Final = f"login-ci-{uuid4().hex[:8]}"
SECRET: Final = "a-client-secret-that-nobody-may-see"
READ: Final = ("clients", "users", "organizations", "realm", "events", "identity-providers")
ROLES: Final = (*(f"view-{what}" for what in READ), "manage-clients", "manage-organizations", "manage-users")
RSA: Final = rsa.generate_private_key(65537, 2048)
EC: Final = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Place:
    """The managed realm with the reconciler's client in it, and the realm that is the CI."""

    command: Command
    admin: httpx.Client
    server: str
    client: str
    job: str

    @property
    def audience(self) -> str:
        return f"{self.server}/realms/{MANAGED}"

    def authenticate_by(self, authenticator: str, **attributes: str) -> None:
        """Choose how the reconciler's client proves itself."""
        body = {
            "clientAuthenticatorType": authenticator,
            "attributes": {key.replace("_", "."): value for key, value in attributes.items()},
        }
        self.admin.put(f"/{MANAGED}/clients/{self.client}", json=body).raise_for_status()

    def trust_the_ci(self, **settings: str) -> None:
        """Let the reconciler's client prove itself by a token of the CI's job."""
        self.authenticate_by("federated-jwt", jwt_credential_issuer="ci", jwt_credential_sub=self.job)
        issuer = f"{self.server}/realms/{ISSUER}"
        config = {
            "issuer": issuer,
            "useJwksUrl": "true",
            "jwksUrl": f"{issuer}/protocol/openid-connect/certs",
            "validateSignature": "true",
            "supportsClientAssertions": "true",
            "supportsClientAssertionReuse": "true",
            "clientId": "unused",
            "authorizationUrl": "https://unused.example",
            "tokenUrl": "https://unused.example",
        }
        self._trust({"alias": "ci", "providerId": "oidc", "hideOnLogin": True, "config": {**config, **settings}})

    def trust_the_cluster(self) -> None:
        """Let the client prove itself by the token of a cluster's service account, here the same job."""
        self.authenticate_by("federated-jwt", jwt_credential_issuer="ci", jwt_credential_sub=self.job)
        issuer = {"issuer": f"{self.server}/realms/{ISSUER}"}
        self._trust({"alias": "ci", "providerId": "kubernetes", "hideOnLogin": True, "config": issuer})

    def _trust(self, body: dict[str, Any]) -> None:
        self.admin.delete(f"/{MANAGED}/identity-provider/instances/ci")
        self.admin.post(f"/{MANAGED}/identity-provider/instances", json=body).raise_for_status()

    def token_of_the_job(self, realm: str = ISSUER, client_id: str = "job") -> str:
        """Return what the CI gives to its job."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRET}
        answer = httpx.post(
            f"{self.server}/realms/{realm}/protocol/openid-connect/token", data=form, trust_env=False, timeout=60
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def run(self, *arguments: str, **login: str) -> Done:
        """Run the command with this login and no other."""
        variables = {f"KEYCLOAK_{name}": value for name, value in login.items()}
        done = self.command(*arguments, "--no-effective", **{"KEYCLOAK_REALM": MANAGED, **variables})
        shown = done.stdout + done.stderr
        for value in (SECRET, *(v.rsplit(".", 1)[-1] for v in login.values() if v.count(".") == 2)):
            assert value not in shown
        return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sandbox: Running, admin: httpx.Client) -> Iterator[Place]:
    for realm in (MANAGED, ISSUER):
        admin.delete(f"/{realm}")
    command = Command(tmp_path_factory.mktemp("login"), sandbox)
    command.settings["NT24_REALM"] = MANAGED
    command.declare(a_realm(MANAGED), folder="realm")
    command.declare(an_organization("acme"), folder="organizations")
    command.apply("--no-effective")
    for variable in ("KEYCLOAK_USER", "KEYCLOAK_PASSWORD"):
        del command.settings[variable]
    client, _ = a_service(admin, MANAGED, "reconciler", ROLES)
    admin.post("", json={"realm": ISSUER, "enabled": True}).raise_for_status()
    audience = {"included.custom.audience": f"{sandbox.keycloak_url}/realms/{MANAGED}", "access.token.claim": "true"}
    mapper = {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper"}
    _, job = a_service(admin, ISSUER, "job", fullScopeAllowed=False, protocolMappers=[{**mapper, "config": audience}])
    yield Place(command, admin, sandbox.keycloak_url, client, job)
    for realm in (MANAGED, ISSUER):
        admin.delete(f"/{realm}")


def a_service(
    admin: httpx.Client, realm: str, client_id: str, roles: tuple[str, ...] = (), **fields: Any
) -> tuple[str, str]:
    """Make a client with a service account that has roles of ``realm-management``; return the ids of both."""
    body = {"clientId": client_id, "publicClient": False, "serviceAccountsEnabled": True, "secret": SECRET, **fields}
    admin.post(f"/{realm}/clients", json=body).raise_for_status()
    found = admin.get(f"/{realm}/clients", params={"clientId": client_id}).json()[0]["id"]
    user = admin.get(f"/{realm}/clients/{found}/service-account-user").json()["id"]
    if roles:
        management = admin.get(f"/{realm}/clients", params={"clientId": "realm-management"}).json()[0]["id"]
        wanted = [role for role in admin.get(f"/{realm}/clients/{management}/roles").json() if role["name"] in roles]
        assert len(wanted) == len(roles)
        path = f"/{realm}/users/{user}/role-mappings/clients/{management}"
        admin.post(path, json=wanted).raise_for_status()
    return found, user


def reads_everything(done: Done) -> bool:
    """Tell whether a plan was made from all that there is."""
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    return bool(plan["complete"]) and not plan["errored"]


def test_by_a_client_secret(place: Place) -> None:
    place.authenticate_by("client-secret")
    done = place.run("plan", "-f", "organizations", "--json", "--verbose", CLIENT_ID="reconciler", CLIENT_SECRET=SECRET)
    assert reads_everything(done)
    assert f"as the client 'reconciler' of the realm '{MANAGED}', by KEYCLOAK_CLIENT_SECRET." in done.stderr


def test_by_a_ready_access_token(place: Place) -> None:
    place.authenticate_by("client-secret")
    token = place.token_of_the_job(MANAGED, "reconciler")
    assert reads_everything(place.run("plan", "-f", "organizations", "--json", ACCESS_TOKEN=token))


def test_an_access_token_that_is_not_valid_is_refused_with_what_it_says(place: Place) -> None:
    place.authenticate_by("client-secret")
    header, payload, _ = place.token_of_the_job(MANAGED, "reconciler").split(".")
    done = place.run("plan", "-f", "organizations", ACCESS_TOKEN=f"{header}.{payload}.forged")
    assert done.returncode == ExitCode.UNREACHABLE
    assert f"Check KEYCLOAK_ACCESS_TOKEN: The token says: issuer {place.audience}, subject " in done.stderr


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
def test_by_a_jwt_signed_with_the_clients_key(
    place: Place, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    jwk = (
        RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        if isinstance(key, rsa.RSAPrivateKey)
        else ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    )
    keys = json.dumps({"keys": [{**jwk, "use": "sig", "kid": "ours"}]})
    place.authenticate_by("client-jwt", use_jwks_string="true", jwks_string=keys)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    done = place.run("plan", "-f", "organizations", "--json", CLIENT_ID="reconciler", JWT_SIGNING_KEY=pem)
    assert reads_everything(done)
    assert "BEGIN" not in done.stdout + done.stderr


def test_keycloak_that_calls_itself_otherwise_is_logged_in_to_with_its_issuer_named(place: Place) -> None:
    jwk = ECAlgorithm.to_jwk(EC.public_key(), as_dict=True)
    keys = json.dumps({"keys": [{**jwk, "use": "sig", "kid": "ours"}]})
    place.authenticate_by("client-jwt", use_jwks_string="true", jwks_string=keys)
    pem = EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    internal = {
        "CLIENT_ID": "reconciler",
        "JWT_SIGNING_KEY": pem,
        "URL": place.server.replace("127.0.0.1", "localhost"),
    }
    refused = place.run("plan", "-f", "organizations", **internal)
    assert refused.returncode == ExitCode.UNREACHABLE
    assert "set KEYCLOAK_JWT_AUDIENCE to its issuer" in refused.stderr
    by_variable = place.run("plan", "-f", "organizations", "--json", JWT_AUDIENCE=place.audience, **internal)
    by_option = place.run("plan", "-f", "organizations", "--json", "--jwt-audience", place.audience, **internal)
    assert reads_everything(by_variable)
    assert reads_everything(by_option)


def test_a_key_that_the_client_does_not_know_is_refused_with_what_to_check(place: Place) -> None:
    place.authenticate_by("client-jwt", use_jwks_string="true", jwks_string='{"keys": []}')
    pem = EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    done = place.run("plan", "-f", "organizations", CLIENT_ID="reconciler", JWT_SIGNING_KEY=pem)
    assert done.returncode == ExitCode.UNREACHABLE
    assert "by a JWT signed with KEYCLOAK_JWT_SIGNING_KEY (ES256)." in done.stderr
    assert f"that the realm's issuer is {place.audience}" in done.stderr


def test_by_a_ready_jwt_of_the_ci(place: Place) -> None:
    place.trust_the_ci()
    token = place.token_of_the_job()
    assert reads_everything(place.run("plan", "-f", "organizations", "--json", JWT_TOKEN=token))


def test_apply_by_the_file_with_the_cis_token_and_without_any_secret(place: Place, tmp_path: Path) -> None:
    place.trust_the_ci()
    file = tmp_path / "token"
    file.write_text(place.token_of_the_job() + "\n", encoding="utf-8")
    place.command.declare(an_organization("acme", description="By the CI"), folder="organizations")
    done = place.run("apply", "-f", "organizations", "--auto-approve", "-v", JWT_TOKEN_FILE=str(file))
    assert done.returncode == 0, done.stderr
    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in done.stdout
    assert f"by the JWT in {file} (KEYCLOAK_JWT_TOKEN_FILE)." in done.stderr
    assert reads_everything(place.run("plan", "-f", "organizations", "--json", JWT_TOKEN_FILE=str(file)))


def test_by_the_file_of_a_cluster_again_and_again_with_the_same_token(place: Place, tmp_path: Path) -> None:
    place.trust_the_cluster()
    file = tmp_path / "token"
    file.write_text(place.token_of_the_job(), encoding="utf-8")
    for _ in range(2):
        assert reads_everything(place.run("plan", "-f", "organizations", "--json", JWT_TOKEN_FILE=str(file)))


def test_a_token_that_the_realm_lets_be_used_once_plans_but_names_the_reason_the_second_time(
    place: Place, tmp_path: Path
) -> None:
    place.trust_the_ci(supportsClientAssertionReuse="false")
    file = tmp_path / "token"
    file.write_text(place.token_of_the_job(), encoding="utf-8")
    assert reads_everything(place.run("plan", "-f", "organizations", "--json", JWT_TOKEN_FILE=str(file)))
    again = place.run("plan", "-f", "organizations", JWT_TOKEN_FILE=str(file))
    assert again.returncode == ExitCode.UNREACHABLE
    assert "Token reuse detected" in again.stderr
    file.write_text(place.token_of_the_job(), encoding="utf-8")
    assert reads_everything(place.run("plan", "-f", "organizations", "--json", JWT_TOKEN_FILE=str(file)))


def test_a_token_of_another_job_is_refused_with_what_it_says(place: Place, tmp_path: Path) -> None:
    place.trust_the_ci()
    place.authenticate_by("federated-jwt", jwt_credential_issuer="ci", jwt_credential_sub="another job")
    file = tmp_path / "token"
    file.write_text(place.token_of_the_job(), encoding="utf-8")
    done = place.run("plan", "-f", "organizations", JWT_TOKEN_FILE=str(file))
    assert done.returncode == ExitCode.UNREACHABLE
    assert f"subject {place.job}, audience {place.audience}, valid until" in done.stderr


def test_two_logins_at_once_are_wrong_usage(place: Place) -> None:
    done = place.run("plan", "-f", "organizations", CLIENT_ID="x", CLIENT_SECRET=SECRET, JWT_TOKEN_FILE="/nowhere")
    assert done.returncode == ExitCode.USAGE
    assert "they are alternative logins" in done.stderr
    done = place.run("plan", "-f", "organizations", JWT_TOKEN_FILE="/nowhere")
    assert done.returncode == ExitCode.USAGE
    assert "Cannot read the file of KEYCLOAK_JWT_TOKEN_FILE (/nowhere)" in done.stderr
