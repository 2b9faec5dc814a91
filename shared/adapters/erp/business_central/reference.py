"""What a mapping may name, as the company has it now."""

from dataclasses import dataclass
from typing import Final

from shared.adapters.erp.business_central.company import Company
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind


@dataclass(frozen=True, slots=True)
class _Source:
    collection: str
    key: str


_SOURCES: Final = {
    ReferenceKind.ACCOUNTS: _Source("accounts", "number"),
    ReferenceKind.TAX_CODES: _Source("taxGroups", "code"),
    ReferenceKind.CURRENCIES: _Source("currencies", "code"),
}


def reference_data(company: Company, kind: ReferenceKind) -> ReferenceData:
    if kind is ReferenceKind.ITEMS:
        return NotSupported("lines name accounts: a product of ours has no item in Business Central")
    if kind is ReferenceKind.DIMENSIONS:
        return _dimensions(company)
    source = _SOURCES[kind]
    rows = company.rows(source.collection)
    if isinstance(rows, LookupFailed):
        return rows
    try:
        found = tuple(
            ReferenceItem(str(row[source.key]), str(row.get("displayName", "")), _is_in_use(row)) for row in rows
        )
    except KeyError as error:
        return LookupFailed(f"an entry of {source.collection} has no {error}")
    # The currency of the company itself is in no table; a mapping may name it all the same, for it is never sent.
    local = company.entity.functional_currency.code
    return (ReferenceItem(local, local), *found) if kind is ReferenceKind.CURRENCIES else found


def _is_in_use(row: dict[str, object]) -> bool:
    return row.get("blocked") is not True and row.get("accountType", "Posting") == "Posting"


def _dimensions(company: Company) -> ReferenceData:
    rows = company.rows("dimensions?$expand=dimensionValues")
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return tuple(
            ReferenceItem(f"{row['code']}={value['code']}", str(value.get("displayName", "")))
            for row in rows
            for value in row["dimensionValues"]
        )
    except (KeyError, TypeError) as error:
        return LookupFailed(f"the dimensions cannot be read: {type(error).__name__}")
