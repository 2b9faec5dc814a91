"""What people call the entries of a legal entity's mapping: our words for each, and the ERP's key."""

from collections.abc import Sequence
from typing import TypeAlias

from shared.domain.master_data.catalog import ErpMapping

NamedKey: TypeAlias = tuple[str, str]


def products(erp: ErpMapping) -> Sequence[NamedKey]:
    return [(f"product {product}", key) for product, key in sorted(erp.products.items())]


def accounts(erp: ErpMapping) -> Sequence[NamedKey]:
    """Return those that have a place of their own; where `products` names accounts, those are accounts too."""
    further = [(f"account {name}", key) for name, key in sorted(erp.accounts.items())]
    return [receivable_account(erp), tax_account(erp), *revenue_accounts(erp), *further]


def receivable_account(erp: ErpMapping) -> NamedKey:
    return "receivable_account", erp.receivable_account


def tax_account(erp: ErpMapping) -> NamedKey:
    return "tax_account", erp.tax_account


def revenue_accounts(erp: ErpMapping) -> Sequence[NamedKey]:
    return [(f"revenue account of {product}", key) for product, key in sorted(erp.revenue_accounts.items())]


def tax_codes(erp: ErpMapping) -> Sequence[NamedKey]:
    return [(f"tax code {code}", key) for code, key in sorted(erp.tax_codes.items())]


def currencies(erp: ErpMapping) -> Sequence[NamedKey]:
    return [(f"currency {code}", key) for code, key in sorted(erp.currencies.items())]


def dimensions(erp: ErpMapping) -> Sequence[NamedKey]:
    return [
        (f"dimension {name} of {product}", f"{mapping.field}={value}")
        for name, mapping in sorted(erp.dimensions.items())
        for product, value in sorted(mapping.values.items())
    ]
