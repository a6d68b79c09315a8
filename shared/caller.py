"""Who is asking over HTTP, as proven by the credential and never by the path or the body."""

from dataclasses import dataclass
from typing import Literal

from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class Caller:
    """`actor` is who acts for the partner: `operator:…`, `customer:…`, `key:…` or `platform:…`.

    `request_key` is the `Idempotency-Key` of the request, else the request's id: what is made by
    the request is named after it (`shared.ids.derived_id`), so that a repeat makes nothing new.
    """

    partner_id: PartnerId
    actor: str
    kind: Literal["operator", "key", "customer", "platform"]
    scopes: frozenset[str]
    request_key: str
    customer_id: str | None = None

    @property
    def origin(self) -> Origin:
        return Origin.first(self.actor, f"request:{self.request_key}")
