"""Where our tax is not what Business Central works out: the last credit note of an invoice takes a remainder.

Its API takes no tax amounts. The difference goes as a line of its own on the tax account, at a code without tax: the
ledger then has our tax and our gross to the cent, and such a line counts as tax when the document is read back.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Money, exact_sum
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.tax_difference import tax_difference

NO_TAX_CODE: Final = "no_tax_code"  # the setting that names the company's tax code of rate zero


def difference_of(document: PostingDocument, mapping: ErpMapping) -> Money:
    lines = ((line.tax_code, line.tax_rate, line.amount) for line in document.lines)
    return tax_difference(lines, document.tax, mapping.tax_codes)


def difference_lines(document: PostingDocument, mapping: ErpMapping) -> list[dict[str, object]]:
    difference = difference_of(document, mapping)
    if not difference.amount:
        return []
    return [
        {
            "lineType": "Account",
            "lineObjectNumber": mapping.tax_account,
            "description": "Rounding of tax",
            "quantity": 1,
            "unitPrice": difference.amount,
            "taxCode": mapping.settings[NO_TAX_CODE],
        }
    ]


def tax_in_lines(lines: list[Mapping[str, Any]], mapping: ErpMapping) -> Decimal:
    """Return what lines on the tax account come to."""
    return exact_sum(
        Decimal(line["amountExcludingTax"]) for line in lines if line.get("lineObjectNumber") == mapping.tax_account
    )
