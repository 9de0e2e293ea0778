"""What the programs that we start get from us: none of our credentials, and no code of the folder that we run in.

A program of the same user could still read what that user may read, on Linux ``/proc/PID/environ`` of this very
process, too. So this keeps credentials out of logs, dumps and accidents; it is no prison.
"""

import os
import sys
from collections.abc import Collection, Mapping
from typing import Final

import reconciler

_OURS: Final = ("KEYCLOAK_", "NT24_", "RECONCILER_")
"""How the variables begin that configure us; most of them are, or may hold, a credential."""
_LOGINS: Final = frozenset(
    {
        # The history's database (https://www.postgresql.org/docs/current/libpq-envars.html).
        "PGPASSWORD",
        "PGPASSFILE",
        # By these a step of GitHub Actions gets its own identity, which may be our login
        # (https://docs.github.com/actions/reference/security/oidc).
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
    }
)

_RUN: Final = (
    "import runpy, sys; package, module, *sys.argv[1:] = sys.argv[1:]; sys.path.insert(0, package); "
    "runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def without_credentials(environment: Mapping[str, str], more: Collection[str] = ()) -> dict[str, str]:
    """Return the environment without the variables that are ours, and without those named by ``more``."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_OURS) and name not in _LOGINS and name not in more
    }


# docs/decisions.md, 107: why -I, and the place of the package.
def own_command(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module of this package, of the very copy that runs here.

    ``-I`` leaves out the current folder, ``PYTHONPATH`` (where an empty entry means that folder) and the user's own
    packages (https://docs.python.org/3/using/cmdline.html#cmdoption-I), so the package's place is handed over.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(reconciler.__file__)))  # noqa: PTH100, PTH120
    return (sys.executable, "-I", "-c", _RUN, package, module, *arguments)
