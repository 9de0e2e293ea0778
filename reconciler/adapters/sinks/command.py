"""The sink that is a command: it reads the secret from its standard input, and sees it nowhere else."""

import asyncio
import base64
import os
import shutil
import signal
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from reconciler.model.address import Address
from reconciler.model.children import without_credentials
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import CommandSink, filled
from reconciler.ports import Secret, SecretSink

_RECOGNISABLE: Final = 6
"""Characters of a secret in a row that must not be shown."""
_MOST: Final = 600
"""Characters of a command's words that are shown."""


class Command(SecretSink):
    """Give each secret to a command; what the command says is shown only where it fails, and repeats no secret."""

    def __init__(self, settings: CommandSink, folder: Path, withheld: Collection[str] = ()) -> None:
        """Take the settings, the folder to run in, and variables to leave out beside those that are ours."""
        self._settings = settings
        self._folder = folder
        self._withheld = withheld
        self.title = f"the command {settings.run[0]}"

    async def check(self) -> None:
        """Return where the program is there, and the command that checks succeeds."""
        program = self._settings.run[0]
        if shutil.which(program, path=self._search_path()) is None:
            raise SinkFailed(
                f"The sink's command '{program}' is not found.", remedy="Install it, or name another sink: --sink."
            )
        if self._settings.check:
            await self._run(self._settings.check, None)

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Run the command with the secret, and nothing else, on its standard input."""
        arguments = [filled(part, name) for part in self._settings.run]
        await self._run(arguments, secret)
        return f"the command {' '.join(arguments)}"

    async def _run(self, arguments: Sequence[str], secret: Secret | None) -> None:
        # The folder may be a checkout of what somebody proposes: Python imports nothing from it.
        environment = without_credentials(os.environ, self._withheld) | {"PYTHONSAFEPATH": "1"}
        shown = " ".join(arguments)
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._folder,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise SinkFailed(f"The sink's command '{shown}' cannot be run: {error.strerror}.") from error
        text = "" if secret is None else secret.reveal()
        try:
            async with asyncio.timeout(self._settings.timeout):
                _, said = await process.communicate(text.encode())
        except TimeoutError as error:
            message = f"The sink's command '{shown}' did not end within {self._settings.timeout} s, and was stopped."
            raise SinkFailed(message, remedy="Fix it, or increase timeout in reconciler.yaml.") from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            words = _words(said.decode(errors="replace"), text)
            raise SinkFailed(
                f"The sink's command '{shown}' failed with exit code {process.returncode}{words}",
                remedy="Fix that. No secret is lost: it can be delivered again." if text else "Fix that.",
            )

    def _search_path(self) -> str:
        return os.environ.get("PATH", os.defpath)


def _words(said: str, secret: str) -> str:
    said = said.strip()
    if not said:
        return "."
    if repeats(said, secret):
        return "; its output contains the secret, and is not shown."
    return f": {said[-_MOST:]}"


def repeats(said: str, secret: str) -> bool:
    """Tell whether a text holds a recognisable part of the secret, as it is or in a usual encoding."""
    forms = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode("ascii"), secret[::-1]}
    for form in forms:
        size = min(_RECOGNISABLE, len(form))
        if size and any(form[start : start + size] in said for start in range(len(form) - size + 1)):
            return True
    return False
