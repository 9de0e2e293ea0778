"""What becomes of the secrets of new webhooks: looked at before anything is written."""

from typing import TYPE_CHECKING

from reconciler.cli.diagnostics import warn
from reconciler.model.change import Verb

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.ports import SecretSink


async def check_secrets(planned: "Plan", sink: "SecretSink | None") -> None:
    """Say where the secrets of the plan's new webhooks go to nobody, and check the sink where there is one.

    It is checked for new clients too.

    Raises:
        SinkFailed: Nothing could be delivered there.
    """
    from reconciler.review.labels import counted

    new = [
        str(change.address)
        for change in planned.changes
        if not change.blocked and any(step.verb is Verb.CREATE_WEBHOOK for step in change.steps)
    ]
    clients = any(step.verb is Verb.CREATE_CLIENT for change in planned.changes for step in change.steps)
    if sink is not None and (new or clients):
        await sink.check()
    if sink is not None or not new:
        # A client's secret stays in Keycloak: it can be delivered later.
        return
    whose = "Its secret" if len(new) == 1 else "Their secrets"
    warn(
        f"{counted(len(new), 'webhook')} will be created without a sink: {', '.join(new)}. "
        f"{whose}, which the platform shows only once, will be known to nobody, so that no receiver can check that a "
        "delivery comes from the platform.",
        "no-sink",
        remedy="Say where secrets go: --sink, or a sink in reconciler.yaml.",
        webhooks=new,
    )
