"""Every row of the troubleshooting table is provoked on a real Keycloak, and the doctor names its cause."""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import httpx
import pytest

from reconciler.model import layout
from reconciler.model.manifest import SecretRotation
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_partner, a_realm, a_uuid, an_organization
from tests.e2e.broken_clients import CLIENT, Clinic
from tests.e2e.command import Command

DAY = 86_400
WRONG = "not-the-secret-but-long-enough-to-be-one-of-those-that-novatrade24-gives-out"


@pytest.fixture(scope="module")
def broken_clients(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    admin.delete(f"/{sandbox.realm}")
    run = Command(tmp_path_factory.mktemp("doctor"), sandbox)
    run.declare(
        a_realm(sandbox.realm, rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY)),
        an_organization("acme", partners=(a_partner(),)),
        an_organization("other"),
    )
    run.apply()
    yield Clinic(run, sandbox, admin)
    admin.delete(f"/{sandbox.realm}")


@pytest.mark.parametrize("as_admin", [False, True], ids=["alone", "with-admin-api"])
def test_nothing_is_found_wrong_with_a_client_that_works(broken_clients: Clinic, as_admin: bool) -> None:
    report = broken_clients.doctor("--partner", str(a_partner().uuid), admin=as_admin)

    assert report.code == 0
    assert {check["status"] for check in report.document["checks"]} == {"ok", "skipped"}
    for name in ("keycloak", "realm", "token", "clock", "claims", "api", "me", "rate-limit", "dpa", "partners"):
        assert report.status(name) == "ok", name
    assert report.status("admin-api") == ("ok" if as_admin else "skipped")


# What Keycloak answers is the same for several causes; with the Admin API, the very one is named.


def refused(name: str, broken_clients: Clinic) -> AbstractContextManager[None]:
    match name:
        case "client-disabled":
            return broken_clients.changed_client(enabled=False)
        case "client-public":
            return broken_clients.changed_client(publicClient=True)
        case "client-bearer-only":
            return broken_clients.changed_client(bearerOnly=True)
        case "other-authenticator":
            return broken_clients.changed_client(clientAuthenticatorType="client-jwt")
        case "service-account-disabled":
            return broken_clients.changed_account(enabled=False)
        case "realm-disabled":
            return broken_clients.changed_realm(enabled=False)
        case _:
            return nullcontext()


OWN_SETTINGS = {
    "wrong-secret": {"NT24_CLIENT_SECRET": WRONG},
    "unknown-client": {"NT24_CLIENT_ID": "api-client-nobody"},
}


@pytest.mark.parametrize(
    ("cause", "answer", "possible"),
    [
        ("wrong-secret", "unauthorized_client", ["wrong-secret", "old-secret-ended", "secret-expired"]),
        ("unknown-client", "invalid_client", ["unknown-client", "client-disabled"]),
        ("client-disabled", "invalid_client", ["unknown-client", "client-disabled"]),
        ("client-public", "unauthorized_client", ["client-public"]),
        ("client-bearer-only", "invalid_client", ["client-bearer-only"]),
        ("other-authenticator", "invalid_client", ["other-authenticator"]),
        ("service-account-disabled", "invalid_request", ["service-account-disabled"]),
        ("realm-disabled", "access_denied", ["realm-disabled"]),
    ],
)
def test_a_refused_token_is_explained(broken_clients: Clinic, cause: str, answer: str, possible: list[str]) -> None:
    settings = OWN_SETTINGS.get(cause, {})
    with refused(cause, broken_clients):
        alone = broken_clients.doctor(admin=False, **settings)
        with_admin = broken_clients.doctor(admin=True, **settings)

    for report in (alone, with_admin):
        assert report.code == 3
        assert report.failed() == ["token"]
        assert f", {answer}" in report.evidence("token")["answer"]
        assert report.evidence("token")["X-Request-Id"]
        assert report.status("claims") == report.status("me") == "skipped"
    assert alone.causes("token")[: len(possible)] == possible
    assert alone.is_certain("token") is (len(possible) == 1)
    assert with_admin.causes("token") == [cause]
    assert with_admin.is_certain("token")


def test_service_accounts_that_are_off_are_told_from_a_wrong_secret(broken_clients: Clinic) -> None:
    with broken_clients.changed_client(serviceAccountsEnabled=False):
        alone, with_admin = broken_clients.doctor(), broken_clients.doctor(admin=True)
        also_wrong = broken_clients.doctor(admin=True, NT24_CLIENT_SECRET=WRONG)
    # Switching it on again makes a new service account, which belongs to nobody.
    orphan = broken_clients.doctor(admin=True)
    broken_clients.run.apply()

    assert alone.causes("token") == with_admin.causes("token") == ["service-accounts-off"]
    assert alone.is_certain("token")
    assert "retrieve service account" in alone.evidence("token")["answer"]
    assert also_wrong.causes("token") == ["wrong-secret", "service-accounts-off"]
    assert orphan.causes("claims") == ["no-organization"]
    assert broken_clients.doctor().code == 0


@pytest.mark.parametrize(("realm", "cause"), [("no-such-realm", "wrong-realm"), ("master", "unknown-client")])
def test_a_wrong_realm_is_named(broken_clients: Clinic, realm: str, cause: str) -> None:
    report = broken_clients.doctor(NT24_REALM=realm)

    assert report.code == 3
    assert report.causes("realm" if realm == "no-such-realm" else "token")[0] == cause


def test_blanks_and_quotes_around_the_secret_are_found_by_trying_without_them(broken_clients: Clinic) -> None:
    for spoiled in (f"{broken_clients.secret()}\n", f'"{broken_clients.secret()}"', f" {broken_clients.secret()}"):
        report = broken_clients.doctor(NT24_CLIENT_SECRET=spoiled)

        assert report.causes("token") == ["blanks-around-secret"]
        assert report.causes("credentials") == ["blanks-around-credentials"]


# Requests that a program sends wrong: the doctor's own are right, so it explains the answers that the program got.


@pytest.mark.parametrize(
    ("form", "answer", "cause"),
    [
        ({"grant_type": "Client_Credentials"}, "unsupported_grant_type", "wrong-grant-type"),
        ({"grant_type": ""}, "invalid_request", "grant-type-missing"),
        (
            {"grant_type": "password", "username": "someone", "password": "something"},
            "unauthorized_client",
            "username-or-password-sent",
        ),
        ({"scope": "no-such-scope"}, "invalid_scope", "scope-refused"),
        ({"client_secret": WRONG}, "unauthorized_client", "wrong-secret"),
        ({"realm": "no-such-realm"}, "Realm does not exist", "wrong-realm"),
    ],
)
def test_an_answer_of_the_token_endpoint_is_explained(
    broken_clients: Clinic, form: dict[str, str], answer: str, cause: str
) -> None:
    got = broken_clients.ask_token(**form)
    report = broken_clients.explain(got)

    assert got.json()["error"] == answer
    assert report.code == 0
    assert report.causes("answer")[0] == cause
    assert answer in report.summary("answer")


def test_keycloak_does_not_mind_a_username_beside_the_right_grant_type(broken_clients: Clinic) -> None:
    assert broken_clients.ask_token(username="someone", password="something").status_code == 200


# Secrets that were rotated.


@pytest.fixture
def rotated(broken_clients: Clinic) -> Iterator[str]:
    """The secret from before a rotation that is under way."""
    old = broken_clients.secret()
    started = broken_clients.run("rotate", "start", CLIENT, "--sink", "file:secrets/{name}")
    assert started.returncode == 0, started.stdout + started.stderr
    assert broken_clients.secret() != old
    yield old
    broken_clients.hands.forget_rotation(CLIENT, layout.ROTATION_MARK)


def test_an_old_secret_that_still_works_is_a_warning(broken_clients: Clinic, rotated: str) -> None:
    alone, with_admin = (broken_clients.doctor(admin=admin, NT24_CLIENT_SECRET=rotated) for admin in (False, True))

    assert alone.code == with_admin.code == 0
    assert alone.causes("token") == []
    assert with_admin.status("token") == "warning"
    assert with_admin.causes("token") == ["old-secret-used"]
    assert "1 d 23 h" in with_admin.cause("token")["cause"]


def test_an_old_secret_whose_time_is_over_is_told_from_a_wrong_one(broken_clients: Clinic, rotated: str) -> None:
    with broken_clients.changed_client(attributes={"client.secret.rotated.expiration.time": "1"}):
        alone, with_admin = (broken_clients.doctor(admin=admin, NT24_CLIENT_SECRET=rotated) for admin in (False, True))

    assert alone.causes("token")[:2] == ["wrong-secret", "old-secret-ended"]
    assert with_admin.causes("token") == ["old-secret-ended"]


def test_a_secret_that_has_expired_is_told_from_a_wrong_one(broken_clients: Clinic) -> None:
    secret = broken_clients.secret()
    soon = str(int(time.time()) + 2)
    with broken_clients.changed_client(attributes={"client.secret.expiration.time": soon}):
        near = broken_clients.doctor(admin=True, NT24_CLIENT_SECRET=secret)
        time.sleep(max(0.0, int(soon) + 1 - time.time()))
        alone, with_admin = (broken_clients.doctor(admin=admin, NT24_CLIENT_SECRET=secret) for admin in (False, True))
    broken_clients.hands.forget_rotation(CLIENT, layout.ROTATION_MARK)

    assert near.causes("token")[0] in {"secret-ends-soon", "secret-expired"}
    assert "secret-expired" in alone.causes("token")
    assert with_admin.causes("token") == ["secret-expired"]


# Tokens that name no organization.


def spoiled_claim(cause: str, broken_clients: Clinic) -> AbstractContextManager[None]:
    match cause:
        case "no-organization":
            return broken_clients.member_of()
        case "several-organizations":
            return broken_clients.member_of("acme", "other")
        case "organization-suspended":
            return broken_clients.changed_organization(enabled=False)
        case "organization-scope-missing":
            return broken_clients.without_scope()
        case "organizations-off":
            return broken_clients.changed_realm(organizationsEnabled=False)
        case _:
            return broken_clients.changed_mapper(**{"access.token.claim": "false"})


@pytest.mark.parametrize(
    "cause",
    [
        "no-organization",
        "several-organizations",
        "organization-suspended",
        "organization-scope-missing",
        "organizations-off",
        "organization-mapper-wrong",
    ],
)
def test_a_token_without_organization_is_explained(broken_clients: Clinic, cause: str) -> None:
    with spoiled_claim(cause, broken_clients):
        alone, with_admin = broken_clients.doctor(), broken_clients.doctor(admin=True)

    for report in (alone, with_admin):
        assert report.code == 1
        assert report.failed() == ["claims", "me"]
        assert "403 Forbidden, forbidden" in report.summary("me")
        assert report.evidence("me")["traceId"].startswith("req_")
    assert cause in alone.causes("claims")
    assert not alone.is_certain("claims")
    assert with_admin.causes("claims") == [cause]
    assert with_admin.is_certain("claims")


def test_a_claim_without_the_organization_s_id_is_blamed_on_the_mapper(broken_clients: Clinic) -> None:
    with broken_clients.changed_mapper(addOrganizationId="false"):
        report = broken_clients.doctor()

    assert report.causes("claims") == ["organization-mapper-wrong"]
    assert report.is_certain("claims")


# What the platform refuses.


@pytest.mark.parametrize(
    ("attributes", "cause"),
    [
        ({layout.DPA_VERSION: [], layout.DPA_ACCEPTED_AT: []}, "dpa-missing"),
        ({layout.DPA_VERSION: ["2025-01"]}, "dpa-outdated"),
    ],
)
def test_a_dpa_that_is_not_in_order_is_explained(
    broken_clients: Clinic, attributes: dict[str, list[str]], cause: str
) -> None:
    with broken_clients.changed_organization(attributes):
        alone, with_admin = broken_clients.doctor(), broken_clients.doctor(admin=True)

    for report in (alone, with_admin):
        assert report.code == 1
        assert report.failed() == ["me", "dpa"]
        assert "dpa-not-accepted" in report.summary("dpa")
        assert report.evidence("dpa")["traceId"].startswith("req_")
    assert alone.causes("dpa") == ["dpa-missing", "dpa-outdated"]
    assert with_admin.causes("dpa") == [cause]
    assert with_admin.is_certain("dpa")


def test_an_organization_that_the_platform_does_not_know_is_explained(broken_clients: Clinic) -> None:
    with broken_clients.changed_organization({layout.UUID: []}):
        alone, with_admin = broken_clients.doctor(), broken_clients.doctor(admin=True)

    assert alone.failed() == with_admin.failed() == ["me"]
    assert "organization-unknown-to-platform" in alone.causes("me")
    assert with_admin.causes("me") == ["organization-unknown-to-platform"]


def test_a_403_for_a_partner_is_explained(broken_clients: Clinic) -> None:
    stranger = str(a_uuid("Garage du Lac"))
    got = broken_clients.ask_api(f"/v1/partners/{stranger}/orders", broken_clients.token())
    report = broken_clients.doctor("--partner", stranger)
    explained = broken_clients.explain(got)

    assert got.status_code == 403
    assert report.code == 1
    assert report.failed() == ["partners"]
    assert report.causes("partners") == ["partner-not-authorized"]
    assert explained.causes("answer")[0] == "partner-not-authorized"
    assert explained.evidence("answer")["traceId"] == got.json()["traceId"]


def test_a_403_for_a_capability_is_explained(broken_clients: Clinic) -> None:
    got = broken_clients.ask_api(f"/v1/kyc/documents/{a_uuid('document')}", broken_clients.token())
    report = broken_clients.doctor("--capability", "allowKycDocumentDownload")
    with broken_clients.changed_organization({"allowKycDocumentDownload": ["true"]}):
        granted = broken_clients.doctor("--capability", "allowKycDocumentDownload")
    misspelt = broken_clients.doctor("--capability", "allowKycDownload")

    assert got.status_code == 403
    assert broken_clients.explain(got).causes("answer") == ["capability-missing"]
    assert report.code == 1
    assert report.causes("capabilities") == ["capability-missing"]
    assert granted.code == 0
    assert granted.summary("capabilities") == "allowKycDocumentDownload is on"
    assert misspelt.causes("capabilities") == ["capability-unknown"]
    assert "Did you mean allowKycDocumentDownload?" in misspelt.cause("capabilities")["remedy"]


def test_an_organization_without_partners_is_a_warning(broken_clients: Clinic) -> None:
    with broken_clients.changed_organization({layout.PARTNERS: []}):
        report = broken_clients.doctor()

    assert report.code == 0
    assert report.causes("partners") == ["no-partners"]


def test_the_rate_limit_is_read_and_its_end_is_explained(broken_clients: Clinic) -> None:
    with (
        broken_clients.strict_platform() as url,
        broken_clients.changed_organization({layout.RATE_LIMIT_TIER: ["ENTERPRISE"]}),
    ):
        # One call a minute: the second one is refused, unless a new minute has begun in between.
        report = next(each for each in (broken_clients.doctor(NT24_API_URL=url) for _ in range(10)) if each.failed())
        calls = (broken_clients.ask_api("/v1/me", broken_clients.token(), url) for _ in range(10))
        got = next(each for each in calls if each.status_code == 429)

    assert report.failed() == ["me", "rate-limit"]
    assert report.code == 3
    assert report.causes("rate-limit") == ["rate-limited"]
    assert report.evidence("rate-limit")["Retry-After"].isdigit()
    assert report.evidence("rate-limit")["X-RateLimit-Limit"] == "1"
    assert broken_clients.explain(got).causes("answer") == ["rate-limited"]


# Tokens that a program uses.


def test_a_program_s_token_that_is_good_is_tried(broken_clients: Clinic) -> None:
    report = broken_clients.doctor(NT24_ACCESS_TOKEN=broken_clients.token())

    assert report.code == 0
    assert report.summary("program-token") == "GET /v1/me takes it"


def test_an_expired_token_is_told_from_one_of_another_client(broken_clients: Clinic) -> None:
    with broken_clients.changed_client(attributes={layout.TOKEN_LIFESPAN: "1"}):
        expired = broken_clients.token()
        short = broken_clients.doctor()
    time.sleep(2)
    got = broken_clients.ask_api("/v1/me", expired)
    report = broken_clients.doctor(NT24_ACCESS_TOKEN=expired)
    other = broken_clients.doctor(NT24_ACCESS_TOKEN=expired, NT24_CLIENT_ID="api-client-nobody")

    assert short.causes("token") == ["token-short"]
    assert got.status_code == 401
    assert report.code == 1
    assert report.causes("program-token") == ["token-expired"]
    assert other.causes("program-token") == ["token-expired", "token-of-another-client"]
    assert broken_clients.explain(got).causes("answer")[0] == "token-expired"


def test_a_call_without_a_token_is_explained(broken_clients: Clinic) -> None:
    report = broken_clients.explain(broken_clients.ask_api("/v1/me", None))

    assert "token-missing" in report.causes("answer")


def test_a_token_of_another_realm_is_named(broken_clients: Clinic) -> None:
    form = {"grant_type": "password", "client_id": "admin-cli", "client_secret": ""}
    login = {"username": broken_clients.running.admin_user, "password": broken_clients.running.admin_password}
    foreign = broken_clients.ask_token("master", **form, **login).json()["access_token"]
    broken_clients.secrets.add(foreign)
    report = broken_clients.doctor(NT24_ACCESS_TOKEN=foreign)

    assert report.causes("program-token") == ["token-of-another-issuer", "token-of-another-client"]


def test_an_issuer_that_the_api_does_not_trust_is_named(broken_clients: Clinic) -> None:
    elsewhere = broken_clients.running.keycloak_url.replace("127.0.0.1", "localhost")
    with broken_clients.changed_realm(attributes={"frontendUrl": elsewhere}):
        report = broken_clients.doctor()

    assert report.code == 3
    assert report.causes("realm") == ["issuer-mismatch"]
    assert elsewhere in report.evidence("realm")["issuer"]
    assert report.failed() == ["me"]
    assert report.causes("me") == ["token-of-another-issuer"]
    assert report.is_certain("me")


def test_a_client_that_is_no_integration_s_is_named(broken_clients: Clinic) -> None:
    secret = "a-secret-of-somebody-elses-client-that-is-long-enough-for-everybody"
    broken_clients.hands.make_client("erp-of-somebody", secret=secret)
    try:
        report = broken_clients.doctor(NT24_CLIENT_ID="erp-of-somebody", NT24_CLIENT_SECRET=secret)
    finally:
        broken_clients.hands.remove_client("erp-of-somebody")

    assert report.causes("credentials") == ["not-an-integration-client"]
    assert report.causes("me") == ["not-an-integration-client"]


# The Admin API.


def test_what_keycloak_recorded_of_the_program_s_logins_is_shown(broken_clients: Clinic) -> None:
    with broken_clients.changed_realm(eventsEnabled=True, enabledEventTypes=["CLIENT_LOGIN", "CLIENT_LOGIN_ERROR"]):
        broken_clients.ask_token(client_secret=WRONG)
        broken_clients.ask_token()
        report = broken_clients.doctor(admin=True)

    assert report.code == 0
    assert report.status("program-logins") == "warning"
    assert report.causes("program-logins") == ["wrong-secret"]
    assert "1 from 127.0.0.1" in report.evidence("program-logins")["invalid_client_credentials"]


def test_an_administrator_s_login_that_is_refused_leaves_the_possible_causes(broken_clients: Clinic) -> None:
    report = broken_clients.doctor(admin=True, KEYCLOAK_PASSWORD="wrong", NT24_CLIENT_SECRET=WRONG)

    assert report.status("admin-api") == "warning"
    assert report.causes("admin-api") == ["admin-login-refused"]
    assert report.causes("token")[0] == "wrong-secret"
    assert not report.is_certain("token")


# For people.


def test_people_read_the_cause_and_the_remedy_and_no_colours_in_a_pipe(broken_clients: Clinic) -> None:
    done = broken_clients.command("doctor", NT24_CLIENT_SECRET=WRONG)

    assert done.returncode == 3
    assert "1.      The secret is not this client's. [wrong-secret]" in done.stdout
    assert "Remedy  Take the secret again" in done.stdout
    assert "\x1b[" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"NT24_CLIENT_ID": "", "NT24_CLIENT_SECRET": ""}, "NT24_CLIENT_ID and NT24_CLIENT_SECRET are not set."),
        ({"NT24_CLIENT_ID": ""}, "NT24_CLIENT_SECRET is set, but NT24_CLIENT_ID is not."),
        ({"KEYCLOAK_URL": ""}, "KEYCLOAK_URL is not set."),
    ],
)
def test_settings_that_are_missing_are_wrong_usage(
    broken_clients: Clinic, settings: dict[str, str], words: str
) -> None:
    own = {"NT24_CLIENT_ID": CLIENT, "NT24_CLIENT_SECRET": WRONG}
    done = broken_clients.run("doctor", **{**own, **settings})

    assert done.returncode == 64
    assert words in done.stderr


def test_without_an_api_only_the_token_is_looked_at(broken_clients: Clinic) -> None:
    report = broken_clients.doctor(NT24_API_URL="")

    assert report.code == 0
    assert report.summary("api") == "NT24_API_URL is not set"
    assert report.status("claims") == "ok"
    assert report.status("me") == "skipped"


# ``me`` with the client's own credentials.


def test_me_needs_no_other_login_than_the_client_s_own(broken_clients: Clinic) -> None:
    table, document = broken_clients.command("me"), broken_clients.command("me", "--json")

    assert table.returncode == 0, table.stderr
    assert f"client                                 {CLIENT}\n" in table.stdout
    answer = json.loads(document.stdout)
    assert answer["clientId"] == CLIENT
    assert [partner["uuid"] for partner in answer["authorizedPartners"]] == [str(a_partner().uuid)]
    assert broken_clients.command("me", CLIENT).stdout == table.stdout


def test_me_with_a_wrong_secret_points_to_the_doctor(broken_clients: Clinic) -> None:
    done = broken_clients.command("me", NT24_CLIENT_SECRET=WRONG)

    assert done.returncode == 3
    assert "unauthorized_client" in done.stderr
    assert "Run reconciler doctor to find out why." in done.stderr


def test_me_cannot_ask_as_others_by_the_client_s_own_credentials(broken_clients: Clinic) -> None:
    done = broken_clients.command("me", "api-client-other")
    as_administrator = broken_clients.command("me", "api-client-other", admin=True)

    assert done.returncode == 64
    assert f"only {CLIENT} can be asked" in done.stderr
    assert as_administrator.returncode == 0, as_administrator.stderr
    assert "Other" in as_administrator.stdout
