"""What names a resource in one command names it in the others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconciler.adapters.history.store import opened
from reconciler.app.import_ import ImportRequest, import_
from reconciler.app.me import MePorts, MeRequest, me
from reconciler.app.unattended import Unattended
from reconciler.cli.run_record import this_run
from reconciler.manifest.from_live import Choice
from reconciler.manifest.write import manifest_text
from reconciler.model.address import Address, alias, client_id
from reconciler.model.errors import ExitCode, NotFound, ReconcilerError, WrongUsage
from reconciler.model.history import RecordedChange, Run
from reconciler.model.manifest import DesiredState
from reconciler.plan.targets import check_targets, resolved
from reconciler.rotate.survey import survey
from tests.builders import OWNER, REALM, a_partner, a_realm, an_organization, desired
from tests.fakes.world import World
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
        (f"client/{UUID}/api-client-acme", "client/acme-motors/api-client-acme"),
        (f"webhook/{UUID.upper()}/orders", "webhook/acme-motors/orders"),
        ("realm/nt24-idp", "realm/nt24-idp"),
    ],
)
def test_a_target_is_named_by_whatever_a_command_prints(text: str, address: str) -> None:
    found = resolved([Address.of(text)], DesiredState(organizations=(ACME,)))

    assert found == (Address.parse(address),)


@pytest.mark.parametrize("text", ["", "acme.motors", "organization", "partner/x", "client/acme", "Acme Motors"])
def test_what_names_nothing_is_refused_with_the_shape_of_an_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"(An address is|looks like) .*/NAME"):
        Address.of(text)


NORD = a_partner()
LIVE = desired(ACME, an_organization("beta", partners=[NORD]), realm=a_realm())


async def a_world() -> tuple[World, dict[str, str]]:
    """Return a world where beta is live, and not declared any more, with what else names what is in it."""
    world = await World(effective=False).settled(LIVE)
    ids = {each["alias"]: key for key, each in world.keycloak.store.organizations.items()}
    ids |= {each["clientId"]: key for key, each in world.keycloak.store.clients.items()}
    return world, {
        "UUID": str(LIVE.organizations[1].spec.organization_uuid).upper(),
        "ID": ids["beta"],
        "CLIENT": ids["api-client-beta"],
        "PARTNER": str(NORD.uuid),
    }


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "called", "said"),
    [
        ("organization/{}", "UUID", "the organizationUuid of organization/beta. Did you mean organization/beta?"),
        ("client/{}/api-x", "UUID", "the organizationUuid of organization/beta. Did you mean client/beta/api-x?"),
        ("organization/{}", "ID", "the id in Keycloak of organization/beta. Did you mean organization/beta?"),
        ("organization/{}", "CLIENT", "the id in Keycloak of client/beta/api-client-beta. Did you mean client/beta/"),
        ("organization/{}", "PARTNER", "a partner of organization/beta. Partners are no resources. Did you mean org"),
    ],
)
async def test_what_names_no_resource_is_said_with_what_to_type(kind: str, called: str, said: str) -> None:
    world, names = await a_world()
    left = desired(ACME, realm=a_realm())
    plan = await world.plan(left, Address.parse(kind.format(names[called])))

    with pytest.raises(WrongUsage) as refused:
        check_targets(left, plan)
    assert said in f"{refused.value.message} {refused.value.remedy}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("called", "said"),
    [
        ("CLIENT", "It is the id in Keycloak of client/beta/api-client-beta; did you mean beta?"),
        ("PARTNER", "It is a partner of organization/beta; did you mean beta?"),
    ],
)
async def test_import_takes_the_ids_of_an_organization_and_says_what_others_are(called: str, said: str) -> None:
    world, names = await a_world()
    for each in ("UUID", "ID"):
        found = await import_(ImportRequest(Choice(OWNER, (names[each],)), REALM), world.systems, Unattended())
        assert [manifest.name for manifest in found.desired.organizations] == ["beta"]
    with pytest.raises(NotFound) as refused:
        await import_(ImportRequest(Choice(OWNER, (names[called],)), REALM), world.systems, Unattended())
    assert said in refused.value.message


@pytest.mark.anyio
async def test_a_client_is_named_by_its_id_in_keycloak_too() -> None:
    world, names = await a_world()
    with_platform = await World().settled(LIVE)
    name = next(k for k, c in with_platform.keycloak.store.clients.items() if c["clientId"] == "api-client-beta")
    assert with_platform.systems.platform is not None
    ports = MePorts(with_platform.systems.platform, with_platform.systems.admin)

    (seen,) = await survey(world.systems.admin, LIVE, OWNER, world.systems.clock, [names["CLIENT"]])
    ((asked, answer),) = (await me(MeRequest((name,), REALM), ports, Unattended())).answers
    assert (seen.rotation.address.name, asked) == ("api-client-beta", "api-client-beta")
    assert not isinstance(answer, ReconcilerError)


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
    (tmp_path / "acme.yaml").write_text(manifest_text(ACME), encoding="utf-8")
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
        (f"history --target {UUID}", ExitCode.DONE, "run-1"),
        (f"history --target client/{UUID}/api-client-acme", ExitCode.DONE, "run-1"),
        ("history --target 00000000-0000-4000-8000-000000000000", ExitCode.ERROR, "no manifest here declares"),
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
