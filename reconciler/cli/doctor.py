"""``reconciler doctor``: find out why an integrator's program is refused, and what to do about it."""

import asyncio
import os
from dataclasses import replace
from typing import IO, TYPE_CHECKING
from uuid import UUID

import click

from reconciler.adapters.login_variables import has_login
from reconciler.adapters.own_login import CLIENT_ID, CLIENT_SECRET, OwnLogin, own_login
from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.diagnostics import placed
from reconciler.cli.live import LiveOptions
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.model.diagnosis import Cause, Diagnosis


@click.command(cls=CliCommand)
@click.option("--partner", type=click.UUID, metavar="UUID", help="Explain a 403 for this partner.")
@click.option("--capability", metavar="NAME", help="Explain a 403 for calls that need this capability.")
@click.option(
    "--explain", "answer", type=click.File(encoding="utf-8", errors="replace"), metavar="FILE",
    help='Explain an error answer that you have, and ask no system: its JSON, or what curl -i printed; "-" reads it '
    "from standard input.",
)  # fmt: skip
@options.as_json
@options.connection
def doctor(
    *, partner: UUID | None, capability: str | None, answer: IO[str] | None, as_json: bool, settings: LiveOptions
) -> ExitCode:
    """Find out why a program gets no token, or an error from the NT24 Integration API.

    It does what the program does, with the program's own NT24_CLIENT_ID and NT24_CLIENT_SECRET, one step after the
    other, and names the cause and the remedy of the first that fails. With a login to the Admin API (KEYCLOAK_...) it
    looks into Keycloak for the very cause; without, it tells the possible ones. A token that the program uses may be
    in NT24_ACCESS_TOKEN. Nothing is changed.

    Exit code 0: nothing failed (or the answer is explained), 1: something did, 3: a live system cannot be reached, or
    refuses the program altogether.
    """
    from reconciler.adapters.clock import SystemClock
    from reconciler.app.diagnose import explain

    if answer is None:
        diagnosis = asyncio.run(_diagnose(settings, str(partner) if partner else None, capability))
    elif partner or capability:
        raise WrongUsage("--explain asks no system.", remedy="Leave --partner and --capability out.")
    else:
        diagnosis = explain(answer.read(), SystemClock().now())
    if as_json:
        from reconciler.review.diagnosis_json import diagnosis_json as render
    else:
        from reconciler.review.diagnosis_text import diagnosis_text as render
    click.echo(render(_placed(diagnosis)), nl=False)
    return diagnosis.exit_code


def _placed(diagnosis: "Diagnosis") -> "Diagnosis":
    """Return it with what was read in place of variables."""

    def cause(each: "Cause") -> "Cause":
        what, remedy, tell = map(placed, (each.what, each.remedy, each.tell))
        return replace(each, what=what, remedy=remedy, tell=tell)

    checks = (
        replace(each, summary=placed(each.summary), causes=tuple(map(cause, each.causes))) for each in diagnosis.checks
    )
    return replace(diagnosis, checks=tuple(checks))


def _needed_login() -> OwnLogin:
    login = own_login()
    if login is None:
        raise WrongUsage(
            f"{CLIENT_ID} and {CLIENT_SECRET} are not set.",
            remedy="Set them to what the program uses. The secret is taken from the environment only.",
        )
    return login


async def _diagnose(settings: LiveOptions, partner: str | None, capability: str | None) -> "Diagnosis":
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.live import prober, systems
    from reconciler.adapters.platform_api import NO_TOKEN
    from reconciler.adapters.vault import PlainSecret
    from reconciler.app.diagnose import DiagnosePorts, DiagnoseRequest, diagnose
    from reconciler.diagnose.session import Asked
    from reconciler.model.diagnosis import DiagnosisSubject

    login, clock, expected = _needed_login(), SystemClock(), settings.said.expected
    api_url = (settings.api_url or "").rstrip("/") or None
    subject = DiagnosisSubject(login.client_id, settings.server, settings.realm, api_url)
    ports = DiagnosePorts(
        prober=lambda: prober(settings, clock),
        clock=clock,
        nonsense=PlainSecret(NO_TOKEN),
        systems=(lambda: systems(settings, effective=False)) if has_login(os.environ) else None,
    )
    asked = Asked(partner, capability, expected.dpa if expected else None)
    return await diagnose(DiagnoseRequest(subject, login.credentials(), asked), ports)
