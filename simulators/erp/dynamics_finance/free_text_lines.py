"""Lines of a free text invoice: an account, an amount and two tax groups; the tax is worked out here.

Tax is rounded once for each pair of tax groups of the invoice; the lines' amounts of tax add up to that.
"""

from collections import defaultdict
from decimal import Decimal

from simulators.erp.company import rounded
from simulators.erp.dynamics_finance import accounts, values
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.dialect import already_exists, unknown_value
from simulators.erp.dynamics_finance.values import NO, Row

ENTITY = "FreeTextInvoiceLine"
TEXTS = {
    "Description": 60,
    "InvoiceText": 1000,
    "MainAccountDisplayValue": 500,
    "DefaultDimensionDisplayValue": 500,
    "SalesTaxGroupId": 10,
    "SalesTaxItemGroupId": 10,
    "ExternalInvoiceId": 50,
}
NUMBERS = ("LineNumber", "Quantity", "UnitPrice", "TransactionCurrencyAmount")
SETTABLE = frozenset({*TEXTS, *NUMBERS, "dataAreaId", "ParentRecId"})


def new_line(books: CompanyBooks, invoice: Row, sent: Row) -> Row:
    values.only_known(sent, known=SETTABLE, entity=ENTITY)
    texts = {name: values.text(sent, name, width=width) for name, width in TEXTS.items()}
    numbers = {name: values.number(sent, name) for name in NUMBERS}
    line_number = numbers["LineNumber"] or Decimal(len(invoice["_lines"]) + 1)
    if any(line["LineNumber"] == line_number for line in invoice["_lines"]):
        raise already_exists(ENTITY, f"Line number: {line_number}")
    account = accounts.ledger_account(
        books.setup, texts["MainAccountDisplayValue"], entity=ENTITY, field="MainAccountDisplayValue"
    )
    dimensions = accounts.default_dimensions(
        books.setup, texts["DefaultDimensionDisplayValue"], entity=ENTITY, field="DefaultDimensionDisplayValue"
    )
    worked_out = numbers["Quantity"] * numbers["UnitPrice"]
    line: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "ParentRecId": invoice["InvoiceIdentifier"],
        **texts,
        **numbers,
        "LineNumber": line_number,
        "CurrencyCode": "",
        "TransactionCurrencyAmount": rounded(
            numbers["TransactionCurrencyAmount"] or worked_out, currency=invoice["CurrencyCode"]
        ),
        "SalesTaxAmount": Decimal(0),
        "OverrideSalesTax": NO,
        "IsServiceInvoice": NO,
        "_account": account.main_account,
        "_dimensions": account.dimensions | dimensions,
        "_rate": _rate(books, texts),
    }
    books.environment.changed(line)
    return line


def retax(invoice: Row) -> None:
    """Work out the tax of every line anew: each takes what the rounded tax of its rate has grown by."""
    bases: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    taxes: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    extra = invoice["_extra_tax"]
    for line in invoice["_lines"]:
        groups = line["SalesTaxGroupId"], line["SalesTaxItemGroupId"]
        bases[groups] += line["TransactionCurrencyAmount"]
        so_far = rounded(bases[groups] * line["_rate"], currency=invoice["CurrencyCode"])
        line["SalesTaxAmount"] = so_far - taxes[groups] + extra
        taxes[groups] = so_far
        extra = Decimal(0)


def _rate(books: CompanyBooks, texts: dict[str, str]) -> Decimal:
    """Return the rate where both groups have a tax code in common; a line without groups has no tax."""
    groups = f"{texts['SalesTaxGroupId']}/{texts['SalesTaxItemGroupId']}"
    if groups == "/":
        return Decimal(0)
    if groups not in books.setup.tax_codes:
        raise unknown_value(ENTITY, "SalesTaxItemGroupId", groups)
    return books.setup.tax_codes[groups]
