"""How fast this machine runs Python just now: shared machines have fast and slow minutes."""

import time

ROUNDS = 5


def pace() -> float:
    """Milliseconds of a fixed loop, the best of a few: figures of two runs compare by it."""
    return min(_loop() for _ in range(ROUNDS)) * 1000


def _loop() -> float:
    begun = time.perf_counter()
    sum(n * n for n in range(200_000))
    return time.perf_counter() - begun
