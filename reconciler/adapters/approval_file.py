"""Approvals as files: read whole, and written once."""

from pathlib import Path

from reconciler.adapters.named_file import read_named
from reconciler.adapters.private_file import explained
from reconciler.model.errors import GuardRefused, WrongUsage


def read_approval_file(path: Path) -> str:
    """Return the text of an approval.

    Raises:
        WrongUsage: It cannot be read as text.
    """
    try:
        with explained(f"The approval {path} cannot be read", "Make one by reconciler approve PLANFILE --out FILE."):
            return read_named(path, 1).decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{path} is not an approval.", remedy="Name a file that approve wrote.") from error


def write_approval_file(path: Path, text: str) -> None:
    """Write an approval to a new file.

    Raises:
        GuardRefused: The file exists.
        WrongUsage: It cannot be written.
    """
    with explained(f"The approval cannot be saved as {path}", "Name a file in a folder that exists."):
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError as error:
            message = f"{path} exists already; nothing was written."
            raise GuardRefused(message, remedy="Name another file: --out FILE.") from error
