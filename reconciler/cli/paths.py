"""Manifests and saved plans that are named without an option: ``plan FOLDER``, ``apply PLANFILE``.

What a path is, its content says: a folder holds manifests, and so does a YAML file that does not begin as a saved plan.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from reconciler.cli.environment import said
from reconciler.model.address import Kind
from reconciler.model.errors import WrongUsage

_PATH: Final = click.Path(path_type=Path)
_STDIN: Final = Path("-")
_YAML: Final = frozenset({".yaml", ".yml"})


class Files(click.Option):
    """Count what is named without an option as named by ``-f``."""

    must_exist = True

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Add the positional paths that are no plan, so that the command line is where they come from."""
        named = _named(opts.get("paths")) + tuple(each for each in _named(opts.get("planfile")) if _is_manifests(each))
        if named:
            given = opts.get("files")
            opts = {**opts, "files": [*(given if isinstance(given, list) else ()), *map(str, named)]}
        return super().handle_parse_result(ctx, opts, args)

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the paths.

        Raises:
            WrongUsage: One is not there, and no revision may have it.
        """
        found = super().process_value(ctx, value)
        source = ctx.get_parameter_source("files")
        if self.must_exist and source is not ParameterSource.DEFAULT and not ctx.resilient_parsing:
            check_there(found, _said_at("manifests", source))
        return found


class PastFiles(Files):
    """Take files that another revision may have."""

    must_exist = False


def check_overlays(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Return the overlays; a command that takes files of another revision takes those, too.

    Raises:
        WrongUsage: There are none.
    """
    is_now = not any(isinstance(each, PastFiles) for each in context.command.params)
    if value is not None and is_now and not context.resilient_parsing:
        check_there((value,), _said_at("overlays", context.get_parameter_source("overlays")))
    return value


def _said_at(setting: str, source: ParameterSource | None) -> str:
    is_said = source is ParameterSource.DEFAULT_MAP
    return f", where {said().place(setting)} says that {setting} are" if is_said else ""


def check_there(paths: Iterable[Path], what: str = "") -> None:
    """Refuse a path at which there is nothing; ``what`` says what could have been there.

    Raises:
        WrongUsage: There is one; it says what is close.
    """
    for path in paths:
        if path == _STDIN or not _is_missing(path):
            continue
        from difflib import get_close_matches

        with suppress(OSError):
            names = (each.name for each in path.parent.iterdir() if each.name != path.name)
            if close := get_close_matches(path.name, [*names], n=1):
                raise WrongUsage(f"There is nothing at {path}{what}.", remedy=f"Did you mean {path.parent / close[0]}?")
        if path.parts[0] in list(Kind) and len(path.parts) > 1:
            raise WrongUsage(f"There is nothing at {path}{what}.", remedy=f"If an address is meant: --target {path}.")
        plan = "a plan that plan --out FILE saved, " if "plan" in what else ""
        remedy = f"Name {plan}a manifest, or a folder with manifests."
        if "manifests are" in what:
            remedy += " Where the last manifest was deleted, keep the folder: git keeps a file such as .gitkeep."
        raise WrongUsage(f"There is nothing at {path}{what}.", remedy=remedy)


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        # What is wrong with it, reading it says.
        return False
    return False


def _named(value: Any) -> tuple[Path, ...]:
    """Return positional paths as click's parser knows them, which has a mark of its own for none."""
    return tuple(map(Path, value)) if isinstance(value, tuple) else ()


def _is_manifests(path: Path) -> bool:
    return path.is_dir() or (path.suffix in _YAML and not _is_plan(path))


def _is_plan(path: Path) -> bool:
    from reconciler.adapters.plan_file import begins_as_plan

    return begins_as_plan(path)


def _the_plan(context: click.Context, _: click.Parameter, value: tuple[Path, ...]) -> Path | None:
    """Return the saved plan among the paths; None where all are manifests."""
    plans = [path for path in value if not _is_manifests(path)]
    if not plans or context.resilient_parsing:
        return None
    check_there(plans, ": no saved plan, and no manifests")
    if len(value) > 1:
        raise WrongUsage(
            f"{plans[0]} is neither a folder nor a YAML file with manifests, and a saved plan must be the only path.",
            remedy="Name one saved plan; or manifests, and folders with manifests.",
        )
    return plans[0]


def _no_plan(context: click.Context, _: click.Parameter, value: tuple[Path, ...]) -> None:
    found = None if context.resilient_parsing else next((path for path in value if _is_plan(path)), None)
    if found is not None:
        raise WrongUsage(
            f"{found} is a saved plan, and {context.info_name} reads manifests.",
            remedy=f"Show it: show {found}. Carry it out: apply {found}.",
        )


planfile = click.argument("planfile", metavar="[PLANFILE|PATH...]", nargs=-1, type=_PATH, callback=_the_plan)
paths = click.argument("paths", metavar="[PATH]...", nargs=-1, type=_PATH, expose_value=False, callback=_no_plan)
