"""Work in a thread of its own, beside the rest of a run."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def alongside(work: Callable[[threading.Event], object], failures: list[str]) -> Iterator[None]:
    """Until the end of the block, which sets the event and waits for the work to be over."""
    over = threading.Event()

    def carry_out() -> None:
        try:
            work(over)
        except Exception as error:  # noqa: BLE001  work that died must not pass for work done
            failures.append(f"{work.__qualname__}: {error!r}")

    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
