"""receivablesInvoices and receivablesCreditMemos: created with their lines at once, completed, never changed after."""

from decimal import Decimal
from typing import Any

from simulators.erp.company import rounded
from simulators.erp.oracle_fusion import payload
from simulators.erp.oracle_fusion.accounts import DELIMITER, InvalidCombinationError, natural_account
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.completion import complete, postable_date
from simulators.erp.oracle_fusion.dialect import bad_request, not_found, receivables_error
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.transaction_classes import INVOICE, TransactionClass
from simulators.erp.oracle_fusion.transaction_lines import add_to_tax, net_of, new_line, tax_of
from simulators.http.faults import Fault

ROWS_MAX = 500
ONE_CENT = Decimal("0.01")
FIRST_AUTOMATIC_NUMBER = 1_000
WIDTHS = {
    "BusinessUnit": 240,
    "TransactionSource": 50,
    "TransactionType": 20,
    "TransactionNumber": 20,
    "CrossReference": 150,
    "BillToCustomerNumber": 30,
    "BillToSite": 150,
    "PaymentTerms": 15,
    "PurchaseOrder": 50,
    "InternalNotes": 240,
    "CreditReason": 255,
    "ConversionRateType": 30,
}
CHANGEABLE = frozenset({"TransactionDate", "AccountingDate", "PaymentTerms", "DueDate"})


def create(books: UnitBooks, of: TransactionClass, sent: dict[str, Any], *, fault: Fault | None) -> Entity:
    """Store a transaction with its lines, all or nothing, and complete it where it is meant to be complete."""
    ours = {name for name in WIDTHS if name not in _others(of)} | of.also_settable
    others = {"TransactionDate", "AccountingDate", "ConversionRate", of.rate_date, of.comments, of.status, of.currency}
    payload.only_known(sent, known={*ours, *others, of.lines, of.distributions}, resource=of.collection)
    status = payload.text(sent, of.status, width=30) or "Complete"
    if status == "Incomplete" and not books.options.incomplete_on_create:
        text = "You can only create a complete invoice. You can't create an incomplete or frozen invoice. (AR-857798)"
        raise receivables_error("AR-857798", text)
    document = _header(
        books, of, sent, texts={name: payload.text(sent, name, width=WIDTHS[name]) for name in ours & WIDTHS.keys()}
    )
    document["AccountingDate"] = postable_date(books, document["AccountingDate"], fault=fault)
    for line in payload.rows(sent, of.lines, most=ROWS_MAX):
        document[f"_{of.lines}"].append(new_line(books, of, line, currency=document[of.currency]))
    net = net_of(document, of)
    if net * of.sign < 0:
        raise receivables_error("AR-SIM-SIGN", f"The {of.noun} has the wrong sign: {net}.")
    _distribute(books, of, document, payload.rows(sent, of.distributions, most=ROWS_MAX))
    if fault is Fault.TAX_CENT_OFF and document[f"_{of.lines}"]:
        add_to_tax(document[f"_{of.lines}"][0], of, ONE_CENT * of.sign)
    document["EnteredAmount"] = net_of(document, of) + tax_of(document, of)
    if status == "Complete":
        complete(books, document, fault=fault)
    books.changed(document)
    books.transactions[document["CustomerTransactionId"]] = document
    return document


def change(books: UnitBooks, document: Entity, sent: dict[str, Any], *, fault: Fault | None) -> Entity:
    of: TransactionClass = document["_class"]
    payload.only_known(sent, known={*CHANGEABLE, of.status}, resource=of.collection)
    only_incomplete(document)
    for name in CHANGEABLE & sent.keys():
        document[name] = payload.text(sent, name, width=15)
    if payload.text(sent, of.status, width=30) == "Complete":
        complete(books, document, fault=fault)
    books.changed(document)
    return document


def delete(books: UnitBooks, document: Entity) -> None:
    only_incomplete(document)
    del books.transactions[document["CustomerTransactionId"]]


def only_incomplete(document: Entity) -> None:
    of: TransactionClass = document["_class"]
    if document[of.status] != "Incomplete":
        text = f"You can't change {of.noun} {document['TransactionNumber']} because it is complete."
        raise receivables_error("AR-SIM-COMPLETE", text)


def transaction(books: UnitBooks, of: TransactionClass, transaction_id: str) -> Entity:
    document = books.transactions.get(int(transaction_id)) if transaction_id.isdecimal() else None
    if document is None or document["_class"] is not of:
        raise not_found(f"The {of.noun} {transaction_id}")
    return document


def _header(books: UnitBooks, of: TransactionClass, sent: dict[str, Any], *, texts: dict[str, str]) -> Entity:
    today = books.now().date()
    dated = payload.day(sent, "TransactionDate", default=today)
    currency = _currency(books, payload.text(sent, of.currency, width=15))
    customer = _customer(books, texts)
    document: Entity = {
        "CustomerTransactionId": books.numbers.next(),
        **{name: text or None for name, text in texts.items()},
        "TransactionNumber": _number(books, texts),
        "TransactionDate": dated.isoformat(),
        "AccountingDate": payload.day(sent, "AccountingDate", default=dated).isoformat(),
        "BillToCustomerName": customer["CustomerName"],
        "BillToSite": customer["BillToSiteNumber"],
        of.currency: currency,
        of.status: "Incomplete",
        of.comments: payload.text(sent, of.comments, width=1760) or None,
        of.balance: Decimal(0),
        "CreationDate": books.timestamp(),
        "_class": of,
        f"_{of.lines}": [],
    }
    if of is INVOICE:
        document["DueDate"] = payload.day(sent, "DueDate", default=dated).isoformat()
        document["_receivablesInvoiceInstallments"] = []
    return document | _rate(books, of, sent, currency=currency)


def _number(books: UnitBooks, texts: dict[str, str]) -> str:
    source, number = texts["TransactionSource"], texts["TransactionNumber"]
    if source != books.options.transaction_source:
        raise receivables_error("AR_BATCH_SOURCE_NOT_FOUND", f"The transaction source {source} is not valid.")
    if books.options.automatic_numbers:
        number = ""
    used = {document["TransactionNumber"] for document in books.transactions.values()}
    if number in used and not books.options.duplicate_numbers:
        raise receivables_error("AR-SIM-NUMBER", f"The transaction number {number} already exists in this source.")
    return number or str(FIRST_AUTOMATIC_NUMBER + len(books.transactions))


def _customer(books: UnitBooks, texts: dict[str, str]) -> Entity:
    number, site = texts["BillToCustomerNumber"], texts["BillToSite"]
    customer = books.customers.get(number)
    if customer is None:
        raise receivables_error("AR_BILL_TO_CUST_NOT_FOUND", f"The bill-to customer {number} is not valid.")
    if site and site != customer["BillToSiteNumber"]:
        raise receivables_error("AR_BILL_TO_SITE_NOT_FOUND", f"The bill-to site {site} is not valid.")
    return customer


def _currency(books: UnitBooks, code: str) -> str:
    if code and code not in books.currencies:
        raise receivables_error("AR-SIM-CURRENCY", f"The currency {code} is not valid.")
    return code or books.setup.local_currency


def _rate(books: UnitBooks, of: TransactionClass, sent: dict[str, Any], *, currency: str) -> Entity:
    """Return how a foreign currency is converted; the local one has no rate."""
    if currency == books.setup.local_currency:
        return {"ConversionRateType": None, "ConversionRate": None, of.rate_date: None}
    kind = payload.text(sent, "ConversionRateType", width=30)
    rate = payload.number(sent, "ConversionRate")
    if not kind or (kind == "User" and rate <= 0):
        raise receivables_error("AR-SIM-RATE", f"A conversion rate is required for {currency}.")
    dated = payload.day(sent, of.rate_date, default=books.now().date())
    return {"ConversionRateType": kind, "ConversionRate": rate or Decimal(1), of.rate_date: dated.isoformat()}


def _distribute(books: UnitBooks, of: TransactionClass, document: Entity, rows: list[dict[str, Any]]) -> None:
    """Let revenue go to the accounts that the caller names, line by line, instead of those of the memo lines."""
    known = {"AccountClass", "AccountCombination", "Amount", of.distribution_line}
    lines = {line["LineNumber"]: line for line in document[f"_{of.lines}"]}
    for row in rows:
        payload.only_known(row, known=known, resource=of.distributions)
        line = lines.get(int(payload.number(row, of.distribution_line)))
        if row.get("AccountClass") != "Revenue" or line is None:
            raise bad_request("This simulator knows distributions of class Revenue of a line in the same payload.")
        if rounded(payload.number(row, "Amount"), currency=document[of.currency]) != line[of.amount]:
            raise receivables_error("AR-SIM-DISTRIBUTION", "The distributions do not add up to the line's amount.")
        combination = payload.text(row, "AccountCombination", width=8000)
        try:
            line["_account"] = natural_account(books, combination.split(DELIMITER))
        except InvalidCombinationError as error:
            raise receivables_error("AR-SIM-ACCOUNT", f"The account {error} is not valid.") from error


def _others(of: TransactionClass) -> frozenset[str]:
    """Return the texts that only the other class of transactions has."""
    optional = {"PaymentTerms", "PurchaseOrder", "InternalNotes", "CreditReason"}
    return frozenset(optional - of.also_settable)
