"""A terminal of any encoding gets the whole message; what it cannot show is escaped."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.kinds.marks import marked
from reconciler.review.plan_json import plan_json
from tests.builders import ACME, OWNER, a_change, a_derived_plan


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_what_a_terminal_cannot_show_is_escaped(encoding: str) -> None:
    command = [sys.executable, "-c", "from reconciler.cli.main import main; main()", "validate", "-f", "→.yaml"]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": encoding}, check=False
    )

    assert "\\u2192.yaml" in (done.stdout + done.stderr).decode(encoding)
    assert b"nternal error" not in done.stderr + done.stdout
    assert b"UnicodeEncodeError" not in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("form", ["json", "jsonl", "sarif"])
def test_json_stays_json(form: str, encoding: str, tmp_path: Path) -> None:
    odd = "\U0001f600\x85\xe9\u2192\u2028\u202e\0"
    before, after = (marked({"displayName": name}, OWNER, ACME, protected=False) for name in (odd, "Acme"))
    plan = replace(a_derived_plan(a_change(ACME, before=before, after=after)), keycloak_url="https://idp.example")
    (tmp_path / "a.plan").write_text(plan_json(plan), encoding="utf-8", newline="")
    command = [sys.executable, "-c", "from reconciler.cli.main import main; main()", "show", "a.plan", "--format", form]

    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=True
    )

    # What an encoding of ASCII cannot show, click writes as UTF-8.
    text = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)
    documents = [json.loads(each) for each in (text.removesuffix("\n").split("\n") if form == "jsonl" else [text])]
    assert form == "sarif" or odd in _texts(documents)


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case _:
            return []
