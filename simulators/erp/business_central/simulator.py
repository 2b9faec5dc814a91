"""Dynamics 365 Business Central, API v2.0, as far as posting sales documents and journals needs it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain

from simulators.erp.business_central import posting
from simulators.erp.business_central.api import BusinessCentralApi
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.companies import Companies
from simulators.erp.business_central.dialect import BusinessCentralDialect
from simulators.erp.business_central.document_types import DOCUMENT_TYPES
from simulators.erp.business_central.journal_posting import journal_documents
from simulators.erp.business_central.posting import as_document
from simulators.erp.business_central.subscription_api import SubscriptionApi
from simulators.erp.business_central.subscriptions import Subscriptions
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials
from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.tokens import AccessTokens
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.limits import CallLimits
from simulators.http.web import make_app

ENTRA_TENANT = "7c1e0c0e-5d1f-4a57-9d8c-3f0a6c2b1e11"
TOKEN_LIFETIME = timedelta(minutes=60)
CALLS_AT_ONCE = 100  # five processed, the others queued
CALLS_IN_FIVE_MINUTES = 6_000


_OWN_FAULTS = frozenset({Fault.CLOSED_PERIOD, Fault.TAX_CENT_OFF})


class BusinessCentralSimulator:
    """One environment with its companies. `now` is the only clock: tokens, default dates and late commits follow it.

    `language` is that of the user who calls, in which refusals are worded.
    """

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: BusinessCentralCredentials,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
        calls_in_five_minutes: int = CALLS_IN_FIVE_MINUTES,
        language: str = "en-US",
    ) -> None:
        self.faults = FaultInjector(faults)
        tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self._ledger = GeneralLedger(companies)
        self._books = {
            setup.company.lower(): CompanyBooks(setup, self._ledger, now, setup.posting_from, setup.posting_to)
            for setup in companies
        }
        self._dialect = dialect = BusinessCentralDialect(language)
        companies_of_all = Companies(self._books)
        api = BusinessCentralApi(companies=companies_of_all, dialect=dialect, credentials=credentials, tokens=tokens)
        self.subscriptions = Subscriptions(self._books)
        operations = [*api.operations(), *SubscriptionApi(self.subscriptions).operations()]
        limits = CallLimits(at_once=CALLS_AT_ONCE, in_window=calls_in_five_minutes)
        self._door = FrontDoor(
            dialect=dialect,
            credentials=tokens,
            faults=self.faults,
            now=now,
            limits=limits,
            background=lambda: self.subscriptions.deliver(now()),
            own_faults=_OWN_FAULTS,
            documents=lambda: chain.from_iterable(books.stores() for books in self._books.values()),
        )
        self.app = make_app(door=self._door, operations=operations, inspection=inspection_routes(self))

    @staticmethod
    def base_url(root_url: str) -> str:
        """Return the address of the API below the address that `serve` yields."""
        return f"{root_url}/v2.0/{ENTRA_TENANT}/Production/api/v2.0"

    @staticmethod
    def token_url(root_url: str) -> str:
        return f"{root_url}/{ENTRA_TENANT}/oauth2/v2.0/token"

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return all documents, drafts too, by company and type in the order in which they were created."""
        with self._door.settled():
            return tuple(document for books in self._books.values() for document in _documents(books))

    def pass_by(self) -> None:
        """Do what Business Central does by itself: have subscribers told of what is due."""
        with self._door.settled():
            pass

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close and open periods of a company; both days are inclusive, None is open."""
        with self._door.settled():
            books = self._books[company.lower()]
            books.posting_from, books.posting_to = posting_from, posting_to

    def set_user_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Give the one user who calls a posting window of its own, which nobody can read by the API."""
        with self._door.settled():
            self._books[company.lower()].user_window = posting_from, posting_to

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay a part of an invoice; raises a Refusal for one that is not posted."""
        with self._door.settled():
            books = self._books_of(external_ref)
            posting.pay(books, books.invoice_of(external_ref), amount=amount, day=on)

    def void(self, external_ref: str, on: date) -> None:
        """Cancel a posted invoice as a person does it; raises a Refusal for one that is not posted."""
        with self._door.settled():
            books = self._books_of(external_ref)
            posting.cancel(books, books.invoice_of(external_ref), day=on)

    @contextmanager
    def unseen(self, external_ref: str) -> Iterator[None]:
        """Keep an invoice out of all lists: the transaction that changed it is still open."""
        with self._door.settled():
            books = self._books_of(external_ref)
            books.uncommitted.add(external_ref)
        yield
        with self._door.settled():
            books.uncommitted.remove(external_ref)

    def block_account(self, company: str, account: str) -> None:
        """Let an account take no entries any more."""
        with self._door.settled():
            self._books[company.lower()].blocked_accounts.add(account)

    def speak(self, language: str) -> None:
        """Give the user who calls another language."""
        self._dialect.language = language

    def _books_of(self, external_ref: str) -> CompanyBooks:
        for books in self._books.values():
            if any(invoice["externalDocumentNumber"] == external_ref for invoice in books.invoices.values()):
                return books
        raise KeyError(external_ref)


def _documents(books: CompanyBooks) -> list[SimulatedDocument]:
    sales = [as_document(books, document) for of in DOCUMENT_TYPES for document in books.documents(of).values()]
    return [*sales, *journal_documents(books)]
