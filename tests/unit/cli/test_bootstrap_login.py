"""What ``bootstrap-login`` is told of a code host goes together, or is refused before anything is asked."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from reconciler.cli.main import cli
from reconciler.model.errors import WrongUsage
from reconciler.model.pipeline import ENVIRONMENTS, FORGES, GITLAB, Power, environments_of

WHERE = ("--keycloak-url", "https://idp.example", "--realm", "nt24-idp", "--api-url", "https://api.example")
GITHUB = ("--trust", "github")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (GITHUB, "--subject is missing."),
        ((*GITHUB, "--subject", "acme/integrations"), "--subject 'acme/integrations' is none of github's."),
        ((*GITHUB, "--subject", "repo:acme/integrations:environment:x"), "is none of github's."),
        (("--trust", "gitlab", "--subject", "repo:acme/integrations"), "is none of gitlab's."),
        ((*GITHUB, "--subject", "repo:a/b", "--issuer", "git.example"), "--issuer git.example is not a URL."),
        (("--subject", "repo:a/b"), "--subject, --issuer and --alias go with --trust."),
        (("--issuer", "https://git.example"), "--subject, --issuer and --alias go with --trust."),
        ((*GITHUB, "--subject", "repo:a/b", "--alias", "a\nb"), "--alias 'a\nb' is not an alias."),
        (("--alias", "people"), "--subject, --issuer and --alias go with --trust."),
        ((*GITHUB, "--subject", "repo:a/b", "--deliver"), "--deliver is for logins by a secret"),
        ((*GITHUB, "--subject", "repo:a/b", "--sink", "file:x"), "--sink is for logins by a secret"),
        (
            (*GITHUB, "--subject", "repo:a/b", "--reader", "reconciler-reader", "--writer", "w"),
            "--reader and --writer are for logins by a secret",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(given: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(cli, ["bootstrap-login", "--print", *WHERE, *given])

    assert isinstance(done.exception, WrongUsage), done.output
    assert said in done.exception.message


@pytest.mark.parametrize(
    ("forge", "subject", "expected"),
    [
        ("github", "repo:acme@1/integrations@2", "repo:acme@1/integrations@2:environment:reconciler-apply"),
        (
            "gitlab",
            "project_path:acme/sub/integrations",
            (
                "project_path:acme/sub/integrations:ref_type:branch:ref_protected:true:environment_protected:true"
                ":deployment_tier:production"
            ),
        ),
    ],
)
def test_the_script_for_kcadm_trusts_the_jobs_of_each_environment(forge: str, subject: str, expected: str) -> None:
    done = CliRunner().invoke(cli, ["bootstrap-login", "--print", *WHERE, "--trust", forge, "--subject", subject])

    assert done.exit_code == 0, done.output
    assert expected in done.stdout
    assert "Its secret" not in done.stdout
    assert done.stdout.count("create clients") == len(environments_of(FORGES[forge]))


@pytest.mark.parametrize("tier", ["production", "staging", "testing", "development", "other"])
def test_a_merge_request_is_never_the_writer_whatever_tier_its_file_names(tier: str) -> None:
    """Its branch is not protected, and the file of a job says the tier, in any environment."""
    by_power = {power: {GITLAB.subject_of("x", e) for e, p in environments_of(GITLAB) if p is power} for power in Power}
    for each in ENVIRONMENTS:
        proposed = GITLAB.subject_of("x", replace(each, tier=tier, default_branch_only=False))
        assert proposed not in by_power[Power.WRITER]
    assert all(":ref_protected:true:" in subject for subject in by_power[Power.WRITER])


def test_the_tokens_of_no_two_environments_are_alike() -> None:
    for forge in FORGES.values():
        subjects = {forge.subject_of("x", each) for each in ENVIRONMENTS}
        assert len(subjects) == len(ENVIRONMENTS)
