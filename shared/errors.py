"""The refusals that a rule can foresee, in the four kinds that every edge knows how to answer."""

from typing import ClassVar


class DomainError(Exception):
    """Never raised itself; `code` is public and stable, so that a client may branch on it.

    Args:
        way_out: what the asker can do instead, as a full sentence; None where there is nothing.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, way_out: str | None = None) -> None:
        super().__init__(message)
        self.way_out = way_out


class NotFound(DomainError):
    """HTTP 404; a consumer parks the record, because its cause may still be on the way."""

    code = "not_found"


class Conflict(DomainError):
    """HTTP 409; the state forbids it, and asking again will not help."""

    code = "conflict"


class Invalid(DomainError):
    """HTTP 422; it breaks a rule that needs no state to see.

    Args:
        field: the path of the input at fault, with dots (`payment.amount`); None if it is the whole.
    """

    code = "invalid"

    def __init__(
        self, message: str, *, field: str | None = None, way_out: str | None = None
    ) -> None:
        super().__init__(message, way_out=way_out)
        self.field = field


class Stale(DomainError):
    """HTTP 409 with Retry-After; another transaction won, so load again and decide again."""

    code = "stale"
