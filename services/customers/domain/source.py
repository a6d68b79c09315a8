"""A source: an upstream that may publish checkouts for a partner, and how it proves itself."""

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, NewType

from shared.errors import Conflict, Invalid, NotFound
from shared.ids import PartnerId

SourceId = NewType("SourceId", str)
_URI_REFERENCE: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{0,199}")
_OURS: Final = "/perennial/"


class SourceNotFound(NotFound):
    code = "source_not_found"


class SourceTaken(Conflict):
    code = "source_taken"


class InvalidSource(Invalid):
    code = "invalid_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`uri` is what its events bear as `ce_source`; over all partners each stands once.

    Without a `signing_key` whoever may write to the topic may speak in its name.
    """

    id: SourceId
    partner_id: PartnerId
    uri: str
    trusted_for_prices: bool
    signing_key: str | None = field(default=None, repr=False)
    created_at: datetime

    def vouches_for(self, signed: bytes, signature: str | None) -> bool:
        """Whether the bytes bear this source's signature, where it has agreed on one."""
        if self.signing_key is None:
            return True
        expected = hmac.new(self.signing_key.encode(), signed, sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), (signature or "").lower().encode())


def require_source_uri(uri: str) -> None:
    if not _URI_REFERENCE.fullmatch(uri) or uri.startswith(_OURS):
        raise InvalidSource(
            f"{uri!r} cannot name a source",
            field="source",
            way_out="Give a URI of yours without spaces, such as https://shop.example/checkout.",
        )
