"""Where the reconciler itself is installed from: checked, because it becomes part of scripts that hold logins."""

import re
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import explained
from reconciler.adapters.starter import Wheel
from reconciler.model.errors import WrongUsage

_ACTION: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(/[\w./-]+)?@[0-9a-f]{40}")
_HASH: Final = re.compile(r"sha256:([0-9a-f]{64})")
_URL: Final = re.compile(r"https://[\w.-]+(:\d+)?/[\w./%+~-]*")
_PATH: Final = re.compile(r"[\w.+-][\w./+-]*")
_FILE: Final = re.compile(r"nt24_reconciler-[\w.+]+-py3-none-any\.whl")


def checked_action(reference: str) -> str:
    """Return the reference of the Action.

    Raises:
        WrongUsage: It names no commit: whoever has the repository can move anything else.
    """
    if not _ACTION.fullmatch(reference):
        raise WrongUsage(
            f"--action {reference} is not OWNER/REPOSITORY@COMMIT.",
            remedy="Name the commit by its 40 digits: git ls-remote https://github.com/OWNER/REPOSITORY TAG",
        )
    return reference


def checked_wheel(folder: Path, place: str, digest: str) -> Wheel:
    """Return the wheel at a URL, or at a path in the folder; a file that is there must have the hash.

    Raises:
        WrongUsage: Anything of it makes no sense.
    """
    path = PurePosixPath(place)
    fits = _URL.fullmatch(place) or (_PATH.fullmatch(place) and not path.is_absolute() and ".." not in path.parts)
    if not fits or not _FILE.fullmatch(path.name.replace("%2B", "+")):
        raise WrongUsage(
            f"--wheel {place} is not a wheel of the reconciler: nothing was written.",
            remedy="Give an https URL without a login, or a path in the repository, that ends with "
            "nt24_reconciler-VERSION-py3-none-any.whl.",
        )
    found = _HASH.fullmatch(digest)
    if not found:
        raise WrongUsage(
            "The hash of the wheel is missing or invalid: nothing was written.",
            remedy="Give it as --wheel-hash sha256:HASH; sha256sum FILE prints the 64 digits.",
        )
    wheel = Wheel(place, found[1])
    if not wheel.is_url:
        _check_content(folder / place, wheel)
    return wheel


def _check_content(file: Path, wheel: Wheel) -> None:
    with explained(f"The wheel {file} cannot be read", "Put it there first, and commit it; or give a URL."):
        content = read_named(file)
    if sha256(content).hexdigest() != wheel.sha256:
        raise WrongUsage(
            f"The wheel {file} has another hash than {wheel.sha256}: nothing was written.",
            remedy="Find out which of the two is wrong before anything is installed.",
        )
