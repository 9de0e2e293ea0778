"""Recordings: what was read comes back as it was, failures too; a replay sends nothing, and no secret is kept."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from inspect import iscoroutinefunction, isfunction
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.admin.realm_admin import RealmAdmin
from reconciler.adapters.http import ApiClient, Connection
from reconciler.adapters.keycloak import KeycloakApi
from reconciler.adapters.platform_api import NovatradeApi
from reconciler.adapters.recording_file import read_recording, write_recording
from reconciler.adapters.tape import Player, Recorder, SilentClient, read
from reconciler.adapters.vault import SecretVault
from reconciler.model.errors import AccessRefused, NotFound, RequestFailed, WrongUsage
from reconciler.model.expectations import DpaRequirement, Expectations
from reconciler.model.recording import Circumstances, Recording
from reconciler.ports import AdminApi, PlatformApi
from tests.fakes.runtime import FakeClock
from tests.unit.adapters.serving import Reply, Script, serving

pytestmark = pytest.mark.anyio

SECRET = "a-secret-that-must-never-show"
CLIENT = {"id": "c1", "clientId": "acme", "secret": SECRET, "attributes": {"client.secret.rotated": SECRET, "a": "b"}}
EVENT = {
    "id": "e1",
    "time": 5,
    "operationType": "CREATE",
    "resourceType": "CLIENT",
    "resourcePath": "clients/c1",
    "representation": json.dumps({"clientId": "acme", "secret": SECRET, "redirectUris": ["a"]}),
}
EXPECTED = Expectations(
    ("capabilities",), DpaRequirement.model_validate({"required": "2026-07", "deadline": "2026-12-31"})
)
ASKED = Circumstances(
    command="plan",
    keycloak_url="https://idp.example",
    api_url="",
    realm="nt24",
    owner="reconciler",
    effective=True,
    expected=EXPECTED,
)
_TAKEN = KeycloakApi.realm.__code__
"""What every method that is marked runs."""
_WRITES = ("create_", "update_", "delete_", "add_", "remove_", "replace_", "grant_", "revoke_", "leave_", "link_",
           "unlink_", "unregister_")  # fmt: skip
_SECRETS = frozenset({"secrets_of", "regenerate_secret", "exchange_secrets", "logins"})


def replies() -> Script:
    return Script(
        *[Reply(200, json.dumps([CLIENT]))] * 2,
        *[Reply(200, json.dumps([EVENT]))] * 2,
        Reply(404),
        Reply(403),
        Reply(200, '{"id": "u1"}'),
    )


async def reads(api: KeycloakApi) -> list[Any]:
    """Ask a few questions, and return the answers and failures."""
    found: list[Any] = [await api.clients(), await api.events(limit=7)]
    for ask in (api.realm(), api.organization("gone")):
        try:
            found.append(await ask)
        except (RequestFailed, AccessRefused) as error:
            found.append((type(error), error.message, error.remedy))
    return [*found, await api.service_account("c1")]


async def record() -> tuple[Recorder, list[Any], int]:
    recorder = Recorder()
    async with serving(replies()) as url, ApiClient(Connection("Keycloak", url, attempts=1)) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), recorder)
        return recorder, await reads(api), api.sent


def recording(recorder: Recorder, **more: Any) -> Recording:
    moments = tuple(recorder.moments)
    return Recording(version="1", circumstances=ASKED, moments=moments, reads=tuple(recorder.reads), **more)


async def test_a_replay_answers_as_it_was_answered_and_counts_the_same_requests(tmp_path: Path) -> None:
    recorder, answers, sent = await record()
    write_recording(tmp_path / "a.jsonl", recording(recorder))
    player = Player(read_recording(tmp_path / "a.jsonl"))
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), player)
        assert api.sent == 0
        assert await reads(api) == answers
        assert api.sent == sent


async def test_no_secret_is_kept(tmp_path: Path) -> None:
    recorder, _, _ = await record()
    write_recording(tmp_path / "a.jsonl", recording(recorder))

    text = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert '"clientId": "acme"' in text
    assert SECRET not in text
    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o600


WRITES: dict[str, Callable[[KeycloakApi], Awaitable[object]]] = {
    "create": lambda api: api.create_client({"clientId": "acme"}),
    "member": lambda api: api.add_member("o1", "u1"),
    "secret": lambda api: api.regenerate_secret("c1"),
}


@pytest.mark.parametrize("write", WRITES)
async def test_a_replay_sends_nothing(write: str) -> None:
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), Player(recording(Recorder())))
        with pytest.raises(WrongUsage, match="A replay sends nothing"):
            await WRITES[write](api)


async def test_a_question_that_was_not_asked_is_named() -> None:
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), Player(recording(Recorder())))
        with pytest.raises(WrongUsage) as error:
            await api.members("o1")
    assert "members(o1)" in error.value.message
    assert "version" in error.value.remedy


async def test_a_question_that_was_asked_twice_is_answered_in_turn() -> None:
    recorder = Recorder()
    script = Script(Reply(404), Reply(200, '{"realm": "nt24"}'))
    async with serving(script) as url, ApiClient(Connection("Keycloak", url)) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), recorder)
        first, second = await api.realm(), await api.realm()
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        api = KeycloakApi(http, "nt24", SecretVault(), Player(recording(recorder)))
        assert [await api.realm(), await api.realm(), await api.realm()] == [first, second, second]


def test_the_clock_tells_the_recorded_moments_again() -> None:
    recorder, real = Recorder(), FakeClock()
    told = []
    for _ in range(2):
        told.append(recorder.clock(real).now())
        real.passed += 60
    then = Player(recording(recorder)).clock(FakeClock())

    assert [then.now(), then.now(), then.now()] == [*told, told[-1]]


def test_every_read_of_the_ports_is_recorded() -> None:
    """Every method of the ports that is no write is marked; what hands out secrets is not."""
    asked = {name for port in (AdminApi, PlatformApi) for name in dir(port) if iscoroutinefunction(getattr(port, name))}
    marked = {name for each in (KeycloakApi, NovatradeApi) for name in dir(each) if is_marked(getattr(each, name))}

    assert marked == {name for name in asked if not name.startswith(_WRITES)}
    assert not marked & _SECRETS


def is_marked(method: object) -> bool:
    return isfunction(method) and method.__code__ is _TAKEN


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "no json", '{"format": "reconciler-recording/0"}', '{"format": "reconciler-recording/1"}']
)
def test_what_is_no_recording_is_refused_with_a_remedy(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUsage) as error:
        read_recording(tmp_path / "a.jsonl")
    assert "--record" in error.value.remedy


def test_a_recording_says_how_the_run_ended(tmp_path: Path) -> None:
    write_recording(tmp_path / "a.jsonl", recording(Recorder(), ending="Keycloak cannot be reached."))

    found = read_recording(tmp_path / "a.jsonl")
    assert found.ending == "Keycloak cannot be reached."
    assert found.circumstances == ASKED


async def test_a_failure_keeps_its_kind_and_the_system_s_own_words() -> None:
    class Adapter(RealmAdmin):
        @read
        async def fails(self) -> str:
            raise NotFound("It is gone.", status=404, code="gone", remedy="Look again.")

    recorder = Recorder()
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        with pytest.raises(NotFound):
            await Adapter(http, "nt24", SecretVault(), recorder).fails()
        with pytest.raises(NotFound) as error:
            await Adapter(http, "nt24", SecretVault(), Player(recording(recorder))).fails()

    found = error.value
    assert (found.message, found.status, found.code, found.remedy) == ("It is gone.", 404, "gone", "Look again.")


def test_moments_keep_their_time_zone(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.moments.append(datetime(2026, 3, 1, 12, 0, 0, 123, tzinfo=UTC))
    write_recording(tmp_path / "a.jsonl", recording(recorder))

    assert read_recording(tmp_path / "a.jsonl").moments == tuple(recorder.moments)


async def test_a_recording_masks_what_is_a_secret_by_its_name() -> None:
    class Adapter(RealmAdmin):
        @read
        async def thing(self) -> dict[str, Any]:
            return {"config": {"private.key": SECRET, "url": "x"}}

    recorder = Recorder()
    async with SilentClient(Connection("Keycloak", "http://localhost")) as http:
        assert (await Adapter(http, "nt24", SecretVault(), recorder).thing())["config"]["private.key"] == SECRET
    assert recorder.reads[0].answer == {"config": {"private.key": "(sensitive value)", "url": "x"}}
