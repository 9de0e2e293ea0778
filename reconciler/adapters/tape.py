"""Record what the ports are asked and what they answer, or answer from a recording.

Methods of adapters that only read are marked ``@read``. What they return holds no secret: that is the ports' promise,
and so a recording holds none either. Whatever is not marked reaches the network while it is recorded, and nothing at
all in a replay, whose client refuses to send.
"""

import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Protocol, TypeVar, get_type_hints

import httpx

from reconciler.adapters.http import ApiClient
from reconciler.model.errors import (
    AccessRefused,
    Conflict,
    LiveSystemError,
    NotFound,
    OutcomeUnknown,
    ReconcilerError,
    RequestFailed,
    Unreachable,
    WrongUsage,
)
from reconciler.model.recording import Read, RecordedFailure, Recording
from reconciler.model.sensitive import masked
from reconciler.ports import Clock

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LIVE: Final = {each.__name__: each for each in (LiveSystemError, Unreachable, AccessRefused)}
_FAILED: Final = {each.__name__: each for each in (RequestFailed, NotFound, Conflict, OutcomeUnknown)}


class Tape:
    """Neither record nor replay: ask."""

    async def take(
        self, question: tuple[Any, ...], kind: "TypeAdapter[_T]", http: ApiClient, ask: Callable[[], Awaitable[_T]]
    ) -> _T:
        """Return the answer to the question; ``kind`` is how it is written down."""
        del question, kind, http
        return await ask()

    def clock(self, real: Clock) -> Clock:
        """Return the clock of a run, by which plans are dated."""
        return real


LIVE: Final = Tape()


# docs/decisions.md, 157: why reads are kept, and not the snapshot alone.
class Recorder(Tape):
    """Ask, and keep the answer."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.moments: list[datetime] = []

    async def take(
        self, question: tuple[Any, ...], kind: "TypeAdapter[_T]", http: ApiClient, ask: Callable[[], Awaitable[_T]]
    ) -> _T:
        """Return the answer of the live system, and keep it, or how it failed."""
        try:
            answer = await ask()
        except (LiveSystemError, RequestFailed) as error:
            self.reads.append(Read(question, failure=_failure(error), sent=http.sent))
            raise
        # Adapters have taken what logs somebody in; what else is a secret by its name, plans mask as well.
        written = masked(kind.dump_python(answer, mode="json", warnings=False))
        self.reads.append(Read(question, written, sent=http.sent))
        return answer

    def clock(self, real: Clock) -> Clock:
        """Return a clock that keeps the moments that it told."""
        return _Clock(real, self._told)

    def _told(self, moment: datetime) -> datetime:
        self.moments.append(moment)
        return moment


class Player(Tape):
    """Answer from a recording: a question that was asked twice, in the same order."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._answers: dict[str, deque[Read]] = defaultdict(deque)
        for each in recording.reads:
            self._answers[_key(each.question)].append(each)
        self._moments = deque(recording.moments)

    async def take(
        self, question: tuple[Any, ...], kind: "TypeAdapter[_T]", http: ApiClient, ask: Callable[[], Awaitable[_T]]
    ) -> _T:
        """Return the recorded answer, or fail as it was recorded.

        Raises:
            WrongUsage: The question was not asked.
        """
        del ask
        answers = self._answers.get(_key(question))
        if not answers:
            raise WrongUsage(
                f"The recording holds no answer to {_words(question)}.",
                remedy=f"Replay it with the version of the program that made it, {self.recording.version}.",
            )
        found = answers.popleft() if len(answers) > 1 else answers[0]
        http.sent = max(http.sent, found.sent)
        if found.failure is not None:
            raise _error(found.failure)
        return kind.validate_json(json.dumps(found.answer))

    def clock(self, real: Clock) -> Clock:
        """Return a clock that tells the recorded moments again."""
        return _Clock(real, self._told_then)

    def _told_then(self, now: datetime) -> datetime:
        if not self._moments:
            return now
        return self._moments.popleft() if len(self._moments) > 1 else self._moments[0]


class _Clock:
    """A clock whose moments somebody else sees, or replaces."""

    def __init__(self, real: Clock, told: Callable[[datetime], datetime]) -> None:
        self._real = real
        self._told = told

    def now(self) -> datetime:
        return self._told(self._real.now())

    def monotonic(self) -> float:
        return self._real.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


class SilentClient(ApiClient):
    """Send nothing: in a replay there is nobody to send to."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Refuse.

        Raises:
            WrongUsage: Always.
        """
        del options
        raise WrongUsage(
            f"A replay sends nothing, but {request.method} {request.url.path} was to be sent.",
            remedy="Replay it with the version of the program that made it.",
        )


class HasTape(Protocol):
    """An adapter whose reads can be recorded."""

    @property
    def tape(self) -> Tape:
        """Return where reads go."""

    @property
    def http(self) -> ApiClient:
        """Return the client that counts the requests."""


_Self = TypeVar("_Self", bound=HasTape)


def read(
    method: Callable[Concatenate[_Self, _P], Awaitable[_T]],
) -> Callable[Concatenate[_Self, _P], Coroutine[Any, Any, _T]]:
    """Mark a method that only reads, and returns no secret."""

    @wraps(method)
    async def taken(self: _Self, /, *arguments: _P.args, **named: _P.kwargs) -> _T:
        if self.tape is LIVE:
            return await method(self, *arguments, **named)
        question = (method.__name__, *arguments, *(f"{key}={value}" for key, value in sorted(named.items())))
        return await self.tape.take(question, _kind(method), self.http, lambda: method(self, *arguments, **named))

    return taken


@cache
def _kind(method: Callable[..., Any]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(get_type_hints(method)["return"])


def _key(question: tuple[Any, ...]) -> str:
    return json.dumps(question, ensure_ascii=False)


def _words(question: tuple[Any, ...]) -> str:
    name, *arguments = question
    return f"{name}({', '.join(map(str, arguments))})"


def _failure(error: LiveSystemError | RequestFailed) -> RecordedFailure:
    kind = next(each.__name__ for each in type(error).__mro__ if each.__name__ in _LIVE | _FAILED)
    said = (error.status, error.code) if isinstance(error, RequestFailed) else ()
    return RecordedFailure(kind, error.message, error.remedy, *said)


def _error(failure: RecordedFailure) -> ReconcilerError:
    if failure.kind in _LIVE:
        return _LIVE[failure.kind](failure.message, remedy=failure.remedy)
    kind = _FAILED.get(failure.kind, RequestFailed)
    return kind(failure.message, status=failure.status, code=failure.code, remedy=failure.remedy)
