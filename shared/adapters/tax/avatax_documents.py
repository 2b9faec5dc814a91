"""Our documents in AvaTax's fields, and its fields as our tax."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.tax.rates import rate_of_line
from shared.domain.master_data.party import PostalAddress
from shared.domain.master_data.tax_setup import TaxSetup
from shared.domain.money import Currency, Money
from shared.domain.tax.document import TaxDocument, TaxLine
from shared.domain.tax.outcome import TaxedLine
from shared.domain.vat_category import VatCategory

_WHY_ANOTHER_DATE = "the tax point of a service is its end"
_EXEMPT = "exempt"


def quotation(document: TaxDocument, setup: TaxSetup) -> dict[str, object]:
    """Return a SalesOrder, which AvaTax works out and forgets."""
    return {"type": "SalesOrder", **_transaction(document, setup)}


def sale(document: TaxDocument, setup: TaxSetup) -> dict[str, object]:
    """Return the SalesInvoice of an issued document, to be created or, where its code is known, adjusted to be this."""
    fields = _transaction(document, setup)
    return {"type": "SalesInvoice", "code": document.code, "commit": True, "description": document.number, **fields}


def returned(original: TaxDocument, credit: TaxDocument, setup: TaxSetup) -> dict[str, object]:
    """Return the ReturnInvoice of what is credited; its lines are negative and have the tax dates of the original's."""
    fields = _transaction(credit, setup)
    return {
        "type": "ReturnInvoice",
        "code": credit.code,
        "commit": True,
        "description": credit.number,
        "referenceCode": original.code,
        **fields,
    }


def taxed_lines(fields: Mapping[str, Any], document: TaxDocument, setup: TaxSetup) -> tuple[TaxedLine, ...]:
    """Read a TransactionModel with lines and details; raises KeyError, TypeError or ValueError for anything else."""
    by_number = {int(row["lineNumber"]): row for row in fields["lines"]}
    return tuple(_taxed(line, by_number[line.number], document.currency, setup) for line in document.lines)


def tax_of(fields: Mapping[str, Any], currency: Currency) -> Money:
    return Money(Decimal(fields["totalTax"]), currency).rounded()


def _transaction(document: TaxDocument, setup: TaxSetup) -> dict[str, object]:
    fields: dict[str, object] = {
        "companyCode": setup.company,
        "date": document.document_date.isoformat(),
        "customerCode": customer_key(document.buyer.customer_id),
        "currencyCode": document.currency.code,
        "addresses": {
            "shipFrom": _address(document.seller.country, document.seller.address),
            "shipTo": _address(document.buyer.country, document.buyer.address),
        },
        "lines": [_line(line, document, setup) for line in document.lines],
    }
    return fields | ({"businessIdentificationNo": document.buyer.tax_id} if document.buyer.tax_id else {})


def _address(country: str, address: PostalAddress | None) -> dict[str, object]:
    return {"country": country, **dict(_address_fields(address))} if address else {"country": country}


def _address_fields(address: PostalAddress) -> Iterator[tuple[str, str]]:
    for name, text in zip(("line1", "line2", "line3"), address.lines, strict=False):
        yield name, text
    for name, text in (("city", address.city), ("region", address.region), ("postalCode", address.postal_code)):
        if text:
            yield name, text


def _line(line: TaxLine, document: TaxDocument, setup: TaxSetup) -> dict[str, object]:
    fields: dict[str, object] = {
        "number": str(line.number),
        # Quantity 1 at the line's amount, as in the ERP: nothing is multiplied again.
        "quantity": 1,
        "amount": line.amount.amount,
        "taxCode": setup.categories[line.category],
        "description": line.description,
    }
    if line.tax_point == document.document_date:
        return fields
    override = {"type": "TaxDate", "taxDate": line.tax_point.isoformat(), "reason": _WHY_ANOTHER_DATE}
    return fields | {"taxOverride": override}


def _taxed(line: TaxLine, row: Mapping[str, Any], currency: Currency, setup: TaxSetup) -> TaxedLine:
    details = [(Decimal(one["rate"]), Decimal(one["taxableAmount"])) for one in row["details"]]
    rate = rate_of_line(line.amount.amount, details)
    category = _category(rate, exempt=bool(row.get("exemptAmount")), is_taxed_there=bool(details))
    return TaxedLine(
        line=line.number,
        code=setup.code,
        rate=rate,
        vat_category=category,
        exemption_reason=_EXEMPT if category is VatCategory.EXEMPT else "",
        tax=Money(Decimal(row["tax"]), currency).rounded(),
    )


def _category(rate: Decimal, *, exempt: bool, is_taxed_there: bool) -> VatCategory:
    if rate > 0:
        return VatCategory.STANDARD
    if exempt:
        return VatCategory.EXEMPT
    return VatCategory.ZERO_RATED if is_taxed_there else VatCategory.OUTSIDE_SCOPE
