"""The order of options, variables of the shell, ``reconciler.yaml`` and defaults, as commands see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from reconciler.adapters.environment import said_by
from reconciler.cli import options
from reconciler.cli.live import LiveOptions
from reconciler.cli.main import cli
from reconciler.cli.precedence import TARGETS, check_targets
from reconciler.cli.show import show
from reconciler.cli.validate import validate
from reconciler.model.errors import ExitCode, SettingsError, WrongUsage
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
WHOLE = """\
environments:
  staging:
    default: true
    keycloak: {url: https://idp.staging.example.com, realm: nt24-staging}
    api: {url: https://api.staging.example.com}
    owner: team-a
    history: postgresql://history.example.com/runs
    sink: vault
  production: {}
sinks:
  vault: {command: {run: [vault, kv, put, "nt24/{name}", secret=-]}}
  files: {file: {path: "secrets/{name}"}}
"""
OVERLAY = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: {suspended: true}\n"
VARIABLES = ("RECONCILER_ENV", *(target.variable for target in TARGETS))


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
    @options.sink
    @options.history
    @options.connection
    def command(**parameters: Any) -> None:
        given.update(parameters)

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return given["settings"], given["files"], result.stderr


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


def test_a_variable_that_names_another_target_is_refused_with_both_values_and_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", "https://other.example.com")
    monkeypatch.setenv("NT24_REALM", "other")
    error = refusal("--env", "staging")
    assert error.exit_code is ExitCode.USAGE
    assert error.message == (
        "KEYCLOAK_URL is https://other.example.com, but environments.staging.keycloak.url (reconciler.yaml:3) is "
        "https://idp.staging.example.com; NT24_REALM is other, but environments.staging.keycloak.realm "
        "(reconciler.yaml:3) is nt24-staging. Nothing was sent."
    )
    assert "--override-target" in error.remedy


@pytest.mark.parametrize("name", [["--env", "staging"], []])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KEYCLOAK_URL", "https://idp.staging.example.com.evil.example"),
        ("KEYCLOAK_URL", "http://idp.staging.example.com"),
        ("KEYCLOAK_URL", "https://idp.staging.example.com:8443"),
        ("KEYCLOAK_URL", "https://idp.staging.example.com/auth"),
        ("KEYCLOAK_URL", "https://[not a URL"),
        ("NT24_REALM", "NT24-staging"),
        ("NT24_API_URL", "https://api.example.com"),
        ("RECONCILER_OWNER", "team-b"),
        ("RECONCILER_HISTORY", "postgresql://elsewhere.example.com/runs"),
        ("RECONCILER_HISTORY", "none"),
        ("RECONCILER_SINK", "command:vault kv put nt24/{name} client_secret=-"),
        ("RECONCILER_SINK", "files"),
    ],
)
def test_each_target_is_refused_where_the_two_differ_also_for_the_default_environment(
    repo: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: list[str]
) -> None:
    (repo / "reconciler.yaml").write_text(WHOLE, encoding="utf-8")
    monkeypatch.setenv(variable, value)
    assert f"{variable} is " in refusal(*name).message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KEYCLOAK_URL", "https://IDP.staging.example.com:443/"),
        ("NT24_API_URL", "HTTPS://api.staging.example.com"),
        ("NT24_REALM", "nt24-staging"),
        ("RECONCILER_OWNER", "team-a"),
        ("RECONCILER_HISTORY", "postgresql://me:p/w@d@history.example.com:5432/runs"),
        ("RECONCILER_SINK", "vault"),
        ("RECONCILER_SINK", "command:vault kv put nt24/{name} secret=-"),
    ],
)
def test_another_spelling_of_the_same_target_is_no_difference(
    repo: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    (repo / "reconciler.yaml").write_text(WHOLE, encoding="utf-8")
    monkeypatch.setenv(variable, value)
    assert seen("--env", "staging")[2] == ""


def test_a_pinned_sink_holds_against_a_changed_one_of_the_same_name(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_SINK", "command:vault kv put nt24/{name} secret=-")
    (repo / "reconciler.yaml").write_text(WHOLE.replace("vault, kv", "sh, kv"), encoding="utf-8")
    assert "RECONCILER_SINK is command:vault …, but environments.staging.sink" in refusal("--env", "staging").message


def test_no_login_of_a_variable_is_shown(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "reconciler.yaml").write_text(WHOLE, encoding="utf-8")
    monkeypatch.setenv("KEYCLOAK_URL", "https://me:hidden/1@idp.example.com")
    monkeypatch.setenv("RECONCILER_HISTORY", "postgresql://me:hid/den@elsewhere/runs?password=hidden")
    monkeypatch.setenv("RECONCILER_SINK", "command:curl -H token:hidden https://example.com/{name}")
    message = refusal("--env", "staging").message
    assert "hid" not in message
    assert "postgresql://…@elsewhere/runs?…" in message


def test_what_the_environment_does_not_say_a_variable_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", "https://other.example.com")
    monkeypatch.setenv("RECONCILER_OWNER", "team-b")
    live, _, _ = seen("--env", "production")
    assert (live.keycloak_url, live.owner) == ("https://other.example.com", "team-b")


def test_the_variables_win_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYCLOAK_URL", "https://other.example.com")
    live, _, _ = seen("--override-target", "--env", "staging")
    assert (live.keycloak_url, live.realm) == ("https://other.example.com", "nt24-staging")


def test_an_option_wins_over_both_and_says_nothing_of_other_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NT24_REALM", "from-shell")
    Path("mine.yaml").touch()
    live, files, _ = seen("--env", "staging", "--realm", "from-option", "-f", "mine.yaml")
    assert (live.realm, files) == ("from-option", (Path("mine.yaml"),))
    monkeypatch.setenv("KEYCLOAK_URL", "https://other.example.com")
    assert refusal("--env", "staging", "--realm", "from-option").message.startswith("KEYCLOAK_URL is ")


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield " ".join((*above, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


ALL = dict(commands(cli))


@pytest.mark.parametrize("name", ALL)
def test_every_command_that_takes_a_target_from_a_variable_or_the_file_obeys_the_rule(name: str) -> None:
    options_of = {each.name: each for each in ALL[name].params}
    variables = {options_of[each.parameter].envvar for each in TARGETS if each.parameter in options_of} - {None}
    assert variables <= {target.variable for target in TARGETS}
    assert not variables or options_of["override_target"].callback is check_targets


def test_whatever_both_a_variable_and_the_file_can_say_is_a_target() -> None:
    said = {"keycloak_url", "realm", "api_url", "owner", "history", "sink", "files", "overlays"}
    with_variable = {p.name for command in ALL.values() for p in command.params if p.envvar} & said
    assert with_variable == {target.parameter for target in TARGETS}


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


def test_validate_checks_the_resolved_manifests(repo: Path) -> None:
    (repo / "overlays" / "acme.yaml").write_text(OVERLAY.replace("true", "yes"), encoding="utf-8")
    assert CliRunner().invoke(validate, ["--env", "production"]).exit_code == 0
    result = CliRunner().invoke(validate, ["--env", "staging"])
    assert result.exit_code == 1
    assert result.output.startswith("overlays/acme.yaml:4:19: spec.suspended: The text 'yes' is not valid here")


def test_show_resolved_prints_the_manifests_of_the_environment() -> None:
    text = {env: CliRunner().invoke(show, ["--resolved", "--env", env]).output for env in ("staging", "production")}
    assert ("suspended: true" in text["staging"], "suspended: false" in text["production"]) == (True, True)


def test_show_resolved_takes_files_and_overlays_without_settings(repo: Path) -> None:
    (repo / "reconciler.yaml").unlink()
    result = CliRunner().invoke(show, ["--resolved", "-f", "organizations", "--overlays", "overlays"])
    assert "suspended: true" in result.output


@pytest.mark.parametrize("arguments", [[], ["--resolved", "some.plan"]])
def test_show_wants_either_a_plan_or_resolved(repo: Path, arguments: list[str]) -> None:
    (repo / "some.plan").touch()
    result = CliRunner().invoke(show, arguments)
    assert "Name either a PLANFILE, or --resolved." in result.output


def test_settings_of_another_suffix_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reconciler.yaml").unlink(missing_ok=True)
    Path("reconciler.yml").write_text("environments: {}\n", encoding="utf-8")
    with pytest.raises(WrongUsage, match=r"but a reconciler\.yml, which is not read"):
        said_by(None, "staging")
