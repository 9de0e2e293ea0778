"""The files that manifests name: in the repository that they are in, and nowhere else."""

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.manifest.content import Unreadable
from reconciler.manifest.files import Candidate, text_of
from reconciler.manifest.settings_file import FILE_NAME

PARTNERS_SUFFIX: Final = ".csv"


@dataclass(frozen=True, slots=True)
class Referred:
    """Read what manifests name; from ``texts`` where these are at hand, and else from files.

    ``root`` is the repository's folder; without it, it is the nearest one with ``.git``, or with ``reconciler.yaml``,
    or else that of the manifest. What was read is in ``read``, by name.
    """

    root: Path | None = None
    texts: Mapping[str, str] | None = None
    read: dict[str, str] = field(default_factory=dict)

    def path_of(self, file: str, name: str) -> Path:
        """Return the path that ``file`` means by a name."""
        return Path(posixpath.normpath(posixpath.join(posixpath.dirname(file), name)))

    def text_of(self, file: str, name: str) -> tuple[str, str]:
        """Return the path and the text of what ``file`` names.

        Raises:
            Unreadable: It is outside of the repository, or no text in UTF-8.
        """
        path = self.path_of(file, name)
        key = path.as_posix()
        if key not in self.read:
            if name.startswith(("/", "~")) or "\0" in name:
                raise Unreadable("The path is not relative.", "Write it relative to this file: partners.csv.")
            if not name.endswith(PARTNERS_SUFFIX):
                raise Unreadable("The name does not end in .csv.", f"Name a file with partners: NAME{PARTNERS_SUFFIX}.")
            self.read[key] = self._text(file, path)
        return key, self.read[key]

    def _text(self, file: str, path: Path) -> str:
        if self.texts is not None:
            if path.as_posix() not in self.texts:
                raise Unreadable("It was not kept with the manifests.", "Keep it with them.")
            return self.texts[path.as_posix()]
        root = os.path.realpath(self.root or _repository_of(Path(os.path.realpath(file)).parent))
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise Unreadable("It lies outside of the repository.", "Move it to where the manifests are.")
        return text_of(Candidate(path, named=True))


def _repository_of(folder: Path) -> Path:
    above = (folder, *folder.parents)
    marked = (each for sign in (".git", FILE_NAME) for each in above if (each / sign).exists())
    return next(marked, folder)
