"""Secrets are rotated on a real Keycloak: nobody is locked out, whatever is killed, and no secret shows anywhere."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from reconciler.model.layout import ROTATION_MARK
from reconciler.model.manifest import SecretRotation
from reconciler.model.rotation import RotationStep
from reconciler.sandbox.lifecycle import Running
from tests.builders import a_realm, an_organization
from tests.e2e import fork_server, holder
from tests.e2e.command import ByHand, Command, Done
from tests.e2e.fork_server import Process
from tests.hostile import HostileFolder

CLIENT = "api-client-acme"
DAY = 86_400
SINK = ("--sink", "file:secrets/{name}")
TRIAL = ("--require-usage", "--watch")
LEASE = "5"
"""Seconds, of those that are stopped and wait for each other."""

KILLED_AT = """
import os, signal, sys
from reconciler.adapters.journal import FileJournal
step, event = sys.argv.pop(1), sys.argv.pop(1)
record = FileJournal.record
def dying(self, address, verb, what, detail=""):
    record(self, address, verb, what, detail)
    if (verb, what) == (step, event):
        os.kill(os.getpid(), signal.SIGKILL)
FileJournal.record = dying
"""
"""Makes the command kill itself right after it has written a step into its journal: before, or after, the request."""
STOPPED_AT = KILLED_AT.replace("SIGKILL", "SIGSTOP")
"""The same command, but stopped."""


class Shop:
    """One client with everything that its secrets can be tried on."""

    def __init__(self, run: Command, running: Running, hands: ByHand) -> None:
        self.run = run
        self.seen: set[str] = set()
        """Every secret that ever was: none may show anywhere."""
        self._running = running
        self._hands = hands

    def rotate(self, verb: str, *arguments: str) -> Done:
        """Run a command of rotate, without being asked."""
        return self.run("rotate", verb, CLIENT, *arguments, *(("--auto-approve",) if verb == "confirm" else ()))

    def killed(self, verb: str, step: RotationStep, event: str, *arguments: str) -> None:
        """Run a command of rotate, and kill it at a step."""
        more = ("--auto-approve",) if verb == "confirm" else ()
        words = (step, event, "rotate", verb, CLIENT, *arguments, *more)
        done = fork_server.run(words, self.run.folder, self.run.settings, before=KILLED_AT)
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
        self.keep(done)
        # Its lock would end by itself; a test need not wait for that. The second process of a trial gives it back.
        if self.holder_of_the_lock():
            self._hands.remove_client("reconciler-lock-reconciler")

    def begin(self, before: str, *arguments: str) -> Process:
        """Start a run."""
        return fork_server.start(arguments, self.run.folder, self.run.settings, before=before)

    def live(self) -> dict[str, Any]:
        found = self._hands.client(CLIENT)
        assert found is not None
        self.seen |= {found["secret"], *filter(None, [found["attributes"].get("client.secret.rotated")])}
        return found

    def secret(self) -> str:
        return str(self.live()["secret"])

    def old(self) -> str | None:
        return cast("str | None", self.live()["attributes"].get("client.secret.rotated"))

    def accepts(self, secret: str) -> bool:
        """Try a secret as the client does."""
        url = f"{self._running.keycloak_url}/realms/{self._running.realm}/protocol/openid-connect/token"
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": secret}
        answer = httpx.post(url, data=form, trust_env=False, timeout=60)
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200

    def delivered(self) -> str:
        return (self.run.folder / "secrets" / CLIENT).read_text(encoding="utf-8")

    def state(self) -> str:
        answer = json.loads(self.run("rotate", "status", CLIENT, "--json").stdout)
        return str(answer["clients"][0]["state"])

    def holder_of_the_lock(self) -> str:
        """Return the id of the run that holds the lock; empty where nobody does."""
        found = self._hands.client("reconciler-lock-reconciler")
        return str(found["attributes"]["reconciler/lock.run"]) if found else ""

    def settle(self) -> None:
        """End whatever is under way, as Keycloak's console does."""
        self._hands.forget_rotation(CLIENT, ROTATION_MARK)

    def keep(self, done: Done) -> None:
        number = len(list(self.run.folder.glob("said-*")))
        (self.run.folder / f"said-{number}").write_text(done.stdout + done.stderr, encoding="utf-8")


@pytest.fixture(scope="module")
def shop(sandbox: Running, admin: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    admin.delete(f"/{sandbox.realm}")
    run = Command(tmp_path_factory.mktemp("rotate"), sandbox)
    run.declare(
        a_realm(sandbox.realm, rotation=SecretRotation(expiration=90 * DAY, overlap=2 * DAY)), an_organization("acme")
    )
    run.apply(*SINK)
    yield Shop(run, sandbox, ByHand(admin, sandbox.realm))
    admin.delete(f"/{sandbox.realm}")


def test_the_secret_of_a_new_client_goes_to_the_sink(shop: Shop) -> None:
    assert shop.delivered() == shop.secret()


def test_a_rotation_keeps_both_secrets_alive_until_it_is_confirmed(shop: Shop) -> None:
    shop.settle()
    old = shop.secret()
    started = shop.rotate("start", *SINK)
    assert started.returncode == 0, started.stdout + started.stderr
    new = shop.secret()
    assert shop.delivered() == new != old
    assert shop.accepts(old)
    assert shop.accepts(new)
    assert "both secrets are accepted" in started.stdout
    assert "GET /v1/me answers" in started.stdout
    assert shop.state() == "overlap"
    assert shop.run.plan_is_empty()

    second = shop.rotate("start", *SINK)
    assert second.returncode == 6
    assert "Another new secret would invalidate it" in second.stdout
    assert shop.secret() == new

    confirmed = shop.rotate("confirm")
    assert confirmed.returncode == 0, confirmed.stdout + confirmed.stderr
    assert "the old secret is revoked" in confirmed.stdout
    assert (shop.accepts(old), shop.accepts(new)) == (False, True)
    assert ROTATION_MARK not in shop.live()["attributes"]
    assert shop.run.plan_is_empty()


@pytest.mark.one_of(2)
@pytest.mark.parametrize(
    ("step", "event"),
    [
        (RotationStep.CHECK_SINK, "DONE"),
        (RotationStep.MARK_ROTATION, "STARTED"),
        (RotationStep.MARK_ROTATION, "DONE"),
        (RotationStep.REGENERATE_SECRET, "STARTED"),
        (RotationStep.REGENERATE_SECRET, "DONE"),
        (RotationStep.DELIVER_SECRET, "STARTED"),
        (RotationStep.DELIVER_SECRET, "DONE"),
        (RotationStep.PROVE_SECRET, "DONE"),
    ],
)
def test_a_start_that_is_killed_locks_nobody_out_and_is_gone_on_with(
    shop: Shop, step: RotationStep, event: str
) -> None:
    shop.settle()
    old = shop.secret()
    shop.killed("start", step, event, *SINK)
    assert shop.accepts(old)
    assert shop.accepts(shop.secret())
    made = shop.secret()

    resumed = shop.rotate("start", *SINK)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert made in {old, shop.secret()}, "a secret that was made is not replaced by another one"
    assert shop.delivered() == shop.secret() != old
    assert shop.old() == old
    assert shop.accepts(old)
    assert shop.state() == "overlap"


@pytest.mark.one_of(2)
@pytest.mark.parametrize(
    ("step", "event"),
    [
        (RotationStep.PROVE_SECRET, "DONE"),
        (RotationStep.REVOKE_OLD_SECRET, "STARTED"),
        (RotationStep.REVOKE_OLD_SECRET, "DONE"),
        (RotationStep.MARK_ROTATION, "STARTED"),
        (RotationStep.MARK_ROTATION, "DONE"),
    ],
)
def test_a_confirm_that_is_killed_is_gone_on_with(shop: Shop, step: RotationStep, event: str) -> None:
    shop.settle()
    old = shop.secret()
    assert shop.rotate("start", *SINK).returncode == 0
    shop.killed("confirm", step, event)
    assert shop.accepts(shop.delivered())

    resumed = shop.rotate("confirm")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert (shop.accepts(old), shop.accepts(shop.delivered())) == (False, True)
    assert shop.state() == "settled"


def test_a_delivery_that_fails_loses_nothing(shop: Shop) -> None:
    shop.settle()
    old = shop.secret()
    failed = shop.rotate("start", "--sink", "command:false")
    assert failed.returncode == 1
    assert "failed with exit code 1" in failed.stdout
    assert shop.accepts(old)
    assert shop.state() == "undelivered"
    assert "secret-undelivered" in shop.run("plan").stdout
    refused = shop.rotate("confirm")
    assert refused.returncode == 6
    assert "rotate deliver" in refused.stdout

    assert shop.rotate("deliver", *SINK).returncode == 0
    assert shop.delivered() == shop.secret()
    assert shop.state() == "overlap"


@pytest.mark.parametrize("event", ["STARTED", "DONE"])
def test_an_abort_makes_the_old_secret_the_current_one_again(shop: Shop, event: str) -> None:
    shop.settle()
    old = shop.secret()
    assert shop.rotate("start", *SINK).returncode == 0
    new = shop.secret()
    shop.killed("abort", RotationStep.RETURN_TO_OLD_SECRET, event, *SINK)
    assert shop.accepts(old)
    assert shop.accepts(new)

    aborted = shop.rotate("abort", *SINK)
    assert aborted.returncode == 0, aborted.stdout + aborted.stderr
    assert shop.secret() == shop.delivered() == old
    assert shop.accepts(new)
    assert shop.run.plan_is_empty()
    assert shop.rotate("confirm").returncode == 0
    assert (shop.accepts(new), shop.accepts(old)) == (False, True)


@pytest.fixture
def recorded(admin: httpx.Client, sandbox: Running) -> Iterator[None]:
    """Let the realm record logins."""
    admin.put(f"/{sandbox.realm}", json={"eventsEnabled": True}).raise_for_status()
    yield
    admin.put(f"/{sandbox.realm}", json={"eventsEnabled": False}).raise_for_status()


def test_usage_that_nothing_records_cannot_be_required(shop: Shop) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    refused = shop.rotate("confirm", *TRIAL, "1s")
    assert refused.returncode == 6
    assert "does not record its clients' logins" in refused.stdout
    assert shop.accepts(str(shop.old()))


@contextmanager
def a_system_with(shop: Shop, secret: str) -> Iterator[None]:
    """Log in with a secret again and again, as a system does."""
    stop = threading.Event()

    def system() -> None:
        while not stop.is_set():
            shop.accepts(secret)
            time.sleep(0.3)

    thread = threading.Thread(target=system)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def confirm_while(shop: Shop, secret: str) -> Done:
    """Confirm with a trial, while a system logs in with a secret."""
    with a_system_with(shop, secret):
        return shop.rotate("confirm", *TRIAL, "3s")


@pytest.mark.usefixtures("recorded")
def test_an_old_secret_that_is_still_used_is_opened_again(shop: Shop) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    old, new = str(shop.old()), shop.secret()

    used = confirm_while(shop, old)
    assert used.returncode == 6
    assert "is still in use: a login from 127.0.0.1 failed" in used.stdout
    assert shop.accepts(old)
    assert shop.state() == "overlap"

    idle = shop.rotate("confirm", *TRIAL, "1s")
    assert idle.returncode == 6
    assert "nothing shows that it has switched" in idle.stdout
    assert shop.accepts(old)

    switched = confirm_while(shop, new)
    assert switched.returncode == 0, switched.stdout + switched.stderr
    assert "none with the old one" in switched.stdout
    assert (shop.accepts(old), shop.accepts(new)) == (False, True)


@pytest.mark.one_of(2)
@pytest.mark.parametrize(
    ("step", "event"),
    [
        (RotationStep.CLOSE_OLD_SECRET, "STARTED"),
        (RotationStep.CLOSE_OLD_SECRET, "DONE"),
        (RotationStep.REVOKE_OLD_SECRET, "STARTED"),
        (RotationStep.REVOKE_OLD_SECRET, "DONE"),
        (RotationStep.MARK_ROTATION, "STARTED"),
        (RotationStep.MARK_ROTATION, "DONE"),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_a_trial_that_is_killed_leaves_no_old_secret_closed(shop: Shop, step: RotationStep, event: str) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    old, new = str(shop.old()), shop.secret()
    with a_system_with(shop, new):
        shop.killed("confirm", step, event, *TRIAL, "2s")
    is_revoked = shop.old() is None
    assert shop.accepts(old) is not is_revoked
    assert shop.accepts(new)
    assert shop.rotate("confirm").returncode == 0
    assert (shop.accepts(old), shop.accepts(new), shop.state()) == (False, True, "settled")


@pytest.mark.parametrize("event", ["STARTED", "DONE"])
@pytest.mark.usefixtures("recorded")
def test_a_trial_that_is_killed_while_it_is_undone_is_undone(shop: Shop, event: str) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    shop.killed("confirm", RotationStep.REOPEN_OLD_SECRET, event, *TRIAL, "1s")
    assert shop.accepts(str(shop.old()))
    assert shop.state() == "overlap"


@pytest.mark.usefixtures("recorded")
def test_a_trial_imports_nothing_of_the_folder_that_it_is_made_in(shop: Shop, tmp_path: Path) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    hostile = HostileFolder(tmp_path)
    done = subprocess.run(
        [Path(sys.executable).with_name("reconciler"), "rotate", "confirm", CLIENT, *TRIAL, "1s", "--auto-approve"],
        cwd=tmp_path, env=shop.run.settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # No login was seen, and so nothing was revoked; it got as far as the trial.
    assert "The old secret is enabled again." in done.stdout, done.stdout + done.stderr
    assert hostile.taken == []
    assert shop.state() == "overlap"


@pytest.mark.usefixtures("recorded")
def test_a_trial_that_is_stopped_beyond_its_lease_leaves_its_secret_to_a_process_that_has_the_lock(shop: Shop) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    old = str(shop.old())
    options = (CLIENT, *TRIAL, "1s", "--auto-approve", "--lock-lease", f"{LEASE}s")
    first = shop.begin(STOPPED_AT, RotationStep.CLOSE_OLD_SECRET, "DONE", "rotate", "confirm", *options)
    second: Process | None = None
    try:
        fork_server.wait_until_stopped(first)
        assert not shop.accepts(old)
        stopped = shop.holder_of_the_lock()
        where = (shop.run.settings["KEYCLOAK_URL"], shop.run.settings["NT24_REALM"], "reconciler")
        second = shop.begin(holder.PROGRAM, *where, LEASE, "hold")
        while shop.holder_of_the_lock() in {stopped, ""}:
            assert second.poll() is None
            time.sleep(0.1)
        first.send_signal(signal.SIGCONT)
        assert first.wait(120) == 4
        # Another run holds the lock: neither the first nor its second process writes.
        assert not shop.accepts(old)
    finally:
        for process in (first, *([second] if second is not None else ())):
            process.kill()
            process.wait()
    while not shop.accepts(old):
        time.sleep(0.2)
    assert shop.state() == "overlap"
    # Both ends only now: the second process of the trial writes to it, too.
    out, err = first.communicate(timeout=60)
    shop.keep(Done(["rotate"], 4, out, err))
    shop.keep(Done(["hold"], 1, *second.communicate(timeout=60)))
    assert "the lock was lost: it could not be renewed in time" in out + err
    shop.settle()


@pytest.mark.parametrize("by", ["apply", "abort", "confirm", "deliver"])
def test_an_old_secret_that_a_lost_machine_has_left_closed_is_opened_by_the_next_run(
    shop: Shop, admin: httpx.Client, sandbox: Running, by: str
) -> None:
    shop.settle()
    assert shop.rotate("start", *SINK).returncode == 0
    live = shop.live()
    old, attributes = str(shop.old()), live["attributes"]
    end = attributes["client.secret.rotated.expiration.time"]
    mark = attributes[ROTATION_MARK].replace("closed_from=0", f"closed_from={end}")
    closed = {**attributes, "client.secret.rotated.expiration.time": "1", ROTATION_MARK: mark}
    admin.put(f"/{sandbox.realm}/clients/{live['id']}", json={**live, "attributes": closed}).raise_for_status()
    assert not shop.accepts(old)
    assert shop.state() == "trial"
    drift = shop.run("drift")
    assert drift.returncode == 2
    assert "old-secret-closed" in drift.stdout

    if by == "apply":
        shop.run.apply()
    else:
        done = shop.rotate(by, *(SINK if by != "confirm" else (*TRIAL, "1s")))
        assert "the old secret is enabled again" in done.stderr
    assert shop.accepts(old)
    assert shop.old() == old or shop.secret() == old
    assert shop.state() == "overlap"
    assert shop.run.plan_is_empty()


def test_a_realm_that_keeps_no_old_secret_for_long_enough_is_refused(shop: Shop) -> None:
    shop.settle()
    before = shop.secret()
    manifest = shop.run.folder / "acme.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("spec:\n", "spec:\n  secretRotation: {maxAge: 60d, overlap: 72h}\n"), "utf-8")
    refused = shop.rotate("start", *SINK)
    manifest.write_text(text, encoding="utf-8")
    assert refused.returncode == 6
    assert "keeps an old secret for 2d" in refused.stdout
    assert "secretRotation: {expiration: 365d, overlap: 3d}" in refused.stdout
    assert shop.secret() == before


def test_what_is_due_is_rotated_by_one_command(shop: Shop) -> None:
    shop.settle()
    assert shop.run("rotate", "--due", *SINK).stdout == "No secret is due.\n"
    manifest = shop.run.folder / "acme.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("spec:\n", "spec:\n  secretRotation: {maxAge: 2s, overlap: 1s}\n"), "utf-8")
    time.sleep(2)
    assert "rotation-due" in shop.run("plan").stdout
    done = shop.run("rotate", "--due", *SINK)
    manifest.write_text(text, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.state() == "overlap"


def test_an_end_that_was_set_by_hand_is_drift_and_is_put_back(
    shop: Shop, admin: httpx.Client, sandbox: Running
) -> None:
    live = shop.live()
    own = live["attributes"]["client.secret.expiration.time"]
    live["attributes"]["client.secret.expiration.time"] = "2082758400"
    admin.put(f"/{sandbox.realm}/clients/{live['id']}", json=live).raise_for_status()
    drift = shop.run("drift")
    assert drift.returncode == 2
    assert "client.secret.expiration.time" in drift.stdout
    shop.run.apply()
    assert shop.live()["attributes"]["client.secret.expiration.time"] == own
    assert shop.run.plan_is_empty()


def test_the_sinks_of_the_settings_are_used(shop: Shop) -> None:
    shop.settle()
    settings = "environments: {a: {sink: env}}\nsinks: {env: {dotenv: {path: .env}}}\n"
    (shop.run.folder / "reconciler.yaml").write_text(settings, encoding="utf-8")
    done = shop.rotate("deliver")
    (shop.run.folder / "reconciler.yaml").unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"API_CLIENT_ACME_SECRET={shop.secret()}" in (shop.run.folder / ".env").read_text(encoding="utf-8")


def test_no_secret_is_anywhere_but_where_it_was_delivered_to(shop: Shop) -> None:
    """Search whatever this module's runs have left; add what a new command writes to ``made``."""
    secrets = {shop.secret(), *shop.seen}
    assert len(secrets) > 5
    made = {
        "plan": shop.run("plan", "--out", "a.plan"),
        "plan as JSON": shop.run("plan", "--json"),
        "drift": shop.run("drift", "--json"),
        "status": shop.run("rotate", "status"),
        "a sink that repeats it": shop.rotate("deliver", "--sink", "command:sh -c 'cat >&2; exit 1'"),
        "an internal error": shop.run("rotate", "status", "--json", RECONCILER_DEBUG="1"),
        "no terminal": shop.rotate("deliver", "--show-secrets"),
    }
    for what, done in made.items():
        assert not leaked(done.stdout + done.stderr, secrets), what
    places = [path for path in shop.run.folder.rglob("*") if path.is_file()]
    sinks = {Path("secrets") / CLIENT, Path(".env")}
    assert any(".jsonl" in path.name for path in places)
    for path in places:
        if path.relative_to(shop.run.folder) not in sinks:
            assert not leaked(path.read_bytes().decode(errors="replace"), secrets), path
    assert all((shop.run.folder / path).stat().st_mode & 0o077 == 0 for path in sinks)


def leaked(text: str, secrets: set[str]) -> bool:
    """Tell whether a text holds a secret, or a part of one that is long enough to be none by chance."""
    return any(secret[start : start + 12] in text for secret in secrets for start in range(0, len(secret) - 12, 6))
