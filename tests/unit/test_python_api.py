"""The Python API: the example of docs/python-api.md, and several realms at once in one event loop."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from reconciler import api
from reconciler.manifest.write import manifest_text
from reconciler.model.plan import Plan
from reconciler.model.value import Representation
from tests.builders import a_client, a_realm, an_organization, desired
from tests.fakes.keycloak import FakeKeycloak
from tests.fakes.run_events import RememberedEvents
from tests.fakes.runtime import FakeClock
from tests.fakes.world import World
from tests.unit.app.test_gated_write import FakeLock

DOCUMENT = Path(__file__).parents[2] / "docs" / "python-api.md"


def test_the_example_of_the_document_plans_in_ten_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def connect(server: api.Connection, login: api.AdminLogin, realm: str) -> AsyncIterator[api.Systems]:
        assert (server.base_url, realm) == ("https://idp.example", "nt24-idp")
        assert login == api.ClientSecretLogin("nt24-idp", "planner", "correct-horse")
        yield World(effective=False).systems

    example, _ = re.findall(
        r"```python\n(.*?)```",
        DOCUMENT.read_text(encoding="utf-8").partition("# Plans in your own programs")[2],
        re.DOTALL,
    )
    assert len([line for line in example.splitlines() if line]) <= 10
    (tmp_path / "planner").write_text("correct-horse\n", encoding="ascii")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "acme.yaml").write_text(manifest_text(an_organization("acme")), encoding="utf-8")
    (tmp_path / "manifests" / "realm.yaml").write_text(manifest_text(a_realm()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "connect", connect)
    exec(compile(example.replace("/run/secrets/planner", "planner"), str(DOCUMENT), "exec"), {})
    assert "organization/acme" in capsys.readouterr().out


def test_the_example_of_a_write_applies_while_it_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, order = World(effective=False), list[str]()

    @asynccontextmanager
    async def connect(server: api.Connection, login: api.AdminLogin, realm: str) -> AsyncIterator[api.Systems]:
        yield world.systems

    @asynccontextmanager
    async def hold_lock(
        server: api.Connection, login: api.AdminLogin, realm: str, owner: str, *, interruption: api.SignalInterruption
    ) -> AsyncIterator[FakeLock]:
        lock = FakeLock(order)
        await lock.acquire(0)
        yield lock
        await lock.release()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "connect", connect)
    monkeypatch.setattr(api, "hold_lock", hold_lock)
    example = DOCUMENT.read_text(encoding="utf-8").rpartition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"api": api, "Path": Path}
    exec(compile(example, str(DOCUMENT), "exec"), names)
    wanted = api.ApplyRequest(desired(an_organization("acme"), realm=a_realm()), world.context(), api.Terms())
    server = api.Connection("Keycloak", "https://idp.example", gate=api.LockGate())
    found = asyncio.run(names["apply"](server, api.AccessTokenLogin("a-token"), wanted))

    assert (found.ending, found.is_done) == (api.Ending.VERIFIED, True)
    assert order == ["lock", "unlock"]
    assert (tmp_path / "apply.jsonl").stat().st_size > 0


class _Waiting(FakeKeycloak):
    """Let the others go on before each answer to the question for the realm."""

    async def realm(self) -> Representation | None:
        await asyncio.sleep(0)
        return await super().realm()


async def _planned(number: int) -> tuple[Plan, list[str]]:
    world, events, name = World(effective=False), RememberedEvents(), f"realm-{number}"
    world.keycloak = _Waiting(name, FakeClock())
    organization = an_organization(f"org-{number}", clients=(a_client(f"api-client-{number}"),))
    texts = {"realm.yaml": manifest_text(a_realm(name)), "org.yaml": manifest_text(organization)}
    request = api.PlanRequest(loaded=api.load_texts(texts, None), context=api.Context(name, f"owner-{number}"))
    return await api.plan(request, world.systems, events), events.order


def test_three_realms_are_planned_at_once_in_one_event_loop() -> None:
    async def main() -> list[tuple[Plan, list[str]]]:
        return list(await asyncio.gather(*map(_planned, range(3))))

    for number, (plan, heard) in enumerate(asyncio.run(main())):
        assert (plan.realm, plan.owner) == (f"realm-{number}", f"owner-{number}")
        assert [str(change.address) for change in plan.changes] == [
            f"realm/realm-{number}",
            f"organization/org-{number}",
            f"client/org-{number}/api-client-{number}",
        ]
        assert heard == ["Reading", "Planned"]


def _classes(annotation: Any) -> Iterator[type]:
    for part in annotation if isinstance(annotation, list) else get_args(annotation):
        yield from _classes(part)
    if isinstance(annotation, type) and annotation.__module__.startswith("reconciler."):
        yield annotation


def test_whoever_fills_a_request_finds_every_value_in_the_api() -> None:
    """Ports are what a program may write itself; what fits them is opened by a function of the API."""
    asked = [each for name, each in vars(api).items() if name.endswith(("Request", "Ports", "Terms", "Expectations"))]
    needed = {found for each in asked for hint in get_type_hints(each).values() for found in _classes(hint)}
    values = {each for each in needed if not each.__module__.startswith("reconciler.ports.")}
    assert len(values) > 20
    assert {each.__qualname__ for each in values if getattr(api, each.__name__, None) is not each} == set()
