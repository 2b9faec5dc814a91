"""Lines of a transaction: a memo line decides the revenue account, a tax code or tax lines of the caller's the tax."""

from decimal import Decimal
from typing import Any

from simulators.erp.company import rounded
from simulators.erp.oracle_fusion import payload
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.dialect import bad_request, receivables_error
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.transaction_classes import TransactionClass

TAX_LINES_MAX = 10
FLEXFIELDS_MAX = 1
HUNDRED = Decimal(100)


def new_line(books: UnitBooks, of: TransactionClass, sent: dict[str, Any], *, currency: str) -> Entity:
    settable = {"LineNumber", "MemoLine", "UnitSellingPrice", "UnitOfMeasure", "TaxClassificationCode"}
    known = {*settable, of.description, of.quantity, of.tax_lines, of.flexfields}
    payload.only_known(sent, known=known, resource=of.lines)
    memo_line = payload.text(sent, "MemoLine", width=50)
    if memo_line not in books.setup.revenue_accounts:
        raise receivables_error("AR_ITEM_NOT_FOUND", f"The memo line {memo_line} is not valid.", path="/MemoLine")
    exact = payload.number(sent, of.quantity) * payload.number(sent, "UnitSellingPrice")
    amount = rounded(exact, currency=currency)
    return {
        "CustomerTransactionLineId": books.numbers.next(),
        "LineNumber": int(payload.number(sent, "LineNumber")),
        "MemoLine": memo_line,
        of.description: payload.text(sent, of.description, width=240),
        of.quantity: payload.number(sent, of.quantity),
        "UnitSellingPrice": payload.number(sent, "UnitSellingPrice"),
        of.amount: amount,
        "TaxClassificationCode": payload.text(sent, "TaxClassificationCode", width=30) or None,
        f"_{of.tax_lines}": _tax_lines(books, of, sent, amount=amount, currency=currency),
        f"_{of.flexfields}": [dict(row) for row in payload.rows(sent, of.flexfields, most=FLEXFIELDS_MAX)],
    }


def _tax_lines(
    books: UnitBooks, of: TransactionClass, sent: dict[str, Any], *, amount: Decimal, currency: str
) -> list[Entity]:
    """Return the caller's own tax lines, else what the tax engine makes of the classification code."""
    manual = payload.rows(sent, of.tax_lines, most=TAX_LINES_MAX)
    if manual:
        return [_manual_tax(books, row, number=number) for number, row in enumerate(manual, start=1)]
    code = payload.text(sent, "TaxClassificationCode", width=30)
    if not code:
        return []
    rate = _rate(books, code)
    return [_tax_line(1, code=code, regime="SIMULATED", tax=rounded(amount * rate, currency=currency), rate=rate)]


def _manual_tax(books: UnitBooks, sent: dict[str, Any], *, number: int) -> Entity:
    payload.only_known(sent, known={"TaxAmount", "TaxRegimeCode", "TaxRateCode"}, resource="tax lines")
    code = payload.text(sent, "TaxRateCode", width=150)
    regime = payload.text(sent, "TaxRegimeCode", width=30)
    if not regime:
        raise receivables_error("AR_LINE_ATTR_OPT_REQ", "TaxRegimeCode is required on a tax line.")
    return _tax_line(number, code=code, regime=regime, tax=payload.number(sent, "TaxAmount"), rate=_rate(books, code))


def _tax_line(number: int, *, code: str, regime: str, tax: Decimal, rate: Decimal) -> Entity:
    return {
        "TaxLineNumber": number,
        "TaxRateCode": code,
        "TaxRegimeCode": regime,
        "TaxRate": rate * HUNDRED,
        "TaxAmount": tax,
    }


def _rate(books: UnitBooks, code: str) -> Decimal:
    if code not in books.setup.tax_codes:
        raise receivables_error("AR-SIM-TAX", f"The tax code {code} is not valid.", path="/TaxClassificationCode")
    return books.setup.tax_codes[code]


def add_to_tax(line: Entity, of: TransactionClass, extra: Decimal) -> None:
    """Let the tax of a line be more than it should, as a rounding rule of the tax engine can."""
    rows = line[f"_{of.tax_lines}"]
    if not rows:
        raise bad_request("The line has no tax.")
    rows[0]["TaxAmount"] += extra


def net_of(document: Entity, of: TransactionClass) -> Decimal:
    return sum((line[of.amount] for line in document[f"_{of.lines}"]), start=Decimal(0))


def tax_of(document: Entity, of: TransactionClass) -> Decimal:
    rows = [row for line in document[f"_{of.lines}"] for row in line[f"_{of.tax_lines}"]]
    return sum((row["TaxAmount"] for row in rows), start=Decimal(0))
