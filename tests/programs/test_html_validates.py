"""The page in the Nu Html Checker, which knows every rule of HTML and ARIA."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from reconciler.review.html.page import plan_html
from reconciler.review.subject import Subject
from reconciler.sandbox.java import find_java
from tests.builders import a_plan
from tests.unit.review.showcase import (
    HOSTILE,
    a_report,
    a_review,
    hostile,
    many,
    since_main,
    stopped,
    with_settings,
)

PLANS = {
    "empty": a_plan(),
    "one-change": many(1),
    "large": many(200),
    "errors": a_review(),
    "report": a_report(),
    "stopped": stopped(),
    "since": since_main(),
    "settings": with_settings(),
    **{f"hostile-{number}": hostile(text) for number, text in enumerate(HOSTILE)},
}
EXPECTED = (
    # It does not know that the policy names the hashes of both.
    "Inline style violates Content Security Policy",
    "Inline script violates Content Security Policy",
    # It guesses the language by the words.
    "This document appears to be written in",
)


@pytest.fixture
def checker() -> Path:
    """Return the checker; nothing is downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    default = cache / "nt24-reconciler" / "npm" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    path = Path(os.environ.get("VNU") or default)
    if not path.is_file() or find_java() is None:
        pytest.skip(
            "NO TEST OF THIS KIND RUNS HERE: it needs Java, and npm install vnu-jar; name its vnu.jar: VNU=PATH."
        )
    return path


def test_every_page_is_valid_html(checker: Path, tmp_path: Path) -> None:
    for name, plan in PLANS.items():
        for subject in Subject:
            (tmp_path / f"{name}-{subject}.html").write_text(plan_html(plan, subject), encoding="utf-8")
    command = [str(find_java()), "-jar", str(checker), "--format", "json", "--exit-zero-always"]
    done = subprocess.run([*command, *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=True)
    found = json.loads(done.stderr)["messages"]
    wrong = [each for each in found if not each["message"].startswith(EXPECTED)]
    assert [(Path(each["url"]).name, each["lastLine"], each["message"]) for each in wrong] == []
    # It has read them.
    assert len({each["url"] for each in found}) == len(PLANS) * len(Subject)
