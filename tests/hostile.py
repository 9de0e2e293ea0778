"""A folder of somebody who hopes that a program imports what lies in it."""

import sys
from pathlib import Path
from typing import Final

MARKER: Final = "taken"
_MODULES: Final = (
    "reconciler/__init__", "reconciler/cli/__init__", "reconciler/sandbox/__init__", "click", "json", "runpy",
    "asyncio", "base64", "pickle", "subprocess", "sitecustomize", "usercustomize",
    "venv/__main__", "pip/__main__", "sysconfig",
)  # fmt: skip


class HostileFolder:
    """A folder whose modules leave a marker in it when they are imported."""

    def __init__(self, folder: Path, *, leave_out: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self._marker = folder / MARKER
        text = (
            f"open({str(self._marker)!r}, 'a').write(__name__ + '\\n')\nraise SystemExit('imported from the folder')\n"
        )
        for name in _MODULES:
            if name.partition("/")[0] not in leave_out:
                file = folder / f"{name}.py"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        (folder / "evil.pth").write_text("import click\n", encoding="utf-8")

    @property
    def taken(self) -> list[str]:
        """The modules that somebody imported."""
        return self._marker.read_text(encoding="utf-8").split() if self._marker.exists() else []


def dumping(folder: Path, name: str, then: str = "") -> Path:
    """Write a program of that name which dumps its environment, and return the file where."""
    folder.mkdir(parents=True, exist_ok=True)
    dump, program = folder / f"{name}.env", folder / name
    program.write_text(f'#!/bin/sh\n"{sys.executable}" -I -c "{_DUMP}" "{dump}"\n{then}\n', encoding="utf-8")
    program.chmod(0o755)
    return dump


_DUMP: Final = (
    "import os, sys; open(sys.argv[1], 'a').write('\\n'.join(k + '=' + v for k, v in os.environ.items()) + '\\n')"
)
