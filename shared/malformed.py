"""Records that no handler can read, and why."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a record is among the dead letters; the list is closed."""

    TOMBSTONE = "tombstone"
    TOO_LARGE = "too_large"
    NO_ID = "no_id"
    BAD_HEADER = "bad_header"
    AMBIGUOUS_HEADER = "ambiguous_header"
    TOO_MANY_HEADERS = "too_many_headers"
    WRONG_TYPE = "wrong_type"
    WRONG_VERSION = "wrong_version"
    BAD_CONTENT_TYPE = "bad_content_type"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    INVALID_BODY = "invalid_body"
    UNKNOWN_SOURCE = "unknown_source"
    BAD_SIGNATURE = "bad_signature"
    ID_REUSED = "id_reused"
    CHECKOUT_REUSED = "checkout_reused"
    UNREADABLE = "unreadable"
    EXHAUSTED = "exhausted"


class Malformed(Exception):
    """A record that no handler can read."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail
