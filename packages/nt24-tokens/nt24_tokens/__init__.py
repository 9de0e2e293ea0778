"""Access tokens of one integration client for the NT24 Integration API; ``httpx`` is all that it needs.

::

    import httpx
    from nt24_tokens import TokenProvider

    tokens = TokenProvider("https://idp.example", "api-client-acme-motors", read_secret)
    with httpx.Client(base_url="https://api.example", auth=tokens) as api:
        api.get("/v1/me")

::

    providers       TokenProvider for threads, AsyncTokenProvider for event loops
      source        one request however many wait; who shares a token, and who shares a failure
        endpoint    where and how a token is asked for; holds the secret
        cache       when a token is good enough, and when it is replaced
          token     an access token
    cached          the same for one event loop, over an HTTP client of the program's own
    errors, url     what goes wrong, and which URLs are taken
"""

from nt24_tokens.errors import TokenError, TokenRefused, Unreachable, WrongUsage
from nt24_tokens.providers import AsyncTokenProvider, TokenProvider

__all__ = ["AsyncTokenProvider", "TokenError", "TokenProvider", "TokenRefused", "Unreachable", "WrongUsage"]
