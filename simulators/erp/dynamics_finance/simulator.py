"""Dynamics 365 Finance, as far as posting documents of receivables and journals needs it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.dynamics_finance import payments, posting_job
from simulators.erp.dynamics_finance.api import DynamicsFinanceApi
from simulators.erp.dynamics_finance.books import CompanyBooks, Environment
from simulators.erp.dynamics_finance.dialect import DynamicsFinanceDialect
from simulators.erp.dynamics_finance.imports import Imports
from simulators.erp.dynamics_finance.odata import PAGE_SIZE
from simulators.erp.dynamics_finance.package_api import PackageApi
from simulators.erp.dynamics_finance.readings import documents_of
from simulators.erp.dynamics_finance.token_endpoint import DynamicsFinanceCredentials, MappedApplications
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.tokens import AccessTokens
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

ENTRA_TENANT = "2b6a2a0e-9d53-4c1c-8f0a-5a1d7f3e9c44"
TOKEN_LIFETIME = timedelta(minutes=60)
POSTING_DELAY = timedelta(minutes=10)
IMPORT_DELAY = timedelta(minutes=2)


_OWN_FAULTS = frozenset(
    {Fault.CLOSED_PERIOD, Fault.TAX_CENT_OFF, Fault.POSTING_LATE, Fault.POSTING_NEVER, Fault.IMPORT_PARTIAL}
)


class DynamicsFinanceSimulator:
    """One environment with its companies. `now` is the only clock: tokens, imports and the batch job follow it."""

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: DynamicsFinanceCredentials,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
        posting_delay: timedelta = POSTING_DELAY,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self.faults = FaultInjector(faults)
        tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self._ledger = GeneralLedger(companies)
        self._environment = Environment(now, posting_delay)
        self._books = {
            setup.company.lower(): CompanyBooks(
                setup, self._ledger, self._environment, setup.posting_from, setup.posting_to
            )
            for setup in companies
        }
        self._imports = Imports(IMPORT_DELAY)
        api = DynamicsFinanceApi(
            environment=self._environment,
            companies=self._books,
            credentials=credentials,
            tokens=tokens,
            page_size=page_size,
        )
        packages = PackageApi(environment=self._environment, companies=self._books, imports=self._imports)
        self._door = FrontDoor(
            dialect=DynamicsFinanceDialect(),
            credentials=MappedApplications(tokens),
            faults=self.faults,
            now=now,
            background=self._run_jobs,
            own_faults=_OWN_FAULTS,
            documents=lambda: chain.from_iterable((books.invoices, books.journals) for books in self._books.values()),
        )
        operations = [*api.operations(), *packages.operations()]
        self.app = make_app(door=self._door, operations=operations, inspection=inspection_routes(self))

    @staticmethod
    def base_url(root_url: str) -> str:
        """Return the address of the environment, which is also the resource that tokens are for."""
        return root_url

    @staticmethod
    def token_url(root_url: str) -> str:
        return f"{root_url}/{ENTRA_TENANT}/oauth2/v2.0/token"

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return all documents, drafts too, by company: invoices and credit notes, then journals."""
        with self._door.settled():
            return tuple(document for books in self._books.values() for document in documents_of(books))

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay a posted invoice; raises ValueError for one that is not posted."""
        with self._door.settled():
            for books in self._books.values():
                for invoice in books.invoices.values():
                    if external_ref in (invoice["CustomerReference"], invoice["ExternalInvoiceId"]):
                        payments.receive(books, invoice, amount, on)
                        return
            raise ValueError(f"no invoice carries {external_ref}")

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close and open periods of a company; both days are inclusive, None is open."""
        with self._door.settled():
            books = self._books[company.lower()]
            books.posting_from, books.posting_to = posting_from, posting_to

    def _run_jobs(self) -> None:
        self._imports.run(self._environment.now())
        posting_job.run(self._books.values())
