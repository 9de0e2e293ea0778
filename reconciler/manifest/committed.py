"""What one revision of the manifests declares, and by which rules."""

from dataclasses import dataclass
from pathlib import Path

from reconciler.manifest.load import Partial
from reconciler.manifest.settings_file import SettingsFile
from reconciler.model.expectations import Expectations


@dataclass(frozen=True, slots=True)
class Rules:
    """The ``reconciler.yaml`` of one side, None where there is none.

    Where it is invalid, it is not known. ``environment`` is the one that is meant; None where the file does not have
    it.
    """

    file: SettingsFile | None = None
    is_known: bool = True
    environment: str | None = None

    @property
    def expected(self) -> Expectations | None:
        """Return what the environment says of how plans are made; None where that is not known."""
        if self.file is None or self.environment is None:
            return None
        return self.file.settings.expected_in(self.environment)

    def owner(self, default: str) -> str:
        """Return the name that the environment gives the reconciler; empty where that is not known."""
        if not self.is_known or (self.file is not None and self.environment is None):
            return ""
        said = None if self.file is None else self.file.settings.environments[self.environment or ""].owner
        return said or default


@dataclass(frozen=True, slots=True)
class DeclaredRevision:
    """What one revision declares, and what a reader should know about that.

    Its files are named in places as if they lay in ``root``.
    """

    name: str
    """As it is spelled for people."""
    commit: str
    partial: Partial
    root: Path
    is_there: bool
    """Whether there is any of the files and folders that should hold manifests."""
    notes: tuple[str, ...]
    rules: Rules
