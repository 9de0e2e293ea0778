"""``reconciler init``: make a new repository of manifests."""

import sys
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import say
from reconciler.cli.environment import is_said
from reconciler.model.errors import WrongUsage
from reconciler.model.layout import DEFAULT_REALM
from reconciler.model.pipeline import GITHUB
from reconciler.model.url import normalized_url

if TYPE_CHECKING:
    from reconciler.adapters.starter import StarterPart, Wheel

_TOKEN, _SECRET = "token", "secret"
_KEYCLOAK, _API = "https://keycloak.example", "https://api.example"
_ONLY_WITH: Final = {
    "action": ("github",),
    "wheel": ("gitlab", "container"),
    "wheel-hash": ("gitlab", "container"),
    "login": ("github", "gitlab"),
    "issuer": ("github", "gitlab"),
}
"""Options that say something of some parts alone, which a command makes."""
_FILE: Final = "reconciler.yaml"
_PARTS: Final = ("github", "gitlab", "atlantis", "systemd", "kubernetes", "container")


@click.command(cls=CliCommand)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--with", "parts", type=click.Choice(_PARTS), multiple=True,
    help="Also generate the pipeline: plan on review, apply on merge, and scheduled drift detection. Repeatable.",
)  # fmt: skip
@options.option("--keycloak-url", default=_KEYCLOAK, help="Keycloak's URL, for reconciler.yaml.")
@options.option("--api-url", default=_API, help="The NT24 Integration API's URL, for reconciler.yaml.")
@options.option("--realm", default=DEFAULT_REALM, help="The managed realm.")
@click.option(
    "--action", metavar="REF",
    help="With github: the Action that the workflows use, pinned to a commit: OWNER/REPOSITORY@COMMIT.",
)  # fmt: skip
@click.option(
    "--wheel", metavar="URL|PATH",
    help="With gitlab and container: where the reconciler's wheel comes from, an https URL or a path in DIR.",
)  # fmt: skip
@click.option("--wheel-hash", metavar="HASH", help="The wheel's hash: sha256:… (sha256sum FILE).")
@click.option(
    "--login", type=click.Choice((_TOKEN, _SECRET)), default=_TOKEN, show_default=True,
    help="How the pipelines of github and gitlab log in: by tokens of the host (Keycloak 26.7), or by a client secret.",
)  # fmt: skip
@click.option("--issuer", metavar="URL", help="The issuer of those tokens, for a self-hosted code host.")
@click.option(
    "--overwrite", is_flag=True,
    help="Overwrite generated files; never those that you edit, such as reconciler.yaml and README.md.",
)  # fmt: skip
def init(
    folder: Path, parts: tuple[str, ...], keycloak_url: str, api_url: str, realm: str,
    action: str | None, wheel: str | None, wheel_hash: str | None, login: str, issuer: str | None, *, overwrite: bool,
) -> None:  # fmt: skip
    """Create a repository of manifests in DIR: settings, an example, JSON Schemas, editor settings and hooks.

    Nothing is asked of any server. Files that exist are kept, so that a part can be added later; --overwrite writes
    again what is made of the options, and never what you fill in. Where reconciler.yaml exists, it says the systems.

    What runs elsewhere installs the reconciler from a place that you name, and checks its hash: no index of packages is
    asked for its name, which could be anybody's there. Without --wheel (or --action) you are asked on a terminal; left
    open, the files fail with a sentence that says so.

    What the pipelines need (environments, variables, secrets, approvers) is printed with the commands that create it,
    and written into a new README.md.
    """
    from reconciler.adapters.manifest_files import write_files
    from reconciler.adapters.starter import StarterPart, own_files, starter_files
    from reconciler.adapters.starter_setup import Setup, setup_text, workflow_values
    from reconciler.manifest.schema import manifest_schema_text, overlay_schema_text
    from reconciler.manifest.settings_file import read_settings, settings_schema_text

    chosen = tuple(map(StarterPart, parts))
    _refuse_without_effect(parts)
    values = _systems(folder, keycloak_url, api_url, realm)
    keycloak_url, api_url, realm = values.values()
    made = _made(keycloak_url, api_url, realm, login, issuer)
    action, found = _action(folder, action, chosen, made), _wheel(folder, chosen, wheel, wheel_hash, made)
    for option, value in (("--keycloak-url", keycloak_url), ("--api-url", api_url), ("--realm", realm)):
        if not value.isprintable():
            raise WrongUsage(f"{option} holds a line break, or another character that no terminal shows.")
    if issuer is not None:
        GITHUB.issuer_of(issuer)
    setup = Setup(values, login == _SECRET, issuer)
    needed = setup_text(chosen, setup)
    filled = {**values, **workflow_values(setup), "SETUP": f"\n{needed}" if needed else ""}
    texts = starter_files(chosen, filled, wheel=found, action=action) | {
        "schema/manifest.schema.json": manifest_schema_text(),
        "schema/overlay.schema.json": overlay_schema_text(),
        "schema/settings.schema.json": settings_schema_text(),
    }
    # A URL or a realm that makes no sense is told before anything is written.
    read_settings(_FILE, texts[_FILE])
    stale: list[str] = []
    for name, text in texts.items():
        path = folder / name
        is_ours = name in own_files()
        if path.exists() and (is_ours or not overwrite):
            differs = not is_ours and path.read_bytes() != text.encode()
            stale += [name] if differs else []
            advice = "; it differs from what would be written now: --overwrite" if differs else ""
            click.echo(f"Kept {path.as_posix()}, which exists{advice}")
            continue
        write_files(path.parent, {path.name: text}, "Name another folder: reconciler init DIR.")
        click.echo(f"Wrote {path.as_posix()}")
    if stale and (action or found):
        option = "--action" if action else "--wheel"
        raise WrongUsage(
            f"{option} has no effect: {', '.join(stale)} exist and were kept.",
            remedy="Run the same command with --overwrite; it keeps reconciler.yaml, README.md and manifests.",
        )
    if needed:
        click.echo(f"\n{needed}\n")
        readme = folder / "README.md"
        if not (readme.is_file() and needed in readme.read_text(encoding="utf-8", errors="replace")):
            say("README.md was kept, and does not hold what is printed here: copy it there.", "hint")
    say("Next: copy organizations/example.yaml.txt, or run: reconciler import --out organizations", "hint")


def _refuse_without_effect(parts: tuple[str, ...]) -> None:
    """Refuse an option that says something of parts which are not made.

    Raises:
        WrongUsage: There is one.
    """
    for option, needed in _ONLY_WITH.items():
        if is_said(option.replace("-", "_")) and not {*needed} & {*parts}:
            named = " or ".join(f"--with {part}" for part in needed)
            raise WrongUsage(f"--{option} has no effect without {named}.", remedy=f"Add {named}, or remove --{option}.")


def _systems(folder: Path, keycloak_url: str, api_url: str, realm: str) -> dict[str, str]:
    """Return the systems, by the names of their placeholders: those of ``reconciler.yaml`` where there is one.

    Raises:
        WrongUsage: It names others than the command line, or does not say which environment is the default.
    """
    from reconciler.adapters.environment import Said, said_by

    file = folder / _FILE
    try:
        found = said_by(file, None).defaults if file.is_file() else Said().defaults
    except WrongUsage as error:
        if "several environments" not in error.message:
            raise
        raise WrongUsage(error.message, remedy="Write default: true into the one that pipelines are for.") from error
    values = {}
    for option, placeholder, value in (
        ("keycloak-url", "KEYCLOAK_URL", keycloak_url), ("api-url", "API_URL", api_url), ("realm", "REALM", realm)
    ):  # fmt: skip
        name = option.replace("-", "_")
        there = found.get(name, value)
        if is_said(name) and normalized_url(there) != normalized_url(value):
            raise WrongUsage(
                f"{file.as_posix()} exists and names {there}, not --{option} {value}.",
                remedy=f"Remove --{option}, or change the file first: init never does.",
            )
        values[placeholder] = there
    return values


def _made(keycloak_url: str, api_url: str, realm: str, login: str, issuer: str | None) -> tuple[str, ...]:
    """Return what else is not as it is by default, as options of a command that makes the files again."""
    given = {"login": login, "keycloak-url": keycloak_url, "api-url": api_url, "realm": realm, "issuer": issuer or ""}
    usual = {"login": _TOKEN, "keycloak-url": _KEYCLOAK, "api-url": _API, "realm": DEFAULT_REALM, "issuer": ""}
    return tuple(f"--{name}={value}" for name, value in given.items() if value != usual[name])


def _action(folder: Path, given: str | None, parts: "tuple[StarterPart, ...]", made: tuple[str, ...]) -> str | None:
    """Return the Action, asked for where it is needed and somebody is there.

    Raises:
        WrongUsage: It is not named by a commit.
    """
    from reconciler.adapters.origins import checked_action
    from reconciler.adapters.starter import StarterPart

    if given is None and StarterPart.GITHUB in parts:
        given = _asked("The reconciler's Action, OWNER/REPOSITORY@COMMIT (empty: not yet)")
    if given:
        return checked_action(given)
    if StarterPart.GITHUB in parts:
        again = _again(folder, (StarterPart.GITHUB,), made, "--action OWNER/REPOSITORY@COMMIT")
        say(f"No Action is named: the workflows fail until they are made again: {again}", "no-action")
    return None


def _wheel(
    folder: Path, parts: "tuple[StarterPart, ...]", place: str | None, sha256: str | None, made: tuple[str, ...]
) -> "Wheel | None":
    """Return the wheel, asked for where it is needed and somebody is there.

    Raises:
        WrongUsage: The place or the hash is none, or the file has another hash.
    """
    from reconciler.adapters.origins import checked_wheel

    needed = any(part.installs for part in parts)
    if place is None and needed:
        place = _asked("The reconciler's wheel, an https URL or a path in the repository (empty: not yet)")
    if place:
        sha256 = sha256 if sha256 is not None else _asked("Its hash, sha256:…")
        return checked_wheel(folder, place, sha256)
    if needed:
        again = _again(folder, tuple(p for p in parts if p.installs), made, "--wheel URL --wheel-hash sha256:HASH")
        say(f"No wheel is named: what installs the reconciler fails until it is made again: {again}", "no-wheel")
    return None


def _again(folder: Path, parts: "tuple[StarterPart, ...]", made: tuple[str, ...], origin: str) -> str:
    """Return the command that makes the files of these parts again."""
    place = () if folder == Path() else (str(folder),)
    return f"{join(('reconciler', 'init', *place, *(f'--with={part}' for part in parts), *made))} --overwrite {origin}"


def _asked(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False)).strip() if sys.stdin.isatty() else ""
