"""The blocks of code in the documents, and the commands that they show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN_BY_THE_COMMANDS: Final = "docs/commands.md"
"""Their help, which another test compares."""

_BLOCK: Final = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_RUNS: Final = re.compile(r"(?:^|[|;&(]|- )\s*reconciler\b(?![:/.])")


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, its language, its lines, and what the block right after it says is printed."""

    page: str
    line: int
    language: str
    text: str
    printed: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def script(self) -> str:
        """What a shell is to run: a script as it stands, what is typed in a terminal, a pipeline's lines of ours."""
        if self.language == "sh":
            return self.text
        if self.language == "yaml":
            return "\n".join(line.strip().removeprefix("- ") for line in self.text.splitlines() if _RUNS.search(line))
        return "\n".join(line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ "))

    @property
    def commands(self) -> list[str]:
        """The lines that run the reconciler."""
        return [line for line in self.script.replace("\\\n", " ").splitlines() if _RUNS.search(line)]


def blocks() -> Iterator[Block]:
    """Yield the blocks of code of every page."""
    for page in PAGES:
        text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        if name != WRITTEN_BY_THE_COMMANDS:
            found = list(_BLOCK.finditer(text))
            for each, following in zip_longest(found, found[1:]):
                shown = each[2] == "sh" and following and not following[2] and text[each.end() : following.start()]
                printed = following[3] if shown == "\n\n" else ""
                yield Block(name, text.count("\n", 0, each.start()) + 1, each[2], each[3], printed)
