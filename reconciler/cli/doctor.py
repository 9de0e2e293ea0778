"""``reconciler doctor``: find out why an integrator's program is refused, and what to do about it."""

import asyncio
import os
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

import click

from reconciler.adapters.login_variables import has_login
from reconciler.adapters.own_login import CLIENT_ID, CLIENT_SECRET, OwnLogin, own_login
from reconciler.cli import options
from reconciler.cli.environment import said_for
from reconciler.cli.live import LiveOptions, take
from reconciler.model.errors import WrongUsage

if TYPE_CHECKING:
    from reconciler.model.diagnosis import Diagnosis
    from reconciler.model.expectations import DpaRequirement


@click.command()
@click.option("--partner", type=click.UUID, metavar="UUID", help="Explain a 403 for this partner.")
@click.option("--capability", metavar="NAME", help="Explain a 403 for what needs this capability.")
@click.option(
    "--explain", "answer", type=click.File(encoding="utf-8", errors="replace"), metavar="FILE",
    help='Explain an error answer that you have, and ask no system: its JSON, or what curl -i printed; "-" reads it '
    "from standard input.",
)  # fmt: skip
@options.as_json
@options.connection
@click.pass_context
def doctor(
    context: click.Context,
    /,
    *,
    partner: UUID | None,
    capability: str | None,
    answer: IO[str] | None,
    as_json: bool,
    **live: Any,
) -> None:
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

    settings = take(live)
    if answer is None:
        expected = said_for(context).expected
        dpa = expected.dpa if expected else None
        diagnosis = asyncio.run(_diagnose(settings, str(partner) if partner else None, capability, dpa))
    elif partner or capability:
        raise WrongUsage("--explain asks no system.", remedy="Leave --partner and --capability out.")
    else:
        diagnosis = explain(answer.read(), SystemClock().now())
    if as_json:
        from reconciler.review.diagnosis_json import diagnosis_json as render
    else:
        from reconciler.review.diagnosis_text import diagnosis_text as render
    click.echo(render(diagnosis), nl=False, color=settings.color)
    context.exit(diagnosis.exit_code)


def _needed_login() -> OwnLogin:
    login = own_login()
    if login is None:
        raise WrongUsage(
            f"{CLIENT_ID} and {CLIENT_SECRET} are not set.",
            remedy="Set them to what the program uses. The secret is taken from the environment only.",
        )
    return login


async def _diagnose(
    settings: LiveOptions, partner: str | None, capability: str | None, dpa: "DpaRequirement | None"
) -> "Diagnosis":
    from reconciler.adapters.clock import SystemClock
    from reconciler.adapters.live import prober, systems
    from reconciler.adapters.platform_api import NO_TOKEN
    from reconciler.adapters.vault import PlainSecret
    from reconciler.app.diagnose import DiagnosePorts, DiagnoseRequest, diagnose
    from reconciler.diagnose.session import Asked
    from reconciler.model.diagnosis import DiagnosisSubject

    login, clock = _needed_login(), SystemClock()
    subject = DiagnosisSubject(
        login.client_id, settings.server, settings.realm, (settings.api_url or "").rstrip("/") or None
    )
    ports = DiagnosePorts(
        prober=lambda: prober(settings, clock),
        clock=clock,
        nonsense=PlainSecret(NO_TOKEN),
        systems=(lambda: systems(settings, effective=False)) if has_login(os.environ) else None,
    )
    return await diagnose(DiagnoseRequest(subject, login.credentials(), Asked(partner, capability, dpa)), ports)
