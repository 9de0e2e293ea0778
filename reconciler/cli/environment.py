"""Find ``reconciler.yaml``, choose the environment, and make it the defaults of a command's options.

The order is: the option on the command line, the environment variable, ``reconciler.yaml``, the built-in default. What
says where things go must be the same in the variable and the file: see :mod:`reconciler.cli.targets`.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from reconciler.manifest.settings import SettingsFile
    from reconciler.model.expectations import Expectations
    from reconciler.model.guards import Guards
    from reconciler.model.policy import PlacedPolicy
    from reconciler.model.settings import Environment
    from reconciler.model.sinks import Sink

_CONFIG: Final = "reconciler.config"
_NAME: Final = "reconciler.environment"
_SAID: Final = "reconciler.said"


def remember_config(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    """Take ``--config``."""
    _remember(context, _CONFIG, value)


def remember_name(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Take ``--env``."""
    _remember(context, _NAME, value)


def _remember(context: click.Context, key: str, value: object) -> None:
    """Make the environment the command's defaults as soon as both options are known."""
    context.meta[key] = value
    if _CONFIG in context.meta and _NAME in context.meta and not context.resilient_parsing:
        said = said_by(context.meta[_CONFIG], context.meta[_NAME])
        context.meta[_SAID] = said
        context.default_map = said.defaults


def known_choice(context: click.Context) -> tuple[Path | None, str | None]:
    """Return ``--config`` and ``--env`` as far as they are known, before or while a command line is parsed."""
    return context.meta.get(_CONFIG), context.meta.get(_NAME)


@dataclass(frozen=True, slots=True)
class Said:
    """What ``reconciler.yaml`` says for one environment: defaults by the parameters of commands, and the rules."""

    environment: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    policies: "tuple[PlacedPolicy, ...]" = ()
    expected: "Expectations | None" = None
    file: "SettingsFile | None" = None
    """All of it; None where there is no ``reconciler.yaml``."""

    @property
    def guards(self) -> "Guards | None":
        """Return from where on a plan is too much; None where nothing is said."""
        return self.expected.guards if self.expected else None

    def place(self, setting: str) -> str:
        """Return where the environment says a setting: ``environments.staging.owner (reconciler.yaml:7)``."""
        steps = ("environments", self.environment, *setting.split("."))
        where = ""
        if self.file is not None:
            place = self.file.source.at(steps)
            where = f" ({place.file}:{place.line})"
        return ".".join(steps) + where


def said_for(context: click.Context) -> Said:
    """Return what ``reconciler.yaml`` says for a command that takes ``--env``."""
    said: Said = context.meta.get(_SAID, Said())
    return said


def defaults_of(config: Path | None, name: str | None) -> dict[str, Any]:
    """Return the defaults as :func:`said_by` does."""
    return said_by(config, name).defaults


def said_by(config: Path | None, name: str | None) -> Said:
    """Return what the environment says; nothing where there are no settings.

    Raises:
        WrongUsage: There is no such environment, or it is not clear which one is meant.
        SettingsError: The settings are wrong.
    """
    file = config or find_file(Path.cwd(), Path.home())
    if file is None:
        _refuse_without_file(name)
        return Said()
    # Most commands need no settings: what reads them takes its time to import.
    from reconciler.manifest.files import Candidate, text_of
    from reconciler.manifest.settings import chosen, read_settings_file
    from reconciler.model.errors import WrongUsage

    try:
        text = text_of(Candidate(file, named=True))
    except ValueError as error:
        raise WrongUsage(f"{file}: {error}", remedy="Correct --config, or the file.") from error
    read = read_settings_file(file.as_posix(), text)
    name, environment = chosen(read.settings, name, file.as_posix())
    folder = file.parent
    said = {
        "keycloak_url": environment.keycloak.url,
        "realm": environment.keycloak.realm,
        "api_url": environment.api.url,
        "owner": environment.owner,
        "history": environment.history,
        "sink": environment.sink,
        "files": tuple(_below(folder, path) for path in environment.manifests),
        "overlays": environment.overlays and _below(folder, environment.overlays),
    }
    defaults = {key: value for key, value in said.items() if value is not None}
    return Said(name, defaults, read.policies, read.settings.expected_in(name), read)


def declared_sinks(context: click.Context) -> tuple[dict[str, "Sink"], Path]:
    """Return the sinks that ``reconciler.yaml`` declares, and the folder that their paths are relative to."""
    file = context.meta.get(_CONFIG) or find_file(Path.cwd(), Path.home())
    if file is None:
        return {}, Path()
    from reconciler.manifest.files import Candidate, text_of
    from reconciler.manifest.settings import read_settings

    # Whoever asks has had its defaults from the same file: it can be read.
    return read_settings(file.as_posix(), text_of(Candidate(file, named=True))).sinks, file.parent


def chosen_environment(context: click.Context) -> "Environment | None":
    """Return the environment that is meant, whole; None where there are no settings."""
    file = context.meta.get(_CONFIG) or find_file(Path.cwd(), Path.home())
    if file is None:
        return None
    from reconciler.manifest.files import Candidate, text_of
    from reconciler.manifest.settings import chosen, read_settings

    # Whoever asks has had its defaults from the same file: it can be read.
    settings = read_settings(file.as_posix(), text_of(Candidate(file, named=True)))
    return chosen(settings, context.meta.get(_NAME), file.as_posix())[1]


def config_of(context: click.Context) -> Path | None:
    """Return the settings that ``--config`` names; None where it is left out."""
    config: Path | None = context.meta.get(_CONFIG)
    return config


def name_of(context: click.Context) -> str:
    """Return the name of the environment that was chosen; empty where none was named."""
    return context.meta.get(_NAME) or ""


def _refuse_without_file(name: str | None) -> None:
    from reconciler.model.errors import WrongUsage

    if name is not None:
        raise WrongUsage(
            f"There is no reconciler.yaml that could say what the environment '{name}' is.",
            remedy="Run it in the folder of reconciler.yaml, or name the file: --config FILE.",
        )


def find_file(here: Path, home: Path) -> Path | None:
    """Return the settings of the folder ``here`` or of the nearest one above it, up to the git root or ``home``.

    Outside of both, only ``here`` counts: a folder above it may belong to anybody.
    """
    seen: list[Path] = []
    for folder in (here, *here.parents):
        seen.append(folder)
        if (folder / ".git").exists() or folder == home:
            break
    else:
        seen = [here]
    found = next((folder / "reconciler.yaml" for folder in seen if (folder / "reconciler.yaml").is_file()), None)
    return None if found is None else _short(found)


def _below(folder: Path, path: str) -> str:
    return os.path.normpath(folder / path)


def _short(path: Path) -> Path:
    return Path(os.path.relpath(path))
