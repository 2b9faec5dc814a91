"""Where our tax is not what the ERP works out: the last credit note of an invoice takes a remainder.

The difference goes as a line of its own on the tax account, at groups without tax: the ledger then has our tax and our
gross to the cent, and such a line counts as tax when the document is read back.
"""

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Money
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.tax_difference import tax_difference


def difference_of(document: PostingDocument, mapping: ErpMapping) -> Money:
    lines = ((line.tax_code, line.tax_rate, line.amount) for line in document.lines)
    return tax_difference(lines, document.tax, mapping.tax_codes)
