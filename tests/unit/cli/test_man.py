"""The manual page says what the help says, and roff takes it as text."""

import re

from click.testing import CliRunner

from reconciler.cli.main import cli


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
