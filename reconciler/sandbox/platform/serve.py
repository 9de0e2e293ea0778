"""The platform API's process: options, listener, server."""

import logging
import socket
from pathlib import Path
from urllib.parse import quote

import click
import httpx
import uvicorn
from starlette.types import ASGIApp

from reconciler.sandbox.platform.admin import AdminSession
from reconciler.sandbox.platform.app import create_app
from reconciler.sandbox.platform.directory import PartnerDirectory
from reconciler.sandbox.platform.gate import Gate
from reconciler.sandbox.platform.keys import RealmKeys
from reconciler.sandbox.platform.limits import Limits, RateLimiter
from reconciler.sandbox.platform.organizations import KeycloakOrganizations
from reconciler.sandbox.platform.tokens import TokenVerifier
from reconciler.sandbox.platform.webhooks import WebhookStore

_FILE = click.Path(dir_okay=False, path_type=Path)


def _limits(_: click.Context, __: click.Parameter, text: str) -> Limits:
    try:
        read, write, webhook = (int(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("must be three whole numbers such as 5000,1000,100") from error
    return Limits(read, write, webhook)


@click.command()
@click.option("--keycloak-url", required=True, help="Keycloak's base URL.")
@click.option("--realm", required=True, help="The realm whose tokens are accepted.")
@click.option("--admin-user", required=True, help="Who reads organizations.")
@click.option("--admin-password-file", required=True, type=_FILE, help="The file with that user's password.")
@click.option("--partners", required=True, type=_FILE, help="The directory of partners, a JSON file.")
@click.option("--webhooks", type=_FILE, help="The file to keep webhooks in; without it, they end with the process.")
@click.option("--current-dpa-version", default="2026-01", show_default=True, help="The oldest DPA that is accepted.")
@click.option("--cache-seconds", default=3.0, show_default=True, help="How long an organization is kept.")
@click.option(
    "--enterprise-limits",
    default="5000,1000,100",
    show_default=True,
    callback=_limits,
    help="Reads, writes and webhook calls per minute of the tier ENTERPRISE.",
)
@click.option("--listener", type=int, help="A file descriptor to listen on, which this process inherited.")
@click.option("--port", default=0, help="Without --listener: a port of 127.0.0.1.")
def main(
    *,
    keycloak_url: str,
    realm: str,
    admin_user: str,
    admin_password_file: Path,
    partners: Path,
    webhooks: Path | None,
    current_dpa_version: str,
    cache_seconds: float,
    enterprise_limits: Limits,
    listener: int | None,
    port: int,
) -> None:
    """Serve the reference platform API until the process is asked to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Straight to the loopback: a proxy of the environment has no business here.
    http = httpx.AsyncClient(timeout=10.0, trust_env=False)
    issuer = f"{keycloak_url}/realms/{quote(realm, safe='')}"
    admin = AdminSession(http, keycloak_url, admin_user, admin_password_file)
    gate = Gate(
        tokens=TokenVerifier(RealmKeys(http, f"{issuer}/protocol/openid-connect/certs"), issuer=issuer, realm=realm),
        organizations=KeycloakOrganizations(admin, realm, cache_seconds=cache_seconds),
        limiter=RateLimiter(enterprise_limits),
        current_dpa_version=current_dpa_version,
    )
    _serve(
        create_app(gate, PartnerDirectory(partners), webhooks=WebhookStore(webhooks), close=http.aclose), listener, port
    )


def _serve(app: ASGIApp, listener: int | None, port: int) -> None:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    sockets = None if listener is None else [socket.socket(fileno=listener)]
    uvicorn.Server(config).run(sockets=sockets)
