"""The command ``reconciler``: finds the command, and turns errors into lines for people and exit codes."""

import builtins
import os
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Final, NoReturn

import click

from reconciler._version import __version__
from reconciler.cli import diagnostics, streams
from reconciler.cli.command import CliCommand, CliGroup
from reconciler.model.errors import ExitCode, ReconcilerError, WrongUsage
from reconciler.model.text import whole_text

# In the order in which the help lists them.
_COMMANDS: Final = {
    "validate": "Check manifests offline.",
    "fmt": "Format manifests.",
    "plan": "Show what apply would change.",
    "diff": "Compare the manifests of two git revisions, offline.",
    "show": "Print a saved plan, or the resolved manifests.",
    "approve": "Approve a saved plan.",
    "apply": "Apply the changes, and verify that they took effect.",
    "graph": "Draw the dependency graph, and what changes.",
    "drift": "Detect drift from the last applied state.",
    "list": "List managed and unmanaged resources.",
    "import": "Generate manifests from the live realm.",
    "rotate": "Rotate client secrets without downtime.",
    "doctor": "Diagnose why a client is refused, and how to fix it.",
    "request": "Write the request to NT24 for what only the platform can change.",
    "me": "Show the effective values of clients (GET /v1/me).",
    "history": "Show past runs.",
    "force-unlock": "Remove the lock of a dead run.",
    "explain": "Explain a key of a manifest or of reconciler.yaml, or a code.",
    "schema": "Print the JSON Schema of manifests, plans or diagnoses.",
    "bootstrap-login": "Create the reconciler's own Keycloak clients.",
    "init": "Create a repository of manifests, with CI.",
    "man": "Print the manual page.",
    "completion": "Print the shell completion script.",
    "sandbox": "Run a real Keycloak and the reference platform API on this machine.",
}


class _Lazy(CliGroup):
    """Import a command's module only when it is used, so that ``--help`` and ``--version`` answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in _HABITUAL:
            return _HABITUAL[cmd_name]
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) or hasattr(builtins, cmd_name) else cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"reconciler.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=CliCommand)
@click.pass_context
def version(context: click.Context) -> None:
    """Show the version, as --version does."""
    click.echo(f"{context.find_root().info_name}, version {__version__}")


@click.command("help", cls=CliCommand)
@click.argument("command", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def help_(context: click.Context, command: tuple[str, ...]) -> None:
    """Show the help of the program or of a command, as --help does."""
    shown = context.find_root()
    for name in command:
        if not isinstance(shown.command, click.Group):
            raise click.UsageError(f"{shown.command_path} has no commands of its own.", shown)
        _, found, _ = shown.command.resolve_command(shown, [name])
        if found is not None:
            shown = click.Context(found, parent=shown, info_name=name)
    click.echo(shown.get_help())


_HABITUAL: Final[dict[str, click.Command]] = {"version": version, "help": help_}
"""Commands that say what an option says, and that are typed from habit; the help does not list them."""


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="reconciler")
def cli() -> None:
    """Declare Novatrade24 integration organizations in YAML; plan and apply them, and verify them by /v1/me.

    \b
    Exit codes: 0 done, no changes · 1 error · 2 changes pending, or drift
    3 a live system is unreachable or denies access · 4 partly applied, or not
    verified · 5 the saved plan is stale · 6 refused by a guard or a policy
    64 usage · 130 interrupted before anything was written
    """  # noqa: D301  (click's own mark for lines that stay as they are)


_OURS: Final = ("KEYCLOAK_", "NT24_", "RECONCILER_")
"""How the variables begin that are read as text."""


def main() -> NoReturn:
    """Run the command line as one run: what it must not say is known until the last word."""
    from reconciler.adapters.redaction import secrets_of_a_run

    with secrets_of_a_run():
        _main()


def _main() -> NoReturn:
    """Run the command line; the only place that catches everything."""
    streams.set_up()
    diagnostics.expect(sys.argv[1:], os.environ)
    code: int = ExitCode.ERROR
    try:
        _check_variables()
        code = cli(standalone_mode=False) or ExitCode.DONE
    except click.ClickException as error:
        code = ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.ERROR
        diagnostics.report_usage(error, code)
    except (click.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
        diagnostics.say("Interrupted.", "interrupted", exit_code=int(code))
    except ReconcilerError as error:
        code = error.exit_code
        diagnostics.report(error)
    except OSError as error:
        diagnostics.report_system(error, code)
    except Exception as error:  # noqa: BLE001  (nobody else would)
        odd = [each for each in sys.argv if whole_text(each) != each] if isinstance(error, UnicodeEncodeError) else []
        if odd:
            code = ExitCode.USAGE
            diagnostics.report(_not_utf8(f"The argument '{odd[0]}'"))
        else:
            diagnostics.report_bug(error, code)
    code, lost = streams.settled(code)
    if lost:
        diagnostics.report_lost(lost, code)
    sys.exit(code)


def _check_variables() -> None:
    for name in (each for each in os.environ if each.startswith(_OURS)):
        if whole_text(os.environ[name]) != os.environ[name]:
            raise _not_utf8(name)


def _not_utf8(what: str) -> WrongUsage:
    """Return the error for bytes that are no text: Python has them as halves of surrogate pairs."""
    return WrongUsage(f"{what} holds bytes that are not UTF-8.", remedy="Only names of files may.")
