"""Choose the environment of ``reconciler.yaml``, and make it the defaults of a command's options.

The order is: the option on the command line, the environment variable, ``reconciler.yaml``, the built-in default. What
says where things go must be the same in the variable and the file: see :mod:`reconciler.cli.precedence`.
"""

from pathlib import Path
from typing import Final

import click

from reconciler.adapters.environment import Said, said_by

_CONFIG: Final = "reconciler.config"
_NAME: Final = "reconciler.environment"
_SAID: Final = "reconciler.said"


def remember_config(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    """Take ``--config``."""
    _remember(context, _CONFIG, value)


def remember_name(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Take ``--env``."""
    _remember(context, _NAME, value)


def _remember(context: click.Context, key: str, value: object) -> None:
    """Make the environment the command's defaults as soon as both options are known."""
    context.meta[key] = value
    if _CONFIG in context.meta and _NAME in context.meta and not context.resilient_parsing:
        said = said_by(context.meta[_CONFIG], context.meta[_NAME])
        context.meta[_SAID] = said
        context.default_map = said.defaults


def known_choice(context: click.Context) -> tuple[Path | None, str | None]:
    """Return ``--config`` and ``--env`` as far as they are known, before or while a command line is parsed."""
    return context.meta.get(_CONFIG), context.meta.get(_NAME)


def said_for(context: click.Context) -> Said:
    """Return what ``reconciler.yaml`` says for a command that takes ``--env``."""
    said: Said = context.meta.get(_SAID, Said())
    return said
