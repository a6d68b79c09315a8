"""Documents of one kind, with a mark on those that are new or have moved since they were loaded."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Document = TypeVar("Document")


class Filed(Generic[Document]):
    """By id, in the order in which they were loaded or added."""

    def __init__(self, loaded: Iterable[tuple[str, Document]] = ()) -> None:
        self._all = dict(loaded)
        self._new: set[str] = set()
        self._moved: set[str] = set()

    def __iter__(self) -> Iterator[Document]:
        return iter(self._all.values())

    def get(self, name: str) -> Document | None:
        return self._all.get(name)

    def add(self, name: str, document: Document) -> None:
        self._all[name] = document
        self._new.add(name)

    def touch(self, name: str) -> Document:
        """The document, which is about to change."""
        self._moved.add(name)
        return self._all[name]

    @property
    def new(self) -> list[Document]:
        return [self._all[name] for name in self._all if name in self._new]

    @property
    def moved(self) -> list[Document]:
        return [self._all[name] for name in self._all if name in self._moved - self._new]
