"""Choose the environment of ``reconciler.yaml``, and make it the defaults of a command's options.

The order is: the option on the command line, the environment variable, ``reconciler.yaml``, the built-in default. What
says where things go must be the same in the variable and the file: see :mod:`reconciler.cli.precedence`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from reconciler.adapters.environment import Said, said_by

_SAID: Final = "reconciler.said"


def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep an option's value, for the command and those of its group: a callback."""
    context.meta[f"reconciler.{parameter.name}"] = value


def remembered(context: click.Context, name: str) -> Any:
    """Return what :func:`remember` kept; None where it is not known, or not yet."""
    return context.meta.get(f"reconciler.{name}")


def jointly(act: Callable[..., None], *names: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return the callback of eager options that count together: ``act`` takes their values once all are known."""

    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        remember(context, parameter, value)
        is_known = all(f"reconciler.{name}" in context.meta for name in names)
        if is_known and not context.resilient_parsing:
            act(*(remembered(context, name) for name in names))

    return callback


def is_said(name: str) -> bool:
    """Tell whether the command line gives a parameter of the command that runs, or is being parsed."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def choose(config: Path | None, name: str | None) -> None:
    """Make the environment the defaults of the command whose options are being parsed."""
    context = click.get_current_context()
    context.meta[_SAID] = found = said_by(config, name)
    context.default_map = found.defaults


def known_choice(context: click.Context) -> tuple[Path | None, str | None]:
    """Return ``--config`` and ``--env``, as far as they are known while a command line is parsed."""
    return remembered(context, "config"), remembered(context, "env")


def said() -> Said:
    """Return what ``reconciler.yaml`` says for the command that runs; nothing where it takes no ``--env``."""
    context = click.get_current_context(silent=True)
    found: Said = Said() if context is None else context.meta.get(_SAID, Said())
    return found
