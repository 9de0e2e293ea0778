"""A git repository of manifests in a folder of its own, which knows nobody's settings of git."""

import os
import subprocess
from pathlib import Path

from reconciler.manifest.write import manifest_text
from reconciler.model.manifest import IntegrationOrganization, Realm

ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
}


class Repo:
    """Write, commit and branch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / ".git").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env=os.environ | ALONE,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def declare(self, *manifests: IntegrationOrganization | Realm, folder: str = "organizations") -> None:
        """Write each manifest into a file of its own."""
        for manifest in manifests:
            self.write(f"{folder}/{manifest.name}.yaml", manifest_text(manifest))

    def commit(self, message: str = "Change") -> str:
        """Commit everything, and return the hash."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")
