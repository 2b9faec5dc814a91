"""VAT of a UBL document: what each line and each breakdown says of it."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from types import MappingProxyType
from xml.etree import ElementTree as ET

from shared.contracts.ubl.elements import amount, group, number, text
from shared.domain.invoice_document.document import DocumentTax
from shared.domain.money import EXACT, Money, total
from shared.domain.vat_category import VatCategory

# Code and text of why no tax is charged (BT-121, BT-120); a rate's own exemption_reason goes before the text.
_EXEMPTIONS = MappingProxyType(
    {
        VatCategory.REVERSE_CHARGE: ("VATEX-EU-AE", "Reverse charge"),
        VatCategory.EXPORT: ("VATEX-EU-G", "Export outside the EU"),
        VatCategory.OUTSIDE_SCOPE: ("VATEX-EU-O", "Not subject to VAT"),
        VatCategory.EXEMPT: ("", "Exempt from VAT"),
    }
)


def add_tax_total(parent: ET.Element, taxes: Iterable[DocumentTax], tax: Money) -> None:
    """Add the total and its breakdown: one part for a category and rate (BG-23), however many codes share them."""
    element = group(parent, "TaxTotal")
    amount(element, "TaxAmount", tax)
    by_category = defaultdict[tuple[VatCategory | None, str], list[DocumentTax]](list)
    for one in taxes:
        by_category[one.category, f"{one.rate.normalize(EXACT):f}"].append(one)
    for same in by_category.values():
        subtotal = group(element, "TaxSubtotal")
        amount(subtotal, "TaxableAmount", total((one.base for one in same), tax.currency))
        amount(subtotal, "TaxAmount", total((one.amount for one in same), tax.currency))
        category = _category(subtotal, "TaxCategory", same[0].category, same[0].rate)
        code, words = _EXEMPTIONS.get(same[0].category or VatCategory.STANDARD, ("", ""))
        if words:
            text(category, "TaxExemptionReasonCode", code)
            text(category, "TaxExemptionReason", same[0].exemption_reason or words)
        _close(category)


def add_line_category(item: ET.Element, category: VatCategory | None, rate: Decimal) -> None:
    """Add a line's category and rate (BG-30)."""
    _close(_category(item, "ClassifiedTaxCategory", category, rate))


def _category(parent: ET.Element, name: str, category: VatCategory | None, rate: Decimal) -> ET.Element:
    assert category is not None, "e_invoice_faults names a rate without a category"
    element = group(parent, name)
    text(element, "ID", category.value)
    if category is not VatCategory.OUTSIDE_SCOPE:  # which has no rate, not even zero (BR-O-05)
        number(element, "Percent", EXACT.scaleb(rate, 2))
    return element


def _close(category: ET.Element) -> None:
    text(group(category, "TaxScheme"), "ID", "VAT")
