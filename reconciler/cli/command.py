"""What every command and every group is: click's, with our exit codes, and with what users of other programs type."""

from collections.abc import Collection
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import habits
from reconciler.model.errors import ExitCode

if TYPE_CHECKING:
    from click.parser import _OptionParser


class _Habits(click.Command):
    """Take long options with one dash (``-out=FILE``), and say what to use for those of other programs."""

    def make_parser(self, ctx: click.Context) -> "_OptionParser":
        """Return click's parser, which knows each ``--name`` as ``-name`` too."""
        parser = super().make_parser(ctx)
        # Registered, and not rewritten in the arguments: there, a value could not be told from an option.
        long = parser._long_opt  # noqa: SLF001  (click offers no other place)
        long.update({name[1:]: option for name, option in long.items() if name.startswith("--")})
        return parser

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does.

        Raises:
            click.UsageError: With the words of :mod:`reconciler.cli.habits` for an option that the command has not.
        """
        given = [*args]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = {name for each in self.get_params(ctx) for name in (*each.opts, *each.secondary_opts)}
            name = _as_typed(error.option_name, given, known)
            close = _close(name, known)
            words = habits.word_for_option(name, known) or (
                None if close else habits.word_for_option(error.option_name, known) or habits.word_near(name, known)
            )
            if words:
                raise click.UsageError(f"No such option '{name}'. {words}", ctx) from error
            raise click.NoSuchOption(name, possibilities=close, ctx=ctx) from error


def _as_typed(name: str, given: list[str], known: Collection[str]) -> str:
    """Return the whole word of which click tells one letter: ``-var-file`` for ``-a``."""
    typed = (each.partition("=")[0] for each in takewhile(lambda each: each != "--", given))
    words = (each for each in typed if f"-{each}" not in known)
    whole = (each for each in words if each.startswith("-") and not each.startswith("--") and name[1:] in each[1:])
    return next(whole, name) if len(name) == 2 else name


def _double(name: str) -> str:
    return name if len(name) == 2 or name.startswith("--") else f"-{name}"


def _close(name: str, known: set[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(_double(name), sorted(each for each in known if each.startswith("--")))


class CliCommand(_Habits):
    """End with the exit code that the command's function returns; None is success.

    The help of one with many options shows them in groups.
    """

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, in groups where they are many."""
        from reconciler.cli.help_groups import GROUPS, LONG, group_of

        options = (each for each in self.get_params(ctx) if isinstance(each, click.Option))
        found = [(each.name or "", record) for each in options if (record := each.get_help_record(ctx))]
        titles = (*GROUPS, "Options") if len(found) > LONG else ("Options",)
        for title in titles:
            rows = [record for name, record in found if len(titles) == 1 or (group_of(name) or "Options") == title]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the function, and end."""
        ctx.exit(super().invoke(ctx) or ExitCode.DONE)


class CliGroup(_Habits, click.Group):
    """Say what to use for a command that there is not."""

    command_class = CliCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command as click does.

        Raises:
            click.UsageError: There is none; it names what to use, or what looks like it.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            if ctx.parent is None and (words := habits.word_for_command(name)):
                raise click.UsageError(f"No such command '{name}'. {words}", ctx)
            from difflib import get_close_matches

            raise click.NoSuchCommand(
                name, possibilities=get_close_matches(name, self.list_commands(ctx), n=1), ctx=ctx
            )
        return super().resolve_command(ctx, args)
