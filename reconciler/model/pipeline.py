"""What a pipeline is given by its code host: environments, logins and settings; workflows and lists are made of it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconciler.model.errors import WrongUsage


class Power(StrEnum):
    """What a login may do."""

    READER = "reader"
    WRITER = "writer"


@dataclass(frozen=True, slots=True)
class Forge:
    """A code host whose jobs can prove by a token of its own which repository and which environment they are of."""

    name: str
    issuer: str
    """Whose tokens they are, where it runs the host of everybody."""
    keys: str
    """Where its public keys are, below the issuer."""
    subject: str
    """What a token's subject says after the repository."""
    longest: int
    """How old a token may be, in seconds: as old as the job where the host makes it when a job begins."""
    repository: str
    """A pattern of how a token's subject begins."""
    example: str

    def issuer_of(self, own: str | None) -> str:
        """Return whose tokens its jobs get; ``own`` is the URL of a host of one's own.

        Raises:
            WrongUsage: It is no such URL.
        """
        found = (own or self.issuer).rstrip("/")
        if not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./~-]*)?", found):
            raise WrongUsage(f"--issuer {own} is not a URL.", remedy=f"Write one such as {self.issuer}.")
        return found

    def subject_of(self, repository: str, environment: "PipelineEnvironment") -> str:
        """Return the subject of the tokens of an environment's jobs; ``repository`` is how the host's tokens begin."""
        is_protected = str(environment.default_branch_only).lower()
        return repository + self.subject.format(name=environment.name, tier=environment.tier, protected=is_protected)


GITHUB: Final = Forge(
    "github", "https://token.actions.githubusercontent.com", "/.well-known/jwks", ":environment:{name}", 300,
    r"repo:[^\s/:]+/[^\s/:]+", "repo:OWNER/REPO, or repo:OWNER@OWNER-ID/REPO@REPO-ID",
)  # fmt: skip
GITLAB: Final = Forge(
    "gitlab", "https://gitlab.com", "/oauth/discovery/keys",
    ":ref_type:branch:ref_protected:{protected}:environment_protected:true:deployment_tier:{tier}", 3600,
    r"project_path:[^\s:]+/[^\s:]+", "project_path:GROUP/PROJECT",
)  # fmt: skip
"""The subject is not the default: ``ci_id_token_sub_claim_components`` of the project says it (GitLab 18.7).

A job's own file says its tier; ``ref_protected`` is what the author of a merge request cannot choose."""
FORGES: Final = {forge.name: forge for forge in (GITHUB, GITLAB)}


@dataclass(frozen=True, slots=True)
class PipelineEnvironment:
    """An environment of a code host, which hands out one login."""

    name: str
    login: Power | None
    """Whose login its jobs get on GitHub; where a job of GitLab's applies, it needs one."""
    tier: str
    """Its deployment tier on GitLab, by which a token tells it from others of protected branches."""
    default_branch_only: bool
    """Whether its jobs are of the default branch, which is protected, or of any branch."""
    approvers: str
    """Who lets a job in; empty for nobody."""


ENVIRONMENTS: Final = (
    PipelineEnvironment("reconciler-plan", Power.READER, "development", False, "reviewers of pipelines, each time"),
    PipelineEnvironment("reconciler-read", Power.READER, "testing", True, ""),
    PipelineEnvironment("reconciler-apply", Power.WRITER, "production", True, "who may apply"),
    PipelineEnvironment("reconciler-permit", None, "staging", True, "who may permit deletions, not the author"),
)


def environments_of(forge: Forge) -> tuple[tuple[PipelineEnvironment, Power], ...]:
    """Return the environments of a forge that hand out a login, and which."""
    found = ((each, each.login or (Power.WRITER if forge is GITLAB else None)) for each in ENVIRONMENTS)
    return tuple((each, login) for each, login in found if login is not None)


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that a pipeline is given."""

    name: str
    meaning: str
    value: str = ""
    """What to set it to, as far as ``init`` knows; ``@NAME@`` stands for an option of it."""
    is_secret: bool = False
    is_optional: bool = False
    login: Power | None = None
    """Whose jobs alone have it."""
    given_as: str | None = None
    """The program's own name of it where that differs; empty where a job is given it as an input."""


TARGETS: Final = (
    Setting("KEYCLOAK_URL", "Keycloak", "@KEYCLOAK_URL@"),
    Setting("NT24_REALM", "the realm that is managed", "@REALM@"),
    Setting("NT24_API_URL", "the NT24 Integration API", "@API_URL@"),
    Setting("RECONCILER_OWNER", "whose the objects are, if not 'reconciler'", is_optional=True),
    Setting("RECONCILER_HISTORY", "where runs are kept, a URL of PostgreSQL", is_secret=True, is_optional=True),
    Setting("KEYCLOAK_REALM", "the realm to log in to", "@REALM@"),
    Setting("RECONCILER_ENV", "the environment of reconciler.yaml, of several", is_optional=True, given_as=""),
)
"""Which systems a login is for: where a file of the repository names others, the run is refused."""
SINK: Final = Setting(
    "RECONCILER_SINK", "where secrets of new clients go, such as command:WORDS; without it, they stay in Keycloak",
    is_optional=True, login=Power.WRITER, given_as="",
)  # fmt: skip


def login_settings(forge: Forge) -> tuple[Setting, ...]:
    """Return what a pipeline that logs in by a client's secret is given beside."""
    found: list[Setting] = []
    for login in Power:
        # GitLab gives every variable to the job by the name that it has.
        word = login.name if forge is GITHUB else "CLIENT"
        client, text = f"reconciler-{login}", f"the client that {'plans' if login is Power.READER else 'applies'}"
        found.append(Setting(f"KEYCLOAK_{word}_ID", text, client, login=login, given_as="KEYCLOAK_CLIENT_ID"))
        found.append(
            Setting(
                f"KEYCLOAK_{word}_SECRET", "its secret", f"secrets/{client}", is_secret=True, login=login,
                given_as="KEYCLOAK_CLIENT_SECRET",
            )
        )  # fmt: skip
    return tuple(found)


def settings_of(forge: Forge, login: Power, *, by_secret: bool) -> tuple[Setting, ...]:
    """Return what the jobs of a login are given."""
    more = login_settings(forge) if by_secret else ()
    return tuple(each for each in (*TARGETS, *more, SINK) if each.login in {None, login})
