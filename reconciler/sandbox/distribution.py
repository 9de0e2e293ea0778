"""Keycloak's own distribution: fetched with Maven, checked against its hash, built once for all sandboxes of a user."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reconciler.model.children import without_credentials
from reconciler.model.errors import ReconcilerError
from reconciler.model.user_folders import cache_folder, private_folder
from reconciler.sandbox.java import Say, require_maven

VERSION_VARIABLE: Final = "RECONCILER_SANDBOX_KEYCLOAK"
"""Names another release of Keycloak than the usual one."""
_USUAL: Final = "26.7.5"
_SHA256: Final = "30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
"""Of the usual release; what Maven fetches of any is held against the checksum that its repository has."""
_BUILD_OPTIONS: Final = ("--db=dev-file", "--features=client-secret-rotation", "--health-enabled=true")
"""What is fixed when the server is built; name the folder anew when this changes."""

_THREAD_FACTORY: Final = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
_OPENED_PACKAGES: Final = ("java.util", "java.util.concurrent", "java.security", "java.lang")
_PARTS: Final = ("conf", "lib", "providers", "themes", "version.txt")
"""What a server needs of the distribution; everything else in a home folder it writes itself."""


def version() -> str:
    """Return the release of Keycloak that is run."""
    return os.environ.get(VERSION_VARIABLE) or _USUAL


def ensure(java: Path, say: Say) -> Path:
    """Return the folder of the built distribution, making it first if needed: 153 MB to fetch, half a minute to build.

    It is only ever read afterwards, so sandboxes that run side by side share it.

    Raises:
        ReconcilerError: It cannot be fetched, is not what it should be, or cannot be built.
    """
    cache, name = cache_folder(), f"keycloak-{version()}"
    built = cache / name
    if built.is_dir():
        return built
    private_folder(cache)
    with _only_one(cache / f"{name}.lock", say):
        if built.is_dir():
            return built
        for abandoned in cache.glob(f".{name}-*"):
            shutil.rmtree(abandoned)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=cache) as work:
            fresh = _unpack(_fetch(Path(work), say), Path(work)) / name
            _build(java, fresh, say)
            fresh.rename(built)
    return built


def make_home(distribution: Path, home: Path) -> None:
    """Make ``home`` a server's home folder: its own data, and the distribution's files by symbolic link."""
    private_folder(home)
    for part in _PARTS:
        link = home / part
        link.unlink(missing_ok=True)
        link.symlink_to(distribution / part)


def command(java: Path, home: Path, *arguments: str, jvm: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the command that runs Keycloak in ``home``.

    It is what ``bin/kc.sh`` ends up running. The script itself stays in between as a shell, which would leave Java
    behind when it is killed.
    """
    return (
        str(java),
        "-XX:MetaspaceSize=96M",
        "-XX:MaxMetaspaceSize=256m",
        "-XX:+ExitOnOutOfMemoryError",
        *jvm,
        "-Dfile.encoding=UTF-8",
        "-Djava.security.egd=file:/dev/urandom",
        f"-Djava.io.tmpdir={home / 'tmp'}",
        f"-XX:ErrorFile={home / 'java-crash.log'}",
        f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREAD_FACTORY}",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES),
        "--enable-native-access=ALL-UNNAMED",
        "-Duser.language=en",
        "-Duser.country=US",
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dpicocli.disable.closures=true",
        "-Dquarkus-log-max-startup-records=10000",
        "-cp",
        str(home / "lib" / "quarkus-run.jar"),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
        *arguments,
    )


def environment() -> dict[str, str]:
    """Return this process's environment without our credentials, and what would configure Keycloak behind our back."""
    given = without_credentials(os.environ)
    return {name: value for name, value in given.items() if not name.startswith(("KC_", "QUARKUS_"))}


@contextmanager
def _only_one(path: Path, say: Say) -> Iterator[None]:
    with path.open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process prepares Keycloak; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(work: Path, say: Say) -> Path:
    maven, artifact = require_maven(say), f"org.keycloak:keycloak-quarkus-dist:{version()}:zip"
    say(f"Fetching Keycloak {version()} with Maven (153 MB, once) …")
    _run(
        (str(maven), "-q", "-B", "-C", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={work}"),
        work,
        f"Maven could not fetch {artifact}.",
        "Check that Maven reaches a repository that has it (settings.xml: mirror, proxy), then try again.",
    )
    archive = next(work.glob("*.zip"))
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if version() == _USUAL and digest != _SHA256:
        raise ReconcilerError(
            f"What Maven fetched as {artifact} has the SHA-256 {digest}; {_SHA256} was expected.",
            remedy="Do not use it. Remove it from the local Maven repository, and ask who runs the mirror.",
        )
    return archive


def _unpack(archive: Path, work: Path) -> Path:
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            path = content.extract(entry, work)
            permissions = entry.external_attr >> 16 & 0o777
            if permissions and not entry.is_dir():
                Path(path).chmod(permissions)
    archive.unlink()
    return work


def _build(java: Path, home: Path, say: Say) -> None:
    say("Building Keycloak (half a minute, once) …")
    private_folder(home / "tmp")
    _run(
        command(java, home, "build", *_BUILD_OPTIONS),
        home,
        "Keycloak could not be built.",
        "Check that Java works and that there is disk space, then try again.",
    )
    shutil.rmtree(home / "tmp")


def _run(arguments: tuple[str, ...], folder: Path, failure: str, remedy: str) -> None:
    # In its own folder: Maven would read a pom.xml, and its settings, of wherever the user happens to be.
    done = subprocess.run(  # noqa: S603
        arguments,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise ReconcilerError("\n".join((failure, *done.stdout.splitlines()[-15:])), remedy=remedy)
