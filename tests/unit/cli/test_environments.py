"""The order of options, variables of the shell, ``reconciler.yaml`` and defaults, as commands see it."""

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from reconciler.cli import options
from reconciler.cli.environment import find_file
from reconciler.cli.live import LiveOptions, take
from reconciler.cli.show import show
from reconciler.cli.validate import validate
from reconciler.model.errors import SettingsError, WrongUsage
from tests.unit.manifest.builders import an_organization_text

SETTINGS = """\
environments:
  staging:
    keycloak: {url: https://idp.staging.example.com, realm: nt24-staging}
    api: {url: https://api.staging.example.com}
    manifests: organizations
    overlays: overlays
    owner: team-a
  production: {manifests: [organizations]}
"""
OVERLAY = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: {suspended: true}\n"
VARIABLES = ("KEYCLOAK_URL", "NT24_REALM", "NT24_API_URL", "RECONCILER_OWNER", "RECONCILER_ENV")


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a git repository with settings, a manifest and an overlay."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for folder in (".git", "organizations", "overlays"):
        (tmp_path / folder).mkdir()
    (tmp_path / "reconciler.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "organizations" / "acme.yaml").write_text(an_organization_text("acme"), encoding="utf-8")
    (tmp_path / "overlays" / "acme.yaml").write_text(OVERLAY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def seen(*arguments: str) -> tuple[LiveOptions, tuple[Path, ...], str]:
    """Return what a command is given, and what is said on standard error."""
    given: dict[str, Any] = {}

    @click.command()
    @options.files
    @options.connection
    def command(**parameters: Any) -> None:
        given.update(parameters)

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return take(given), given["files"], result.stderr


def refusal(*arguments: str) -> WrongUsage:
    with pytest.raises(WrongUsage) as caught:
        seen(*arguments)
    return caught.value


def test_the_environment_gives_the_defaults() -> None:
    live, files, _ = seen("--env", "staging")
    assert (live.keycloak_url, live.realm) == ("https://idp.staging.example.com", "nt24-staging")
    assert (live.api_url, live.owner) == ("https://api.staging.example.com", "team-a")
    assert (files, live.overlays) == ((Path("organizations"),), Path("overlays"))


def test_what_the_environment_does_not_say_has_the_built_in_default() -> None:
    live, _, _ = seen("--env", "production")
    assert (live.keycloak_url, live.realm, live.owner, live.overlays) == (None, "nt24-idp", "reconciler", None)


def test_a_variable_of_the_shell_wins_over_the_file_and_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", "https://other.example.com")
    live, _, said = seen("--env", "staging")
    assert live.keycloak_url == "https://other.example.com"
    assert said == "Note: KEYCLOAK_URL is set, and wins over the environment 'staging' of reconciler.yaml.\n"


def test_a_variable_that_says_the_same_is_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", "https://idp.staging.example.com/")
    assert seen("--env", "staging")[2] == ""


def test_an_option_wins_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NT24_REALM", "from-shell")
    live, files, _ = seen("--env", "staging", "--realm", "from-option", "-f", "mine.yaml")
    assert (live.realm, files) == ("from-option", (Path("mine.yaml"),))


def test_the_order_of_the_options_does_not_matter(repo: Path) -> None:
    (repo / "other.yaml").write_text("environments: {local: {owner: me}}", encoding="utf-8")
    for arguments in (("--config", "other.yaml", "--env", "local"), ("--env", "local", "--config", "other.yaml")):
        assert seen(*arguments)[0].owner == "me"


def test_a_variable_may_name_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILER_ENV", "staging")
    assert seen()[0].owner == "team-a"


def test_the_settings_are_found_above_and_paths_stay_relative_to_them(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo / "organizations")
    live, files, _ = seen("--env", "staging")
    assert (files, live.overlays) == ((Path("../organizations"),), Path("../overlays"))


def test_without_settings_nothing_changes(repo: Path) -> None:
    (repo / "reconciler.yaml").unlink()
    live, files, _ = seen()
    assert (live.keycloak_url, live.realm, live.owner, files) == (None, "nt24-idp", "reconciler", (Path(),))


def test_without_settings_there_is_no_environment(repo: Path) -> None:
    (repo / "reconciler.yaml").unlink()
    error = refusal("--env", "staging")
    assert "There is no reconciler.yaml" in error.message
    assert "--config FILE" in error.remedy


def test_one_of_several_environments_must_be_named() -> None:
    assert "several environments, and none is the default: production, staging" in refusal().message


def test_an_unknown_environment_is_refused() -> None:
    assert refusal("--env", "prod").remedy == "Did you mean production? It has: production, staging."


def test_missing_settings_that_were_named_are_refused() -> None:
    assert "gone.yaml: It cannot be read" in refusal("--config", "gone.yaml").message


def test_wrong_settings_are_refused_at_their_place(repo: Path) -> None:
    (repo / "reconciler.yaml").write_text("environments: {a: {password: x}}", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        seen()
    assert str(caught.value.problems[0]).startswith("reconciler.yaml:1:20: environments.a.password: Secrets do not")


def test_the_search_stops_at_the_git_root(repo: Path) -> None:
    inner = repo / "vendor" / "inner"
    (inner / ".git").mkdir(parents=True)
    assert find_file(inner, Path("/nowhere")) is None


def test_the_search_stops_at_the_home_folder(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "home" / "work"
    here.mkdir(parents=True)
    (tmp_path / "home").joinpath("reconciler.yaml").write_text("x", encoding="utf-8")
    assert find_file(here, home) == Path("home/reconciler.yaml")
    assert find_file(here, here) is None


def test_outside_of_both_only_the_folder_itself_counts(repo: Path) -> None:
    (repo / ".git").rmdir()
    inner = repo / "inner"
    inner.mkdir()
    assert find_file(inner, Path("/nowhere")) is None
    assert find_file(repo, Path("/nowhere")) == Path("reconciler.yaml")


def test_validate_checks_the_resolved_manifests(repo: Path) -> None:
    (repo / "overlays" / "acme.yaml").write_text(OVERLAY.replace("true", "yes"), encoding="utf-8")
    assert CliRunner().invoke(validate, ["--env", "production"]).exit_code == 0
    result = CliRunner().invoke(validate, ["--env", "staging"])
    assert result.exit_code == 1
    assert result.output.startswith("overlays/acme.yaml:4:19: spec.suspended: The text 'yes' is given")


def test_show_resolved_prints_the_manifests_of_the_environment() -> None:
    text = {env: CliRunner().invoke(show, ["--resolved", "--env", env]).output for env in ("staging", "production")}
    assert ("suspended: true" in text["staging"], "suspended: false" in text["production"]) == (True, True)


def test_show_resolved_takes_files_and_overlays_without_settings(repo: Path) -> None:
    (repo / "reconciler.yaml").unlink()
    result = CliRunner().invoke(show, ["--resolved", "-f", "organizations", "--overlays", "overlays"])
    assert "suspended: true" in result.output


@pytest.mark.parametrize("arguments", [[], ["--resolved", "some.plan"]])
def test_show_wants_either_a_plan_or_resolved(arguments: list[str]) -> None:
    result = CliRunner().invoke(show, arguments)
    assert "Name either a PLANFILE, or --resolved." in result.output
