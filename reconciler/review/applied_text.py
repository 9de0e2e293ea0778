"""What an apply did and did not do, for a terminal."""

from collections.abc import Iterator
from shlex import join

import click

from reconciler.kinds.registry import kind_of
from reconciler.model.change import Action
from reconciler.model.outcome import Applied, Outcome, Status, Verification
from reconciler.model.text import counted, visible
from reconciler.review.labels import SEVERITY, dim, done_text


def applied_text(applied: Applied, *, is_whole: bool = True) -> str:
    """Return what was not done, address by address, and the numbers of what was.

    A plan is not ``is_whole`` where something could not be read: nothing was planned for that.
    """
    counts = applied.counts
    numbers = f"Resources: {done_text(counts)}."
    secrets = "".join(f"{line}\n" for line in _secrets(applied))
    if applied.is_complete and not is_whole:
        head = click.style("Apply incomplete:", fg="red", bold=True)
        return f"{head} the plan was applied, but not everything could be read. {numbers}\n{secrets}"
    if applied.is_complete:
        return click.style("Apply complete!", fg="green", bold=True) + f" {numbers}\n{secrets}"
    left = [outcome for outcome in applied.outcomes if outcome.status is not Status.DONE]
    head = click.style("Apply incomplete.", fg="red", bold=True)
    return "\n".join([f"{head} {numbers} {counted(len(left), 'resource')} not done:", *_left(left)]) + f"\n{secrets}"


def _secrets(applied: Applied) -> Iterator[str]:
    """Yield where the secret of each new resource is; never the secret."""
    made = [each for each in applied.outcomes if each.status is Status.DONE and each.change.action is Action.CREATE]
    yield from (f"  Secret of {each.change.address}: {visible(each.secret_in)}" for each in made if each.secret_in)
    kept = [each.change.address for each in made if not each.secret_in and kind_of(each.change.address).logs_in]
    if kept:
        whose = f"Secret of {kept[0]}" if len(kept) == 1 else f"Secrets of {len(kept)} new clients"
        deliver = join(("reconciler", "rotate", "deliver", kept[0].name, "--sink", "SINK"))
        yield f"  {whose}: in Keycloak alone. To deliver {'it' if len(kept) == 1 else 'one'}: {visible(deliver)}"


def _left(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        partly = f" after {outcome.steps_done} of {len(outcome.change.steps)} writes" if outcome.steps_done else ""
        yield f"  {outcome.change.address} {outcome.status}{partly}: {visible(outcome.detail)}"
        if outcome.remedy:
            yield f"    {visible(outcome.remedy)}"


def interrupted_text(applied: Applied) -> str:
    """Return what it means that an apply was interrupted."""
    if not applied.has_written:
        return "Interrupted: nothing was written to Keycloak.\n"
    left = "" if applied.is_complete else " Run apply again to resume."
    return f"Interrupted: what was written was not verified.{left}\n"


def unverified_text(why: str, remedy: str) -> str:
    """Return that, and why, nobody could look whether the apply took effect."""
    head = click.style("Not verified:", fg="red", bold=True)
    return f"{head} {visible(why)}\n" + (f"  {visible(remedy)}\n" if remedy else "")


def verification_text(verification: Verification, *, asked_effective: bool, desired: str = "the manifests say") -> str:
    """Return whether the apply is proven, or what is left; ``desired`` names what was compared with."""
    sources = "Keycloak and /v1/me say" if asked_effective else "Keycloak says"
    waited = f"{verification.waited:.1f} s"
    number = len(verification.left_out)
    but = f", but for {counted(number, 'resource')} that {'was' if number == 1 else 'were'} not done" if number else ""
    if verification.is_proven:
        return click.style("Verified:", fg="green", bold=True) + f" {sources} what {desired} ({waited}){but}.\n"
    head = click.style("Not verified", fg="red", bold=True) + f" after {waited}{but}:"
    residual = [
        f"  {change.address} still differs: {', '.join(visible(field.path) for field in change.field_changes)}"
        for change in verification.residual
    ]
    findings = [
        f"  {SEVERITY[finding.severity]}: {finding.address}: {visible(finding.detail)} "
        f"{dim(f'[{finding.code}, {finding.status}]')}\n    {visible(finding.remedy)}"
        for finding in verification.findings
    ]
    return "\n".join([head, *residual, *findings]) + "\n"
