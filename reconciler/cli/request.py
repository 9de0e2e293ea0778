"""``reconciler request``: write the text that asks NT24 for what only the platform can put right."""

import asyncio
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from reconciler.model.manifest import DesiredState


@click.command(cls=CliCommand)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=options.ORGANIZATION)
@options.files
@options.as_json
@options.connection
def request(*, names: tuple[str, ...], files: tuple[Path, ...], as_json: bool, settings: LiveOptions) -> ExitCode:
    """Write the request to NT24 for what only the platform can change; nothing is sent.

    One message for each organization NAME (all, without one) on standard output, ready to send: what is in force by
    GET /v1/me, and what the manifest says instead. It asks for fields that the platform decides (authority in
    reconciler.yaml), for what stays different although Keycloak has it, for partners to authorize or to withdraw, and
    for an agreement to be recorded, or sent for acceptance. What apply would change is not asked for.

    Exit code 0 also if there is nothing to request; 1 if the effective values are unknown.
    """
    from reconciler.app.request import AskRequest, requests
    from reconciler.cli.inputs import ask, context_of, desired_state
    from reconciler.plan.targets import resolved
    from reconciler.review.request_text import left_out_text, requests_json, requests_text, summary_text

    desired = desired_state(files, settings)
    names = tuple(each.name for each in resolved(map(Address.organization, names), desired))
    _check_declared(names, desired)
    wanted = AskRequest(desired, context_of(settings, tuple(map(Address.organization, names))))
    found = asyncio.run(ask(requests, wanted, settings, effective=True))
    report = replace(found, environment=settings.said.environment, api_url=(settings.api_url or "").rstrip("/"))
    click.echo(requests_json(report) if as_json else requests_text(report), nl=False, color=False)
    click.echo(left_out_text(report) + summary_text(report), nl=False, err=True)
    return ExitCode.ERROR if report.unseen else ExitCode.DONE


def _check_declared(names: tuple[str, ...], desired: "DesiredState") -> None:
    """Refuse the name of an organization that no manifest declares.

    Raises:
        WrongUsage: There is one.
    """
    known = [each.name for each in desired.organizations]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean {close[0]}? " if close else ""
            raise WrongUsage(f"No manifest declares the organization '{name}'.", remedy=f"{hint}Name manifests by -f.")
