"""From the settings of a sink to the sink."""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import assert_never

from reconciler.adapters.sinks.command import Command
from reconciler.adapters.sinks.file_sinks import Dotenv, KubernetesManifests, SecretFiles
from reconciler.adapters.sinks.github import GithubActions
from reconciler.model.address import Address
from reconciler.model.errors import SinkFailed, WrongUsage
from reconciler.model.sinks import CommandSink, DotenvSink, FileSink, GithubActionsSink, KubernetesSink, Sink
from reconciler.ports import Secret, SecretSink


def open_sink(settings: Sink, folder: Path, withheld: Collection[str] = ()) -> SecretSink:
    """Return the sink; its paths are relative to ``folder``, and no command sees the variables ``withheld``."""
    kind = settings.kind
    match kind:
        case FileSink():
            return SecretFiles(kind, folder)
        case DotenvSink():
            return Dotenv(kind, folder)
        case KubernetesSink():
            return KubernetesManifests(kind, folder)
        case CommandSink():
            return Command(kind, folder, withheld)
        case GithubActionsSink():
            return GithubActions(kind)
        case None:
            raise WrongUsage("The sink is empty.")
        case _:
            assert_never(kind)


class Terminal(SecretSink):
    """Print secrets, for a person who asked for that on a terminal; never into a pipe, a file or a log."""

    title = "this terminal"

    async def check(self) -> None:
        """Return where standard output is a terminal."""
        if not sys.stdout.isatty():
            raise SinkFailed(
                "Standard output is not a terminal: no secret is printed.",
                remedy="Run it on a terminal, or name a sink: --sink.",
            )

    async def deliver(self, name: Address, secret: Secret) -> str:
        """Print the secret."""
        await self.check()
        sys.stdout.write(f"{name}: {secret.reveal()}\n")
        sys.stdout.flush()
        return self.title
