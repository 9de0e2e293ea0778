"""``reconciler man``: the manual page, made of the help texts."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from reconciler._version import __version__
from reconciler.cli.command import CliCommand


@click.command(cls=CliCommand)
@click.pass_context
def man(context: click.Context) -> None:
    """Print the manual page, in roff: reconciler man | man -l -.

    Installed with pip, man reconciler shows it.
    """
    root = context.find_root()
    lines = [f'.TH RECONCILER 1 "" "reconciler {__version__}" "User Commands"', ".SH NAME"]
    lines += [f"reconciler \\- {_escaped((root.command.help or '').partition('.')[0])}", ".SH SYNOPSIS"]
    lines += [".B reconciler", "COMMAND [OPTIONS] [ARGUMENTS]", ".SH DESCRIPTION", *_help_of(root.command)]
    lines += [".SH COMMANDS", *_commands(root, "reconciler")]
    click.echo("\n".join(lines))


def _commands(context: click.Context, called: str) -> Iterator[str]:
    """Yield a part for each command of a group, with its options."""
    group = context.command
    for name in group.list_commands(context) if isinstance(group, click.Group) else ():
        command = group.get_command(context, name) if isinstance(group, click.Group) else None
        if command is None:
            continue
        own = click.Context(command, parent=context, info_name=name)
        path = f"{called} {name}"
        yield f".SS {_escaped(' '.join((path, *command.collect_usage_pieces(own))))}"
        yield from _help_of(command)
        options = [each for each in command.get_params(own) if isinstance(each, click.Option)]
        for flags, text in filter(None, (each.get_help_record(own) for each in options)):
            yield from (".TP", f"\\fB{_escaped(flags)}\\fR", _escaped(text))
        yield from _commands(own, path)


def _help_of(command: click.Command) -> Iterator[str]:
    for number, paragraph in enumerate(cleandoc(command.help or "").split("\n\n")):
        yield from (".PP",) if number else ()
        is_kept = paragraph.startswith("\b")
        yield from (".nf",) if is_kept else ()
        yield from (_escaped(line) for line in paragraph.replace("\b\n", "").splitlines())
        yield from (".fi",) if is_kept else ()


def _escaped(text: str) -> str:
    """Return a text that roff prints as it is: no escape, and no request at the beginning of a line."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown[:1] in {".", "'"} else shown
