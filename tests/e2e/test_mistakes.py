"""The mistakes that people make, each with what they read and the exit code: offline, and against the real server."""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Final

import pytest

from reconciler.model.errors import ExitCode
from tests.e2e import fork_server
from tests.e2e.command import Command
from tests.e2e.test_cli_failures import WEB_PAGE, stub
from tests.e2e.test_verdicts import APPLY, check, site
from tests.unit.manifest.builders import an_organization_text

__all__ = ["site"]

MANIFEST: Final = an_organization_text("acme")
OVERLAY: Final = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\nspec: "
OVERLAID: Final = "environments: {here: {manifests: m, overlays: o}}"
CLIENTS: Final = f"{MANIFEST}  clients: [{{clientId: api-client-acme}}]\n"
Row = tuple[Mapping[str, str], tuple[str, ...], ExitCode, str]

OFFLINE: Final[Mapping[str, Row]] = {
    "the kind is miscased": (
        {"a.yaml": MANIFEST.replace("kind: Integration", "kind: integration")}, ("validate",),
        ExitCode.ERROR, "Did you mean IntegrationOrganization?"),
    "there is no kind": (
        {"a.yaml": MANIFEST.replace("kind: IntegrationOrganization\n", "")}, ("validate",),
        ExitCode.ERROR, "The document has no kind."),
    "an overlay is among the manifests": (
        {"a.yaml": MANIFEST, "o.yaml": f"{OVERLAY}{{suspended: true}}\n"}, ("validate",),
        ExitCode.ERROR, "o.yaml:2:7: kind: This is an overlay among the manifests."),
    "the file is empty": ({"a.yaml": ""}, ("validate", "a.yaml"), ExitCode.ERROR, "The file is empty."),
    "a merge conflict is left": (
        {"a.yaml": f"<<<<<<< HEAD\n{MANIFEST}"}, ("validate",),
        ExitCode.ERROR, "A merge conflict is not resolved here."),
    "a template is not rendered": (
        {"a.yaml": MANIFEST.replace("name: acme", "name: {{ name }}")}, ("validate",),
        ExitCode.ERROR, "This is a template, not a manifest."),
    "a manifest is JSON": (
        {"a.json": '{"apiVersion": "reconciler/v1", "kind": "IntegrationOrganization"}'}, ("validate",),
        ExitCode.ERROR, "Rename it to a.yaml"),
    "a key is there twice": (
        {"a.yaml": f"{MANIFEST}kind: IntegrationOrganization\n"}, ("validate",), ExitCode.ERROR, "Duplicate key"),
    "an overlay names an unknown client": (
        {"m/a.yaml": CLIENTS, "reconciler.yaml": OVERLAID,
         "o/o.yaml": f"{OVERLAY}{{clients: [{{clientId: api-client-acmee, description: x}}]}}\n"}, ("validate",),
        ExitCode.ERROR, "There is no clientId 'api-client-acmee' to change."),
    "a directive is a list": (
        {"m/a.yaml": CLIENTS, "reconciler.yaml": OVERLAID,
         "o/o.yaml": f"{OVERLAY}{{clients: [{{clientId: api-client-acme, $patch: [delete]}}]}}\n"}, ("validate",),
        ExitCode.ERROR, "Allowed: $patch: add or delete beside clientId"),
    "the last manifest is deleted": ({}, ("validate",), ExitCode.ERROR, "write allowEmpty: true"),
    "the settings are named .yml": (
        {"reconciler.yml": OVERLAID, "a.yaml": MANIFEST}, ("validate", "--env", "here"),
        ExitCode.USAGE, "Rename it to reconciler.yaml"),
    "an environment is misspelt": (
        {"reconciler.yaml": "environments: {staging: {}}", "a.yaml": MANIFEST}, ("validate", "--env", "stagin"),
        ExitCode.USAGE, "Did you mean staging?"),
    "urlFrom is a URL": (
        {"reconciler.yaml": "environments: {a: {notifications: [{kind: slack, urlFrom: 'https://hooks.example'}]}}"},
        ("validate",), ExitCode.USAGE, "expected the name of an environment variable"),
    "a path is misspelt": ({"a.yaml": MANIFEST}, ("validate", "b.yaml"), ExitCode.USAGE, "Did you mean a.yaml?"),
    "no server is named": ({"a.yaml": MANIFEST}, ("plan",), ExitCode.USAGE, "KEYCLOAK_URL is not set."),
    "a URL has a blank": (
        {"a.yaml": MANIFEST}, ("plan", "--keycloak-url", "https://idp example"),
        ExitCode.USAGE, "'https://idp example' is not a valid URL for Keycloak."),
    "a command is misspelt": ({}, ("pln",), ExitCode.USAGE, "Did you mean 'plan'?"),
    "an option is Terraform's": ({"a.yaml": MANIFEST}, ("plan", "-var-file", "x"), ExitCode.USAGE, "--overlays DIR"),
    "a duration has no such unit": (
        {"a.yaml": MANIFEST}, ("apply", "--verify-timeout", "5x"), ExitCode.USAGE, "write 90s, 5m, 2h or 30d"),
    "a key is unknown": ({}, ("explain", "spec.clientz"), ExitCode.USAGE, "There is no key or code 'spec.clientz'."),
    "init takes a login for no pipeline": ({}, ("init", "--login", "secret"), ExitCode.USAGE, "without --with github"),
}  # fmt: skip


@pytest.mark.parametrize("row", OFFLINE.values(), ids=OFFLINE)
def test_a_mistake_is_told_without_a_server(tmp_path: Path, row: Row) -> None:
    files, arguments, code, words = row
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = fork_server.run(arguments, tmp_path, {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / ".state")})
    said = done.stdout + done.stderr
    assert (done.returncode, words in said) == (code, True), said
    assert "Internal error" not in said


@pytest.mark.e2e
@pytest.mark.parametrize("command", [("plan",), ("plan", "--json"), ("drift",), APPLY], ids=" ".join)
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("organization/acmee", "Did you mean organization/acme?"),
        ("client/acme/api-client-acm", "Did you mean client/acme/api-client-acme?"),
        ("organization/*x", ""),
    ],
)
def test_a_target_that_names_nothing_is_wrong_usage(
    site: Command, command: tuple[str, ...], target: str, words: str
) -> None:
    check(site, (*command, "--target", target), ExitCode.USAGE, words)


@pytest.mark.e2e
@pytest.mark.parametrize("command", [("plan",), ("plan", "--json"), ("drift",), APPLY], ids=" ".join)
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("a path too many", "NT24_API_URL"),
        ("a web page", "is a web page instead of JSON"),
        ("Keycloak", "NT24_API_URL"),
    ],
)
def test_an_api_that_is_not_the_platform_s_ends_a_run_before_it_says_or_writes_anything(
    site: Command, command: tuple[str, ...], place: str, words: str
) -> None:
    started = monotonic()
    with stub(lambda _: WEB_PAGE) as (page, _):
        url = {
            "a path too many": f"{site.settings['NT24_API_URL']}/v1",
            "a web page": page,
            "Keycloak": site.settings["KEYCLOAK_URL"],
        }[place]
        check(site, command, ExitCode.UNREACHABLE, words, NT24_API_URL=url)
    assert monotonic() - started < 30
    check(site, ("plan", "--no-effective"), ExitCode.DONE, "No changes", NT24_API_URL="http://127.0.0.1:9")
