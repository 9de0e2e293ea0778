"""What the sandbox says of itself."""

import json
import shlex
from dataclasses import asdict

from reconciler.sandbox.folder import Folder
from reconciler.sandbox.lifecycle import Running, ServerStatus, Status


def summary(running: Running) -> str:
    """Return what runs where, and how to point a shell at it."""
    return (
        f"The sandbox is {'up' if running.started else 'up already'}.\n"
        f"  Keycloak      {running.keycloak_url}  (user {running.admin_user},"
        f" password in {running.admin_password_file})\n"
        f"  Platform API  {running.api_url}/v1/me\n"
        f'Point your shell at it: eval "$(reconciler sandbox env{_dir_option(running)})"\n'
    )


def _dir_option(running: Running) -> str:
    return "" if running.folder == Folder.default().path else f" --dir {shlex.quote(str(running.folder))}"


def status_text(found: Status) -> str:
    """Return a line for each server, for people."""

    def line(name: str, server: ServerStatus) -> str:
        state = "up" if server.up else "down" if server.pid is None else "not answering"
        return f"{name:<12}  {state:<13}  {server.url or '-'}" + (f"  (pid {server.pid})" if server.pid else "")

    return "\n".join(
        (line("Keycloak", found.keycloak), line("Platform API", found.api), f"State folder  {found.folder}")
    )


def status_json(found: Status) -> str:
    """Return the same for programs."""
    document = {
        "up": found.up,
        "keycloak": asdict(found.keycloak),
        "api": asdict(found.api),
        "folder": str(found.folder),
    }
    return json.dumps(document, indent=2)
