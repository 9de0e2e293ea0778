"""The sandbox's Keycloak server: how it is started, and when it is ready."""

import os
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from reconciler.model.errors import ReconcilerError
from reconciler.model.user_folders import private_folder
from reconciler.sandbox import distribution, process
from reconciler.sandbox.folder import Folder, Server, tail
from reconciler.sandbox.java import Say
from reconciler.sandbox.loopback import HOST, answers, free_ports, is_free, wait_until

ADMIN: Final = "admin"
JVM_VARIABLE: Final = "RECONCILER_SANDBOX_JVM"
"""Further options for Java, such as ``-Xmx2g``; they win over ours."""

# Only the first compiler: measured on 2 cores, the first start takes 17 s instead of 25 s, later ones 9 s.
_JVM: Final = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_READY_SECONDS: Final = 240.0
_TRIES: Final = 3


def start(
    folder: Folder,
    java: Path,
    built: Path,
    *,
    port: int,
    earlier: Server | None,
    begun: Callable[[Server], None],
    say: Say,
) -> Server:
    """Start Keycloak from its ``built`` distribution, and return it when it is ready.

    ``port`` is 0 for those of the ``earlier`` server of this folder if they are free, or else for any; ``begun`` is
    told of the process as soon as there is one, and ``say`` of progress.

    Raises:
        ReconcilerError: It did not start; the message holds the end of its log.
    """
    password = folder.make_admin_password()
    folder.forget_half_made_database()
    distribution.make_home(built, folder.home)
    private_folder(folder.home / "tmp")
    for attempt in range(1, _TRIES + 1):
        ports = _ports(port, earlier if attempt == 1 else None)
        server = Server(
            process=process.start(
                _command(java, folder.home, *ports),
                log=folder.keycloak_log,
                environment={
                    **distribution.environment(),
                    "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
                    "KC_BOOTSTRAP_ADMIN_PASSWORD": password,
                },
            ),
            url=f"http://{HOST}:{ports[0]}",
            ports=ports,
        )
        begun(server)
        if attempt == 1:
            say(f"Starting Keycloak {distribution.version()} …")
        if wait_until(partial(is_ready, server), alive=server.process.is_alive, seconds=_READY_SECONDS):
            folder.initialized.touch()
            return server
        if server.alive or not _lost_its_port(folder.keycloak_log):
            break
    raise ReconcilerError(
        f"Keycloak did not start.\n{tail(folder.keycloak_log)}",
        remedy="If the log does not tell: reconciler sandbox down --purge, then start again.",
    )


def is_ready(server: Server) -> bool:
    """Tell whether Keycloak says that it is ready (its management interface, ``/health/ready``)."""
    return answers(server.ports[1], "/health/ready")


def _command(java: Path, home: Path, port: int, management_port: int) -> tuple[str, ...]:
    return distribution.command(
        java,
        home,
        "start",
        "--optimized",
        "--http-enabled=true",
        f"--http-host={HOST}",
        f"--http-port={port}",
        f"--http-management-host={HOST}",
        f"--http-management-port={management_port}",
        # Fixed, so that the issuer in tokens is the same under whatever name the server is called.
        f"--hostname=http://{HOST}:{port}",
        "--cache=local",
        "--log-level=info,io.smallrye.health:error",
        jvm=(*_JVM, *shlex.split(os.environ.get(JVM_VARIABLE, ""))),
    )


def _ports(port: int, earlier: Server | None) -> tuple[int, ...]:
    if earlier is not None and port in {0, earlier.ports[0]} and all(is_free(used) for used in earlier.ports):
        return earlier.ports
    return free_ports(port, 0)


def _lost_its_port(log: Path) -> bool:
    # Somebody took a port between our choice and the server's bind.
    text = log.read_text(encoding="utf-8", errors="replace")
    return "already in use" in text or "already bound" in text
