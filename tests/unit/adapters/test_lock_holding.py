"""Holding the lock."""

import pytest

from reconciler.adapters.http import Connection
from reconciler.adapters.interruption import SignalInterruption
from reconciler.adapters.lock_holding import hold_lock
from reconciler.adapters.login import AccessTokenLogin
from reconciler.model.errors import WrongUsage

pytestmark = pytest.mark.anyio


async def test_a_lock_that_no_write_would_ask_is_not_taken() -> None:
    server = Connection("Keycloak", "http://localhost:1")
    with pytest.raises(WrongUsage, match="no gate"):
        async with hold_lock(server, AccessTokenLogin("t"), "r", "o", interruption=SignalInterruption()):
            pass
