"""A charge and what became of it: refunds, a dispute, and what may still be given back."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """Of a charge: `status` succeeded or declined; a refund's may be pending or failed, too."""

    status: str
    code: str | None = None
    kind: str | None = None
    seconds: float = 0.0


SUCCEEDED = Result("succeeded")


@dataclass
class Refund:
    reference: str
    key: str
    charge: str
    status: str
    amount: int
    currency: str
    method_ref: str
    settles_at: str | None
    created: str

    def shown(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Dispute:
    state: str
    amount: int

    @property
    def is_against_us(self) -> bool:
        return self.state != "won"


@dataclass
class Charge:
    reference: str
    # None: made by an upstream checkout, under a name that only it knows.
    key: str | None
    status: str
    decline_code: str | None
    decline_kind: str | None
    amount: int
    currency: str
    method_ref: str
    description: str | None
    created: str
    # In the system's time: eventual visibility is the gateway's own slowness, not the sandbox's.
    hidden_until: str | None = None
    refunds: list[Refund] = field(default_factory=list)
    dispute: Dispute | None = None

    @property
    def captured(self) -> int:
        return self.amount if self.status == "succeeded" else 0

    @property
    def disputed(self) -> int:
        return self.dispute.amount if self.dispute and self.dispute.is_against_us else 0

    @property
    def refundable(self) -> int:
        given_back = self._refunds_that_are("succeeded") + self._refunds_that_are("pending")
        return self.captured - given_back - self.disputed

    def facts(self) -> dict[str, Any]:
        """What is fixed at its birth."""
        return {k: v for k, v in asdict(self).items() if k not in {"refunds", "dispute"}}

    def shown(self) -> dict[str, Any]:
        facts = self.facts()
        del facts["hidden_until"]
        return facts | {
            "captured": self.captured,
            "refunded": self._refunds_that_are("succeeded"),
            "refund_pending": self._refunds_that_are("pending"),
            "disputed": self.disputed,
            "dispute": asdict(self.dispute) if self.dispute else None,
            "refunds": [refund.shown() for refund in self.refunds],
        }

    def _refunds_that_are(self, status: str) -> int:
        return sum(refund.amount for refund in self.refunds if refund.status == status)
