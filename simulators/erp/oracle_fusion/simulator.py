"""Oracle Fusion Cloud ERP, as far as posting documents needs it: receivables, journals by file, periods, payments."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.oracle_fusion.api import OracleFusionApi
from simulators.erp.oracle_fusion.books import UnitBooks, environment
from simulators.erp.oracle_fusion.customers import add_customer
from simulators.erp.oracle_fusion.dialect import FusionDialect
from simulators.erp.oracle_fusion.journal_import import post_batches
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.receipts import NothingToPayError, apply, pay
from simulators.erp.oracle_fusion.shown_documents import batch_document, transaction_document
from simulators.erp.oracle_fusion.token_endpoint import FusionUsers, OracleFusionCredentials
from simulators.erp.oracle_fusion.transaction_classes import CREDIT_MEMO, INVOICE, TransactionClass
from simulators.erp.tokens import AccessTokens
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

TOKEN_LIFETIME = timedelta(minutes=60)


_OWN_FAULTS = frozenset(
    {
        Fault.CLOSED_PERIOD,
        Fault.TAX_CENT_OFF,
        Fault.GRANT_MISSING,
        Fault.MAINTENANCE,
        Fault.PLAIN_TEXT_ERROR,
        Fault.DATE_ADJUSTED,
        Fault.IMPORT_FAILED,
        Fault.IMPORT_WARNING,
    }
)


class OracleFusionSimulator:
    """One environment. Each company is a business unit with a ledger of its own; `now` is the only clock."""

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: OracleFusionCredentials,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
        options: FusionOptions | None = None,
    ) -> None:
        self.faults = FaultInjector(faults)
        tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self._ledger = GeneralLedger(companies)
        self._environment = environment(
            list(companies), ledger=self._ledger, now=now, options=options or FusionOptions()
        )
        api = OracleFusionApi(environment=self._environment, credentials=credentials, tokens=tokens)
        self._door = FrontDoor(
            dialect=FusionDialect(),
            credentials=FusionUsers(tokens, credentials),
            faults=self.faults,
            now=now,
            background=lambda: self._environment.run_jobs(now()),
            own_faults=_OWN_FAULTS,
            documents=lambda: [books.transactions for books in self._environment.units.values()],
        )
        self.app = make_app(door=self._door, operations=api.operations(), inspection=inspection_routes(self))

    @staticmethod
    def base_url(root_url: str) -> str:
        """Return the address below which the resources are, under the address that `serve` yields."""
        return f"{root_url}/fscmRestApi/resources/11.13.18.05"

    @staticmethod
    def token_url(root_url: str) -> str:
        return f"{root_url}/oauth2/v1/token"

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return all transactions and imported batches, by business unit in the order in which they came."""
        with self._door.settled():
            return tuple(
                shown
                for books in self._environment.units.values()
                for shown in (
                    *(transaction_document(books, document) for document in books.transactions.values()),
                    *(batch_document(books, batch) for batch in books.batches.values()),
                )
            )

    def add_customer(self, company: str, *, number: str, name: str) -> None:
        """Let the people who keep the customers set one up."""
        with self._door.settled():
            add_customer(self._environment.units[company], number=number, name=name)

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay a complete invoice; raises NothingToPayError."""
        with self._door.settled():
            books, invoice = self._transaction(external_ref, INVOICE)
            pay(books, invoice, amount=amount, on=on)

    def apply(self, memo: str, *, to: str) -> None:
        """Let a person apply a credit memo to an invoice, which no REST resource does; raises NothingToPayError."""
        with self._door.settled():
            books, invoice = self._transaction(to, INVOICE)
            apply(books, self._transaction(memo, CREDIT_MEMO)[1], invoice)

    def post_journals(self, company: str) -> None:
        """Let a person post what was imported, where nothing posts it by itself."""
        with self._door.settled():
            post_batches(self._environment.units[company])

    def grant(self, company: str, *, granted: bool) -> None:
        """Give or take the integration user's access to a business unit and its ledger."""
        with self._door.settled():
            self._environment.units[company].granted = granted

    def set_period_status(self, company: str, *, application: int, month: str, status: str) -> None:
        """Set one month (YYYY-MM) of one application to O, F, C, P or N, whatever the posting window says."""
        with self._door.settled():
            self._environment.units[company].statuses[application, month] = status

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close the months before and after a window, for every application; both days are inclusive, None is open."""
        with self._door.settled():
            books = self._environment.units[company]
            books.posting_from, books.posting_to = posting_from, posting_to

    def _transaction(self, external_ref: str, of: TransactionClass) -> tuple[UnitBooks, Entity]:
        for books in self._environment.units.values():
            for document in books.transactions.values():
                if document["CrossReference"] == external_ref and document["_class"] is of:
                    return books, document
        raise NothingToPayError(external_ref)

    def books_of(self, company: str) -> UnitBooks:
        """Return what a business unit holds, e.g. the identifiers of its ledger and data access set."""
        return self._environment.units[company]
