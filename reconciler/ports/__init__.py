"""What the stages need from the outside world; adapters and fakes implement it.

Every method may raise the errors of :mod:`reconciler.model.errors` that an adapter translates to: ``Unreachable``,
``AccessRefused`` and ``RequestFailed`` with its children. Representations never contain a secret::

    admin              AdminApi: Keycloak's Admin API
    secrets            Secret, SecretApi, SecretProof, SecretSink
    platform           PlatformApi: the NT24 Integration API
    probing            Prober, AccessToken: both systems, asked as an integrator's program asks them
    running            Clock, Lock, WriteGate, Interruption, Journal, Progress, Traffic, Watchdog
    run_events         Events: what a run tells of itself, and asks
    systems            Systems: the live systems of one run, put together
    history            History
"""

from reconciler.ports.admin import AdminApi
from reconciler.ports.history import History
from reconciler.ports.platform import PlatformApi
from reconciler.ports.probing import AccessToken, Prober
from reconciler.ports.run_events import Events
from reconciler.ports.running import Clock, Interruption, Journal, Lock, Progress, Traffic, Watchdog, WriteGate
from reconciler.ports.secrets import Secret, SecretApi, SecretProof, SecretSink
from reconciler.ports.systems import Systems

__all__ = [
    "AccessToken",
    "AdminApi",
    "Clock",
    "Events",
    "History",
    "Interruption",
    "Journal",
    "Lock",
    "PlatformApi",
    "Prober",
    "Progress",
    "Secret",
    "SecretApi",
    "SecretProof",
    "SecretSink",
    "Systems",
    "Traffic",
    "Watchdog",
    "WriteGate",
]
