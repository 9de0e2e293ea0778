"""The sink that is an output of a GitHub Actions step: masked before it is set."""

from pathlib import Path

import pytest

from reconciler.adapters.sinks.github import GithubActions
from reconciler.adapters.vault import PlainSecret
from reconciler.model.errors import SinkFailed
from reconciler.model.sinks import GithubActionsSink
from tests.builders import ACME_CLIENT

pytestmark = pytest.mark.anyio


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "outputs"
    path.touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    return path


async def test_the_secret_is_masked_before_it_is_an_output(outputs: Path) -> None:
    seen: list[tuple[str, str]] = []
    sink = GithubActions(GithubActionsSink(), lambda line: seen.append((line, text_of(outputs))))
    await sink.deliver(ACME_CLIENT, PlainSecret("s3cret"))
    assert seen == [("::add-mask::s3cret", "")]
    head, value, _ = text_of(outputs).splitlines()
    assert head.startswith("api-client-acme_secret<<")
    assert value == "s3cret"


async def test_every_line_of_a_secret_is_masked(outputs: Path) -> None:
    seen: list[str] = []
    await GithubActions(GithubActionsSink(), seen.append).deliver(ACME_CLIENT, PlainSecret("one\ntwo"))
    assert seen == ["::add-mask::one", "::add-mask::two"]


async def test_outside_of_a_step_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    seen: list[str] = []
    with pytest.raises(SinkFailed, match="not a step of GitHub Actions"):
        await GithubActions(GithubActionsSink(), seen.append).deliver(ACME_CLIENT, PlainSecret("s3cret"))
    assert seen == []


async def test_a_standard_error_that_the_runner_does_not_read_is_refused(
    outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        monkeypatch.setattr("sys.stderr", log)
        with pytest.raises(SinkFailed, match="could not mask"):
            await GithubActions(GithubActionsSink()).deliver(ACME_CLIENT, PlainSecret("s3cret"))
    assert text_of(tmp_path / "log") == text_of(outputs) == ""
