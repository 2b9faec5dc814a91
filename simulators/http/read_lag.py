"""What is stored, but not shown yet: reads go to a copy that trails the books."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

Store: TypeAlias = dict[Any, Any] | list[Any]


@dataclass(frozen=True, slots=True)
class _Unseen:
    document: object
    until: datetime


class ReadLag:
    """The documents of a system, in the containers that it keeps them in, and those that no read shows yet.

    Whatever writes sees all of them: what makes a key unique knows what a look-up does not.
    """

    def __init__(self, stores: Callable[[], Iterable[Store]], *, now: Callable[[], datetime]) -> None:
        self._stores = stores
        self._now = now
        self._unseen: list[_Unseen] = []

    @contextmanager
    def hiding(self, lag: timedelta) -> Iterator[None]:
        """Hide the documents that are stored in here, for a while after it."""
        before = self._documents()  # held, so that nothing new can have the identity of what is gone
        yield
        known, until = {id(document) for document in before}, self._now() + lag
        self._unseen += [_Unseen(document, until) for document in self._documents() if id(document) not in known]

    @property
    def hides(self) -> int:
        """The number of documents that are hidden now."""
        self._unseen = [one for one in self._unseen if one.until > self._now()]
        return len(self._unseen)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Have what is hidden out of the way; nothing may be stored in here."""
        if not self.hides:
            yield
            return
        unseen = {id(one.document) for one in self._unseen}
        stores = list(self._stores())
        whole = [store.copy() for store in stores]
        for store in stores:
            _keep(store, unseen)
        try:
            yield
        finally:
            for store, content in zip(stores, whole, strict=True):
                _refill(store, content)

    def _documents(self) -> list[object]:
        return [document for store in self._stores() for document in _values(store)]


def _values(store: Store) -> Iterable[object]:
    return store.values() if isinstance(store, dict) else store


def _keep(store: Store, unseen: set[int]) -> None:
    if isinstance(store, dict):
        _refill(store, {key: document for key, document in store.items() if id(document) not in unseen})
    else:
        _refill(store, [document for document in store if id(document) not in unseen])


def _refill(store: Store, content: Store) -> None:
    if isinstance(store, dict):
        store.clear()
        store.update(content)
    else:
        store[:] = content
