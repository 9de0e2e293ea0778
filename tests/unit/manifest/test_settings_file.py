"""``reconciler.yaml``: environments, and every mistake at its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.manifest.settings_file import chosen, read_settings, settings_schema_text
from reconciler.model.errors import SettingsError, WrongUsage
from reconciler.model.settings import Settings

FULL = """\
environments:
  staging:
    default: true
    keycloak: {url: https://idp.staging.example.com, realm: nt24-staging}
    api: {url: https://api.staging.example.com}
    manifests: organizations
    overlays: overlays/staging
    owner: team-a
  production:
    manifests: [organizations, production]
"""


def settings(text: str = FULL) -> Settings:
    return read_settings("reconciler.yaml", text)


def problems(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(text)
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_an_environment_says_is_read() -> None:
    staging = settings().environments["staging"]
    assert staging.keycloak.url == "https://idp.staging.example.com"
    assert staging.keycloak.realm == "nt24-staging"
    assert staging.api.url == "https://api.staging.example.com"
    assert (staging.manifests, staging.overlays, staging.owner) == (("organizations",), "overlays/staging", "team-a")


def test_an_environment_needs_to_say_nothing() -> None:
    assert settings("environments: {local: {}}").environments["local"].manifests == (".",)


def test_manifests_may_be_several() -> None:
    assert settings().environments["production"].manifests == ("organizations", "production")


@pytest.mark.parametrize(("name", "meant"), [("production", "production"), ("staging", "staging"), (None, "staging")])
def test_the_environment_is_the_named_one_or_the_default(name: str | None, meant: str) -> None:
    assert chosen(settings(), name, "reconciler.yaml")[0] == meant


def test_the_only_environment_needs_no_name() -> None:
    assert chosen(settings("environments: {local: {}}"), None, "reconciler.yaml")[0] == "local"


def test_an_unknown_environment_lists_the_known_ones() -> None:
    with pytest.raises(WrongUsage, match="no environment 'stagin'") as caught:
        chosen(settings(), "stagin", "reconciler.yaml")
    assert caught.value.remedy == "Did you mean staging? It has: production, staging."


def test_without_a_default_one_of_several_must_be_named() -> None:
    with pytest.raises(WrongUsage, match="several environments, and none is the default: a, b") as caught:
        chosen(settings("environments: {b: {}, a: {}}"), None, "reconciler.yaml")
    assert "--env NAME" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "environments: {a: {keycloack: {}}}",
            "1:20: environments.a.keycloack: The key is unknown. Did you mean keycl",
        ),
        ("enviroments: {}", "1:1: enviroments: The key is unknown. Did you mean environments?"),
        ("environments: {}", "1:15: environments: The value is empty."),
        ("environments: {Prod: {}}", "1:16: environments.Prod: 'Prod' is invalid; expected"),
        ("environments: {a: {manifests: []}}", "1:31: environments.a.manifests: The value is empty."),
        ("environments: {a: {manifests: 3}}", "1:31: environments.a.manifests: The number 3 is not valid here"),
        ("environments: {a: {default: yes}}", "1:29: environments.a.default: The text 'yes' is not valid here"),
        ("environments: {a: {keycloak: {url: idp}}}", "1:36: environments.a.keycloak.url: The value is not the URL"),
        (
            "environments: {a: {keycloak: {realm: a b}}}",
            "1:38: environments.a.keycloak.realm: 'a b' is invalid; expected",
        ),
        ("environments: [a]", "environments: A list is not valid here; expected a mapping."),
        ("environments: {a: {}, a: {}}", "1:23: environments.a: Duplicate key"),
        ("environments: {a: {default: true}, b: {default: true}}", "1:49: environments.b.default: The environment 'a'"),
        ("[]", "A list is not valid here; expected a mapping."),
        ("", "The file holds no settings."),
        ("environments: {a: {}}\n---\nenvironments: {b: {}}", "The file holds several documents."),
        ("environments: {a: {}", "reconciler.yaml:1:"),
        ("environments: &a {b: {}, <<: *a}", "YAML 1.2 has no merge keys"),
    ],
)
def test_a_mistake_is_found_at_its_place(text: str, problem: str) -> None:
    found = problems(text)
    assert problem in found[0], found


@pytest.mark.parametrize(
    ("key", "variable"),
    [
        ("clientSecret", "KEYCLOAK_CLIENT_SECRET"),
        ("client_secret", "KEYCLOAK_CLIENT_SECRET"),
        ("password", "KEYCLOAK_PASSWORD"),
        ("accessToken", "KEYCLOAK_ACCESS_TOKEN"),
        ("credentials", "KEYCLOAK_CLIENT_SECRET"),
    ],
)
def test_a_secret_is_refused_without_being_repeated(key: str, variable: str) -> None:
    (found,) = problems(f"environments: {{a: {{keycloak: {{{key}: hunter2}}}}}}")
    assert "Secrets do not belong in this file." in found
    assert f"set {variable} in the environment" in found
    assert "hunter2" not in found


SINKS = """\
environments: {staging: {sink: vault}}
sinks:
  vault: {command: {run: [vault, kv, put, "nt24/{name}", "client_secret=-"], timeout: 30s}}
  files: {file: {path: "secrets/{name}"}}
"""


def test_sinks_are_read_by_name() -> None:
    found = settings(SINKS)
    assert found.environments["staging"].sink == "vault"
    assert found.sinks["vault"].command is not None
    assert found.sinks["vault"].command.timeout == 30


@pytest.mark.parametrize(
    ("sink", "problem"),
    [
        ("{}", "A sink is exactly one of file, dotenv, kubernetes, command, githubActions."),
        ('{file: {path: "a/{name}"}, githubActions: {}}', "A sink is exactly one of"),
        ("{file: {path: secrets}}", "Every secret would go to the same place. Put {name} into it."),
        ('{file: {path: "{client}"}}', "There is no placeholder {client}."),
        ('{dotenv: {path: "a{"}}', "The braces do not match."),
        ("{command: {run: []}}", "The value is empty."),
        ("{vault: {}}", "The key is unknown."),
    ],
)
def test_a_sink_that_makes_no_sense_is_found_at_its_place(sink: str, problem: str) -> None:
    (found,) = problems(f"environments: {{a: {{}}}}\nsinks: {{s: {sink}}}")
    assert "sinks.s" in found
    assert problem in found


def test_a_sink_that_is_not_declared_is_named() -> None:
    (found,) = problems(SINKS.replace("sink: vault", "sink: valt"))
    assert "1:32: environments.staging.sink: There is no sink 'valt'." in found
    assert "Declared: files, vault." in found


def test_a_password_in_a_url_is_refused_without_being_repeated() -> None:
    (found,) = problems('environments: {a: {keycloak: {url: "https://admin:hunter2@idp.example.com"}}}')
    assert "secrets do not belong in this file" in found
    assert "hunter2" not in found


def test_the_checked_in_schema_is_the_generated_one() -> None:
    checked_in = Path(__file__).parents[3] / "schema" / "settings.schema.json"
    assert checked_in.read_text(encoding="utf-8") == settings_schema_text(), "run: make schema"


def test_a_required_agreement_holds_for_all_environments_that_say_none() -> None:
    text = """\
dpa: {required: "2026-07", deadline: 2026-12-31, notice: 60d}
environments:
  staging: {dpa: {required: "2026-10", deadline: 2026-10-01T00:00:00+02:00}}
  production: {authority: {capabilities: platform, dpa: platform}}
"""
    found = settings(text)
    staging, production = found.environments["staging"], found.environments["production"]
    assert found.dpa is not None
    assert staging.dpa is not None
    assert (found.dpa.deadline, found.dpa.notice) == (datetime(2026, 12, 31, tzinfo=UTC), 60 * 86_400)
    assert (staging.dpa.deadline, staging.dpa.notice) == (datetime(2026, 9, 30, 22, tzinfo=UTC), 30 * 86_400)
    assert production.dpa is None
    assert production.authority.of_platform == ("capabilities", "dpa")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{dpa: {required: 2026-7, deadline: 2026-12-31}}", "environments.here.dpa.required"),
        ('{dpa: {required: "2026-07"}}', "environments.here.dpa.deadline"),
        ('{dpa: {required: "2026-07", deadline: soon}}', "The value is neither a date nor a date and time."),
        ('{dpa: {required: "2026-07", deadline: 2026-02-30}}', "There is no such date"),
        ('{dpa: {required: "2026-07", deadline: 2026-12-31, notice: 60}}', "environments.here.dpa.notice"),
        ("{authority: {capabilities: nt24}}", "Allowed: manifest, platform."),
        ("{authority: {capabilites: platform}}", "Did you mean capabilities?"),
    ],
)
def test_a_mistake_in_what_an_environment_expects_is_told_at_its_place(text: str, words: str) -> None:
    (problem,) = problems(f"environments: {{here: {text}}}")
    assert words in problem


def test_an_environment_says_what_is_too_much_for_one_plan() -> None:
    said = settings("environments:\n  production: {guards: {maxShare: 0.1, minResources: 5}}\n  staging: {}\n")
    production, staging = said.environments["production"].guards, said.environments["staging"].guards
    assert (production.max_share, production.min_resources) == (0.1, 5)
    assert (staging.max_share, staging.min_resources) == (0.3, 10)


@pytest.mark.parametrize("wrong", ["{maxShare: 30}", "{maxShare: -0.1}", "{minResources: 0}", "{share: 0.5}"])
def test_guards_that_make_no_sense_are_refused(wrong: str) -> None:
    assert problems(f"environments: {{staging: {{guards: {wrong}}}}}")


IGNORING = """\
environments:
  production:
    keycloakFields:
      ignore:
        - {path: keycloak.attributes.brand.new, reason: release 26.8 adds it, until: 2027-03-31}
        - PATH
"""


def test_a_field_of_keycloak_is_ignored_with_a_reason_until_a_date() -> None:
    text = IGNORING.replace("PATH", "{path: keycloak.name, reason: x, until: '2027-01-01T00:00:00+01:00'}")
    first, second = settings(text).expected_in("production").ignored
    assert (first.path, first.reason) == ("keycloak.attributes.brand.new", "release 26.8 adds it")
    assert first.until == datetime(2027, 3, 31, tzinfo=UTC)
    assert second.until == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{path: keycloak.name, until: 2027-01-01}", "6:11: environments.production.keycloakFields.ignore[1].reason"),
        ("{path: keycloak.name, reason: x}", "6:11: environments.production.keycloakFields.ignore[1].until"),
        (
            "{path: keycloak.name, reason: x, until: soon}",
            "ignore[1].until: The value is neither a date nor a date and time.",
        ),
        ("{path: spec.displayName, reason: x, until: 2027-01-01}", "from keycloak on"),
        ("{path: keycloak.redirectUris, reason: x, until: 2027-01-01}", "6:18: environments.production.keycloakFields"),
        ("{path: keycloak.attributes, reason: x, until: 2027-01-01}", "it is, or contains, a field that grants access"),
        ("{path: keycloak.attributes.brand.new, reason: x, until: 2027-01-01}", "Duplicate entry"),
    ],
)
def test_an_ignored_field_needs_a_reason_and_an_end_and_gives_no_power(entry: str, problem: str) -> None:
    (found,) = problems(IGNORING.replace("PATH", entry))
    assert problem in found


def test_a_url_in_place_of_the_variable_that_holds_it_is_said() -> None:
    text = "environments: {a: {notifications: [{kind: slack, urlFrom: https://hooks.example.com/x}]}}\n"
    with pytest.raises(SettingsError) as caught:
        read_settings("reconciler.yaml", text)
    assert any("the name of an environment variable" in str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("key", "value", "advised"),
    [
        ("urlFrom", "1", "Write one such as SLACK_WEBHOOK_URL."),
        ("urlFrom", "true", "Write one such as SLACK_WEBHOOK_URL."),
        ("owner", "1", 'Put it in quotes: "1".'),
        ("url", "1", "Write a text."),
    ],
)
def test_quotes_are_advised_only_where_they_help(key: str, value: str, advised: str) -> None:
    places = {
        "urlFrom": f"notifications: [{{kind: slack, urlFrom: {value}}}]",
        "owner": f"owner: {value}",
        "url": f"keycloak: {{url: {value}}}",
    }
    with pytest.raises(SettingsError) as error:
        read_settings("x", f"environments:\n  a:\n    {places[key]}\n")
    assert [problem.remedy for problem in error.value.problems] == [advised]
