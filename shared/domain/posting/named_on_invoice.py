"""Which entries of a mapping an invoice is posted with: what its ERP does not know of the others, does not stop it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data import mapping_names
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.master_data.mapping_names import NamedKey
from shared.domain.money import Money, total
from shared.domain.posting.systems.erp_system import Named
from shared.domain.posting.systems.registry import SYSTEMS
from shared.domain.posting.tax_difference import tax_difference

_Ours = TypeVar("_Ours", bound=str)


def named_on_invoice(invoice: Invoice, erp: ErpMapping) -> Iterator[NamedKey]:
    """Yield the entries that the document of an invoice names, as far as the mapping has them."""
    accounts, used = SYSTEMS[erp.system].mapping.named_accounts, _used(invoice, erp)
    when = _when(invoice, used)
    if when[accounts.receivable]:
        yield mapping_names.receivable_account(used)
    if when[accounts.tax]:
        yield mapping_names.tax_account(used)
    if when[accounts.revenue]:
        yield from mapping_names.revenue_accounts(used)
    if accounts.revenue is Named.ALWAYS:
        used = replace(used, products=_without(used.products, used.revenue_accounts))
    yield from mapping_names.products(used)
    yield from mapping_names.tax_codes(used)
    yield from mapping_names.currencies(used)
    yield from mapping_names.dimensions(used)


def remainder_of_tax(invoice: Invoice, erp: ErpMapping) -> Money:
    """Return the tax beyond what the ERP works out from the lines, as where an engine has rounded each of them."""
    tax = total((tax.amount for tax in invoice.taxes), invoice.gross.currency)
    lines = [(line.tax_code, line.tax_rate, line.amount) for line in invoice.lines if line.tax_rate is not None]
    return tax_difference(lines, tax, erp.tax_codes)


def _used(invoice: Invoice, erp: ErpMapping) -> ErpMapping:
    """Return the mapping with nothing left that an invoice of these lines, taxes and currency cannot name."""
    products = {line.product_id for line in invoice.lines}
    codes = {line.tax_code for line in invoice.lines} | {tax.code for tax in invoice.taxes}
    return replace(
        erp,
        products=_only(erp.products, products),
        revenue_accounts=_only(erp.revenue_accounts, products),
        tax_codes=_only(erp.tax_codes, codes),
        currencies=_only(erp.currencies, {invoice.gross.currency.code}),
        dimensions={
            name: replace(mapping, values=_only(mapping.values, products)) for name, mapping in erp.dimensions.items()
        },
    )


def _when(invoice: Invoice, used: ErpMapping) -> Mapping[Named, bool]:
    return {
        Named.NEVER: False,
        Named.ALWAYS: True,
        Named.WITH_DIMENSIONS: any(mapping.values for mapping in used.dimensions.values()),
        Named.WITH_REMAINDER: bool(remainder_of_tax(invoice, used).amount),
    }


def _only(entries: Mapping[_Ours, str], ours: set[_Ours]) -> Mapping[_Ours, str]:
    return {name: key for name, key in entries.items() if name in ours}


def _without(entries: Mapping[_Ours, str], others: Mapping[_Ours, str]) -> Mapping[_Ours, str]:
    return {name: key for name, key in entries.items() if name not in others}
