"""The reference platform API as a process of its own."""

import importlib.util
import os
from collections.abc import Callable
from typing import Final

from reconciler.model.children import own_command, without_credentials
from reconciler.model.errors import ReconcilerError
from reconciler.sandbox import process
from reconciler.sandbox.folder import ApiSettings, Folder, Server, tail
from reconciler.sandbox.keycloak import ADMIN
from reconciler.sandbox.loopback import HOST, answers, is_free, listen, wait_until

_NEEDED: Final = ("jwt", "cryptography", "starlette", "uvicorn")
_READY_SECONDS: Final = 60.0


def require_extra() -> None:
    """Check that what the platform API is built with is installed.

    Raises:
        ReconcilerError: Something is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ReconcilerError(
            f"The sandbox needs packages that are not installed: {', '.join(missing)}.",
            remedy="Install the reconciler's extra 'sandbox': pip install '.[sandbox]' in a clone of it.",
        )


def start(
    folder: Folder,
    settings: ApiSettings,
    *,
    keycloak_url: str,
    port: int,
    earlier: Server | None,
    begun: Callable[[Server], None],
) -> Server:
    """Start the platform API and return it when it answers.

    ``port`` is 0 for that of the ``earlier`` server of this folder if it is free, or else for any; ``begun`` is told of
    the process as soon as there is one.

    Raises:
        ReconcilerError: It did not start; the message holds the end of its log.
    """
    if port == 0 and earlier is not None and is_free(earlier.ports[0]):
        port = earlier.ports[0]
    with listen(port) as listener:
        bound = int(listener.getsockname()[1])
        server = Server(
            process=process.start(
                _command(folder, settings, keycloak_url, listener.fileno()),
                log=folder.api_log,
                environment=without_credentials(os.environ),
                keep_open=(listener.fileno(),),
            ),
            url=f"http://{HOST}:{bound}",
            ports=(bound,),
        )
    begun(server)
    if not wait_until(lambda: is_ready(server), alive=server.process.is_alive, seconds=_READY_SECONDS):
        raise ReconcilerError(f"The platform API did not start.\n{tail(folder.api_log)}")
    return server


def is_ready(server: Server) -> bool:
    """Tell whether the platform API answers."""
    return answers(server.ports[0], "/health")


def auto_pause(url: str, endpoint: str, reason: str) -> list[str]:
    """Make the platform at ``url`` pause the webhooks of the URL ``endpoint``, and return their ids.

    Raises:
        ReconcilerError: It has none, or does not answer.
    """
    import httpx

    try:
        body = {"url": endpoint, "reason": reason}
        answer = httpx.post(f"{url}/sandbox/auto-pause", json=body, timeout=10, trust_env=False)
    except httpx.TransportError as error:
        raise ReconcilerError(f"The platform API does not answer: {error}.", remedy="See its log.") from error
    if answer.status_code != httpx.codes.OK:
        raise ReconcilerError(f"No webhook of the sandbox has the URL {endpoint}.", remedy="Apply a manifest of it.")
    return list(answer.json()["paused"])


def _command(folder: Folder, settings: ApiSettings, keycloak_url: str, listener: int) -> tuple[str, ...]:
    return own_command(
        "reconciler.sandbox.platform",
        f"--keycloak-url={keycloak_url}",
        f"--realm={settings.realm}",
        f"--admin-user={ADMIN}",
        f"--admin-password-file={folder.admin_password}",
        f"--partners={folder.partners}",
        f"--webhooks={folder.webhooks}",
        f"--current-dpa-version={settings.current_dpa_version}",
        f"--cache-seconds={settings.cache_seconds}",
        f"--enterprise-limits={','.join(str(limit) for limit in settings.enterprise_limits)}",
        f"--listener={listener}",
    )
