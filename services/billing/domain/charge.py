"""What the gateway says of money it took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Charge:
    """What the gateway says of one charge; of what was captured, some may have gone back."""

    reference: str
    key: str | None
    status: str
    code: str | None
    hard: bool
    amount_minor: int
    currency: str
    captured_minor: int
    refunded_minor: int
    refund_pending_minor: int
    disputed_minor: int

    @property
    def succeeded(self) -> bool:
        return self.status == "succeeded"

    @property
    def refundable_minor(self) -> int:
        given = self.refunded_minor + self.refund_pending_minor + self.disputed_minor
        return max(self.captured_minor - given, 0)
