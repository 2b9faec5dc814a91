"""Lines of a sales document: comments, or a revenue account, a quantity, a price and a tax code, computed here."""

from decimal import Decimal
from typing import Any

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import bad_request, field_invalid, unknown_reference
from simulators.erp.business_central.dimension_lines import COLLECTION, new_dimension_lines
from simulators.erp.business_central.odata import Entity
from simulators.erp.company import rounded

SETTABLE = frozenset(
    {
        "sequence",
        "lineType",
        "lineObjectNumber",
        "description",
        "description2",
        "unitOfMeasureCode",
        "quantity",
        "unitPrice",
        "discountAmount",
        "taxCode",
        COLLECTION,
    }
)
COMMENT = "Comment"
COMMENTS_HAVE = frozenset({"sequence", "lineType", "description", "description2"})
SEQUENCE_STEP = 10_000
HUNDRED = Decimal(100)


def new_line(books: CompanyBooks, document: Entity, sent: object) -> Entity:
    if not isinstance(sent, dict):
        raise bad_request(f"A line of a {document['_type'].noun} must be an object.")
    payload.only_known(sent, known=SETTABLE, entity=document["_type"].line_entity)
    kind = payload.text(sent, "lineType", width=20)
    account, amounts = _comment(sent) if kind == COMMENT else _booked(books, document, sent, kind)
    line: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        "documentId": document["id"],
        "sequence": int(payload.number(sent, "sequence")) or SEQUENCE_STEP * (len(document["_lines"]) + 1),
        "lineType": kind,
        "lineObjectNumber": account,
        "description": payload.text(sent, "description", width=100),
        "description2": payload.text(sent, "description2", width=50),
        "unitOfMeasureCode": payload.text(sent, "unitOfMeasureCode", width=10),
        **amounts,
    }
    new_dimension_lines(books, line, sent.get(COLLECTION, []))
    books.stamp(line)
    return line


def _comment(sent: dict[str, Any]) -> tuple[str, Entity]:
    """Return no account and no amounts."""
    if sent.keys() - COMMENTS_HAVE:
        raise field_invalid("Type must not be blank in Sales Line: a comment has a text only.")
    nothing = ("quantity", "unitPrice", "discountAmount", "taxPercent")
    worked_out = ("amountExcludingTax", "totalTaxAmount", "amountIncludingTax")
    return "", {"taxCode": "", **dict.fromkeys((*nothing, *worked_out), Decimal(0))}


def _booked(books: CompanyBooks, document: Entity, sent: dict[str, Any], kind: str) -> tuple[str, Entity]:
    """Return the account of a line and its amounts."""
    if kind != "Account":
        raise field_invalid("This simulator knows lines of lineType Account and Comment only.")
    account = payload.text(sent, "lineObjectNumber", width=20)
    if account not in {*books.setup.revenue_accounts.values(), books.setup.tax_account}:
        raise unknown_reference("No.", account, "G/L Account")
    return account, _amounts(books, document, sent)


def _amounts(books: CompanyBooks, document: Entity, sent: dict[str, Any]) -> Entity:
    tax_code = payload.text(sent, "taxCode", width=20)
    if not tax_code:
        raise field_invalid("VAT Prod. Posting Group must have a value in Sales Line. It cannot be zero or empty.")
    if tax_code not in books.setup.tax_codes:
        raise unknown_reference("VAT Prod. Posting Group", tax_code, "VAT Product Posting Group")
    quantity, unit_price = payload.number(sent, "quantity"), payload.number(sent, "unitPrice")
    discount = payload.number(sent, "discountAmount")
    rate = books.setup.tax_codes[tax_code]
    net = rounded(quantity * unit_price - discount, currency=document["_currency"])
    tax = rounded(net * rate, currency=document["_currency"])
    return {
        "quantity": quantity,
        "unitPrice": unit_price,
        "discountAmount": discount,
        "taxCode": tax_code,
        "taxPercent": rate * HUNDRED,
        "amountExcludingTax": net,
        "totalTaxAmount": tax,
        "amountIncludingTax": net + tax,
    }
