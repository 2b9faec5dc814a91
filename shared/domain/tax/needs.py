"""What an outside tax engine needs to know before it is asked: where the parties are, and what each product is."""

from collections.abc import Iterator

from shared.domain.master_data.tax_setup import COUNTRIES_TAXED_BY_PLACE, TaxSetup
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.outcome import TaxGap, TaxGapCode


def gaps(document: TaxDocument, setup: TaxSetup) -> tuple[TaxGap, ...]:
    """Name everything that is missing, with what to do about it."""
    return (*_place(document), *_categories(document, setup))


def _place(document: TaxDocument) -> Iterator[TaxGap]:
    buyer = document.buyer
    if buyer.country in COUNTRIES_TAXED_BY_PLACE and not (buyer.address and buyer.address.postal_code):
        message = (
            f"tax in {buyer.country} goes by the place: give customer {buyer.customer_id} an address with a postal code"
        )
        yield missing(message)


def _categories(document: TaxDocument, setup: TaxSetup) -> Iterator[TaxGap]:
    for line in document.lines:
        if line.category not in setup.categories:
            message = f"{setup.engine} knows no tax category {line.category!r}: name it in the legal entity's tax part"
            yield missing(message, line.number)


def missing(message: str, line: int | None = None) -> TaxGap:
    return TaxGap(code=TaxGapCode.TAX_ATTRIBUTE_MISSING, line=line, message=message)
