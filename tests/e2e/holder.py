"""A program that holds the lock, for what no command does for certain; run by tests as a process of its own.

Arguments: Keycloak's URL, the realm, the owner, the lease in seconds, and what to do. It waits for the lock.
"""

import asyncio
import sys

from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.live import systems
from reconciler.adapters.lock_holding import locked
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import Halted

PROGRAM = f"import runpy; runpy.run_path({__file__!r}, run_name='__main__')"
"""Runs it in place of the command, where that is forked."""


async def main(url: str, realm: str, owner: str, lease: str, act: str) -> None:
    """Take the lock, one request at a time, and act until that is halted."""
    options = LiveOptions(
        keycloak_url=url, realm=realm, api_url=None, owner=owner, overlays=None, parallelism=1, timeout=300,
        ca_file=None, client_cert=None, client_key=None, allow_http=False,
    )  # fmt: skip
    async with (
        systems(options, effective=False) as live,
        locked(options, 300, float(lease), SignalInterruption()) as lock,
    ):
        if act == "queue":
            await asyncio.gather(live.admin.realm_roles(), live.admin.create_organization({"name": owner}))
        while True:
            await lock.check()
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except Halted as error:
        sys.stderr.write(error.message)
        sys.exit(error.exit_code)
