"""What an integrator's own programs use: access tokens for the NT24 Integration API.

It needs nothing but ``httpx`` at run time, and nothing of it reads or writes what the reconciler manages::

    from reconciler.integrator import TokenProvider

    tokens = TokenProvider("https://idp.example", "api-client-acme-motors", read_secret)
    with httpx.Client(base_url="https://api.example", auth=tokens) as api:
        api.get("/v1/me")

::

    blocking        TokenProvider: for httpx.Client and for threads
    asynchronous    AsyncTokenProvider: for httpx.AsyncClient
      endpoint      where and how a token is asked for; holds the secret
      cache         when a token is good enough, and when it is replaced
        token       an access token
"""

from reconciler.integrator.asynchronous import AsyncTokenProvider
from reconciler.integrator.blocking import TokenProvider
from reconciler.model.errors import TokenRefused, Unreachable, WrongUsage

__all__ = ["AsyncTokenProvider", "TokenProvider", "TokenRefused", "Unreachable", "WrongUsage"]
