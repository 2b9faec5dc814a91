"""The books of one company: documents by the sender's key, balanced entries, and what customers still owe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import (
    Entry,
    EntryLine,
    GeneralLedger,
    RevenueLine,
    credit_memo_lines,
    invoice_lines,
    journal_line,
    payment_lines,
)
from simulators.erp.legacy_files.layouts import DIMENSIONS, Row

INVOICE, CREDIT_MEMO, JOURNAL = "invoice", "credit_memo", "journal"
PREFIXES: Final = {INVOICE: "RE", CREDIT_MEMO: "GU", JOURNAL: "JB"}
LEDGER_NAMES: Final = {INVOICE: "Invoice", CREDIT_MEMO: "Credit Memo", JOURNAL: "Journal"}


class BookingRefusedError(Exception):
    """The document is not booked; code and text go into the response."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Sent:
    """One document of a file: its D record, the records that belong to it, and the decimals of its currency."""

    kind: str
    head: Row
    lines: Sequence[Row]
    exponent: int

    @property
    def external_ref(self) -> str:
        return self.head["external_ref"]

    def amount(self, row: Row, name: str = "amount") -> Decimal:
        return Decimal(row.number(name)).scaleb(-self.exponent)

    def of_type(self, letter: str) -> list[Row]:
        return [row for row in self.lines if row.type == letter]


class CompanyBooks:
    def __init__(self, setup: CompanySetup, ledger: GeneralLedger) -> None:
        self.setup = setup
        self.posting_from, self.posting_to = setup.posting_from, setup.posting_to
        self.documents: dict[str, SimulatedDocument] = {}
        self.customers: dict[str, str] = {}
        self.settled: list[SimulatedDocument] = []  # what changed in the receivables, until it is told
        self._ledger = ledger

    def check(self, sent: Sent, *, period_closed: bool) -> None:
        """Raise BookingRefusedError for a document that this company does not book."""
        if sent.external_ref in self.documents:
            raise BookingRefusedError("DUPLICATE", f"{sent.external_ref} was booked before")
        day = date.fromisoformat(sent.head["posting_date"])
        before = self.posting_from is not None and day < self.posting_from
        after = self.posting_to is not None and day > self.posting_to
        if period_closed or before or after:
            raise BookingRefusedError("PERIOD_CLOSED", f"{sent.head['posting_date'][:7]} is closed")
        self._check_references(sent)
        self._check_amounts(sent)
        if sent.kind == CREDIT_MEMO:
            self._corrected(sent)

    def book(self, sent: Sent) -> SimulatedDocument:
        """Put a checked document into the ledger, and take a credit memo off its invoice."""
        head = sent.head
        number = f"{PREFIXES[sent.kind]}-{len(self.documents) + 1:05d}"
        self.customers.setdefault(head["customer"], head["customer_name"])
        self._ledger.post(self._entry(sent, number))
        net, tax, gross = (sent.amount(head, name) for name in ("net", "tax", "gross"))
        document = SimulatedDocument(
            kind=sent.kind,  # type: ignore[arg-type] # one of the three
            company=self.setup.company,
            document_id=sent.external_ref,
            external_ref=sent.external_ref,
            number=number,
            customer=head["customer"],
            status="open" if sent.kind == INVOICE else "paid",
            posted=True,
            accounting_period=head["posting_date"][:7],
            currency=head["currency"],
            net=net,
            tax=tax,
            gross=gross,
            open_amount=gross if sent.kind == INVOICE else Decimal(0),
        )
        self.documents[document.external_ref] = document
        if sent.kind == CREDIT_MEMO:
            self._settle(self._corrected(sent), gross, by="credited")
        return document

    def pay(self, external_ref: str, amount: Decimal, on: date) -> SimulatedDocument:
        """Book what a customer paid on an invoice; raises KeyError for one that is not there."""
        invoice = self.documents[external_ref]
        self._ledger.post(
            Entry(
                company=self.setup.company,
                posting_date=on,
                document_number=f"payment of {invoice.number}",
                external_ref=external_ref,
                customer=invoice.customer,
                currency=invoice.currency,
                lines=payment_lines(self.setup, amount=amount),
                document_type="Payment",
            )
        )
        return self._settle(invoice, amount, by="paid")

    def _settle(self, invoice: SimulatedDocument, amount: Decimal, *, by: str) -> SimulatedDocument:
        left = invoice.open_amount - amount
        settled = replace(invoice, open_amount=left, status=by if not left else "partly_paid")
        self.documents[invoice.external_ref] = settled
        self.settled.append(settled)
        return settled

    def _corrected(self, sent: Sent) -> SimulatedDocument:
        invoice = self.documents.get(sent.head["corrects_ref"])
        if invoice is None or invoice.kind != INVOICE:
            raise BookingRefusedError("UNKNOWN_INVOICE", f"{sent.head['corrects_ref']} is no invoice here")
        if sent.amount(sent.head, "gross") > invoice.open_amount:
            raise BookingRefusedError("EXCEEDS_INVOICE", f"{invoice.open_amount} of {invoice.number} is open")
        return invoice

    def _check_references(self, sent: Sent) -> None:
        code = sent.head["currency"]
        if self.setup.currencies and code != self.setup.local_currency and code not in self.setup.currencies:
            raise BookingRefusedError("UNKNOWN_CURRENCY", f"no currency {code}")
        for row in sent.lines:
            known = self._accounts_for(row)
            if row["account"] not in known:
                raise BookingRefusedError("UNKNOWN_ACCOUNT", f"no account {row['account']} for a record {row.type}")
            if row.type != "J" and row["tax_code"] not in self.setup.tax_codes:
                raise BookingRefusedError("UNKNOWN_TAX_CODE", f"no tax code {row['tax_code']}")
            self._check_dimensions(row)

    def _accounts_for(self, row: Row) -> set[str]:
        match row.type:
            case "L":
                return set(self.setup.revenue_accounts.values())
            case "X":
                return {self.setup.tax_account}
            case _:
                return set(self.setup.chart())

    def _check_dimensions(self, row: Row) -> None:
        if row.type == "X":
            return
        for name in DIMENSIONS:
            if row[name] and row[name] not in self.setup.dimensions.get(name, frozenset()):
                raise BookingRefusedError("UNKNOWN_DIMENSION", f"no value {row[name]} of {name}")

    def _check_amounts(self, sent: Sent) -> None:
        net, tax, gross = (sent.amount(sent.head, name) for name in ("net", "tax", "gross"))
        if sent.kind == JOURNAL:
            amounts = [sent.amount(row) for row in sent.of_type("J")]
            if sum(amounts):
                raise BookingRefusedError("UNBALANCED", f"debits and credits are {sum(amounts)} apart")
            if not amounts or sum(amount for amount in amounts if amount > 0) != net:
                raise BookingRefusedError("TOTALS_DIFFER", "the debits are not the net amount")
            return
        lines = sum((sent.amount(row) for row in sent.of_type("L")), Decimal(0))
        taxes = sum((sent.amount(row) for row in sent.of_type("X")), Decimal(0))
        if (lines, taxes, net + tax) != (net, tax, gross):
            raise BookingRefusedError("TOTALS_DIFFER", f"lines {lines}, taxes {taxes}, gross {gross}")

    def _entry(self, sent: Sent, number: str) -> Entry:
        head = sent.head
        return Entry(
            company=self.setup.company,
            posting_date=date.fromisoformat(head["posting_date"]),
            document_number=number,
            external_ref=sent.external_ref,
            customer=head["customer_name"] or head["customer"],
            currency=head["currency"],
            lines=self._entry_lines(sent),
            document_type=LEDGER_NAMES[sent.kind],
        )

    def _entry_lines(self, sent: Sent) -> tuple[EntryLine, ...]:
        if sent.kind == JOURNAL:
            return tuple(
                journal_line(self.setup, account=row["account"], amount=sent.amount(row)) for row in sent.of_type("J")
            )
        lines_of: Mapping[str, Any] = {INVOICE: invoice_lines, CREDIT_MEMO: credit_memo_lines}
        revenue = [RevenueLine(account=row["account"], amount=sent.amount(row)) for row in sent.of_type("L")]
        booked: tuple[EntryLine, ...] = lines_of[sent.kind](
            self.setup, revenue=revenue, net=sent.amount(sent.head, "net"), tax=sent.amount(sent.head, "tax")
        )
        return booked
