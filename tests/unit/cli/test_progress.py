"""Progress: bars where people look on, lines elsewhere, and no estimate without a basis."""

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from reconciler.cli.bars import estimate
from tests.terminal import Shown, on_terminal

WORK = """
import asyncio, sys
import click
from reconciler.cli import diagnostics
from reconciler.cli.diagnostics import LogFormat
from reconciler.adapters.meter import KEYCLOAK, PLATFORM, Meter
from reconciler.cli.progress import counting, progress, reading
from reconciler.model.change import Action
from reconciler.model.outcome import Outcome, Status
from tests.builders import ACME, a_change

diagnostics.set_up(LogFormat(sys.argv[1]))
meter = Meter()
with reading(meter, 3):
    for system, requests in ((KEYCLOAK, 4), (PLATFORM, 2)):
        for _ in range(requests):
            with meter.request(system):
                pass
    diagnostics.say("said meanwhile", "note")
    import time; time.sleep(0.3)
with progress("Applying", 2) as watcher:
    for status in (Status.DONE, Status.FAILED):
        watcher.finished(Outcome(a_change(ACME, Action.CREATE), status, 1))
    watcher.waiting(3, 1.0)
    time.sleep(0.3)
with counting("Rotating", 2) as bar:
    for name in "ab":
        with bar.one():
            click.echo(f"rotated {name}")
"""
LINES = ["said meanwhile", "organization/acme: Creation complete", "organization/acme: failed"]


def shown(form: str = "text", columns: int = 100, variables: Mapping[str, str] = MappingProxyType({})) -> Shown:
    settings = {"PATH": os.environ["PATH"], **variables}
    found = on_terminal([sys.executable, "-c", WORK, form], settings, columns=columns)
    assert found.code == 0, found.raw
    assert found.output == "rotated a\nrotated b\n"
    return found


def test_a_terminal_shows_counts_for_each_system() -> None:
    rows = shown().rows

    assert any(row.startswith("Reading Keycloak") and " 4/4 " in row for row in rows)
    assert any(row.startswith("Asking /v1/me") and " 2/3 " in row for row in rows), "the manifests declare three"
    assert any(row.startswith("Verifying: 3 not in force yet") for row in rows)


def test_what_is_said_meanwhile_and_how_each_change_ended_stand_above_the_bars() -> None:
    rows = shown().rows

    assert "said meanwhile" in rows
    assert "organization/acme: failed" in rows
    assert "organization/acme: Creation complete" in rows


def test_the_bars_are_gone_in_the_end() -> None:
    assert shown().raw.rstrip().endswith(("\x1b[?25h", "\x1b[2K"))


@pytest.mark.parametrize("columns", [20, 40])
def test_a_row_never_wraps_in_a_narrow_terminal(columns: int) -> None:
    bars = [row for row in shown(columns=columns).rows if "Keycloak" in row or "Key…" in row or "/v1/me" in row]

    assert any(row.startswith("4/4 Read") for row in bars)
    assert all(len(row) <= columns for row in bars)


def test_no_color_is_heeded() -> None:
    assert "\x1b[38;" in shown().raw
    assert "\x1b[38;" not in shown(variables={"NO_COLOR": "1"}).raw


@pytest.mark.parametrize("variables", [{"CI": "true"}, {"TERM": "dumb"}])
def test_where_nobody_looks_on_there_are_lines_and_no_bars(variables: dict[str, str]) -> None:
    found = shown(variables=variables)

    assert [row for row in found.rows if not row.startswith("Verifying")] == LINES
    assert "\x1b[" not in found.raw


def test_json_has_no_bars() -> None:
    rows = shown("json").rows

    assert rows
    assert all(row.startswith('{"time"') for row in rows)


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "expected"),
    [
        (0, 1000, 60.0, ""),
        (4, 20, 10.0, ""),
        (20, 1000, 10.0, ""),
        (100, 1000, 1.0, ""),
        (100, None, 10.0, ""),
        (1000, 1000, 10.0, ""),
        (100, 1000, 10.0, "about 2 min left"),
        (500, 1000, 10.0, "about 10 s left"),
        (999, 1000, 10.0, "about 1 s left"),
    ],
)
def test_an_estimate_follows_from_the_rate_once_there_is_a_basis(
    done: int, total: int | None, elapsed: float, expected: str
) -> None:
    assert estimate(done, total, elapsed) == expected
