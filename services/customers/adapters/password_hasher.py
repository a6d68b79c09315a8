"""Passwords as argon2id hashes, made and checked beside the event loop and a few at a time."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

AT_ONCE = 2


class PasswordHasher:
    """19 MiB and two passes for each, so an unbounded number of them would be an attack of itself."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._hasher = PasswordHash(
            (Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),)
        )
        self._turns = asyncio.Semaphore(at_once)
        self._nobodys = self._hasher.hash("the password of nobody")

    async def hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, known_hash: str | None) -> bool:
        """For an unknown account the same work is done as for a known one."""
        async with self._turns:
            matched = await asyncio.to_thread(
                self._hasher.verify, password, known_hash or self._nobodys
            )
        return matched and known_hash is not None
