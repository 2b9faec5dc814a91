"""What a mapping may name, as the company has it now."""

from typing import Final

from shared.adapters.erp.business_central.company import Company
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind

_SOURCES: Final = {  # a list and the properties that are asked of it, its key first
    ReferenceKind.ACCOUNTS: ("accounts", "number", "displayName", "blocked", "accountType"),
    ReferenceKind.TAX_CODES: ("taxGroups", "code", "displayName"),
    ReferenceKind.CURRENCIES: ("currencies", "code", "displayName"),
}


def reference_data(company: Company, kind: ReferenceKind) -> ReferenceData:
    if kind is ReferenceKind.ITEMS:
        return NotSupported("lines name accounts: a product of ours has no item in Business Central")
    if kind is ReferenceKind.DIMENSIONS:
        return _dimensions(company)
    collection, key, *others = _SOURCES[kind]
    rows = company.all_rows(collection, key, *others)
    if isinstance(rows, LookupFailed):
        return rows
    try:
        found = tuple(ReferenceItem(str(row[key]), str(row.get("displayName", "")), _is_in_use(row)) for row in rows)
    except KeyError as error:
        return LookupFailed(f"an entry of {collection} has no {error}")
    # The currency of the company itself is in no table; a mapping may name it all the same, for it is never sent.
    local = company.entity.functional_currency.code
    return (ReferenceItem(local, local), *found) if kind is ReferenceKind.CURRENCIES else found


def _is_in_use(row: dict[str, object]) -> bool:
    return row.get("blocked") is not True and row.get("accountType", "Posting") == "Posting"


def _dimensions(company: Company) -> ReferenceData:
    dimensions = company.all_rows("dimensions", "code", "id")
    if isinstance(dimensions, LookupFailed):
        return dimensions
    values = company.all_rows("dimensionValues", "code", "dimensionId", "displayName")
    if isinstance(values, LookupFailed):
        return values
    try:
        codes = {row["id"]: row["code"] for row in dimensions}
        return tuple(
            ReferenceItem(f"{codes[row['dimensionId']]}={row['code']}", str(row.get("displayName", "")))
            for row in values
        )
    except (KeyError, TypeError) as error:
        return LookupFailed(f"the dimensions cannot be read: {type(error).__name__}")
