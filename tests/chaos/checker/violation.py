"""One thing that must not be, with the number of the promise that it breaks."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.chaos.checker.history import History


class Violation(NamedTuple):
    """`about` is an id to look for; `says` is for a person."""

    invariant: str
    about: str
    says: str


Check = Callable[[History], Iterable[Violation]]
