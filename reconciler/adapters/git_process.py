"""Run git: without our credentials, and so that a repository's own settings start no program.

Whoever wrote a repository may have written its settings, too: a folder that somebody sends, or one that looks like a
repository inside of a checkout.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from reconciler.model.errors import WrongUsage

_SECONDS: Final = 120
# docs/decisions.md, 106: why git runs on a list of variables, and fetches nothing.
_HOSTILE: Final = {
    # Both name a program that git runs on its own.
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    # A folder of a repository may look like a repository itself, whose settings are anybody's.
    "safe.bareRepository": "explicit",
}
"""Settings that win over those of a repository (https://git-scm.com/docs/git-config)."""
_KEPT: Final = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "LD_LIBRARY_PATH", "DEVELOPER_DIR",
        "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
    }
)  # fmt: skip
"""All that git needs of our environment, as it talks to nobody."""
_OWN: Final = {
    # Its words are looked at, and nobody is there to answer.
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone would fetch what is missing, by programs that its settings name; older gits know only the second.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    # What a hash names is what it names.
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_FILTER_OFF: Final = {"clean": "", "smudge": "", "process": "", "required": "false"}


def run_git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, whatever it answers; a program that the repository's settings name is not run.

    Raises:
        WrongUsage: There is no git, or it does not end.
    """
    return _run(folder, arguments, given, _filters_off(folder) if arguments[0] == "status" else {})


def _filters_off(folder: Path) -> dict[str, str]:
    """Return the variables that switch off the filters of all names that git's settings know.

    A filter is a program that git gives a changed file to, to compare it.
    """
    listed = _run(folder, ("config", "--null", "--name-only", "--get-regexp", r"^filter\."), b"", {})
    names = sorted(
        {key.rpartition(".")[0] for key in listed.stdout.decode("utf-8", "surrogateescape").split("\0") if key}
    )
    off = [(f"{name}.{key}", value) for name in names for key, value in _FILTER_OFF.items()]
    settings = {"GIT_CONFIG_COUNT": str(len(off))}
    for n, (key, value) in enumerate(off):
        # A name may hold what -c takes for its end.
        settings |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    return settings


def _run(
    folder: Path, arguments: Sequence[str], given: bytes, more: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    settings = [word for name, value in _HOSTILE.items() for word in ("-c", f"{name}={value}")]
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    try:
        return subprocess.run(  # noqa: S603  (no shell, and no option that a manifest or a revision could add)
            ["git", "-C", str(folder), "--no-pager", "--no-optional-locks", *settings, *arguments],  # noqa: S607
            input=given,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**kept, **_OWN, **more},
        )
    except FileNotFoundError as error:
        raise WrongUsage("There is no git on this machine.", remedy="Install git, which reads revisions.") from error
    except (OSError, subprocess.SubprocessError) as error:
        message = f"git {arguments[0]} failed in {folder}: {error}"
        raise WrongUsage(message, remedy="Run it manually.") from error
