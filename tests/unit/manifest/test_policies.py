"""Policies in ``reconciler.yaml``: their lines, and what would make one hit never."""

import pytest

from reconciler.manifest.policies import known_paths
from reconciler.manifest.settings_file import read_settings_file
from reconciler.model.errors import SettingsError

ENVIRONMENTS = "environments:\n  staging: {}\n"


def policies(*lines: str) -> str:
    return "\n".join([f"{ENVIRONMENTS}policies:", *lines, ""])


def a_rule(name: str = "rule", when: str = "{}", then: str = "deny") -> str:
    return f"  - {{name: {name}, when: {when}, then: {then}, message: Ask.}}"


def problems(*lines: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings_file("reconciler.yaml", policies(*lines))
    return [str(problem) for problem in caught.value.problems]


def test_each_policy_knows_its_line() -> None:
    found = read_settings_file("reconciler.yaml", policies(a_rule("one"), a_rule("two"))).policies
    assert [(each.policy.name, each.place) for each in found] == [
        ("one", "reconciler.yaml:4"),
        ("two", "reconciler.yaml:5"),
    ]


def test_a_name_stands_once() -> None:
    assert "policies[1].name: Duplicate policy 'rule'." in problems(a_rule(), a_rule())[0]


def test_an_environment_that_is_not_there_is_a_mistake() -> None:
    (problem,) = problems(a_rule(when="{environment: stagin}"))
    assert "There is no environment 'stagin'. Did you mean staging?" in problem


def test_a_field_that_is_not_there_is_a_mistake() -> None:
    (problem,) = problems(a_rule(when="{path: authorisedPartners}"))
    assert "No field matches 'authorisedPartners'. Did you mean authorizedPartners?" in problem


@pytest.mark.parametrize(
    "path",
    ["capabilities", "capabilities.*", "dpa.version", "keycloak.protocolMappers.x", "serviceAccount", "*", "clientId",
     "serviceAccountRoles", "secretRotation", "labels.team", "accessTokenLifespan"],
)  # fmt: skip
def test_a_field_of_any_kind_may_be_meant(path: str) -> None:
    assert read_settings_file("reconciler.yaml", policies(a_rule(when=f"{{path: '{path}'}}"))).policies


def test_the_fields_are_those_of_the_manifests() -> None:
    assert {"suspended", "capabilities.rateLimitTier", "authorizedPartners", "enabled", "dpa.version"} <= set(
        known_paths()
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (a_rule(when="{risk: hgh}"), "Did you mean high?"),
        (a_rule(when="{kind: organisation}"), "Did you mean organization?"),
        (a_rule(when="{action: remove}"), "Allowed: create, update, delete, adopt."),
        (a_rule(when="{paths: a}"), "Did you mean path?"),
        (a_rule(then="denied"), "Did you mean deny?"),
        (a_rule(then="require-label"), "then: require-label and requires belong together."),
        ("  - {name: rule, then: deny, message: Ask.}", "The key is missing."),
    ],
)
def test_a_mistake_is_told_with_its_remedy(rule: str, expected: str) -> None:
    assert expected in " ".join(problems(rule))
