"""The GitHub Action and the workflows of ``reconciler init``, run as GitHub runs them, on a real Keycloak."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from reconciler.cli.main import cli
from reconciler.model.manifest import IntegrationOrganization, RateLimitTier, Realm
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e.command import ByHand
from tests.e2e.forge import ACTION, REPOSITORY, GitHub, Protection
from tests.e2e.gh import BOT
from tests.hostile import HostileFolder
from tests.repository import Repo

pytestmark = [
    pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq, which gh brings along"),
]

POLICY = """\
policies:
  - {name: no-new-tier, when: {path: capabilities.rateLimitTier, action: update}, then: deny, message: Ask Ada first.}
"""


@pytest.fixture
def repository(sandbox: Running, no_realm: str, tmp_path: Path) -> Repo:
    """A new repository, made by ``reconciler init``."""
    folder = tmp_path / "repository"
    systems = ("--keycloak-url", sandbox.keycloak_url, "--api-url", sandbox.api_url, "--realm", no_realm)
    where = (*systems, "--action", f"{ACTION}{'0' * 40}", "--login", "secret")
    done = CliRunner().invoke(cli, ["init", str(folder), "--with", "github", *where])
    assert done.exit_code == 0, done.output
    found = Repo(folder)
    found.commit()
    return found


@pytest.fixture
def github(repository: Repo, sandbox: Running, tmp_path: Path) -> GitHub:
    """The host. Both logins are the administrator's: nobody else is there before the realm is."""
    settings = {"KEYCLOAK_USER": sandbox.admin_user, "KEYCLOAK_PASSWORD": sandbox.admin_password}
    where = {"KEYCLOAK_URL": sandbox.keycloak_url, "NT24_REALM": sandbox.realm, "NT24_API_URL": sandbox.api_url}
    reader = where | {"KEYCLOAK_REALM": "master", "KEYCLOAK_READER_ID": "admin-cli"}
    writer = where | {"KEYCLOAK_REALM": "master", "KEYCLOAK_WRITER_ID": "admin-cli"}
    environments = {
        "reconciler-plan": Protection(reader, reviewers=("ada",)),
        "reconciler-read": Protection(reader),
        "reconciler-apply": Protection(writer, reviewers=("ada",)),
        "reconciler-permit": Protection(reviewers=("grace",)),
    }
    return GitHub(repository.folder, tmp_path / "host", settings, environments, {"reconciler-plan", "reconciler-apply"})


def declared(repository: Repo, *manifests: IntegrationOrganization | Realm) -> str:
    """Declare something, and return the commit that does."""
    repository.declare(*manifests)
    return repository.commit()


def a_pull_request(sha: str, repository: str = REPOSITORY) -> dict[str, Any]:
    return {"sha": sha, "pull_request": {"number": 7, "head": {"repo": {"full_name": repository}}}}


def test_a_pull_request_has_one_comment_that_follows_it(repository: Repo, github: GitHub, no_realm: str) -> None:
    acme = an_organization("acme")
    first = github.run("plan.yml", a_pull_request(declared(repository, a_realm(no_realm), acme)))
    assert first.results["plan"] == "success", first.log
    (comment,) = github.written("comments")
    assert comment["body"].startswith("<!-- nt24-reconciler:plan:")
    assert "### Plan: 3 to add, 0 to change, 0 to destroy." in comment["body"]
    assert "https://github.example/acme/integrations/actions/runs/4711" in comment["body"]
    assert "### Plan: 3 to add" in first.summary

    mark = comment["body"].splitlines()[0]
    github.write("comments", id=9, user={"login": "mallory"}, body=f"{mark}\nNothing changes, merge it.")
    sha = declared(repository, an_organization("beta"))
    second = github.run("plan.yml", a_pull_request(sha))
    assert second.results["plan"] == "success", second.log
    ours, theirs = github.written("comments")
    assert (ours["user"]["login"], ours["id"]) == (BOT, comment["id"])
    assert "### Plan: 5 to add" in ours["body"]
    assert "this change: 2 to add" in ours["body"]
    assert f"revision <code>{sha[:12]}</code>" in ours["body"]
    assert theirs["body"].endswith("merge it.")


def test_a_fork_s_pull_request_gets_no_login_and_no_plan_but_its_difference(
    repository: Repo, github: GitHub, no_realm: str
) -> None:
    github.settings, github.environments = {}, {}

    ran = github.run("plan.yml", a_pull_request(declared(repository, a_realm(no_realm)), "mallory/integrations"))

    assert ran.results == {"plan": "skipped", "diff": "success"}, ran.log
    assert "### Diff: 1 to add, 0 to change, 0 to destroy." in ran.summary
    assert github.written("comments") == []


def test_what_is_merged_is_applied_once_and_drift_has_an_issue_until_it_is_gone(
    repository: Repo, github: GitHub, admin: httpx.Client, no_realm: str
) -> None:
    acme = an_organization("acme")
    merged = {"sha": declared(repository, a_realm(no_realm), acme)}
    applied = github.run("apply.yml", merged)
    assert applied.results == {"plan": "success", "permit": "skipped", "apply": "success"}, applied.log
    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." in applied.log
    again = github.run("apply.yml", merged).results
    assert again == {"plan": "success", "permit": "skipped", "apply": "skipped"}
    assert github.run("drift.yml", merged).results == {"drift": "success"}
    assert github.written("issues") == []

    by_hand = ByHand(admin, no_realm)
    client = by_hand.client("api-client-acme")
    assert client is not None
    path = f"/{no_realm}/clients/{client['id']}"
    admin.put(path, json=client | {"redirectUris": ["https://evil.example/*"]}).raise_for_status()
    for _ in range(2):
        found = github.run("drift.yml", merged)
        assert found.results == {"drift": "failure"}, found.log
        assert "by admin (admin-cli) from 127.0.0.1" in found.log
        assert "### Drift: 1 field of 1 resource." in found.summary
        (issue,) = github.written("issues")
        assert (issue["title"], issue["state"]) == ("Drift: 1 field of 1 resource.", "open")
        assert "#   by admin (admin-cli) from 127.0.0.1" in issue["body"]

    admin.put(path, json=client).raise_for_status()
    assert github.run("drift.yml", merged).results == {"drift": "success"}
    (issue,) = github.written("issues")
    assert issue["state"] == "closed"


def test_a_plan_that_a_policy_denies_is_shown_and_fails(repository: Repo, github: GitHub, no_realm: str) -> None:
    acme = an_organization("acme")
    assert github.run("apply.yml", {"sha": declared(repository, a_realm(no_realm), acme)}).results["apply"] == "success"
    with (repository.folder / "reconciler.yaml").open("a", encoding="utf-8") as settings:
        settings.write(POLICY)
    risky = an_organization("acme", tier=RateLimitTier.ENTERPRISE)

    denied = github.run("plan.yml", a_pull_request(declared(repository, risky)))

    assert denied.results["plan"] == "failure"
    (comment,) = github.written("comments")
    assert "Ask Ada first." in denied.log
    assert "capabilities.rateLimitTier" in comment["body"]
    assert "no-new-tier" in comment["body"]


def test_a_plan_that_cannot_be_made_fails_and_leaves_the_comment(
    repository: Repo, github: GitHub, no_realm: str
) -> None:
    sha = declared(repository, a_realm(no_realm))
    assert github.run("plan.yml", a_pull_request(sha)).results["plan"] == "success"
    before = github.written("comments")

    # A plan that somebody committed does not pass for the one that failed.
    saved = next((github.folder / "plan").rglob("reconciler.plan"))
    repository.write("reconciler.plan", saved.read_text(encoding="utf-8").replace("to add", "to laugh"))
    repository.git("add", "--force", "reconciler.plan")
    sha = repository.commit()
    github.settings = {**github.settings, "KEYCLOAK_PASSWORD": "wrong"}
    refused = github.run("plan.yml", a_pull_request(sha))

    assert refused.results["plan"] == "failure"
    assert "Check KEYCLOAK_USER and KEYCLOAK_PASSWORD" in refused.log
    assert github.written("comments") == before


def without_acme(repository: Repo) -> dict[str, Any]:
    """Merge that acme is declared no more."""
    repository.git("rm", "-q", "organizations/acme.yaml")
    return {"sha": repository.commit()}


@pytest.fixture
def applied(repository: Repo, github: GitHub, no_realm: str) -> GitHub:
    """The host, where two organizations were merged and applied."""
    sha = declared(repository, a_realm(no_realm), an_organization("acme"), an_organization("beta"))
    ran = github.run("apply.yml", {"sha": sha})
    assert ran.results["apply"] == "success", ran.log
    return github


def test_a_merged_deletion_waits_for_a_permission_that_no_file_can_give(
    repository: Repo, applied: GitHub, admin: httpx.Client, no_realm: str
) -> None:
    merged = without_acme(repository)

    waits = applied.run("apply.yml", merged)
    assert waits.results == {"plan": "success", "permit": "waiting", "apply": "skipped"}, waits.log
    assert ByHand(admin, no_realm).organization("acme") is not None

    applied.consent.add("reconciler-permit")
    deleted = applied.run("apply.yml", merged)
    assert deleted.results == {"plan": "success", "permit": "success", "apply": "success"}, deleted.log
    assert ByHand(admin, no_realm).organization("acme") is None
    assert ByHand(admin, no_realm).organization("beta") is not None


def test_an_environment_that_lets_everybody_in_permits_nothing(
    repository: Repo, applied: GitHub, admin: httpx.Client, no_realm: str
) -> None:
    applied.environments["reconciler-permit"] = Protection()

    ran = applied.run("apply.yml", without_acme(repository))

    assert ran.results == {"plan": "success", "permit": "success", "apply": "failure"}, ran.log
    assert "--allow-delete" in ran.log
    assert ByHand(admin, no_realm).organization("acme") is not None


def test_a_merged_change_that_a_policy_wants_approved_is_approved_by_who_let_it_in(
    repository: Repo, applied: GitHub, admin: httpx.Client, no_realm: str
) -> None:
    with (repository.folder / "reconciler.yaml").open("a", encoding="utf-8") as settings:
        settings.write(POLICY.replace("then: deny", "then: require-approval"))
    merged = {"sha": declared(repository, an_organization("acme", tier=RateLimitTier.ENTERPRISE))}

    waits = applied.run("apply.yml", merged)
    assert waits.results == {"plan": "success", "permit": "waiting", "apply": "skipped"}, waits.log

    applied.consent.add("reconciler-permit")
    approved = applied.run("apply.yml", merged)
    assert approved.results["apply"] == "success", approved.log
    assert "Approved by grace" in approved.log
    organization = ByHand(admin, no_realm).organization("acme")
    assert organization is not None
    assert organization["attributes"]["rateLimitTier"] == ["ENTERPRISE"]


@pytest.mark.parametrize("name", ["KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL"])
def test_where_a_target_is_not_pinned_nobody_logs_in(
    repository: Repo, github: GitHub, no_realm: str, name: str
) -> None:
    pinned = github.environments["reconciler-plan"]
    left = {key: value for key, value in pinned.variables.items() if key != name}
    github.environments["reconciler-plan"] = Protection(left, reviewers=pinned.reviewers)

    ran = github.run("plan.yml", a_pull_request(declared(repository, a_realm(no_realm))))

    assert ran.results["plan"] == "failure"
    assert f"{name} is not set" in ran.log


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("keycloak", "{url: https://evil.example}"),
        ("keycloak", "{realm: other}"),
        ("api", "{url: https://evil.example}"),
        ("owner", "somebody-else"),
        ("history", "postgresql://evil.example/history"),
    ],
)
def test_a_pull_request_that_names_other_systems_is_refused_before_anybody_logs_in(
    repository: Repo, github: GitHub, setting: str, value: str
) -> None:
    repository.write(
        "reconciler.yaml", f"environments:\n  default:\n    manifests: organizations\n    {setting}: {value}\n"
    )

    ran = github.run("plan.yml", a_pull_request(declared(repository, an_organization("acme"))))

    assert ran.results["plan"] == "failure"
    assert "Nothing was sent." in ran.log
    assert github.written("comments") == []


def test_nothing_that_lies_in_a_pull_request_is_run(repository: Repo, github: GitHub, no_realm: str) -> None:
    hostile = HostileFolder(repository.folder)
    github.starts_anew = True

    planned = github.run("plan.yml", a_pull_request(declared(repository, a_realm(no_realm))))

    assert planned.results["plan"] == "success", planned.log
    assert "1 to add" in planned.summary
    assert hostile.taken == []
