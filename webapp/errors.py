"""What can go wrong in the app's own terms. `webapp.http_errors` says what that is over HTTP.

DomainError
├── Invalid             a value breaks a rule; `fields` says which
├── NotAuthenticated    nobody is logged in
├── NotAllowed          logged in, but without the permission
├── NotFound
├── Conflict            true at another time, but not with what is stored now
└── TooManyAttempts     wait `retry_after` seconds
"""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A rule of the app said no.

    `message` says what happened, `hint` what to do next, `fields` maps a field's name to what is wrong with its value.
    `code` names the kind of error to a program.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = dict(fields or {})


class Invalid(DomainError):
    code = "invalid"


class NotAuthenticated(DomainError):
    code = "not_authenticated"

    def __init__(
        self, message: str = "Please log in first.", hint: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint, fields)


class NotAllowed(DomainError):
    code = "not_allowed"


class NotFound(DomainError):
    code = "not_found"


class Conflict(DomainError):
    code = "conflict"


class TooManyAttempts(DomainError):
    code = "too_many_attempts"

    def __init__(
        self, message: str, hint: str = "", fields: Mapping[str, str] | None = None, *, retry_after: int = 900
    ) -> None:
        super().__init__(message, hint, fields)
        self.retry_after = retry_after
