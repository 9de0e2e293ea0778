"""Every code of a finding is explained once, in docs/findings.md."""

import re
from pathlib import Path

from reconciler.model.finding import Code, FieldStatus
from reconciler.model.finding_texts import MEANINGS

DOC = Path(__file__).parents[2] / "docs" / "findings.md"
TEXT = DOC.read_text(encoding="utf-8")
HEAD = "## Every code\n\n| code | severity | what it means | what to do |\n|---|---|---|---|\n"


def first_cells(heading: str) -> list[str]:
    """Return the words in code of the first cells of the table below a heading of which ``heading`` is a part."""
    table = TEXT.split(heading, 1)[1].split("\n\n")[1]
    return [word for line in table.splitlines()[2:] for word in re.findall(r"`([^`]+)`", line.split("|")[1])]


def test_every_code_is_explained_as_explain_does(update: bool) -> None:
    rows = (f"| `{code}` | {' | '.join(meaning)} |\n" for code, meaning in MEANINGS.items())
    before, _ = TEXT.split(HEAD)
    if update:
        DOC.write_text(before + HEAD + "".join(rows), encoding="utf-8")
        return

    assert before + HEAD + "".join(rows) == TEXT, "run `make readme`"
    assert sorted(MEANINGS) == sorted(Code)


def test_every_status_is_explained() -> None:
    assert first_cells("how that came out") == list(FieldStatus)
