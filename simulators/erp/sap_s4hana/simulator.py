"""SAP S/4HANA Cloud, public edition, as far as posting journal entries of customers and the ledger needs it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.sap_s4hana import payments
from simulators.erp.sap_s4hana.api import TOKEN, SapApi
from simulators.erp.sap_s4hana.books import KINDS, AccountingDocument, AccountType, CompanyBooks
from simulators.erp.sap_s4hana.communication_user import CommunicationUser, SapCredentials
from simulators.erp.sap_s4hana.dialect import ODataDialect
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

_OWN_FAULTS = frozenset({Fault.CLOSED_PERIOD, Fault.OBJECT_LOCKED, Fault.REFERENCE_REPLACED, Fault.CSRF_EXPIRED})


class SapS4HanaSimulator:
    """One tenant with its company codes. `now` is the only clock: tokens, sessions and late commits follow it."""

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: SapCredentials,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.faults = FaultInjector(faults)
        self.user = CommunicationUser(credentials)
        self._ledger = GeneralLedger(companies)
        self._books = {setup.company: _books(setup, self._ledger, now) for setup in companies}
        api = SapApi(self._books, self.user)
        self._partners = api.partners
        self._door = FrontDoor(
            dialect=ODataDialect(),
            credentials=self.user,
            faults=self.faults,
            now=now,
            own_faults=_OWN_FAULTS,
            documents=lambda: [books.documents for books in self._books.values()],
        )
        self.app = make_app(door=self._door, operations=api.operations(), inspection=inspection_routes(self))

    @staticmethod
    def token_url(root_url: str) -> str:
        return root_url + TOKEN

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return the invoices, credit memos and journals of all company codes, reversals too, in posting order."""
        with self._door.settled():
            return tuple(
                _as_document(books, document)
                for books in self._books.values()
                for document in books.documents
                if document.type in KINDS
            )

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close and open periods for all account types; both days are inclusive, None is open."""
        for account_type in self._books[company].windows:
            self.set_window_of(account_type, company, posting_from=posting_from, posting_to=posting_to)

    def set_window_of(
        self, account_type: AccountType, company: str, *, posting_from: date | None, posting_to: date | None
    ) -> None:
        """Close and open periods for the general ledger (S) or for customers (D) alone."""
        with self._door.settled():
            self._books[company].windows[account_type] = (posting_from, posting_to)

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay an invoice, in part or its whole rest; raises NotOpenError for more than is open."""
        books, document = self._found(external_ref)
        payments.pay(books, document, amount, on)

    def settle(self, *external_refs: str, paid: Decimal, on: date) -> None:
        """Let a bookkeeper clear documents against each other and against what was paid."""
        found = [self._found(external_ref) for external_ref in external_refs]
        payments.settle(found[0][0], [document for _, document in found], paid=paid, on=on)

    def give_key(self, partner: str, key: str) -> None:
        """Let somebody enter a key of ours at a business partner."""
        with self._door.settled():
            self._partners.give_key(partner, key)

    def reverse(self, external_ref: str, on: date) -> None:
        """Let a bookkeeper reverse a document."""
        books, document = self._found(external_ref)
        payments.reverse(books, document, on)

    def books_of(self, company: str) -> CompanyBooks:
        with self._door.settled():
            return self._books[company]

    def _found(self, external_ref: str) -> tuple[CompanyBooks, AccountingDocument]:
        with self._door.settled():
            return next(
                (books, document)
                for books in self._books.values()
                for document in books.documents
                if document.document_reference == external_ref and not document.reverses
            )


def _books(setup: CompanySetup, ledger: GeneralLedger, now: Callable[[], datetime]) -> CompanyBooks:
    window = (setup.posting_from, setup.posting_to)
    return CompanyBooks(setup, ledger, now, {"S": window, "D": window})


def _as_document(books: CompanyBooks, document: AccountingDocument) -> SimulatedDocument:
    kind = KINDS[document.type]
    tax = abs(sum((item.amount for item in document.items if item.is_tax), start=Decimal(0)))
    debits = sum((item.amount for item in document.items if item.amount > 0), start=Decimal(0))
    gross = debits if kind == "journal" else abs(document.owed())
    return SimulatedDocument(
        kind=kind,
        company=books.setup.company,
        document_id=f"{books.setup.company}/{document.number}/{document.fiscal_year}",
        external_ref=document.document_reference,
        number=document.number,
        customer=next((item.customer for item in document.customer_items()), ""),
        status="Reversed" if document.reversed_by else "Posted",
        posted=True,
        accounting_period=document.posting_date.strftime("%Y-%m"),
        currency=document.currency,
        net=gross - tax,
        tax=tax,
        gross=gross,
        open_amount=Decimal(0) if kind == "journal" else books.open_amount(document),
    )
