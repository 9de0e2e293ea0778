"""``reconciler completion``: what makes a shell complete our commands and options."""

import click

from reconciler.cli.command import CliCommand

_VARIABLE = "_RECONCILER_COMPLETE"


@click.command(cls=CliCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the shell completion script for commands and options.

    \b
    bash, in ~/.bashrc:                   eval "$(reconciler completion bash)"
    zsh, in ~/.zshrc:                     eval "$(reconciler completion zsh)"
    fish, in ~/.config/fish/config.fish:  reconciler completion fish | source
    """  # noqa: D301  (click's own mark for lines that stay as they are)
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(found(context.find_root().command, {}, "reconciler", _VARIABLE).source())
