"""Documents of one kind, with a mark on those that are new or have moved since they were loaded."""

from collections.abc import Collection, Iterable, Iterator
from typing import Generic, TypeVar

Document = TypeVar("Document")


class Filed(Generic[Document]):
    """By id, in the order in which they were loaded or added; marks are in the order of the acts."""

    __slots__ = ("_all", "_moved", "_new")

    def __init__(self, loaded: Iterable[tuple[str, Document]] = ()) -> None:
        self._all = dict(loaded)
        # Most books move no document of most kinds, and there are many books in a set.
        self._new: dict[str, Document] | None = None
        self._moved: dict[str, Document] | None = None

    def __iter__(self) -> Iterator[Document]:
        return iter(self._all.values())

    def get(self, name: str) -> Document | None:
        return self._all.get(name)

    def add(self, name: str, document: Document) -> None:
        self._all[name] = document
        self._new = self._new or {}
        self._new[name] = document

    def touch(self, name: str) -> Document:
        """The document, which is about to change."""
        document = self._all[name]
        if self._new is None or name not in self._new:
            self._moved = self._moved or {}
            self._moved[name] = document
        return document

    @property
    def new(self) -> Collection[Document]:
        return self._new.values() if self._new else ()

    @property
    def moved(self) -> Collection[Document]:
        """Those that are not new."""
        return self._moved.values() if self._moved else ()
