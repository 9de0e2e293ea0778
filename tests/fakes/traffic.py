"""The line to the fake server: it counts requests, and breaks where a test says so."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from reconciler.model.errors import OutcomeUnknown, Unreachable

_READS = frozenset(
    {
        "realm",
        "client_scope",
        "client_scopes",
        "mappings_of_scope",
        "client_profiles",
        "client_policies",
        "global_profiles",
        "features",
        "limits",
        "organizations",
        "organization",
        "find_organization",
        "members",
        "organizations_of",
        "clients",
        "find_client",
        "service_account",
        "client_roles",
        "scope_mappings",
        "roles_of",
        "realm_roles",
        "role_holders",
        "composites",
        "groups",
        "group_members",
        "groups_of",
        "identity_provider",
        "identity_providers",
        "organization_groups",
        "organization_subgroups",
        "organization_group_members",
        "invitations",
        "linked_service_accounts",
        "links_of",
        "credentials_of",
        "impostors",
        "default_actions",
        "event_types",
        "webhooks",
        "events",
        "name_of_user",
        "name_of_client",
    }
)
_READS_OF_SECRETS = frozenset({"secrets_of", "logins"})
"""What the port of secrets reads."""
_POSTS = ("create_", "add_member", "add_scope_mapping", "add_composite", "grant_", "regenerate_")


class Killed(BaseException):
    """Say that the process of the reconciler was killed: not an error that it could handle."""


@dataclass
class _Fault:
    error: Callable[[str], BaseException]
    nth: int
    after: bool
    method: str | None
    times: int
    seen: int = 0

    def strikes(self, method: str) -> bool:
        """Tell whether this request is hit; counts it."""
        if self.method not in {None, method}:
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass
class _Refusal:
    """Fail one write, whenever it is sent again."""

    error: BaseException
    nth: int
    after: bool
    seen: int = 0
    content: str | None = None

    def strikes(self, content: str) -> bool:
        self.seen += 1
        if self.seen == self.nth:
            self.content = content
        return content == self.content


@dataclass
class Traffic:
    """Count requests by method, and fail those that a test picks."""

    counts: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    """The methods, in the order of their requests."""
    _faults: list[_Fault] = field(default_factory=list)
    _refusal: "_Refusal | None" = None
    _dead: bool = False

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def writes(self) -> list[str]:
        """The writes, in their order."""
        return [method for method in self.log if method not in _READS | _READS_OF_SECRETS]

    def forget(self) -> None:
        """Start counting anew, without faults."""
        self.counts.clear()
        self.log.clear()
        self._faults.clear()
        self._refusal = None
        self._dead = False

    def fail(
        self, error: BaseException, *, nth: int = 1, method: str | None = None, after: bool = False, times: int = 1
    ) -> None:
        """Answer the nth request from now with an error; with ``after``, once the server has done it."""
        self._faults.append(_Fault(lambda _: error, nth, after, method, times))

    def refuse(self, error: BaseException, *, nth: int, after: bool = False) -> None:
        """Answer the nth write with an error however often it is sent; with ``after``, once the server has done it."""
        self._refusal = _Refusal(error, nth, after)

    def cut(self, *, nth: int = 1, method: str | None = None, after: bool = False, times: int = 1) -> None:
        """Break the connection at the nth request from now; a POST leaves its outcome unknown."""
        self._faults.append(_Fault(_broken_off, nth, after, method, times))

    def kill(self, *, nth: int, after: bool) -> None:
        """Kill the reconciler at the nth request from now: nothing that it asks later is done."""
        self._faults.append(_Fault(lambda _: Killed(), nth, after, None, 1))

    def strike(
        self, method: str, content: Callable[[], str] = str
    ) -> tuple[BaseException | None, BaseException | None]:
        """Count a request, and return what breaks it before and after the server did it."""
        if self._dead:
            raise Killed
        self.counts[method] += 1
        self.log.append(method)
        struck = [fault for fault in self._faults if fault.strikes(method)]
        before = next((fault.error(method) for fault in struck if not fault.after), None)
        after = next((fault.error(method) for fault in struck if fault.after), None)
        if self._refusal and method not in _READS | _READS_OF_SECRETS and self._refusal.strikes(method + content()):
            before, after = (before, self._refusal.error) if self._refusal.after else (self._refusal.error, after)
        self._dead = isinstance(before, Killed) or isinstance(after, Killed)
        return before, after


def _broken_off(method: str) -> BaseException:
    if method.startswith(_POSTS):
        return OutcomeUnknown(f"{method}: the connection to Keycloak broke before an answer came.")
    return Unreachable("Keycloak cannot be reached.", remedy="Check the network.")


class HasTraffic(Protocol):
    """Whatever is asked through a line."""

    traffic: Traffic


_Self = TypeVar("_Self", bound=HasTraffic)
_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


def request(
    method: Callable[Concatenate[_Self, _Arguments], Awaitable[_Answer]],
) -> Callable[Concatenate[_Self, _Arguments], Coroutine[Any, Any, _Answer]]:
    """Send the call of a method through the line: others may run meanwhile, and it may break."""

    async def sent(self: _Self, /, *arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Answer:
        before, after = self.traffic.strike(method.__name__, lambda: repr((arguments, named)))
        await asyncio.sleep(0)
        if before is not None:
            raise before
        answer = await method(self, *arguments, **named)
        if after is not None:
            raise after
        return answer

    update_wrapper(sent, method)
    return sent
