"""Dynamics 365 Business Central, API v2.0, as far as posting sales documents needs it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from simulators.erp.business_central.api import BusinessCentralApi
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import BusinessCentralDialect
from simulators.erp.business_central.document_types import DOCUMENT_TYPES
from simulators.erp.business_central.posting import as_document
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials
from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.tokens import AccessTokens
from simulators.http.faults import NO_FAULTS, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

ENTRA_TENANT = "7c1e0c0e-5d1f-4a57-9d8c-3f0a6c2b1e11"
TOKEN_LIFETIME = timedelta(minutes=60)


class BusinessCentralSimulator:
    """One environment with its companies. `now` is the only clock: tokens, default dates and late commits follow it."""

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: BusinessCentralCredentials,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.faults = FaultInjector(faults)
        tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self._ledger = GeneralLedger(companies)
        self._books = {
            setup.company.lower(): CompanyBooks(setup, self._ledger, now, setup.posting_from, setup.posting_to)
            for setup in companies
        }
        api = BusinessCentralApi(books=self._books, credentials=credentials, tokens=tokens)
        self._door = FrontDoor(dialect=BusinessCentralDialect(), credentials=tokens, faults=self.faults, now=now)
        self.app = make_app(door=self._door, operations=api.operations(), inspection=inspection_routes(self))

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
            return tuple(
                as_document(books, document)
                for books in self._books.values()
                for of in DOCUMENT_TYPES
                for document in books.documents(of).values()
            )

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close and open periods of a company; both days are inclusive, None is open."""
        with self._door.settled():
            books = self._books[company.lower()]
            books.posting_from, books.posting_to = posting_from, posting_to
