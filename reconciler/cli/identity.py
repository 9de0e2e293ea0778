"""Who runs us, and on which revision of the manifests."""

import getpass
import os
import socket
import subprocess
from pathlib import Path
from typing import Final

_ACTORS: Final = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "ATLANTIS_PULL_AUTHOR", "BUILD_REQUESTEDFOREMAIL")
"""Variables in which a CI says who caused the run: GitHub, GitLab, Atlantis, Azure."""
_REVISIONS: Final = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION")
_PATIENCE: Final = 10


def process_name() -> str:
    """Return the user, machine and process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container's user often has no name.
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()} (process {os.getpid()})"


def who() -> str:
    """Return the person that a CI names, and the process."""
    actor = next((os.environ[name] for name in _ACTORS if os.environ.get(name)), "")
    return f"{actor}, as {process_name()}" if actor else process_name()


def revision(folder: Path) -> str:
    """Return the git revision of the folder, with ``+`` where files differ from it; empty where there is none."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return next((os.environ[name] for name in _REVISIONS if os.environ.get(name)), "")
    return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=normal", ".") else "")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (no shell)
            ["git", "-C", str(folder), *arguments],  # noqa: S607  (whichever git the user has)
            capture_output=True, text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
