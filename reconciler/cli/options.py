"""The options that several commands share."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reconciler.cli import completing, diagnostics, environment
from reconciler.cli.live import Asking, Consent, LiveOptions, Locking
from reconciler.cli.paths import Files, PastFiles, check_overlays, paths
from reconciler.cli.precedence import check_targets
from reconciler.cli.recording import taping_of
from reconciler.cli.reviewing import review_of
from reconciler.model.address import Address, alias, client_id
from reconciler.model.errors import WrongUsage
from reconciler.model.layout import DEFAULT_OWNER, DEFAULT_REALM
from reconciler.review.formats import GITHUB_COMMENT, Format

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_T = TypeVar("_T")
_Complete = Callable[[click.Context, str], list[str]]
_Command = TypeVar("_Command", bound=Callable[..., Any])

ANY_PATH: Final = click.Path(path_type=Path)
FILE: Final = click.Path(dir_okay=False, path_type=Path)
_READABLE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class Parsed(click.ParamType[_T]):
    """Parse a text by a function of ours, whose ``ValueError`` says for people what is wrong."""

    def __init__(self, name: str, parse: Callable[[str], _T], complete: _Complete | None = None) -> None:
        self.name = name
        self.parse = parse
        self._complete = complete

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> _T:
        """Return what the text means, or fail with words for people; a default is taken as it is."""
        try:
            return self.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"{str(error).rstrip('.')}.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG002
        """Return what fits."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(each) for each in (self._complete(ctx, incomplete) if self._complete else ())]


def patience(shortest: float = 0, longest: float = inf) -> Parsed[float]:
    """Return what parses a duration (``90``, ``90s``, ``10m``) to seconds, which may be a fraction."""

    def parse(text: str) -> float:
        from reconciler.model.duration import given_seconds

        length = given_seconds(text)
        if not shortest <= length <= longest:
            too, most, bound = ("long", "maximum", longest) if length > longest else ("short", "minimum", shortest)
            raise ValueError(f"'{text}' is too {too}; the {most} is {bound:g}s")
        return length

    return Parsed("duration", parse)


def duration(shortest: int = 0) -> Parsed[int]:
    """Return the same for whole seconds."""
    given = patience(shortest)

    def parse(text: str) -> int:
        length = given.parse(text)
        if not length.is_integer():
            raise ValueError(f"'{text}' is a fraction of a second; write whole seconds")
        return int(length)

    return Parsed("duration", parse)


def _name(rule: str) -> Parsed[str]:
    """Return what parses a text that a rule of :mod:`reconciler.model.scalars` holds, imported only to ask it."""

    def parse(text: str) -> str:
        from reconciler.model import scalars

        return {"owner": scalars.owner_name, "realm": scalars.realm_name}[rule](text)

    return Parsed("text", parse)


ADDRESS = Parsed("address", Address.of, completing.addresses)
CLIENT = Parsed("client", client_id)
ORGANIZATION = Parsed("organization", alias)


def option(*names: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """Return an option: its help shows its default and its variable, and what a callback takes is no argument."""
    attributes.setdefault("show_default", "default" in attributes)
    attributes.setdefault("show_envvar", "envvar" in attributes)
    attributes.setdefault("expose_value", "callback" not in attributes)
    return click.option(*names, **attributes)


def together(*options: Callable[[Any], Any]) -> Callable[[_Command], _Command]:
    """Add several options, in the order in which the help shows them."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def gathered(
    name: str, make: Callable[..., Any], *options: Callable[[Any], Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add options, and give the command one value: what ``make`` makes of those that it has parameters for."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def called(**given: Any) -> Any:
            taken = {each: given.pop(each) for each in signature(make).parameters if each in given}
            return command(**given, **{name: make(**taken)})

        return together(*options)(called)

    return add


def _take_no_color(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.color = False if value else context.color


def _files(of: type[Files]) -> Callable[[Any], Any]:
    return option(
        "-f", "--file", "files", cls=of, type=ANY_PATH, multiple=True, default=(".",),
        help="A manifest, or a folder with manifests. Repeatable.",
    )  # fmt: skip


files, past_files = _files(Files), _files(PastFiles)
files_or_paths = together(paths, files)
"""Manifests, with ``-f`` or without."""
as_json = option("--json", "as_json", is_flag=True, help="Print JSON.")
targets = option(
    "--target", "targets", type=ADDRESS, multiple=True,
    help="Only this resource, and what it needs: organization/NAME, client/NAME/CLIENTID, …; an alias, a clientId or a "
    "pattern (organization/acme-*). Repeatable.",
)  # fmt: skip

exclude = option(
    "--exclude", "exclude", metavar="ADDRESS", type=ADDRESS, multiple=True,
    help="Leave this resource out, and what needs it; as --target. Repeatable.",
)  # fmt: skip


def _refuse_replay(_context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise WrongUsage(
            "A recording is never applied to a live system.", remedy=f"See what was read: plan --replay {value}."
        )


summary = option(
    "--summary", "only_summary", is_flag=True,
    help="Show what happens to each organization, the worst first, in place of every change.",
)  # fmt: skip
_SMALLEST_COMMENT = 4_000
review = gathered(
    "review", review_of,
    option(
        "--format", "form", type=click.Choice([form.value for form in Format]),
        help="Output format.  [default: text]",
    ),
    as_json,
    summary,
    option(
        "--max-size", type=click.IntRange(min=_SMALLEST_COMMENT), default=GITHUB_COMMENT,
        help="With --format markdown: maximum size in bytes. GitLab accepts 1000000.",
    ),
    option("--link", metavar="URL", help="With --format markdown: link to the full review."),
)  # fmt: skip
_CHOOSE: Final = environment.jointly(environment.choose, "config", "env")
_ENVIRONMENT = (
    option(
        "--env", metavar="NAME", envvar="RECONCILER_ENV", is_eager=True, callback=_CHOOSE,
        shell_complete=completing.environments, help="Environment to use from reconciler.yaml.",
    ),
    option(
        "--config", metavar="FILE", type=ANY_PATH, is_eager=True, callback=_CHOOSE,
        help="The settings file.  [default: reconciler.yaml in this folder, or above it up to the git root]",
    ),
    option(
        "--overlays", metavar="DIR", type=ANY_PATH, callback=check_overlays, expose_value=True,
        help="Folder with overlays: an environment's changes to the manifests.",
    ),
)  # fmt: skip
taping = gathered(
    "taping", taping_of,
    option(
        "--record", type=FILE, metavar="FILE",
        help="Save what is read, and the manifests, for a bug report. Holds no secrets.",
    ),
    option("--no-manifests", is_flag=True, help="With --record: leave the manifests out."),
    option(
        "--replay", type=FILE, metavar="FILE",
        help="Replay what --record saved: no server is contacted, and nothing is written.",
    ),
)  # fmt: skip
no_replay = option("--replay", hidden=True, is_eager=True, callback=_refuse_replay, metavar="FILE")
consent = gathered(
    "consent", Consent,
    option("--allow-delete", is_flag=True, help="Allow the plan to delete, including what was soft-deleted before."),
    option(
        "--soft-delete", is_flag=True,
        help="Suspend or disable what is no longer declared, instead of deleting it.",
    ),
    option(
        "--destroy", is_flag=True,
        help="Plan to destroy all managed organizations, or what --target names; never the realm.",
    ),
    option("--expired", is_flag=True, help="Take back what was granted until a moment that has come; nothing else."),
    option("--allow-takeover", is_flag=True, help="Take over declared resources that another reconciler owns."),
)  # fmt: skip


def _asking(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return gathered(
        "asking", Asking,
        option(*names, "auto_approve", is_flag=True, help="Do not ask."),
        click.option("--input", "may_ask", type=bool, default=True, hidden=True),
    )  # fmt: skip


asking, asking_or_force = _asking("--auto-approve"), _asking("--force", "--auto-approve")
locking = gathered(
    "locking", Locking,
    option(
        "--lock-timeout", type=duration(), default="0s", help="How long to wait for another run that is writing.",
    ),
    option(
        "--lock-lease", type=duration(3), default="60s", envvar="RECONCILER_LOCK_LEASE",
        help="How long the lock lives on if this run is killed.",
    ),
)  # fmt: skip
sink = option(
    "--sink", metavar="SINK", envvar="RECONCILER_SINK",
    help="Where secrets are delivered: a sink of reconciler.yaml, or file:PATH, dotenv:PATH, kubernetes:PATH, "
    "command:WORDS, github-actions.  [default: the environment's sink]",
)  # fmt: skip
journal = option("--journal", type=FILE, help="The run's journal.  [default: a new file in the user's state folder]")
no_color = option("--no-color", is_flag=True, envvar="NO_COLOR", callback=_take_no_color, help="No colours.")
effective = gathered(
    "effective", lambda no_effective: not no_effective,
    option("--no-effective", is_flag=True, help="Do not call GET /v1/me, and ignore webhooks."),
)  # fmt: skip
history = option(
    "--history", metavar="URL", envvar="RECONCILER_HISTORY", callback=environment.remember,
    help="Where runs are recorded: sqlite:///PATH, postgresql://HOST/DATABASE, or none.  "
    "[default: a SQLite file in the user's state folder]",
)  # fmt: skip

override_target = option(
    "--override-target", is_flag=True, callback=check_targets,
    help="Let environment variables override the server, realm, owner, history and sink of reconciler.yaml; "
    "otherwise that is refused.",
)  # fmt: skip
_LOG: Final = environment.jointly(diagnostics.set_up, "log_format", "verbose")
_LOGGING = (
    option(
        "-v", "--verbose", count=True, envvar="RECONCILER_VERBOSITY", is_eager=True, callback=_LOG,
        help="Log the login and each request; -vv also logs queries and retries. Never a secret.",
    ),
    option(
        diagnostics.OPTION, type=click.Choice([form.value for form in diagnostics.LogFormat]),
        default=diagnostics.LogFormat.TEXT.value, envvar=diagnostics.VARIABLE, is_eager=True, callback=_LOG,
        help="Format of diagnostics on stderr; json is one object per line.",
    ),
)  # fmt: skip

connection = gathered(
    "settings", LiveOptions, *_ENVIRONMENT,
    option("--keycloak-url", envvar="KEYCLOAK_URL", help="Keycloak's URL."),
    option(
        "--jwt-audience", metavar="URL", envvar="KEYCLOAK_JWT_AUDIENCE", default="", show_default=False,
        help="With a login by JWT: its audience.  [default: the realm at Keycloak's URL]",
    ),
    option(
        "--realm", type=_name("realm"), envvar="NT24_REALM", default=DEFAULT_REALM, help="The managed realm."
    ),
    option("--api-url", envvar="NT24_API_URL", help="The NT24 Integration API's URL."),
    option(
        "--owner", type=_name("owner"), envvar="RECONCILER_OWNER", default=DEFAULT_OWNER,
        help="Name of the owner of managed resources; unique among the reconcilers of a realm.",
    ),
    override_target,
    option("--parallelism", type=click.IntRange(1, 64), default=10, help="Number of concurrent requests."),
    option(
        "--timeout", type=patience(0.1, 600), default="30s", envvar="KEYCLOAK_CLIENT_TIMEOUT",
        help="Time-out of one request.",
    ),
    option("--ca-file", type=_READABLE, envvar="RECONCILER_CA_FILE", help="A PEM file with the private CA."),
    option(
        "--client-cert", type=_READABLE, envvar="RECONCILER_CLIENT_CERT", help="A PEM file with a client certificate."
    ),
    option(
        "--client-key", type=_READABLE, envvar="RECONCILER_CLIENT_KEY",
        help="A PEM file with the certificate's key, if separate.",
    ),
    option("--allow-http", is_flag=True, help="Allow plain HTTP to other machines."),
    *_LOGGING,
    no_color,
)  # fmt: skip


def without_effect(*names: str, is_flag: bool = False) -> Callable[[_Command], _Command]:
    """Accept options that do nothing any more, so that scripts which give them still run."""

    def add(command: _Command) -> _Command:
        for name in names:
            command = click.option(name, is_flag=is_flag, hidden=True, expose_value=False)(command)
        return command

    return add


from_environment = together(*_ENVIRONMENT)
"""Which environment gives the defaults of the others."""
from_settings = together(*_ENVIRONMENT[:2])
"""The same for a command that reads no manifests."""
