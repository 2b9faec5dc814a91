"""What keeps a document from being an electronic invoice by EN 16931: every fault, each with the field that mends it.

Whoever writes an electronic invoice asks here first: a document without a fault passes the official rules.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from shared.domain.code_lists import COUNTRIES
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.money import EXACT, Money
from shared.domain.vat_category import VatCategory

_CENT = Decimal("0.01")
_NOT_IN_ITS_CURRENCIES = frozenset({"STN", "XAD"})  # newer than the code list of the rules


def e_invoice_faults(document: InvoiceDocument) -> tuple[str, ...]:
    """Return every fault, in words that name the entry of the catalogue and the field; none when it may go out."""
    return tuple(chain(_of_seller(document), _of_buyer(document), _of_taxes(document), _of_amounts(document)))


def _of_seller(document: InvoiceDocument) -> Iterator[str]:
    seller, place = document.seller, f"legal_entities {document.legal_entity_id}"
    if seller.country not in COUNTRIES:
        yield f"{place} country: {seller.country} is not in ISO 3166 (BT-40)"
    if seller.address is None:
        yield f"{place} details.address is missing (BG-5)"
    if VatCategory.OUTSIDE_SCOPE not in _categories(document):
        if not seller.vat_id:
            yield f"{place} details.vat_id is missing (BT-31)"
    elif not seller.registration_number:
        yield f"{place} details.registration_number is missing: where VAT does not apply, nothing else names it (BT-30)"


def _of_buyer(document: InvoiceDocument) -> Iterator[str]:
    buyer, place = document.buyer, f"customers {document.customer_id}"
    if buyer.country not in COUNTRIES:
        yield f"{place} country: {buyer.country} is not in ISO 3166 (BT-55)"
    if buyer.address is None:
        yield f"{place} details.address is missing (BG-8)"
    if not buyer.vat_id and VatCategory.REVERSE_CHARGE in _categories(document):
        yield f"{place} tax_id is no VAT id, which reverse charge needs (BT-48)"


def _of_taxes(document: InvoiceDocument) -> Iterator[str]:
    for tax in document.taxes:
        place = f"tax_rates {tax.code}"
        if tax.category is None:
            yield f"{place} vat_category is missing: a rate of zero needs a reason (BT-118)"
        elif (tax.category is VatCategory.STANDARD) != (tax.rate > 0):
            yield f"{place} vat_category: {tax.category} does not go with a rate of {tax.rate} (BT-118)"
        if tax.category is VatCategory.EXEMPT and not tax.exemption_reason:
            yield f"{place} exemption_reason is missing (BT-120)"
    categories = _categories(document)
    if VatCategory.OUTSIDE_SCOPE in categories and len(categories) > 1:
        yield "tax_rates: what is outside the scope of VAT (O) needs an invoice of its own (BR-O-11)"


def _of_amounts(document: InvoiceDocument) -> Iterator[str]:
    code = document.gross.currency.code
    if code in _NOT_IN_ITS_CURRENCIES:
        yield f"contracts {document.contract_id} currency: {code} is not in the code list of EN 16931 (BT-5)"
    if document.tax_in_books is not None:
        yield from _of_books(document, document.tax_in_books)
    amounts = [line.amount for line in document.lines] + [document.net, document.tax, document.gross]
    amounts += [amount for tax in document.taxes for amount in (tax.base, tax.amount)]
    if not all(map(_has_two_decimals, amounts)):
        yield f"contracts {document.contract_id} currency: EN 16931 takes two decimals, and amounts in {code} have more"


def _of_books(document: InvoiceDocument, tax: Money) -> Iterator[str]:
    code, place = tax.currency.code, f"legal_entities {document.legal_entity_id} currency"
    if code in _NOT_IN_ITS_CURRENCIES:
        yield f"{place}: {code} is not in the code list of EN 16931 (BT-6)"
    if not _has_two_decimals(tax):
        yield f"{place}: EN 16931 takes two decimals, and the tax of {tax} has more (BT-111)"


def _has_two_decimals(money: Money) -> bool:
    return money.amount == money.amount.quantize(_CENT, context=EXACT)


def _categories(document: InvoiceDocument) -> set[VatCategory | None]:
    return {tax.category for tax in document.taxes}
