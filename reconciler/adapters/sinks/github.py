"""The sink that is an output of a GitHub Actions step, masked in the step's log.

The runner masks what a line ``::add-mask::VALUE`` says, on either of a step's streams, and does not log that line
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions#masking-a-value-in-a-log). Ours goes to
standard error: standard output is the product, and may be led into a file.
"""

import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from reconciler.adapters.private_file import explained
from reconciler.model.address import Address
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import GithubActionsSink, filled
from reconciler.ports import Secret, SecretSink

_REMEDY = "Use this sink in a step of GitHub Actions only; elsewhere name another: --sink."


def to_runner(line: str) -> None:
    """Tell the runner something."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class GithubActions(SecretSink):
    """Mask each secret first, then set it as an output of the step."""

    title = "the outputs of this GitHub Actions step"

    def __init__(self, settings: GithubActionsSink, tell: Callable[[str], None] = to_runner) -> None:
        self._settings = settings
        self._tell = tell

    async def check(self) -> None:
        """Return inside of a step whose runner reads our standard error."""
        self._file()
        if self._tell is to_runner and not _reaches_runner():
            raise SinkFailed(
                "Standard error is redirected to a file: the runner could not mask the secret.",
                remedy="Do not redirect standard error.",
            )

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Mask the secret, and append it to the step's outputs."""
        await self.check()
        file, value = self._file(), secret.reveal()
        output = re.sub(r"[^A-Za-z0-9_-]", "_", filled(self._settings.output, name))
        for line in value.splitlines():
            self._tell(f"::add-mask::{line}")
        end = f"end-{uuid4().hex}"
        with (
            explained("The step's outputs cannot be written", _REMEDY, SinkFailed),
            file.open("a", encoding="utf-8") as outputs,
        ):
            outputs.write(f"{output}<<{end}\n{value}\n{end}\n")
        return f"the output {output} of this step"

    def _file(self) -> Path:
        named = os.environ.get("GITHUB_OUTPUT", "")
        if os.environ.get("GITHUB_ACTIONS") != "true" or not named or not Path(named).is_file():
            raise SinkFailed("This is not a step of GitHub Actions (GITHUB_ACTIONS, GITHUB_OUTPUT).", remedy=_REMEDY)
        return Path(named)


def _reaches_runner() -> bool:
    try:
        return not stat.S_ISREG(os.fstat(sys.stderr.fileno()).st_mode)
    except (OSError, ValueError):
        return False
