"""Whatever text Keycloak answers, and however a file is called: each output takes it, and each file gives it back."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from reconciler.adapters.bounded import WholeAnswer
from reconciler.adapters.checkpoint_file import read_checkpoint, write_checkpoint
from reconciler.adapters.recording_file import read_recording, write_recording
from reconciler.model.attribution import Attribution
from reconciler.model.checkpoint import Checkpoint, Member
from reconciler.model.drift_report import DriftReport, DriftState
from reconciler.model.recording import Circumstances, Read, Recording, TextFile
from reconciler.plan.drift import drift_of
from reconciler.review.formats import Format, render
from reconciler.review.metrics import metrics_text
from reconciler.review.notification import DriftMessage, state_of
from reconciler.review.plan_file import parse_plan
from reconciler.review.plan_json import plan_json
from tests.builders import NOW, OWNER, REALM
from tests.e2e import fork_server
from tests.unit.manifest.builders import an_organization_text
from tests.unit.review.showcase import hostile

ODD: Final = {
    "half of a pair": "a\ud800b", "the other half": "\udcff", "U+2028": "a\u2028b", "U+0085": "a\x85b", "NUL": "a\0b",
    "control characters": "".join(map(chr, range(32))), "bidi": "\u202ea\u2066b", "invisible": "a\u200bb\ufeff",
    "no characters": "\uffff\U0010ffff", "beyond U+FFFF": "\U0001f600", "line ends": "a\r\nb\rc", "quotes": "\"\\'`",
    "long": "x" * 100_000,
}  # fmt: skip


def answered(text: str) -> str:
    """Return the text as it arrives: in an answer's JSON, where halves of pairs can be written."""
    answer = WholeAnswer(200, content=json.dumps({"name": text}).encode(), request=httpx.Request("GET", "http://x"))
    return str(answer.json()["name"])


def report(text: str) -> DriftReport:
    return DriftReport(text, text, NOW, 1.0, DriftState.DRIFT, drift_of(hostile(text)), error=text)


def a_saved_plan(text: str, file: Path) -> bool:
    plan = hostile(text)
    file.write_text(plan_json(plan), encoding="utf-8", newline="")
    return parse_plan(file.read_bytes().decode("utf-8"), "a.plan").plan == plan


def a_recording(text: str, file: Path) -> bool:
    then = Circumstances(
        command="plan", keycloak_url="https://idp.example", api_url="", realm=REALM, owner=OWNER, effective=False,
        manifests=(TextFile("a.yaml", text),),
    )  # fmt: skip
    whole = Recording(
        version="1", circumstances=then, moments=(),
        reads=(Read(("organization", text), {"name": text, "attributes": {text: [text]}}),),
    )  # fmt: skip
    write_recording(file, whole)
    return read_recording(file) == whole


def a_checkpoint(text: str, file: Path) -> bool:
    by = Attribution(NOW, text, text, text, text, exact=True)
    kept = Checkpoint("s", text, text, NOW, members={text: (Member(text, text),)}, drifted={text: by}, troubled=(text,))
    write_checkpoint(file, kept)
    return read_checkpoint(file) == (kept, "")


def a_notification(text: str, file: Path) -> bool:
    body: dict[str, Any] = {**DriftMessage(report(text)).slack(), **DriftMessage(report(text)).webhook()}
    file.write_text(json.dumps(body, ensure_ascii=False) + state_of(report(text)), encoding="utf-8")
    return file.stat().st_size > 0


def metrics(text: str, file: Path) -> bool:
    written = metrics_text(report(text), "")
    file.write_text(written, encoding="utf-8")
    return all(line.startswith(("#", "nt24_reconciler_")) for line in written.split("\n") if line)


def each_format(text: str, file: Path) -> bool:
    for form in Format:
        written = render(hostile(text), form)
        file.write_text(written, encoding="utf-8")
        if form in {Format.JSON, Format.SARIF}:
            json.loads(written)
        if form is Format.LINES:
            assert all(json.loads(line) for line in written.removesuffix("\n").split("\n"))
    return True


@pytest.mark.parametrize("kept", [a_saved_plan, a_recording, a_checkpoint, a_notification, metrics, each_format])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_it_is_kept(kept: Callable[[str, Path], bool], text: str, tmp_path: Path) -> None:
    assert kept(answered(text), tmp_path / "file")


NAMES: Final = {
    b"a\xff.yaml": "a\\xff.yaml",
    "a\u2028.yaml".encode(): "a\\u2028.yaml",
    b"a\x1b[2J.yaml": "a\\x1b[2J.yaml",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_file_may_have_any_name(name: bytes, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "KEYCLOAK_URL": "https://127.0.0.1:1",
        "KEYCLOAK_ACCESS_TOKEN": "h.p.s",
    }  # fmt: skip
    text = an_organization_text("acme")
    (tmp_path / os.fsdecode(name)).write_text(text.replace("kind:", "knd:"), encoding="utf-8")

    wrong = fork_server.run(("validate",), tmp_path, environment)
    (tmp_path / os.fsdecode(name)).write_text(text, encoding="utf-8")
    (tmp_path / os.fsdecode(b"b" + name)).write_text("apiVersion: apps/v1\nkind: Deployment\n", encoding="utf-8")
    checked = fork_server.run(("validate", "--json"), tmp_path, environment)
    planned = fork_server.run(("plan", "--no-effective", "--record", "run"), tmp_path, environment)

    assert f"{NAMES[name]}:" in wrong.stdout.replace("\\\\", "\\") + wrong.stderr
    assert json.loads(checked.stdout)["passedOver"]
    assert (checked.returncode, planned.returncode) == (0, 3)
    assert read_recording(tmp_path / "run").circumstances.manifests
