"""The live systems of one run, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.ports.admin import AdminApi
from reconciler.ports.platform import PlatformApi
from reconciler.ports.running import Clock
from reconciler.ports.secrets import SecretApi, SecretSink


@dataclass(frozen=True, slots=True)
class Systems:
    """The live systems; without a platform, the effective state is not asked for, and webhooks are left alone.

    The secrets of new webhooks go to the ``sink``.
    """

    admin: AdminApi
    platform: PlatformApi | None
    clock: Clock
    sink: SecretSink | None = None
    secrets: SecretApi | None = None
    writes_sent: Callable[[], int] = lambda: 0
    """How many writes the present task has sent."""
