"""Partners in a CSV file: one to a line, below a line that names the columns."""

import csv
import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.manifest.explain import closest
from reconciler.manifest.positions import Position, Spot, Step
from reconciler.manifest.shape import keys_of
from reconciler.model.errors import Problem
from reconciler.model.manifest import Partner
from reconciler.model.text import quoted

COLUMNS: Final = tuple(keys_of(Partner))
_ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x85\u2028\u2029]|\r(?!\n)")
_DELIMITERS: Final = ",;"
"""Spreadsheets of countries that write 1,5 put semicolons between the columns."""

Item = tuple[Any, Spot]


def partners_in(file: str, text: str) -> tuple[list[Item], list[Problem]]:
    """Return the partners of a file as items of a manifest's list, each with its line, and what is wrong with it.

    What the values of a line break is found later, by the rules for manifests.
    """
    if odd := _ODD.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        message = f"The line contains U+{ord(odd[0]):04X}, which some readers take for the end of a line."
        return [], [Problem(file, line, 1, "", message, "End lines with a line feed, and remove such characters.")]
    lines = [f"{line}\n" for line in text.removeprefix("\ufeff").removesuffix("\n").split("\n")]
    head = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    items: list[Item] = []
    problems: list[Problem] = []
    try:
        columns = [cell.strip() for cell in next(rows, [])]
        problems += _of_columns(file, columns)
        first = 2
        for row in rows if not problems else ():
            line, first = first, rows.line_num + 1
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) > len(columns):
                message = f"The line has {len(cells)} values, and the first one names {len(columns)} columns."
                problems.append(Problem(file, line, 1, "", message, f"Put quotes around a value with '{delimiter}'."))
                continue
            said: dict[str, object] = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
            spots: dict[Step, Spot] = {
                name: Spot(Position(line, 1), text=str(cell), file=file) for name, cell in said.items()
            }
            items.append((said, Spot(Position(line, 1), children=spots, file=file)))
    except csv.Error as error:
        message = f"It is no CSV from here on: {error}."
        problems.append(Problem(file, max(rows.line_num, 1), 1, "", message, "Correct the quotes of the line."))
    return items, problems


def _of_columns(file: str, columns: list[str]) -> Iterator[Problem]:
    write = f"Write {', '.join(COLUMNS)}: the columns that there are."
    if "uuid" not in columns:
        yield Problem(file, 1, 1, "", "The first line names no column uuid.", write)
        return
    for name in columns:
        if name not in COLUMNS:
            yield Problem(file, 1, 1, "", f"There is no column {quoted(name)}.", f"{closest(name, COLUMNS)}{write}")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Problem(file, 1, 1, "", f"The column {quoted(name)} stands twice.", "Remove one of them.")
