"""What a mapping may name, from the lists that the mapping's settings name: only some of them are documented."""

from typing import Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Row, Unread
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind

_SETTINGS: Final = {
    ReferenceKind.ACCOUNTS: "accounts_list",
    ReferenceKind.ITEMS: "items_list",
    ReferenceKind.TAX_CODES: "tax_codes_list",
    ReferenceKind.CURRENCIES: "currencies_list",
    ReferenceKind.DIMENSIONS: "dimensions_list",
}
_PARTS: Final = 3


def reference_data(resources: FusionResources, settings: FusionSettings, kind: ReferenceKind) -> ReferenceData:
    setting = _SETTINGS[kind]
    lists = [one for one in settings.of(setting).split(";") if one]
    if not lists:
        return NotSupported(f"the setting {setting} names no list of Fusion's to check {kind} against")
    items: list[ReferenceItem] = []
    for one in lists:
        field, _, described = one.rpartition("=")
        parts = described.split(":")
        if len(parts) != _PARTS:
            return NotSupported(f"the setting {setting} must be RESOURCE:KEY:NAME, not {described}")
        resource, key, name = parts
        rows = resources.all(resource)
        if isinstance(rows, Unread):
            return rows.lookup
        read = [_item(row, key, name, field) for row in rows]
        if None in read:
            return LookupFailed(f"a row of {resource} has no {key}")
        items += [item for item in read if item is not None]
    return tuple(items)


def _item(row: Row, key: str, name: str, field: str) -> ReferenceItem | None:
    if key not in row:
        return None
    value = f"{field}={row[key]}" if field else str(row[key])
    return ReferenceItem(value, str(row.get(name) or ""), active=row.get("EnabledFlag", "Y") in ("Y", True))
