"""Ids that are the same each time, so that a seed leads to the same life again."""

from uuid import UUID

import pytest


class Names:
    """They count on from `keep`, in every life anew."""

    def __init__(self) -> None:
        self._last = self._kept = 0

    def next(self) -> UUID:
        self._last += 1
        return UUID(int=self._last)

    def keep(self) -> None:
        self._kept = self._last

    def begin_anew(self) -> None:
        self._last = self._kept

    def rule(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr("shared.ids.uuid7", self.next)
        patch.setattr("shared.outbox.uuid7", self.next)
