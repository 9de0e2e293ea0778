"""What integrators' own programs use: :mod:`nt24_tokens`, which can be installed without the reconciler."""

from nt24_tokens import AsyncTokenProvider, TokenError, TokenProvider, TokenRefused, Unreachable, WrongUsage

__all__ = ["AsyncTokenProvider", "TokenError", "TokenProvider", "TokenRefused", "Unreachable", "WrongUsage"]
