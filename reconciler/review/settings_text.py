"""What a change does to ``reconciler.yaml``, for a terminal."""

from collections.abc import Iterator
from typing import Final

import click

from reconciler.model.change import Action
from reconciler.model.origin import SettingChange
from reconciler.model.plan import Plan
from reconciler.model.text import counted, visible
from reconciler.review.labels import SYMBOL, WORTHY, dim, risk_text, value_text

_TITLE: Final = "Settings of reconciler.yaml changed here"
_WITH_IGNORED: Final = "Settings, and ignored fields of Keycloak, changed here"


def settings_of(plan: Plan) -> tuple[SettingChange, ...]:
    """Return what differs in the settings since the base; nothing where no base was named."""
    return plan.base.settings if plan.base else ()


def settings_counted(plan: Plan) -> str:
    """Return ``2 settings change.``; empty where none does."""
    number = len(settings_of(plan))
    return f"{counted(number, 'setting')} change{'s' if number == 1 else ''}." if number else ""


def settings_title(found: tuple[SettingChange, ...]) -> str:
    """Return the heading of what differs: it says where to look for it."""
    return _WITH_IGNORED if any(".lifecycle.ignoreChanges." in each.path for each in found) else _TITLE


def settings_text(found: tuple[SettingChange, ...]) -> Iterator[str]:
    """Yield a paragraph where settings differ."""
    if found:
        title = click.style(f"# {settings_title(found)}", bold=True)
        yield "\n".join([f"  {title}", *(f"  {_line(each)}" for each in found)])


def setting_way(change: SettingChange) -> str:
    """Return what becomes of a setting, on one line: ``"a" -> "b"``; what comes or goes is one value."""
    sides = [value_text(side) for side in (change.before, change.after) if side is not None]
    return " -> ".join(sides)


def _line(change: SettingChange) -> str:
    action = Action.CREATE if change.before is None else Action.DELETE if change.after is None else Action.UPDATE
    risk = risk_text(change.risk) if change.risk.level in WORTHY else ""
    place = dim(f"({visible(str(change.place))})") if change.place else ""
    why = " ".join(filter(None, (risk, place)))
    why = f"  {dim('#')} {why}" if why else ""
    return f"{SYMBOL[action]} {visible(change.path)}: {setting_way(change)}{why}"
