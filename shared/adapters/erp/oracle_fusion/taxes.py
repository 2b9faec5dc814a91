"""Our tax as Fusion's tax lines, which belong to a line each: the last line of a rate takes what rounding leaves."""

from collections.abc import Iterator
from decimal import Decimal

from shared.domain.money import EXACT, Money
from shared.domain.posting.document import PostingDocument, PostingLine, PostingTax


def taxes_by_line(document: PostingDocument) -> dict[int, list[tuple[str, Decimal]]]:
    """Return our tax code and the amount of each tax of each line, by its number; they add up to the document's.

    A share of nothing is one: Fusion would work out the tax of a line that has none. At a rate of zero it may.
    """
    shares: dict[int, list[tuple[str, Decimal]]] = {line.line_no: [] for line in document.lines}
    for tax in document.taxes:
        for line_no, amount in _shared(tax, _taxed(document, tax)):
            if amount or tax.rate:
                shares[line_no].append((tax.code, amount))
    return shares


def _taxed(document: PostingDocument, tax: PostingTax) -> tuple[PostingLine, ...]:
    """Return the lines that a tax is of. An outside engine may have rates that no line names."""
    of_code = tuple(line for line in document.lines if line.tax_code == tax.code)
    of_rate = tuple(line for line in of_code if line.tax_rate == tax.rate)
    return of_rate or of_code or document.lines


def _shared(tax: PostingTax, lines: tuple[PostingLine, ...]) -> Iterator[tuple[int, Decimal]]:
    left = tax.amount
    for line in lines[:-1]:
        share = Money(EXACT.multiply(line.amount.amount, tax.rate), tax.amount.currency).rounded()
        left -= share
        yield line.line_no, share.amount
    yield lines[-1].line_no, left.amount
