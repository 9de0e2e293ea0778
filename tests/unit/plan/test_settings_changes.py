"""What of ``reconciler.yaml`` differs between two revisions, and how much it can hurt."""

import pytest

from reconciler.manifest.settings_file import read_settings_file
from reconciler.model.origin import SettingChange
from reconciler.model.risk import RiskLevel
from reconciler.model.settings import Settings
from reconciler.model.strict import Strict
from reconciler.model.value import Value
from reconciler.plan.settings_changes import settings_changes

BASE = """\
environments:
  production:
    default: true
    keycloak: {url: https://idp.example.com, realm: nt24-idp}
    api: {url: https://api.example.com}
    manifests: organizations
    overlays: overlays
    owner: team-a
    history: postgresql://history.example.com/runs
    sink: vault
    notifications: [{kind: slack, urlFrom: SLACK_URL}]
    dpa: {required: "2026-07", deadline: 2026-12-31}
    authority: {dpa: platform}
  staging: {}
sinks:
  vault: {command: {run: [vault, kv, put, "{name}"]}}
  ci: {githubActions: {}}
policies:
  - {name: no-removal, when: {path: authorizedPartners, risk: high}, then: deny, message: Never.}
  - {name: two-people, when: {risk: high, environment: production}, then: require-approval, message: Ask.}
"""


def settings(text: str) -> Settings:
    return read_settings_file("reconciler.yaml", text).settings


def changes(before: str | None, after: str | None) -> dict[str, SettingChange]:
    old, new = (None if text is None else settings(text) for text in (before, after))
    return {each.path: each for each in settings_changes(old, new)}


def changed(old: str, new: str) -> dict[str, tuple[Value, Value, RiskLevel, str]]:
    assert old in BASE
    found = changes(BASE, BASE.replace(old, new))
    return {path: (each.before, each.after, each.risk.level, each.risk.code) for path, each in found.items()}


HIGH, MEDIUM, LOW = RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("idp.example", "idp.evil", ("keycloak.url", "https://idp.example.com", "https://idp.evil.com", HIGH)),
        ("realm: nt24-idp", "realm: other", ("keycloak.realm", "nt24-idp", "other", HIGH)),
        (", realm: nt24-idp", "", ("keycloak.realm", "nt24-idp", None, HIGH)),
        ("api.example", "api.evil", ("api.url", "https://api.example.com", "https://api.evil.com", HIGH)),
        ("team-a", "team-b", ("owner", "team-a", "team-b", HIGH)),
        ("    history: postgresql://history.example.com/runs\n", "",
         ("history", "postgresql://history.example.com/runs", None, HIGH)),
        ("sink: vault", "sink: ci", ("sink", "vault", "ci", HIGH)),
        ("SLACK_URL", "OTHER", ("notifications", ({"kind": "slack", "urlFrom": "SLACK_URL"},),
                                ({"kind": "slack", "urlFrom": "OTHER"},), HIGH)),
        ("    default: true\n", "", ("default", True, None, HIGH)),
        ("{dpa: platform}", "{capabilities: platform, dpa: platform}",
         ("authority.capabilities", None, "platform", HIGH)),
        ("2026-12-31", "2027-12-31", ("dpa.deadline", "2026-12-31T00:00:00Z", "2027-12-31T00:00:00Z", MEDIUM)),
        ("manifests: organizations", "manifests: [a, b]", ("manifests", ("organizations",), ("a", "b"), MEDIUM)),
        ("overlays: overlays", "overlays: none", ("overlays", "overlays", "none", MEDIUM)),
    ],
)  # fmt: skip
def test_each_setting_of_an_environment_is_told_with_its_risk(
    old: str, new: str, expected: tuple[str, Value, Value, RiskLevel]
) -> None:
    path, before, after, level = expected
    assert [(key, *value[:3]) for key, value in changed(old, new).items()] == [
        (f"environments.production.{path}", before, after, level)
    ]


def test_a_changed_sink_is_a_place_where_secrets_go() -> None:
    assert changed("[vault, kv,", "[sh, kv,") == {
        "sinks.vault.command.run": (
            ("vault", "kv", "put", "{name}"), ("sh", "kv", "put", "{name}"), HIGH, "target-moved"),
    }  # fmt: skip
    assert changed("  ci: {githubActions: {}}\n", "") == {"sinks.ci.githubActions": ({}, None, HIGH, "target-moved")}


def test_a_policy_that_is_removed_is_one_difference_of_high_risk() -> None:
    (change,) = changes(BASE, "\n".join(line for line in BASE.splitlines() if "no-removal" not in line)).values()
    assert (change.path, change.after, change.risk.code) == ("policies.no-removal", None, "policy-removed")
    assert change.risk.level is HIGH
    assert isinstance(change.before, dict)
    assert change.before["then"] == "deny"


def test_a_policy_that_is_added_or_reworded_is_of_low_risk() -> None:
    rule = "policies:\n  - {name: new, when: {}, then: deny, message: No.}\n"
    assert {path: each[2:] for path, each in changed("policies:\n", rule).items()} == {
        "policies.new": (LOW, "policy-added")
    }
    assert changed("Never.", "Not now.") == {
        "policies.no-removal.message": ("Never.", "Not now.", LOW, "policy-reworded")
    }


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("then: deny", "then: require-approval", "policies.no-removal.then"),
        ("path: authorizedPartners", "path: displayName", "policies.no-removal.when.path"),
        ("environment: production", "environment: staging", "policies.two-people.when.environment"),
        (", environment: production", "", "policies.two-people.when.environment"),
    ],
)
def test_a_policy_that_says_something_else_is_of_high_risk(old: str, new: str, path: str) -> None:
    assert {path: each[2:] for path, each in changed(old, new).items()} == {path: (HIGH, "policy-changed")}


def test_the_order_of_policies_and_what_is_said_as_the_default_are_no_difference() -> None:
    lines = BASE.splitlines()
    assert changes(BASE, "\n".join([*lines[:-2], lines[-1], lines[-2]])) == {}
    assert changed("  staging: {}", "  staging: {default: false, manifests: .}") == {}


def test_an_environment_that_comes_is_told_setting_by_setting_and_an_empty_one_as_a_whole() -> None:
    text = BASE.replace(
        "  staging: {}\n", "  staging: {}\n  qa: {keycloak: {url: https://idp.qa.example.com}}\n  no: {}\n"
    )
    assert list(changes(BASE, text)) == ["environments.qa.keycloak.url", "environments.no"]


def test_a_file_that_comes_or_goes_is_told_whole_the_highest_risk_first() -> None:
    came, gone = changes(None, BASE), changes(BASE, None)
    assert (
        set(came) == set(gone) > {"environments.production.keycloak.url", "policies.no-removal", "environments.staging"}
    )
    assert all(each.before is None for each in came.values())
    assert gone["policies.no-removal"].risk.level is HIGH
    ranks = [each.risk.level.rank for each in gone.values()]
    assert ranks == sorted(ranks, reverse=True)


def test_a_setting_of_a_later_version_shows_up_without_further_code() -> None:
    class Guards(Strict):
        max_delete: int = 30

    class Later(Settings):
        guards: Guards = Guards()
        retries: int = 3

    said = settings(BASE).model_dump(by_alias=True, exclude_unset=True, mode="json")
    found = settings_changes(Later.model_validate(said), Later(**{**said, "guards": {"maxDelete": 90}, "retries": 4}))
    assert [(each.path, each.before, each.after, each.risk.code, each.risk.level) for each in found] == [
        ("guards.maxDelete", None, 90, "guard-changed", HIGH),
        ("retries", None, 4, "setting-changed", MEDIUM),
    ]


def test_each_is_placed_in_the_newer_file_where_it_is_said_or_would_be() -> None:
    newer = read_settings_file(
        "reconciler.yaml", BASE.replace("team-a", "team-b").replace("then: deny, ", "then: require-approval, ")
    )
    without = read_settings_file("reconciler.yaml", BASE.replace(", realm: nt24-idp", ""))
    for file, expected in (
        (newer, {"environments.production.owner": 8, "policies.no-removal.then": 19}),
        (without, {"environments.production.keycloak.realm": 4}),
    ):
        found = settings_changes(settings(BASE), file.settings, file.source.at)
        assert {each.path: each.place.line for each in found if each.place} == expected


def test_each_field_that_is_ignored_is_a_difference_of_high_risk() -> None:
    entry = "{path: keycloak.attributes.brand.new, reason: x, until: 2027-01-01}"
    other = entry.replace("new", "newer")
    base = BASE.replace("    owner: team-a\n", f"    owner: team-a\n    keycloakFields: {{ignore: [{entry}]}}\n")
    path = "environments.production.keycloakFields.ignore.keycloak.attributes.brand"
    for before, after in ((BASE, base), (base, base.replace(entry, f"{entry}, {other}"))):
        (change,) = changes(before, after).values()
        assert (change.risk.level, change.risk.code) == (HIGH, "fields-ignored")
        assert change.path.startswith(path)
        assert change.before is None
    (later,) = changes(base, base.replace("2027-01-01", "2028-01-01")).values()
    assert (later.path, later.risk.level) == (f"{path}.new.until", HIGH)
