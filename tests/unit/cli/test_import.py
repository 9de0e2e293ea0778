"""What ``import`` says of what it leaves out."""

from reconciler.cli.import_ import left_out_text
from reconciler.manifest.from_live import LeftOut
from tests.builders import ACME


def test_the_report_shows_nothing_that_a_terminal_would_obey() -> None:
    text = left_out_text([LeftOut(ACME, ("Its name: \x1b[31mred",))])
    assert "\x1b" not in text
    assert left_out_text([]) == ""
