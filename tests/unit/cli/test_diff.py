"""``reconciler diff`` in a real git repository, without any server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reconciler.cli.diff import diff
from reconciler.cli.show import show
from reconciler.model.errors import ExitCode, ManifestError, WrongUsage
from reconciler.model.manifest import OrganizationMetadata
from reconciler.review.formats import Format
from tests.builders import a_client, a_partner, a_realm, an_organization
from tests.repository import Repo

SETTINGS = """\
environments:
  staging: {default: true, manifests: organizations, overlays: overlays}
  production: {manifests: organizations}
"""
OVERLAY = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: {suspended: true}\n"
POLICY = """\
policies:
  - name: partners-stay
    when: {path: authorizedPartners, risk: high, environment: staging}
    then: deny
    message: Ask first.
"""
BOTH = [a_partner("Autohaus Nord"), a_partner("Garage du Lac", "CH")]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """The current folder: a repository with one commit, and nothing that names a server."""
    for variable in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_ENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    repo = Repo(tmp_path)
    repo.write("reconciler.yaml", SETTINGS)
    repo.write("overlays/README", "What staging changes.\n")
    repo.write("overlays/beta.yaml", OVERLAY.replace("acme", "beta").replace("true", "false"))
    repo.declare(a_realm(), an_organization("acme", partners=BOTH), an_organization("beta"))
    repo.commit("Begin")
    repo.git("tag", "begin")
    return repo


def run(*arguments: str) -> Result:
    return CliRunner().invoke(diff, arguments)


def done(*arguments: str, code: int = ExitCode.DONE) -> str:
    result = run(*arguments)
    problems = getattr(result.exception, "problems", ())
    assert result.exit_code == code, (result.output, result.exception, *map(str, problems))
    return result.stdout


def changed(*arguments: str) -> dict[str, str]:
    """Return what happens to each resource."""
    return {part["address"]: part["action"] for part in json.loads(done(*arguments, "--json"))["resource_changes"]}


def test_two_revisions_are_compared_whatever_is_checked_out(repo: Repo) -> None:
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    repo.commit("Take a partner away")
    (repo.folder / "organizations" / "acme.yaml").write_text("not: yaml: at all", encoding="utf-8")
    text = done("begin..main")
    target, _, rest = text.partition("\n\n")
    head = repo.git("rev-parse", "main").strip()
    assert target == f"Target: environment staging, realm nt24-idp, API not asked, owner reconciler, revision {head}"
    assert rest.startswith("From begin (")
    assert "~ authorizedPartners  # high risk: Calls for 1 partner are refused (403)." in text
    assert "- Garage du Lac (CH)" in text
    assert text.endswith("Diff: 0 to add, 1 to change, 0 to destroy.\nRisk: 1 high.\n")


def test_without_a_revision_the_work_tree_is_compared_with_the_last_commit(repo: Repo) -> None:
    assert done().endswith("No changes. The manifests declare the same configuration.\n")
    repo.declare(an_organization("acme", partners=BOTH, description="New"))
    assert changed() == changed("HEAD") == changed("begin") == {"organization/acme": "update"}


def test_nothing_in_the_repository_is_touched(repo: Repo) -> None:
    repo.declare(an_organization("acme", description="New"))
    before = repo.git("status", "--porcelain"), sorted(path.as_posix() for path in repo.folder.rglob("*"))
    done("begin..HEAD")
    done("begin")
    after = repo.git("status", "--porcelain"), sorted(path.as_posix() for path in repo.folder.rglob("*"))
    assert before == after


def test_a_renamed_file_is_no_difference_and_a_deleted_one_is(repo: Repo) -> None:
    repo.git("mv", "organizations/acme.yaml", "organizations/moved.yaml")
    repo.git("rm", "-q", "organizations/beta.yaml", "overlays/beta.yaml")
    assert changed("begin") == {"organization/beta": "delete", "client/beta/api-client-beta": "delete"}
    repo.commit()
    assert changed("begin..") == {"organization/beta": "delete", "client/beta/api-client-beta": "delete"}


def test_all_manifests_may_be_gone(repo: Repo) -> None:
    repo.git("rm", "-rq", "organizations", "overlays/beta.yaml")
    assert set(changed("begin").values()) == {"delete"}
    with pytest.raises(WrongUsage, match="has anything at nowhere"):
        CliRunner().invoke(diff, ["-f", "nowhere"], catch_exceptions=False)


def test_what_git_holds_behind_a_filter_is_not_deleted(repo: Repo) -> None:
    clear = (repo.folder / "organizations" / "acme.yaml").read_text(encoding="utf-8")
    repo.write("organizations/acme.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    repo.commit()
    repo.write("organizations/acme.yaml", clear)
    for revisions in ("HEAD", "begin..HEAD", "HEAD..begin"):
        result = run(revisions)
        assert isinstance(result.exception, ManifestError)
        assert "HEAD:organizations/acme.yaml:1:1: git holds it behind Git LFS" in str(result.exception.problems[0])


def test_an_overlay_changes_the_environment_that_has_it_only(repo: Repo) -> None:
    repo.write("overlays/acme.yaml", OVERLAY)
    repo.commit()
    assert changed("begin..main") == {"organization/acme": "update"}
    assert changed("begin..main", "--env", "production") == {}


def test_three_dots_leave_out_what_happened_on_the_base(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "work")
    repo.declare(an_organization("gamma"))
    repo.commit("On the branch")
    repo.git("checkout", "-q", "main")
    repo.git("rm", "-q", "organizations/beta.yaml", "overlays/beta.yaml")
    repo.commit("On main")
    assert "organization/beta" in changed("main..work")
    assert set(changed("main...work")) == {"organization/gamma", "client/gamma/api-client-gamma"}


def test_a_target_restricts_it(repo: Repo) -> None:
    repo.declare(an_organization("acme", description="New"), an_organization("beta", description="New"))
    assert changed("--target", "organization/beta") == {"organization/beta": "update"}


def test_an_invalid_head_is_an_error_with_its_line(repo: Repo) -> None:
    repo.write("organizations/acme.yaml", "apiVersion: reconciler/v1\nkind: IntegrationOrganization\n")
    result = run()
    assert isinstance(result.exception, ManifestError)
    assert result.exception.problems[0].file == "organizations/acme.yaml"
    repo.commit("Break it")
    result = run("begin..main")
    assert isinstance(result.exception, ManifestError)
    assert result.exception.problems[0].file == "main:organizations/acme.yaml"


def test_an_invalid_base_is_said_and_stops_nothing(repo: Repo) -> None:
    repo.write(
        "organizations/acme.yaml", "apiVersion: reconciler/v1\nkind: IntegrationOrganization\nmetadata: {name: acme}\n"
    )
    repo.commit("Break it")
    repo.declare(an_organization("acme"), an_organization("beta", description="New"))
    text = done("main")
    assert "Not complete: could not read organization/acme at main" in text
    assert "main:organizations/acme.yaml:" in text
    document = json.loads(done("main", "--json"))
    assert not document["complete"]
    assert [part["address"] for part in document["resource_changes"]] == ["organization/beta"]


def test_policies_of_the_newer_side_are_asked(repo: Repo) -> None:
    repo.write("reconciler.yaml", SETTINGS + POLICY)
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    repo.commit()
    for revisions in ("begin..main", "begin"):
        text = done(revisions, code=ExitCode.REFUSED)
        assert "Denied by policy: partners-stay" in text
        assert "Ask first." in text
        assert "+ policies.partners-stay: {" in text
    assert "Denied" not in done("begin..main", "--env", "production")


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        SETTINGS + POLICY.replace("risk: high", "risk: high, kind: client"),
        SETTINGS + POLICY.replace("environment: staging", "environment: production"),
        SETTINGS + POLICY.replace("then: deny", "then: require-approval"),
        None,
    ],
    ids=["taken away", "narrowed", "other environment", "loosened", "no settings at all"],
)
def test_a_policy_of_the_base_stops_the_change_that_takes_it_away_or_loosens_it(
    repo: Repo, settings: str | None
) -> None:
    repo.write("reconciler.yaml", SETTINGS + POLICY)
    base = repo.commit()
    if settings is None:
        (repo.folder / "reconciler.yaml").unlink()
    else:
        repo.write("reconciler.yaml", settings)
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    where = () if settings else ("-f", "organizations")
    for revisions in (base, f"{base}..main"):
        text = done(revisions, *where, code=ExitCode.REFUSED)
        assert f"Denied by policy: partners-stay ({base}:reconciler.yaml:5)" in text
        assert "The policy of the base applies" in text
        repo.commit()
    # In a change of its own it is said, and stops nothing.
    repo.declare(an_organization("acme", partners=BOTH))
    assert "policies.partners-stay" in done(base, *where)


def test_a_client_is_not_taken_out_of_an_organization_that_a_policy_of_the_base_means(repo: Repo) -> None:
    """Labels are those of an organization: a client has others as soon as it is declared elsewhere."""
    rule = POLICY.replace("path: authorizedPartners, risk: high, environment: staging", "label: {team: vip}")
    repo.write("reconciler.yaml", SETTINGS + rule)
    metadata = OrganizationMetadata(name="acme", labels={"team": "vip"})
    vip = an_organization("acme", clients=[a_client(), a_client("api-client-acme-2")])
    repo.declare(vip.model_copy(update={"metadata": metadata}))
    base = repo.commit("Acme is very important")
    staying = an_organization("acme").model_copy(update={"metadata": metadata})
    repo.declare(staying, an_organization("beta", clients=[a_client("api-client-beta"), a_client("api-client-acme-2")]))
    text = done(base, code=ExitCode.REFUSED)
    assert f"Denied by policy: partners-stay ({base}:reconciler.yaml:5)" in text
    assert "client/beta/api-client-acme-2" in text


def test_settings_that_differ_are_said_and_are_a_difference(repo: Repo) -> None:
    repo.write("reconciler.yaml", SETTINGS.replace("true,", "true, keycloak: {url: https://elsewhere.example.com},"))
    for _ in range(2):
        text = done("begin", "--detailed-exitcode", code=ExitCode.CHANGES)
        assert '+ environments.staging.keycloak.url: "https://elsewhere.example.com"  # high risk: Logins are' in text
        assert "Risk: 1 high." in text
        repo.commit()
    document = json.loads(done("begin..main", "--json"))
    (setting,) = document["base"]["settings"]
    assert setting["place"] == {"file": "reconciler.yaml", "line": 2, "column": 39}
    assert "settings" not in json.loads(done("main", "--json"))["base"]


def test_the_exit_code_says_on_demand_that_there_is_a_difference(repo: Repo) -> None:
    repo.declare(an_organization("acme", clients=[a_client(enabled=False)], partners=BOTH))
    done("--detailed-exitcode", code=ExitCode.CHANGES)
    done("begin..main", "--detailed-exitcode", code=ExitCode.DONE)


@pytest.mark.parametrize("form", list(Format))
def test_every_format_is_written_and_none_speaks_of_live_systems(repo: Repo, form: Format) -> None:
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    text = done("begin", "--format", form.value)
    assert "organization/acme" in text
    assert "/v1/me was not called" not in text
    assert "Since " not in text


def test_the_document_can_be_shown_in_any_format_later(repo: Repo) -> None:
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    repo.commit()
    repo.write("diff.json", done("begin..main", "--json"))
    result = CliRunner().invoke(show, ["diff.json", "--format", "markdown"])
    assert result.stdout == done("begin..main", "--format", "markdown")
    assert result.stdout.startswith("<!-- nt24-reconciler:diff:")


def test_the_same_revisions_give_the_same_bytes(repo: Repo) -> None:
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    repo.commit()
    assert done("begin..main", "--json") == done("begin..main", "--json")


def test_lines_of_manifests_are_those_of_the_newer_revision(repo: Repo) -> None:
    repo.declare(an_organization("acme", partners=BOTH[:1]))
    repo.commit()
    document = json.loads(done("begin..main", "--json"))
    assert document["places"]["organization/acme"][""]["file"] == "organizations/acme.yaml"


@pytest.mark.parametrize("revisions", ["nowhere..main", "main..nowhere", "main...nowhere", "--", "main..--help"])
def test_a_revision_that_does_not_exist_is_wrong_usage(repo: Repo, revisions: str) -> None:
    del repo
    result = run("--", revisions)
    assert isinstance(result.exception, WrongUsage), result.output


@pytest.mark.parametrize("typed", [("begin", "work"), ("begin..work",)])
def test_two_revisions_are_named_as_git_takes_them(repo: Repo, typed: tuple[str, ...]) -> None:
    repo.git("checkout", "-qb", "work")
    repo.declare(an_organization("gamma"), an_organization("delta"))
    repo.commit("Add two")

    assert {"organization/gamma", "organization/delta"} <= set(changed(*typed))
    left = done(*typed, "--exclude", "organization/gamma")
    assert "organization/delta" in left
    assert "client/gamma" not in left
    assert "Not the whole: --exclude leaves out organization/gamma" in left


def test_where_a_branch_began_is_told_in_words(repo: Repo) -> None:
    repo.git("checkout", "-qb", "work")
    repo.declare(an_organization("gamma"))
    repo.commit("Add one")

    assert "\nFrom where HEAD left main (" in done("main...HEAD")


def test_more_than_two_revisions_are_refused(repo: Repo) -> None:
    assert isinstance(refused := run("begin", "main", "HEAD").exception, WrongUsage)
    assert refused.remedy == "Name the manifests by --file: diff BASE HEAD -f PATH."
