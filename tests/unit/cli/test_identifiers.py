"""What names a resource in one command names it in the others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.adapters.history.store import opened
from reconciler.cli.run_record import this_run
from reconciler.model.address import Address, alias, client_id
from reconciler.model.errors import ExitCode
from reconciler.model.history import RecordedChange, Run
from reconciler.model.manifest import DesiredState
from reconciler.plan.targets import resolved
from tests.builders import an_organization
from tests.unit.cli.test_habits import typed

ACME = an_organization("acme-motors")
UUID = str(ACME.spec.organization_uuid)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("organization/acme-motors", "organization/acme-motors"),
        ("acme-motors", "organization/acme-motors"),
        ("acme-*", "organization/acme-*"),
        ("api-client-acme", "client/*/api-client-acme"),
        ("client/acme-motors/api-client-acme", "client/acme-motors/api-client-acme"),
        (UUID, "organization/acme-motors"),
        (UUID.upper(), "organization/acme-motors"),
        (f"organization/{UUID}", "organization/acme-motors"),
        ("realm/nt24-idp", "realm/nt24-idp"),
    ],
)
def test_a_target_is_named_by_whatever_a_command_prints(text: str, address: str) -> None:
    found = resolved([Address.of(text)], DesiredState(organizations=(ACME,)))

    assert found == (Address.parse(address),)


@pytest.mark.parametrize("text", ["", "acme.motors", "organization", "partner/x", "client/acme", "a b"])
def test_what_names_nothing_is_refused_with_the_shape_of_an_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"(An address is|looks like) .*/NAME"):
        Address.of(text)


@pytest.mark.parametrize(
    ("given", "client", "organization"),
    [
        ("client/acme/api-client-acme", "api-client-acme", None),
        ("organization/acme", None, "acme"),
        ("organization/acme-*", None, "acme-*"),
        ("api-client-acme", "api-client-acme", "api-client-acme"),
        ("odd/client/id", "odd/client/id", "odd/client/id"),
    ],
)
def test_a_command_that_takes_one_kind_takes_its_addresses(
    given: str, client: str | None, organization: str | None
) -> None:
    for parse, expected in ((client_id, client), (alias, organization)):
        if expected is None:
            with pytest.raises(ValueError, match="is the address of another kind of resource"):
                parse(given)
        else:
            assert parse(given) == expected


@pytest.mark.parametrize(
    "line",
    [
        "me organization/acme",
        "rotate start organization/acme",
        "rotate status organization/acme",
        "rotate confirm webhook/acme/orders",
        "request client/acme/api-client-acme",
        "import --out x client/acme/api-client-acme",
    ],
)
def test_the_address_of_another_kind_is_wrong_usage(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = typed(line, monkeypatch, capsys)

    assert (code, "is the address of another kind of resource" in said) == (ExitCode.USAGE, True), said


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    monkeypatch.setenv("RECONCILER_HISTORY", url)
    monkeypatch.chdir(tmp_path)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with opened(url) as kept:
        for number, fingerprint in ((1, "f1"), (2, "f2"), (3, "f2")):
            changes = (RecordedChange("client/acme-motors/api-client-acme", "update", "planned"),)
            kept.record(Run(f"run-{number}", "plan", at, at, "me", "", "1", fingerprint=fingerprint, changes=changes))


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("history --target acme-motors", ExitCode.DONE, "run-1"),
        ("history --target acme-*", ExitCode.DONE, "run-1"),
        ("history --target api-client-acme", ExitCode.DONE, "run-1"),
        ("history --target client/acme-motors/api-client-acme", ExitCode.DONE, "run-1"),
        ("history --target acme", ExitCode.DONE, "No run is recorded."),
        ("history show run-1", ExitCode.DONE, "run-1\n"),
        ("history show f1", ExitCode.DONE, "run-1\n"),
        ("history show f2", ExitCode.USAGE, "2 runs made or carried out this plan: run-2, run-3."),
        ("history show f", ExitCode.ERROR, "No run's id begins with 'f'."),
    ],
)
def test_the_history_is_searched_by_what_others_print(
    line: str, code: ExitCode, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found, said = typed(line, monkeypatch, capsys)

    assert (found, words in said) == (code, True), said


@pytest.mark.usefixtures("history")
def test_the_lock_names_the_run_as_the_history_does() -> None:
    import click

    from reconciler.cli.run_record import Recorded

    @click.command(cls=Recorded)
    def command() -> None:
        from reconciler.cli import run_record

        record = click.get_current_context().meta[run_record._RECORD]
        click.echo(this_run() == record.run.id)

    assert CliRunner().invoke(command).output == "True\n"
    assert this_run() != this_run()
