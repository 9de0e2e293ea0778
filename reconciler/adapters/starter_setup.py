"""What to create where a pipeline runs, as Markdown with the commands that create it; made of the pipeline's table."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Final

from reconciler.adapters.starter import StarterPart
from reconciler.model.pipeline import (
    ENVIRONMENTS,
    GITHUB,
    GITLAB,
    SINK,
    TARGETS,
    Forge,
    PipelineEnvironment,
    Power,
    Setting,
    environments_of,
    login_settings,
    settings_of,
)

_ADMINISTRATOR: Final = (
    "# Keycloak's side, by an administrator's login (KEYCLOAK_USER and KEYCLOAK_PASSWORD). Add --with-realm where",
    "# manifests declare the realm (kind: Realm), --with-identity-providers where they link any.",
)
_SINK: Final = "reconciler bootstrap-login --sink 'file:secrets/{name}'"
_OLDER: Final = (
    "Keycloak before 26.7 takes none: then run the same `init` again with `--login secret --overwrite` added."
)


@dataclass(frozen=True, slots=True)
class Setup:
    """How a pipeline is to log in, and what ``init`` knows of its settings."""

    values: Mapping[str, str]
    """The values of ``@NAME@``."""
    by_secret: bool
    issuer: str | None = None
    """Whose tokens the jobs get, where it is a host of your own."""

    def value(self, setting: Setting) -> str:
        """Return what a setting is to be."""
        found = setting.value
        for name, value in self.values.items():
            found = found.replace(f"@{name}@", value)
        return found


def workflow_values(setup: Setup) -> Mapping[str, str]:
    """Return what the workflows are given, by the names of their placeholders; nothing takes a line away."""
    realm = f"{setup.values['KEYCLOAK_URL'].rstrip('/')}/realms/{setup.values['REALM']}"
    by_token = {
        "IDENTITY": "id-token: write # the login: no secret is stored",
        "AUDIENCE": "oidc-audience: ${{ vars.KEYCLOAK_URL }}/realms/${{ vars.KEYCLOAK_REALM }}",
        "ID_TOKENS": f'id_tokens: {{KEYCLOAK_JWT_TOKEN: {{aud: "{realm}"}}}}',
    }
    given = {f"{login.name}_SETTINGS": "\n".join(_given(login, setup)) for login in Power}
    return {**(dict.fromkeys(by_token, "") if setup.by_secret else by_token), **given}


def _given(login: Power, setup: Setup) -> Iterator[str]:
    """Yield the environment of a step on GitHub."""
    for each in settings_of(GITHUB, login, by_secret=setup.by_secret):
        if each.given_as != "":
            place = "secrets" if each.is_secret else "vars"
            yield f"{each.given_as or each.name}: ${{{{ {place}.{each.name} }}}}"


def setup_text(parts: Iterable[StarterPart], setup: Setup) -> str:
    """Return the chapters of the parts; empty where none needs anything."""
    return "\n\n".join("\n".join(_CHAPTERS[part](setup)) for part in dict.fromkeys(parts))


def _github(setup: Setup) -> Iterator[str]:
    yield from _head(GITHUB, "GitHub", setup)
    yield "```sh"
    yield from _ADMINISTRATOR
    if setup.by_secret:
        yield _SINK
    else:
        yield "# A repository from before July 15, 2026, names itself without ids: --jq '\"repo:\" + .full_name'"
        named = r'"repo:\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'
        yield f"subject=$(gh api 'repos/{{owner}}/{{repo}}' --jq '{named}')"
        yield _trust(GITHUB, setup)
    yield ""
    yield "# GitHub's side, by its administrator. You let jobs in; name others by their id (gh api users/LOGIN)."
    yield "you=$(gh api user --jq .id)"
    for each in ENVIRONMENTS:
        place = f"'repos/{{owner}}/{{repo}}/environments/{each.name}'"
        branches = {"protected_branches": False, "custom_branch_policies": True} if each.default_branch_only else None
        # The shell puts the id between its quotes.
        reviewers = [{"type": "User", "id": "YOU"}] if each.approvers else []
        rules = {
            "reviewers": reviewers, "prevent_self_review": each.login is None, "deployment_branch_policy": branches,
        }  # fmt: skip
        yield f"{_echo(rules)} | gh api --silent --method PUT {place} --input -".replace('"YOU"', "'\"$you\"'")
        if each.default_branch_only:
            yield f"gh api --silent --method POST {place[:-1]}/deployment-branch-policies' --raw-field name=main"
    yield "# What is merged, somebody else has approved. A protection that is there already is left as it is."
    protection = {
        "required_pull_request_reviews": {"required_approving_review_count": 1}, "enforce_admins": True,
        "required_status_checks": None, "restrictions": None,
    }  # fmt: skip
    place = "'repos/{owner}/{repo}/branches/main/protection'"
    yield f"found=$(gh api --silent {place} 2>&1 || true)"
    yield 'case "$found" in'
    yield f"  *'HTTP 404'*) {_echo(protection)} | gh api --silent --method PUT {place} --input - ;;"
    yield '  *) echo "The protection of main was left: see that it demands an approval. $found" >&2 ;;'
    yield "esac"

    def command(setting: Setting, environment: str, _: bool) -> str:
        kind = "secret" if setting.is_secret else "variable"
        return f"gh {kind} set {setting.name} --env {environment}{'' if setting.is_secret else ' --body'}"

    yield from _settings(GITHUB, setup, command)
    yield "```"


def _gitlab(setup: Setup) -> Iterator[str]:
    header = "--header 'Content-Type: application/json' --input -"
    yield from _head(GITLAB, "GitLab", setup)
    yield "```sh"
    yield from _ADMINISTRATOR
    if setup.by_secret:
        yield _SINK
    else:
        yield "# A job's token says the project, whether branch and environment are protected, and the tier that the"
        yield "# job's file names (GitLab 18.7). Every protected branch counts as the default branch: protect none that"
        yield "# nobody reviews. Who else trusts this project's tokens by their subject has to expect the new one."
        claims = {"ci_id_token_sub_claim_components": ["project_path", *GITLAB.subject.split(":")[1::2]]}
        yield f"{_echo(claims)} | glab api --silent --method PUT 'projects/:id' {header}"
        yield "subject=\"project_path:$(glab api 'projects/:id' | jq --raw-output .path_with_namespace)\""
        yield _trust(GITLAB, setup)
    yield ""
    yield '# GitLab\'s side, by a maintainer. Maintainers (40) let jobs in; name users by {"user_id": ID} (Premium).'
    for each in ENVIRONMENTS:
        made = {"name": each.name, "tier": each.tier}
        protected = {"name": each.name, "deploy_access_levels": [{"access_level": 40}]}
        for kind, body in (("environments", made), ("protected_environments", protected)):
            yield f"{_echo(body)} | glab api --silent --method POST 'projects/:id/{kind}' {header}"
    yield "# What is merged, somebody else has approved; the default branch is protected already."
    rule = {"name": "Manifests", "approvals_required": 1}
    yield f"{_echo(rule)} | glab api --silent --method POST 'projects/:id/approval_rules' {header}"
    yield "glab schedule create --cron '17 * * * *' --ref main --description Drift --variable DRIFT:1"

    def command(setting: Setting, environment: str, is_protected: bool) -> str:
        flags = " --masked" * setting.is_secret + " --protected" * is_protected
        return f"glab variable set {setting.name} --scope {environment}{flags}{'' if setting.is_secret else ' --value'}"

    yield from _settings(GITLAB, setup, command)
    yield "```"


def _settings(forge: Forge, setup: Setup, command: Callable[[Setting, str, bool], str]) -> Iterator[str]:
    """Yield what sets each setting; ``command`` says how, in which environment, for protected branches alone or not."""
    found = environments_of(forge)
    by_flags = {command(TARGETS[0], "", each.default_branch_only): each.default_branch_only for each, _ in found}
    for is_protected in by_flags.values():
        names = [e.name for e, _ in found if len(by_flags) == 1 or e.default_branch_only is is_protected]
        yield ""
        yield f"for environment in {' '.join(names)}; do"
        for setting in TARGETS:
            yield "  " + _set(command(setting, '"$environment"', is_protected), setting, setup)
        yield "done"
    for each, login in found:
        for setting in settings_of(forge, login, by_secret=setup.by_secret):
            if setting not in TARGETS:
                yield _set(command(setting, each.name, each.default_branch_only), setting, setup)


def _echo(document: object) -> str:
    return f"echo '{json.dumps(document)}'"


def _head(forge: Forge, title: str, setup: Setup) -> Iterator[str]:
    yield f"## What {title} needs"
    yield ""
    yield f"The pipelines do their work only where {title} has these environments. Whoever may change a file here can"
    yield "change the pipelines too, so that the environments decide who gets a login, and who permits a deletion."
    yield ""
    yield "| environment | its jobs log in as | who lets a job in | branches | variables | secrets |"
    yield "|---|---|---|---|---|---|"
    logins = dict(environments_of(forge))
    for each in ENVIRONMENTS:
        login = logins.get(each)
        yield f"| {' | '.join(_cells(forge, each, login, setup))} |"
    yield ""
    yield "What is optional stands behind a `#` below."
    if not setup.by_secret:
        yield f"Jobs log in by a token of {title}'s own: nothing is stored. {_OLDER}"
    yield ""


def _cells(forge: Forge, each: PipelineEnvironment, login: Power | None, setup: Setup) -> tuple[str, ...]:
    settings = settings_of(forge, login, by_secret=setup.by_secret) if login else ()
    names = [[f"`{s.name}`" for s in settings if s.is_secret is secret] for secret in (False, True)]
    client = "nobody" if login is None else f"`reconciler-{login}`" if setup.by_secret else f"`{each.name}`"
    who, branches = each.approvers or "nobody has to", "`main`" if each.default_branch_only else "all"
    return (f"`{each.name}`", client, who, branches, *(", ".join(found) or "none" for found in names))


def _trust(forge: Forge, setup: Setup) -> str:
    issuer = f" --issuer {quote(setup.issuer)}" if setup.issuer else ""
    return f'reconciler bootstrap-login --trust {forge.name} --subject "$subject"{issuer}'


def _set(command: str, setting: Setting, setup: Setup) -> str:
    sign = "< " if setting.is_secret else ""
    if setting.is_optional:
        return f"# {command} {sign}{'FILE' if setting.is_secret else 'VALUE'}  # {setting.meaning}"
    return f"{command} {sign}{quote(setup.value(setting))}"


def _plain(title: str, place: str, logins: tuple[Power, ...], *more: Setting) -> Callable[[Setup], Iterator[str]]:
    """Return the chapter of what takes its variables from a file or an environment."""

    def chapter(setup: Setup) -> Iterator[str]:
        yield f"## What {title} needs"
        yield ""
        yield f"{place}. The logins are made by `{_SINK}`."
        yield ""
        yield "| variable | what it says | value |"
        yield "|---|---|---|"
        # Two logins have names that differ, one alone has the program's own.
        secrets = login_settings(GITHUB if len(logins) > 1 else GITLAB)
        for each in (*TARGETS, *(each for each in secrets if each.login in logins), *more):
            value = setup.value(each)
            shown = "optional" if each.is_optional else f"what is in `{value}`" if each.is_secret else f"`{value}`"
            yield f"| `{each.name}` | {each.meaning} | {shown} |"

    return chapter


def _kubernetes(setup: Setup) -> Iterator[str]:
    yield "## What the CronJob needs"
    yield ""
    yield "```sh"
    yield from _ADMINISTRATOR
    yield _SINK
    yield "kubectl create secret generic reconciler-login \\"
    reader = (each for each in login_settings(GITLAB) if each.login is Power.READER)
    # Those that say nothing say what they would anyway: the job takes no key that is missing.
    defaults = {"RECONCILER_OWNER": "reconciler", "RECONCILER_HISTORY": "none"}
    found = [each for each in (*TARGETS, *reader) if not each.is_optional or each.name in defaults]
    for each in found:
        value = setup.value(each) or defaults.get(each.name, "")
        kind = "file" if each.is_secret and not each.is_optional else "literal"
        yield f"  --from-{kind}={each.name}={quote(value)}" + ("" if each is found[-1] else " \\")
    yield "```"


_PERMITTERS: Final = Setting("RECONCILER_PERMITTERS", "who may permit deletions, separated by blanks", is_optional=True)
_CHAPTERS: Final[Mapping[StarterPart, Callable[[Setup], Iterator[str]]]] = {
    StarterPart.GITHUB: _github,
    StarterPart.GITLAB: _gitlab,
    StarterPart.ATLANTIS: _plain("Atlantis", "The environment of its server", tuple(Power), SINK, _PERMITTERS),
    StarterPart.SYSTEMD: _plain("the timer", "The file `/etc/reconciler/login.env`, for root only", (Power.READER,)),
    StarterPart.KUBERNETES: _kubernetes,
    StarterPart.CONTAINER: _plain("the container", "The environment of who runs it", (Power.READER,)),
}
