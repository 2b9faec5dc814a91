"""What a mapping may name, as the NetSuite account has it now: internal ids, whether in use or not."""

from dataclasses import dataclass
from typing import Final

from shared.adapters.erp.netsuite.queries import Unread, all_rows
from shared.adapters.erp.session import ErpSession
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import ReferenceData, ReferenceItem, ReferenceKind

TAX_CODES_SETTING: Final = "tax_code_table"
_TAX_CODES: Final = "salestaxitem"


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of SuiteQL with the column that its users know an entry by; `prefix` goes before its keys."""

    name: str
    label: str
    prefix: str = ""


_TABLES: Final = {
    ReferenceKind.ACCOUNTS: (_Table("account", "accountsearchdisplayname"),),
    ReferenceKind.ITEMS: (_Table("item", "itemid"),),
    ReferenceKind.CURRENCIES: (_Table("currency", "name"),),
    ReferenceKind.DIMENSIONS: (
        _Table("department", "name", "department="),
        _Table("classification", "name", "class="),
        _Table("location", "name", "location="),
    ),
}


def reference_data(session: ErpSession, kind: ReferenceKind, mapping: ErpMapping) -> ReferenceData:
    found: list[ReferenceItem] = []
    for table in _tables(kind, mapping):
        if not table.name.isidentifier():
            return LookupFailed(f"the setting {TAX_CODES_SETTING} names no table: {table.name}")
        rows = all_rows(session, f"SELECT id, {table.label} AS label, isinactive FROM {table.name} ORDER BY id")  # noqa: S608 - our words
        if isinstance(rows, Unread):
            return rows.failed
        try:
            found += [
                ReferenceItem(table.prefix + str(row["id"]), str(row.get("label", "")), row.get("isinactive") != "T")
                for row in rows
            ]
        except KeyError:
            return LookupFailed(f"an entry of {table.name} has no internal id")
    return tuple(found)


def _tables(kind: ReferenceKind, mapping: ErpMapping) -> tuple[_Table, ...]:
    if kind is ReferenceKind.TAX_CODES:
        return (_Table(mapping.settings.get(TAX_CODES_SETTING, _TAX_CODES), "itemid"),)
    return _TABLES[kind]
