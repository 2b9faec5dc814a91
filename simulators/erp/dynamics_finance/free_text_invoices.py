"""FreeTextInvoiceHeaders and FreeTextInvoiceLines: drafts until the batch job posts them; negative lines credit.

No reference of the caller's is unique. A line is unique by its number within the invoice.
"""

from decimal import Decimal

from simulators.erp.dynamics_finance import drafts, values
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.customers import customer_of
from simulators.erp.dynamics_finance.dialect import unknown_value, write_failed
from simulators.erp.dynamics_finance.free_text_lines import new_line, retax
from simulators.erp.dynamics_finance.values import NO, NO_DATE, Row
from simulators.http.faults import Fault

ENTITY = "FreeTextInvoiceHeader"
NOT_POSTED = "Not posted"
TEXTS = {
    "CustomerReference": 60,
    "ExternalInvoiceId": 50,
    "CustomerRequisition": 20,
    "InvoiceName": 100,
    "TermsOfPayment": 10,
    "CorrectedInvoiceId": 20,
    "DefaultDimensionDisplayValue": 500,
    "SalesTaxGroupId": 10,
    "SalesTaxItemGroupId": 10,
    "MethodOfPayment": 10,
    "PaymentSchedule": 10,
    "LanguageId": 7,
    "InvoiceAccount": 20,
    "PostingProfile": 10,
}
DATES = ("InvoiceDate", "DueDate", "DocumentDate")
SETTABLE = frozenset(
    {*TEXTS, *DATES, "dataAreaId", "CustomerAccount", "CurrencyCode", "ExchangeRate", "IsCorrection", "InclTax"}
)


def create_header(books: CompanyBooks, sent: Row, fault: Fault | None) -> Row:
    values.only_known(sent, known=SETTABLE, entity=ENTITY)
    account = values.text(sent, "CustomerAccount", width=20)
    customer = customer_of(books, account, entity=ENTITY, field="CustomerAccount")
    currency = values.text(sent, "CurrencyCode", width=3) or customer["SalesCurrencyCode"]
    if len(currency) != len("EUR") or not currency.isupper():
        raise unknown_value(ENTITY, "CurrencyCode", currency)
    texts = {name: values.text(sent, name, width=width) for name, width in TEXTS.items()}
    invoiced_on = values.day_of(values.day(sent, "InvoiceDate", default=books.today()))
    header: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "InvoiceIdentifier": books.environment.next_record_id(),
        "FreeTextNumber": NOT_POSTED,
        "CustomerAccount": customer["CustomerAccount"],
        "CustomerGroup": customer["CustomerGroupId"],
        **texts,
        "InvoiceName": texts["InvoiceName"] or customer["OrganizationName"],
        "InvoiceAccount": texts["InvoiceAccount"] or customer["CustomerAccount"],
        "PostingProfile": texts["PostingProfile"] or "GEN",
        "LanguageId": texts["LanguageId"] or customer["LanguageId"],
        "CurrencyCode": currency,
        "ExchangeRate": values.number(sent, "ExchangeRate"),
        "InvoiceDate": values.at_noon(invoiced_on),
        "DueDate": values.day(sent, "DueDate", default=invoiced_on),
        "DocumentDate": values.day(sent, "DocumentDate", default=None),
        "CashDiscountDate": NO_DATE,
        "IsCorrection": values.yes_no(sent, "IsCorrection"),
        "InclTax": values.yes_no(sent, "InclTax"),
        "OverrideSalesTax": NO,
        "IsPosted": NO,
        "_lines": [],
        "_extra_tax": Decimal(0),
    }
    books.environment.changed(header)
    drafts.schedule(books, header, fault)
    books.invoices[header["InvoiceIdentifier"]] = header
    books.environment.on_rollback(lambda: books.invoices.pop(header["InvoiceIdentifier"]))
    return header


def create_line(books: CompanyBooks, sent: Row, fault: Fault | None) -> Row:
    invoice = books.invoices.get(int(values.number(sent, "ParentRecId")))
    if invoice is None:
        raise unknown_value("FreeTextInvoiceLine", "ParentRecId", str(sent.get("ParentRecId", "")))
    only_draft(invoice)
    line = new_line(books, invoice, sent)
    if fault is Fault.TAX_CENT_OFF:
        invoice["_extra_tax"] = Decimal("0.01")
    invoice["_lines"].append(line)
    retax(invoice)
    drafts.schedule(books, invoice, fault)
    books.environment.changed(invoice)
    books.environment.on_rollback(lambda: _without(invoice, line))
    return line


def delete_header(books: CompanyBooks, invoice: Row) -> None:
    only_draft(invoice)
    del books.invoices[invoice["InvoiceIdentifier"]]


def only_draft(invoice: Row) -> None:
    if invoice["IsPosted"] == "Yes":
        raise write_failed(ENTITY, f"Invoice {invoice['FreeTextNumber']} is posted and cannot be changed.")


def totals(invoice: Row) -> tuple[Decimal, Decimal]:
    """Return net and tax of all lines."""
    net = sum((line["TransactionCurrencyAmount"] for line in invoice["_lines"]), start=Decimal(0))
    return net, sum((line["SalesTaxAmount"] for line in invoice["_lines"]), start=Decimal(0))


def _without(invoice: Row, line: Row) -> None:
    invoice["_lines"].remove(line)
    retax(invoice)
