"""Acts upon the books of many subscriptions, each with what caused it, stored in one go."""

from collections.abc import Mapping
from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.contract import SubscriptionKey
from services.billing.use_cases.ports import BooksOfAll, Said
from shared.ids import PartnerId
from shared.origin import Origin


class Acts:
    """Notes after each act what it said, so that every event names its own cause."""

    def __init__(self) -> None:
        self._books: dict[SubscriptionKey, Books] = {}
        self._said: dict[SubscriptionKey, list[Said]] = {}

    def note(self, books: Books, origin: Origin) -> None:
        key = books.key
        self._books[key] = books
        said = self._said.setdefault(key, [])
        said += [(event, origin) for event in books.take_events()]

    async def save(self, all_books: BooksOfAll, now: Mapping[PartnerId, datetime]) -> None:
        if self._books:
            changed = [(self._books[key], self._said[key]) for key in sorted(self._books)]
            await all_books.save_many(changed, now)
