"""Records that nobody can read, on topics of all kinds, marked so that they are known again."""

from collections.abc import Iterator
from random import Random
from threading import Event

from tests.chaos.checker.history import POISON
from tests.chaos.journal import Journal
from tests.chaos.shop import Headers, Shop

TOPICS = (
    "checkout.completed",
    "checkout.accepted",
    "checkout.rejected",
    "subscription.created",
    "subscription.activated",
    "payment.succeeded",
    "period.opened",
    "customer.created",
)
COMPACTED = "customer.created"
DEEP = b"[" * 10_000 + b"]" * 10_000
BODIES: tuple[bytes | None, ...] = (
    None,
    b"",
    b"{not json",
    b"\xff\xfe\x00",
    b"[1, 2, 3]",
    b'{"partner_id": NaN}',
    b'{"surprise": "chaos"}',
    DEEP,
    b'"a scalar"',
    b'{"checkout_id": "\\ud800"}',
)


class Poison:
    """So many a second."""

    def __init__(self, seed: int, rate: float, shop: Shop, journal: Journal) -> None:
        self._random = Random(f"{seed} poison")
        self._pause = 1 / rate
        self._shop = shop
        self._journal = journal

    def run(self, over: Event) -> None:
        for n, (topic, value, headers, key) in enumerate(self._records()):
            if over.wait(self._pause):
                return
            self._shop.send("poison", f"poison-{n}", topic, value, headers=headers, key=key)

    def _records(self) -> Iterator[tuple[str, bytes | None, Headers, bytes | None]]:
        while True:
            name = f"poison-{self._random.randrange(10**12)}".encode()
            value = self._random.choice(BODIES)
            key = self._random.choice((None, b"", b"k" * 5000, b"\xff\xfe", name))
            topic = self._random.choice(TOPICS)
            # A compacted topic takes nothing without a key.
            yield topic, value, self._headers(name), name if topic == COMPACTED else key

    def _headers(self, name: bytes) -> Headers:
        marked: list[tuple[str, bytes | None]] = [(POISON, name)]
        kinds: tuple[list[tuple[str, bytes | None]], ...] = (
            [],
            [("ce_id", name)],
            [("ce_id", name), ("ce_id", b"twice")],
            [("ce_id", b"\xff\xfe")],
            [("ce_id", None)],
            [("ce_id", name), ("reply_to", b"payment.succeeded")],
            [("ce_id", name), ("ce_specversion", b"9")],
            [("ce_id", name), ("content-type", b"text/plain")],
            [("", b"nameless"), ("ce_id", name)],
        )
        return [*marked, *self._random.choice(kinds)]
