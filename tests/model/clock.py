"""What time it is for all four services; it moves when it is told to, and only forward."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

A_MOMENT = timedelta(seconds=1)
# Noon in Berlin on a billing day that February does not have.
JANUARY_31 = datetime(2027, 1, 31, 11, tzinfo=UTC)


class Clock:
    """Stands in for `datetime` where the system's clock is read."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self, _: tzinfo | None = None) -> datetime:
        return self.instant

    def move_to(self, instant: datetime) -> None:
        self.instant = max(instant, self.instant)

    def rule(self, patch: pytest.MonkeyPatch) -> None:
        """From now on it is this clock that everybody reads."""
        patch.setattr("shared.clock.datetime", self)
