"""Diagnose: find out why an integrator's program is refused."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from reconciler.diagnose.answer import explained
from reconciler.diagnose.run import diagnose as walk
from reconciler.diagnose.session import Asked, Credentials, Session
from reconciler.diagnose.stored import Stored, read_stored
from reconciler.model.diagnosis import Diagnosis, DiagnosisSubject
from reconciler.model.errors import WrongUsage
from reconciler.ports import Clock, Prober, Secret, Systems

_NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class DiagnoseRequest:
    """Do what the program does, by its own credentials, and name the first thing that fails."""

    subject: DiagnosisSubject
    credentials: Credentials
    asked: Asked = _NOTHING_ASKED


@dataclass(frozen=True, slots=True)
class DiagnosePorts:
    """What is asked as the program asks; with a login to the Admin API, ``systems`` tell the very cause.

    ``nonsense`` is a token that is none, which only a mock takes.
    """

    prober: Callable[[], AbstractAsyncContextManager[Prober]]
    clock: Clock
    nonsense: Secret
    systems: Callable[[], AbstractAsyncContextManager[Systems]] | None = None


async def diagnose(request: DiagnoseRequest, ports: DiagnosePorts) -> Diagnosis:
    """Make every check; nothing is changed."""
    opened = ports.systems

    async def stored() -> Stored:
        if opened is None:
            raise WrongUsage("There is no login to the Admin API.")
        async with opened() as live:
            if live.secrets is None:
                raise WrongUsage("Secrets cannot be read here.")
            return await read_stored(live.admin, live.secrets, request.subject.client_id, request.credentials.secret)

    async with ports.prober() as prober:
        session = Session(
            subject=request.subject,
            credentials=request.credentials,
            prober=prober,
            nonsense=ports.nonsense,
            clock=ports.clock,
            asked=request.asked,
            read_stored=None if opened is None else stored,
        )
        return await walk(session)


def explain(answer: str, now: datetime) -> Diagnosis:
    """Explain an error answer that somebody has; nothing is asked."""
    return Diagnosis(now, None, (explained(answer),))
