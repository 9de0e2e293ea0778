"""Every error that this package raises on purpose."""


class TokenError(Exception):
    """Say what happened (``message``) and what to do about it (``remedy``)."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def again(self) -> "TokenError":
        """Return the same error anew, without the frames in which this one was raised."""
        return type(self)(self.message, remedy=self.remedy)


class WrongUsage(TokenError, ValueError):
    """Say that an argument, or a variable of the environment, makes no sense."""


class Unreachable(TokenError):
    """Say that Keycloak does not answer in time, or that something else answers in its place."""


class TokenRefused(TokenError):
    """Say that Keycloak gives the client no token.

    ``status`` is the HTTP status, ``code`` the OAuth error (RFC 6749, section 5.2). Keycloak gives several causes the
    same code.
    """

    def __init__(self, message: str, *, status: int, code: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.code = code

    def again(self) -> "TokenRefused":
        """Return the same error anew, without the frames in which this one was raised."""
        return TokenRefused(self.message, status=self.status, code=self.code, remedy=self.remedy)
