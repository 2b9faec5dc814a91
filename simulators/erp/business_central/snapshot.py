"""Takes back what a batch of requests has changed, when one of them fails."""

from collections.abc import Callable, Iterable
from typing import Any

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.odata import Entity

STORES = ("customers", "invoices", "credit_memos", "journals")


def snapshot(all_books: Iterable[CompanyBooks]) -> list[Callable[[], None]]:
    """Return what undoes every change from now on."""
    return [undo for books in all_books for undo in _of_company(books)]


def restore(undoing: Iterable[Callable[[], None]]) -> None:
    for undo in undoing:
        undo()


def _of_company(books: CompanyBooks) -> list[Callable[[], None]]:
    held: dict[str, dict[str, Any]] = {name: dict(getattr(books, name)) for name in STORES}
    contents = [(entity, _content(entity)) for store in held.values() for entity in store.values()]
    posted, entries = list(books.posted_journals), len(books.ledger.entries)

    def undo() -> None:
        for name, store in held.items():
            setattr(books, name, store)
        for entity, content in contents:
            entity.clear()
            entity.update(content)
        books.posted_journals[:] = posted
        books.ledger.forget_after(entries)

    return [undo]


def _content(entity: Entity) -> Entity:
    """Copy an entity and the list of its lines; a line itself is never changed after it was added."""
    return {name: list(value) if isinstance(value, list) else value for name, value in entity.items()}
