"""What the manifests of a revision say, as a command with ``--base`` reads them from a real git repository."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reconciler.cli import options
from reconciler.cli.live import LiveOptions
from reconciler.cli.revisions import base_of
from reconciler.model.address import Address
from reconciler.model.errors import WrongUsage
from reconciler.plan.since import Before
from tests.builders import ACME, a_client, a_realm, an_organization
from tests.repository import Repo

SETTINGS = """\
environments:
  staging: {default: true, manifests: organizations, overlays: overlays/staging}
  production: {manifests: [organizations]}
"""
OVERLAY = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: {suspended: true}\n"
BROKEN = "apiVersion: reconciler/v1\nkind: IntegrationOrganization\nmetadata: {name: acme}\nspec: {tier: 1}\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """The current folder: a repository without a commit."""
    for variable in ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_ENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return Repo(tmp_path)


def base(*arguments: str) -> Before:
    """Return what a command with these arguments compares with."""
    found: list[Before] = []

    @click.command()
    @options.past_files
    @click.option("--base", default="HEAD")
    @options.connection
    def command(*, base: str, files: tuple[Path, ...], settings: LiveOptions) -> None:
        found.append(base_of(base, files, settings.overlays))

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


def names(before: Before) -> list[str]:
    return [each.name for each in before.desired.organizations]


def test_manifests_are_those_of_the_revision_though_they_moved_and_changed_since(repo: Repo) -> None:
    repo.declare(an_organization("acme", display_name="Old"))
    commit = repo.commit()
    repo.git("mv", "organizations", "elsewhere")
    repo.declare(an_organization("acme", display_name="New"), folder="elsewhere")

    found = base("--base", "main")

    assert [each.spec.display_name for each in found.desired.organizations] == ["Old"]
    assert (found.base.name, found.base.commit, found.base.notes) == ("main", commit, ())


def test_settings_and_overlays_are_those_of_the_revision(repo: Repo) -> None:
    repo.write("reconciler.yaml", SETTINGS)
    repo.write("overlays/staging/acme.yaml", OVERLAY)
    repo.declare(an_organization("acme"))
    repo.commit()
    repo.write("reconciler.yaml", SETTINGS.replace("organizations", "elsewhere").replace("overlays/staging", "none"))
    repo.declare(an_organization("beta"), folder="elsewhere")

    assert [each.spec.suspended for each in base().desired.organizations] == [True]
    assert [each.spec.suspended for each in base("--env", "production").desired.organizations] == [False]


def test_overlays_of_other_environments_among_the_manifests_are_none_of_this_revision(repo: Repo) -> None:
    apart = SETTINGS.replace("overlays/staging", "organizations/overlays/staging").replace(
        "[organizations]", "organizations, overlays: organizations/overlays/production"
    )
    repo.write("reconciler.yaml", apart)
    repo.write("organizations/overlays/staging/acme.yaml", OVERLAY)
    repo.write("organizations/overlays/production/acme.yaml", OVERLAY.replace("true", "false"))
    repo.declare(an_organization("acme"))
    repo.commit()

    found = base()

    assert found.base.notes == ()
    assert [each.spec.suspended for each in found.desired.organizations] == [True]


def test_settings_above_the_folder_are_found(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("reconciler.yaml", SETTINGS)
    repo.declare(an_organization("acme"))
    repo.commit()
    monkeypatch.chdir(repo.folder / "organizations")
    assert names(base()) == ["acme"]


def test_what_the_command_line_names_wins_over_settings(repo: Repo) -> None:
    repo.write("reconciler.yaml", SETTINGS)
    repo.declare(an_organization("acme"))
    repo.declare(an_organization("beta"), folder="other")
    repo.commit()
    assert names(base("-f", "other")) == ["beta"]


def test_without_settings_at_the_revision_those_of_today_say_where_manifests_are(repo: Repo) -> None:
    repo.declare(an_organization("acme"))
    repo.declare(an_organization("beta"), folder="other")
    repo.commit()
    repo.write("reconciler.yaml", SETTINGS)
    assert names(base()) == ["acme"]


def test_an_environment_that_is_new_had_nothing_declared(repo: Repo) -> None:
    repo.write("reconciler.yaml", "environments: {production: {manifests: organizations}}\n")
    repo.declare(an_organization("acme"))
    repo.commit()
    repo.write("reconciler.yaml", SETTINGS)
    found = base("--env", "staging")
    assert names(found) == []
    assert found.base.notes[0] == "HEAD:reconciler.yaml has no environment 'staging'."


def test_a_revision_without_manifests_is_said(repo: Repo) -> None:
    repo.write("README", "Nothing yet\n")
    repo.commit()
    repo.declare(an_organization("acme"))
    found = base("-f", "organizations")
    assert (names(found), found.base.notes) == ([], ("HEAD has no manifest at organizations.",))


def test_a_folder_that_had_no_manifest_yet_declared_nothing(repo: Repo) -> None:
    repo.write("organizations/example.yaml.txt", "An example.\n")
    repo.commit()
    repo.declare(an_organization("acme"))

    found = base("--base", "main", "-f", "organizations")

    assert (names(found), found.absent_is_known) == ([], True)
    assert found.base.notes == ("main has no manifest at organizations.",)


def test_an_invalid_manifest_of_the_base_stops_nothing_and_names_its_line(repo: Repo) -> None:
    repo.declare(an_organization("beta"))
    repo.write("organizations/acme.yaml", BROKEN)
    repo.commit()
    found = base()
    assert names(found) == ["beta"]
    assert found.base.unknown == (ACME,)
    assert found.absent_is_known
    assert found.base.notes[0].startswith("HEAD:organizations/acme.yaml:4:1: spec.")


def test_a_manifest_that_cannot_be_read_may_be_about_anything(repo: Repo) -> None:
    repo.declare(an_organization("beta"))
    repo.write("organizations/acme.yaml", BROKEN.replace("kind: Int", "kind: [Int"))
    repo.commit()
    found = base()
    assert (names(found), found.base.unknown, found.absent_is_known) == (["beta"], (), False)


def test_an_overlay_that_cannot_be_read_may_be_about_anything(repo: Repo) -> None:
    repo.write("reconciler.yaml", SETTINGS)
    repo.write("overlays/staging/acme.yaml", OVERLAY + "x: [\n")
    repo.declare(an_organization("beta"))
    repo.commit()
    found = base()
    assert (names(found), found.base.unknown) == ([], (Address.organization("beta"),))


def test_rules_between_manifests_name_both_files_as_of_the_revision(repo: Repo) -> None:
    repo.declare(an_organization("acme", clients=(a_client("api-client-one"),)))
    repo.declare(an_organization("beta", clients=(a_client("api-client-one"),)))
    repo.declare(a_realm())
    repo.commit()
    found = base()
    assert found.base.unknown == (Address.organization("beta"),)
    assert "HEAD:organizations/beta.yaml" in found.base.notes[0]
    assert "at HEAD:organizations/acme.yaml" in found.base.notes[0]


def test_settings_that_are_invalid_at_the_revision_are_said(repo: Repo) -> None:
    repo.write("reconciler.yaml", "environments: {staging: {manifest: organizations}}\n")
    repo.declare(an_organization("acme"))
    repo.commit()
    repo.write("reconciler.yaml", SETTINGS)
    found = base()
    assert names(found) == ["acme"]
    assert found.base.notes[0].startswith("HEAD:reconciler.yaml:1:26: environments.staging.manifest")
    assert found.base.notes[-1].startswith("Manifests are looked for where they are today; settings are not compared")
    assert (found.base.settings, found.policies) == ((), ())


def test_settings_that_differ_and_the_policies_of_the_revision_are_told(repo: Repo) -> None:
    rule = "policies: [{name: stay, when: {action: delete}, then: deny, message: No.}]\n"
    repo.write("reconciler.yaml", SETTINGS + rule)
    repo.declare(an_organization("acme"))
    repo.commit()
    repo.write("reconciler.yaml", SETTINGS.replace("organizations]", "organizations], owner: team-b"))
    found = base("--env", "production")
    assert [(each.path, each.place and each.place.line) for each in found.base.settings] == [
        ("environments.production.owner", 3),
        ("policies.stay", 1),
    ]
    assert [(each.policy.name, each.place) for each in found.policies] == [("stay", "HEAD:reconciler.yaml:4")]
    assert found.environment == "production"
    repo.write("reconciler.yaml", SETTINGS.replace("production", "renamed"))
    assert base("--env", "renamed").environment is None


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        ("environments: {a: {owner: team-a}}\n", (), "team-a"),
        ("environments: {a: {}}\n", (), "reconciler"),
        (None, (), "reconciler"),
        ("environments: {b: {owner: team-b}}\n", ("--env", "a"), ""),
        ("environments: {a: [}\n", (), ""),
        ("environments: {a: {owner: team-a}}\n", ("--owner", "team-c"), ""),
    ],
    ids=["named", "by default", "without settings", "another environment", "invalid", "pinned"],
)
def test_the_owner_is_the_one_of_the_revision_where_nothing_pins_it(
    repo: Repo, settings: str | None, arguments: tuple[str, ...], expected: str
) -> None:
    repo.declare(an_organization("acme"))
    if settings is not None:
        repo.write("reconciler.yaml", settings)
    repo.commit()
    repo.write("reconciler.yaml", "environments: {a: {owner: team-c, manifests: organizations}}\n")
    assert base(*arguments).owner == expected


def test_where_a_branch_left_main_is_the_base_of_three_dots(repo: Repo) -> None:
    repo.declare(an_organization("acme"))
    fork = repo.commit("Fork")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit("On the branch")
    repo.git("checkout", "-q", "main")
    repo.declare(an_organization("beta"))
    repo.commit("On main")
    repo.git("checkout", "-q", "work")
    assert names(base("--base", "main")) == ["acme", "beta"]
    found = base("--base", "main...")
    assert (names(found), found.base.commit) == (["acme"], fork)


def test_manifests_outside_of_the_repository_are_refused(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> None:
    repo.declare(an_organization("acme"))
    repo.commit()
    with pytest.raises(WrongUsage, match="is outside of the git repository"):
        base("-f", "organizations", "-f", str(tmp_path_factory.mktemp("elsewhere")))


def test_a_range_of_revisions_is_no_base(repo: Repo) -> None:
    repo.declare(an_organization("acme"))
    repo.commit()
    with pytest.raises(WrongUsage, match="is a range of revisions, not one"):
        base("--base", "HEAD..main")


def test_a_revision_that_does_not_exist_is_refused(repo: Repo) -> None:
    repo.declare(an_organization("acme"))
    repo.commit()
    with pytest.raises(WrongUsage, match="git knows no revision 'nowhere' here"):
        base("--base", "nowhere")
