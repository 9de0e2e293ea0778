"""Find ``reconciler.yaml``, and what it says for an environment."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.model.errors import WrongUsage
from reconciler.model.user_folders import current_folder, home_folder

if TYPE_CHECKING:
    from reconciler.manifest.settings_file import SettingsFile
    from reconciler.model.expectations import Expectations, Guards
    from reconciler.model.policy import PlacedPolicy
    from reconciler.model.settings import Environment
    from reconciler.model.sinks import Sink


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
    def whole(self) -> "Environment | None":
        """Return the environment, whole; None where there is no ``reconciler.yaml``."""
        return self.file.settings.environments[self.environment] if self.file else None

    @property
    def sinks(self) -> "Mapping[str, Sink]":
        """Return the sinks that are declared."""
        return self.file.settings.sinks if self.file else {}

    @property
    def folder(self) -> Path:
        """Return the folder that paths of the settings are relative to."""
        return Path(self.file.source.file).parent if self.file else Path()

    @property
    def guards(self) -> "Guards | None":
        """Return from where on a plan is too much; None where nothing is said."""
        return self.expected.guards if self.expected else None

    def allows_empty(self, files: Collection[Path] = ()) -> bool:
        """Tell whether there may be no manifest at ``files``; never where the environment says they are elsewhere."""
        declared = {Path(each) for each in self.defaults.get("files", ())}
        return self.expected is not None and self.expected.allow_empty and declared.issuperset(files)

    def place(self, setting: str) -> str:
        """Return where the environment says a setting: ``environments.staging.owner (reconciler.yaml:7)``."""
        steps = ("environments", self.environment, *setting.split("."))
        where = ""
        if self.file is not None:
            place = self.file.source.at(steps)
            where = f" ({place.file}:{place.line})"
        return ".".join(steps) + where


def said_by(config: Path | None, name: str | None) -> Said:
    """Return what the environment says; nothing where there are no settings.

    Raises:
        WrongUsage: There is no such environment, or it is not clear which one is meant.
        SettingsError: The settings are wrong.
    """
    file = config or settings_file()
    if file is None:
        _refuse_without_file(name)
        return Said()
    # Most commands need no settings: what reads them takes its time to import.
    from reconciler.manifest.content import Unreadable
    from reconciler.manifest.files import Candidate, text_of
    from reconciler.manifest.settings_file import chosen, read_settings_file

    try:
        text = text_of(Candidate(file, named=True))
    except Unreadable as error:
        where = f"{file}:{error.line}" if error.line else str(file)
        raise WrongUsage(
            f"{where}: {error}", remedy=f"{error.remedy} It is what --config or the folder says."
        ) from error
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


def _refuse_without_file(name: str | None) -> None:
    if name is not None:
        if Path("reconciler.yml").is_file():
            raise WrongUsage(
                "There is no reconciler.yaml, but a reconciler.yml, which is not read.",
                remedy="Rename it to reconciler.yaml, or name it: --config reconciler.yml.",
            )
        raise WrongUsage(
            f"There is no reconciler.yaml to define the environment '{name}'.",
            remedy="Run it in the folder of reconciler.yaml, or name the file: --config FILE.",
        )


def settings_file() -> Path | None:
    """Return the settings that count in the current folder; None where there are none, or the folder was deleted."""
    here = current_folder()
    return None if here is None else find_file(here, home_folder())


def find_file(here: Path, home: Path | None) -> Path | None:
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
