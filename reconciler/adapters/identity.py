"""Who runs us."""

import getpass
import os
import socket
from typing import Final

_ACTORS: Final = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "ATLANTIS_PULL_AUTHOR", "BUILD_REQUESTEDFOREMAIL")
"""Variables in which a CI says who caused the run: GitHub, GitLab, Atlantis, Azure."""


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
