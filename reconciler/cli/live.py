"""The options of :func:`reconciler.cli.options.connection`, as given."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from reconciler.adapters.connection_options import ConnectionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions(ConnectionOptions):
    """How the live systems are reached, which overlays count, and whether the terminal shows colours."""

    overlays: Path | None
    no_color: bool

    @property
    def color(self) -> bool | None:
        """Return what ``click.echo`` wants: False for none, None to decide by the terminal."""
        return False if self.no_color else None


def take(options: dict[str, Any]) -> LiveOptions:
    """Take the connection's options out of a command's keyword arguments."""
    context = click.get_current_context(silent=True)
    can_do_without = context is not None and "no_effective" in context.params
    taken = {each.name: options.pop(each.name) for each in fields(LiveOptions) if each.name in options}
    return LiveOptions(**taken, without_api="--no-effective" if can_do_without else "")
