"""What a mapping may name, as Tryton has it now."""

from dataclasses import dataclass
from typing import Final

from shared.adapters.erp.tryton.connection import UNREADABLE, Row, TrytonConnection, Unread
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind

_PAGE: Final = 500
_MOST_PAGES: Final = 40


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a kind of reference data is: its model, the fields of key and name, and what tells that it is in use."""

    model: str
    key: str
    name: str
    use: str
    in_use: bool
    of_company: bool = True


_SOURCES: Final = {
    ReferenceKind.ACCOUNTS: _Source("account.account", "code", "name", "closed", in_use=False),
    ReferenceKind.TAX_CODES: _Source("account.tax", "name", "description", "active", in_use=True),
    ReferenceKind.CURRENCIES: _Source("currency.currency", "code", "name", "active", in_use=True, of_company=False),
}
_NOT_HERE: Final = {
    ReferenceKind.ITEMS: "lines name accounts: a product of ours has no item in Tryton",
    ReferenceKind.DIMENSIONS: "Tryton's invoices have no dimensions without its analytic module, which is not used",
}


def reference_data(connection: TrytonConnection, kind: ReferenceKind) -> ReferenceData:
    source = _SOURCES.get(kind)
    if source is None:
        return NotSupported(_NOT_HERE[kind])
    domain: list[object] = [[source.use, "in", [True, False]]]
    if source.of_company:
        domain.append(["company", "=", connection.company])
    rows = _all(connection, source, domain)
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return tuple(_item(row, source) for row in rows if row[source.key])
    except UNREADABLE as error:
        return LookupFailed(f"the records cannot be read: {type(error).__name__}")


def _all(connection: TrytonConnection, source: _Source, domain: list[object]) -> list[Row] | LookupFailed:
    """Return every record, by its key; a chart may have thousands."""
    fields, found, last = [source.key, source.name, source.use], [], 0
    for _ in range(_MOST_PAGES):
        further = [*domain, ["id", ">", last]]
        page = connection.rows(source.model, further, fields, order=[["id", "ASC"]], limit=_PAGE)
        if isinstance(page, Unread):
            return page.failed
        found += page
        if len(page) < _PAGE:
            return sorted(found, key=lambda row: str(row.get(source.key) or ""))
        last = int(page[-1]["id"])
    return LookupFailed(f"more than {_MOST_PAGES * _PAGE} records of {source.model}")


def _item(row: Row, source: _Source) -> ReferenceItem:
    return ReferenceItem(str(row[source.key]), str(row[source.name] or ""), active=row[source.use] is source.in_use)
