"""What every command is: click's, but that it returns its exit code."""

from typing import Any

import click

from reconciler.model.errors import ExitCode


class CliCommand(click.Command):
    """End with the exit code that the command's function returns; None is success."""

    def invoke(self, ctx: click.Context) -> Any:
        """Call the function, and end."""
        ctx.exit(super().invoke(ctx) or ExitCode.DONE)
