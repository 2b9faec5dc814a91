"""customerPayment: money at the bank, applied to the invoices it names."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from simulators.erp.company import AccountRole, CompanySetup, rounded
from simulators.erp.general_ledger import Entry, payment_lines
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.applications import Application, apply, read_applications, total_of
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule, unknown_reference
from simulators.erp.netsuite.document_header import TEXT_WIDTHS, exchange_rate, read_texts
from simulators.erp.netsuite.posting_periods import posting_period
from simulators.http.exchange import Call
from simulators.http.faults import Fault

KNOWN: Final = frozenset(
    {
        *TEXT_WIDTHS,
        "externalId",
        "customer",
        "tranDate",
        "postingPeriod",
        "subsidiary",
        "currency",
        "exchangeRate",
        "payment",
        "account",
        "autoApply",
        "apply",
    }
)


def create_payment(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record and warnings of names that were ignored."""
    fields = call.json_object()
    customer = books.customers.referred(payload.reference(fields, "customer"))
    if customer is None:
        raise unknown_reference("customer", fields["customer"])
    return _created(books, call, fields, customer)


def payment_of_invoice(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Turn an invoice into the payment of all that is open of it; what the body says counts before that."""
    invoice = books.invoices.get(call.path["key"])
    whole = {"doc": {"id": invoice["id"]}, "apply": True, "amount": invoice["amountRemaining"]}
    sent = call.json_object() if call.body else {}
    fields = {"payment": invoice["amountRemaining"], "apply": {"items": [whole]}} | sent
    customer = books.customers.get(invoice["entity"]["id"])
    return _created(books, call, fields, customer)


def _created(books: AccountBooks, call: Call, fields: dict[str, Any], customer: Record) -> tuple[Record, list[str]]:
    warnings = payload.warnings_of(call, fields, known=KNOWN)
    key = payload.external_id(fields, books.payments)
    setup = books.subsidiaries[customer["subsidiary"]["id"]]
    for name in ("subsidiary", "currency"):  # they are the customer's
        if name in fields and payload.internal_id(fields, name) != customer[name]["id"]:
            raise unknown_reference(name, fields[name])
    _bank_account(fields, setup)
    day = payload.day(fields, "tranDate", default=books.now().date())
    period = posting_period(books, fields, day, receivables=True, closed=call.fault is Fault.CLOSED_PERIOD)
    currency = customer["currency"]["refName"]
    paid = rounded(payload.number(fields, "payment", path="payment") or Decimal(0), currency=currency)
    applications = read_applications(books, fields, customer_id=customer["id"])
    if paid <= 0 or total_of(applications) > paid:
        raise business_rule("You cannot apply more than the amount of the payment.", path="payment")
    number = books.new_id()
    texts = read_texts(fields)
    record = {
        "id": number,
        "externalId": key,
        **texts,
        "tranId": texts["tranId"] or f"PYMT{number}",
        "tranDate": day.isoformat(),
        "customer": {"id": customer["id"], "refName": customer["companyName"]},
        "subsidiary": customer["subsidiary"],
        "currency": customer["currency"],
        "exchangeRate": exchange_rate(fields, setup, currency=currency),
        "postingPeriod": {"id": period.period_id, "refName": period.name},
        "total": paid,
    }
    _book(books, setup, record, applications)
    return record, warnings


def pay(books: AccountBooks, invoice: Record, *, amount: Decimal, day: date) -> None:
    """Let a customer pay a part of an invoice by the bank, as a person enters it: no period keeps it out."""
    number = books.new_id()
    record = {
        "id": number,
        "externalId": "",
        "tranId": f"PYMT{number}",
        "memo": "",
        "tranDate": day.isoformat(),
        "customer": invoice["entity"],
        "subsidiary": invoice["subsidiary"],
        "currency": invoice["currency"],
        "postingPeriod": invoice["postingPeriod"],
        "total": amount,
    }
    _book(books, books.subsidiaries[invoice["subsidiary"]["id"]], record, [Application(invoice, amount)])


def _bank_account(fields: dict[str, Any], setup: CompanySetup) -> None:
    if "account" in fields:
        account = payload.internal_id(fields, "account")
        if setup.chart().get(account) is not AccountRole.BANK:
            raise unknown_reference("account", account)


def _book(books: AccountBooks, setup: CompanySetup, record: Record, applications: list[Application]) -> None:
    books.ledger.post(
        Entry(
            company=setup.company,
            posting_date=date.fromisoformat(record["tranDate"]),
            document_number=record["tranId"],
            external_ref=record["externalId"],
            customer=record["customer"]["refName"],
            currency=record["currency"]["refName"],
            lines=payment_lines(setup, amount=record["total"]),
            document_type="Payment",
        )
    )
    books.changed(record)
    books.payments.add(record)
    apply(books, applications, by=record)
