"""The manual page says what the help says, and roff takes it as text."""

import re
from pathlib import Path

from click.testing import CliRunner

from reconciler.cli.main import cli
from tests.unit.test_readme import commands, forget_help_options

INSTALLED = Path(__file__).parents[3] / "docs" / "reconciler.1"


def test_the_page_that_a_wheel_installs_is_current(update: bool) -> None:
    for path in commands(cli):
        forget_help_options(*path)
    page = CliRunner().invoke(cli, ["man"]).output
    if update:
        INSTALLED.write_text(page, encoding="utf-8")

    assert INSTALLED.read_text(encoding="utf-8") == page, "run `make readme`"


def test_the_manual_page_has_every_command_and_every_option() -> None:
    page = CliRunner().invoke(cli, ["man"]).output
    text = page.replace("\\-", "-").replace("\\e", "\\")

    assert page.startswith('.TH RECONCILER 1 "" "reconciler ')
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS"):
        assert f"\n.SH {section}\n" in page
    for command in ("plan", "apply", "rotate start", "history show", "man"):
        assert re.search(rf"^\.SS reconciler {command}\b", text, re.MULTILINE), command
    for option in ("--allow-delete", "--exclude ADDRESS", "--verify-timeout DURATION", "--show-secrets"):
        assert f"\\fB{option}" in text, option
    assert "64 usage" in text
    # Whatever begins with a dot is a request of ours.
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= {
        ".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi", ".B",
    }  # fmt: skip
