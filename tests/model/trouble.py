"""What befalls a transaction at its end, as a database that is far away can do it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from types import SimpleNamespace

import pytest
from typing_extensions import override

from shared.database import Database
from shared.sql import Sql


class Crash(BaseException):
    """The process is no more; nothing in it may catch this."""


class Fault(StrEnum):
    """Before the commit nothing is done; after it all is done, and nobody here knows."""

    BROKEN_BEFORE = "connection broken before commit"
    COMMIT_UNKNOWN = "commit unknown"
    CRASH_BEFORE = "crash before commit"
    CRASH_AFTER = "crash after commit"


# To begin a process anew takes a while, so it is done less often.
FAULTS = (*Fault, Fault.BROKEN_BEFORE, Fault.COMMIT_UNKNOWN, Fault.COMMIT_UNKNOWN)
BEFORE = {Fault.BROKEN_BEFORE: ConnectionResetError, Fault.CRASH_BEFORE: Crash}
AFTER = {Fault.COMMIT_UNKNOWN: ConnectionResetError, Fault.CRASH_AFTER: Crash}


class Trouble:
    """At most one fault is planned at a time: for the transaction after so many others."""

    def __init__(self) -> None:
        self.commits = 0
        self.met: Counter[Fault] = Counter()
        self._planned: tuple[Fault, int] | None = None

    def plan(self, fault: Fault | None, after: int = 0) -> None:
        self._planned = (fault, after) if fault else None

    def next(self) -> Fault | None:
        if self._planned is None:
            return None
        fault, after = self._planned
        self._planned = (fault, after - 1) if after else None
        if after:
            return None
        self.met[fault] += 1
        return fault


class TroubledDatabase(Database):
    def __init__(self, url: str, trouble: Trouble) -> None:
        super().__init__(url, name="model")
        self._trouble = trouble

    @asynccontextmanager
    @override
    async def begin(self, *, in_sets: bool = False) -> AsyncIterator[Sql]:
        fault = self._trouble.next()
        async with super().begin(in_sets=in_sets) as sql:
            yield sql
            if fault in BEFORE:
                raise BEFORE[fault]
        self._trouble.commits += 1
        if fault in AFTER:
            raise AFTER[fault]


def do_not_wait(patch: pytest.MonkeyPatch) -> None:
    """A transaction that is tried again is tried at once."""

    async def at_once(_: float) -> None:
        return None

    patch.setattr("shared.database.asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": at_once}))
