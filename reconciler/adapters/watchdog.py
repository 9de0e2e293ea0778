"""Open an old secret again when the run that has closed it dies: a process of its own, which a SIGKILL does not reach.

The run starts it before it closes anything, and waits until it has logged in. The two share a pipe: as long as the run
lives it is open; the run's last word through it is that nothing is left to do. Where it ends without that word, the
process opens the old secret, and says so. It writes under the lock: the run's, as long as that has not ended, and then
one that it takes like everybody else. So it never writes beside another run, which may well have opened the secret.
"""

import asyncio
import base64
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import fields
from typing import IO, Final, Self, cast

from reconciler.adapters.connection_options import ConnectionOptions
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.live import systems
from reconciler.adapters.lock_holding import locked
from reconciler.adapters.meter import Meter
from reconciler.adapters.write_gate import LockGate
from reconciler.model.address import Address
from reconciler.model.children import own_command, without_credentials
from reconciler.model.errors import GuardRefused, ReconcilerError
from reconciler.model.text import visible
from reconciler.ports import Watchdog

_READY: Final = "ready"
_DISMISSED: Final = "dismissed"
_PAUSES: Final = (0, 1, 2, 5, 10, 20, 40, 60, 120, 240)
"""Seconds before each try: what killed the run may have taken the network with it."""
_LATE: Final = 2.0
"""Seconds until what the run has sent last must have been done."""


class ProcessWatchdog(Watchdog):
    """The run's end of the pipe."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    async def begin(cls, options: ConnectionOptions, run: str, lease: float, address: Address) -> Self:
        """Start the process, and wait until it is able to act.

        ``run`` is the id of the run that holds the lock, for ``lease`` seconds at a time.

        Raises:
            GuardRefused: It cannot.
        """
        return await asyncio.to_thread(cls._begin, options, run, lease, address)

    async def dismiss(self) -> None:
        """Let the process end, and wait for it."""
        with suppress(BrokenPipeError):
            await asyncio.to_thread(self._process.communicate, f"{_DISMISSED}\n")

    @classmethod
    def _begin(cls, options: ConnectionOptions, run: str, lease: float, address: Address) -> Self:
        # In a session of its own: what is typed at the terminal is for the run.
        process = subprocess.Popen(  # noqa: S603  (ourselves)
            own_command("reconciler.adapters.watchdog", address.name, run, str(lease)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, env=_environment(),
        )  # fmt: skip
        to, of = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        with suppress(BrokenPipeError):
            to.write(_written(options) + "\n")
            to.flush()
        if of.readline().strip() != _READY:
            process.kill()
            process.communicate()
            raise GuardRefused(
                f"If this run were killed, the old secret of {address} would stay disabled: no trial is made.",
                remedy="See the error above; or confirm without --require-usage.",
            )
        return cls(process)


def _environment() -> dict[str, str]:
    # It logs in as the run does, and needs no other credential.
    login = {name: value for name, value in os.environ.items() if name.startswith("KEYCLOAK_")}
    return without_credentials(os.environ) | login


def _written(options: ConnectionOptions) -> str:
    # What a command adds is its own, a recording plays no part in what is written, and the meter, and the lock that
    # opens the gate, belong to the run.
    said = {each.name: getattr(options, each.name) for each in fields(ConnectionOptions)}
    alone = ConnectionOptions(**said | {"meter": Meter(), "gate": LockGate(), "tape": None})
    return base64.b64encode(pickle.dumps(alone)).decode()


def _read(line: str) -> ConnectionOptions:
    options = pickle.loads(base64.b64decode(line))  # noqa: S301  (by the run that has started us)
    if not isinstance(options, ConnectionOptions):
        raise TypeError("these are no options")
    return options


async def _log_in(options: ConnectionOptions, client_id: str) -> None:
    async with systems(options, effective=False) as live:
        await live.admin.find_client(client_id)


async def _open(options: ConnectionOptions, run: str, lease: float, client_id: str) -> bool:
    """Open the old secret and tell whether it was closed; look a second time, when nothing is in flight.

    Raises:
        LockHeld: Another run writes.
    """
    from reconciler.rotate.usage import open_again

    async with (
        systems(options, effective=False) as live,
        locked(options, 0, lease, SignalInterruption(), run),
    ):
        if await open_again(live.admin, client_id):
            return True
        await asyncio.sleep(_LATE)
        return await open_again(live.admin, client_id)


async def _open_patiently(options: ConnectionOptions, run: str, lease: float, client_id: str) -> str:
    """Open the old secret, and return what to say; a login of its own each time."""
    why = ""
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        try:
            opened = await _open(options, run, lease, client_id)
        except ReconcilerError as error:
            why = error.message
            continue
        return f"{client_id}: the trial was interrupted; the old secret is enabled again" if opened else ""
    return f"{client_id}: the trial was interrupted, and the old secret is still disabled: {why} Run reconciler apply."


def main() -> None:
    """Wait for the run to end, and put right what it left."""
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    client_id, run, lease = sys.argv[1:]
    options = _read(sys.stdin.readline())
    try:
        asyncio.run(_log_in(options, client_id))
    except ReconcilerError as error:
        sys.stderr.write(f"{visible(error.message)} {visible(error.remedy)}".rstrip() + "\n")
        sys.exit(error.exit_code)
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    if sys.stdin.readline().strip() == _DISMISSED:
        return
    if said := asyncio.run(_open_patiently(options, run, float(lease), client_id)):
        sys.stderr.write(f"{visible(said)}\n")


if __name__ == "__main__":
    main()
