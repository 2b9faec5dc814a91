"""Where our tax is not what Business Central works out: the last credit note of an invoice takes a remainder.

Its API takes no tax amounts. The difference goes as a line of its own on the tax account, at a code without tax: the
ledger then has our tax and our gross to the cent, and such a line counts as tax when the document is read back.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import EXACT, Money, exact_sum
from shared.domain.posting.document import PostingDocument

NO_TAX_CODE: Final = "no_tax_code"  # the setting that names the company's tax code of rate zero


def tax_difference(document: PostingDocument) -> Money:
    """Return what the document's tax is beyond each rate of its lines, rounded once, as Business Central does."""
    bases: defaultdict[Decimal, list[Decimal]] = defaultdict(list)
    for line in document.lines:
        bases[line.tax_rate].append(line.amount.amount)
    currency = document.tax.currency
    worked_out = Money.zero(currency)
    for rate, amounts in bases.items():
        worked_out += Money(EXACT.multiply(exact_sum(amounts), rate), currency).rounded()
    return document.tax - worked_out


def difference_lines(document: PostingDocument, mapping: ErpMapping) -> list[dict[str, object]]:
    difference = tax_difference(document)
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
        Decimal(line["amountExcludingTax"]) for line in lines if line["lineObjectNumber"] == mapping.tax_account
    )
