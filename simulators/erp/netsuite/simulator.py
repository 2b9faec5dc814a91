"""Oracle NetSuite, SuiteTalk REST, as far as posting documents and keeping sales orders needs it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.netsuite import invoice_changes, journal_entries, payments
from simulators.erp.netsuite.accounting_periods import AccountingPeriod, all_periods, new_period_id, open_between
from simulators.erp.netsuite.api import SERVICES, TOKEN, NetSuiteApi
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.client_assertion import TrustedKey
from simulators.erp.netsuite.dialect import NetSuiteDialect
from simulators.erp.netsuite.invoices import as_document
from simulators.erp.netsuite.jobs import JobQueue
from simulators.erp.netsuite.token_endpoint import NetSuiteCredentials
from simulators.erp.tokens import AccessTokens
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.limits import CallLimits
from simulators.http.web import make_app

TOKEN_LIFETIME = timedelta(minutes=60)
CALLS_AT_ONCE = 5  # of the smallest service tier
JOB_DELAY = timedelta(seconds=30)


_OWN_FAULTS = frozenset({Fault.CLOSED_PERIOD, Fault.POSTING_LATE, Fault.POSTING_NEVER})


class NetSuiteSimulator:
    """One account whose subsidiaries are the companies. `now` is the only clock.

    The periods of the account are closed before the latest `posting_from` and locked after the earliest `posting_to`
    of its companies: in NetSuite they belong to the account, not to a subsidiary. `passes_locks` and
    `is_administrator` are rights of the role that calls.
    """

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        credentials: NetSuiteCredentials,
        public_key_pem: str,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
        calls_at_once: int = CALLS_AT_ONCE,
        passes_locks: bool = False,
        is_administrator: bool = False,
    ) -> None:
        self.faults = FaultInjector(faults)
        tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self._books = AccountBooks(
            subsidiaries={setup.company: setup for setup in companies},
            periods=all_periods(
                open_from=max((setup.posting_from for setup in companies if setup.posting_from), default=None),
                open_to=min((setup.posting_to for setup in companies if setup.posting_to), default=None),
            ),
            ledger=GeneralLedger(companies),
            now=now,
            passes_locks=passes_locks,
        )
        queue = JobQueue(now=now, delay=JOB_DELAY, dialect=NetSuiteDialect())
        limits = CallLimits(at_once=calls_at_once)
        key = TrustedKey(credentials.client_id, credentials.certificate_id, public_key_pem)
        api = NetSuiteApi(
            books=self._books, key=key, tokens=tokens, queue=queue, limits=limits, is_administrator=is_administrator
        )
        self._door = FrontDoor(
            dialect=NetSuiteDialect(),
            credentials=tokens,
            faults=self.faults,
            now=now,
            limits=limits,
            background=queue.work,
            own_faults=_OWN_FAULTS,
            documents=self._books.stores,
        )
        self.app = make_app(door=self._door, operations=api.operations(), inspection=inspection_routes(self))

    @staticmethod
    def base_url(root_url: str) -> str:
        """Return the address of the REST services below the address that `serve` yields."""
        return root_url + SERVICES

    @staticmethod
    def token_url(root_url: str) -> str:
        return root_url + TOKEN

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._books.ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return all invoices, then all credit memos, then all journals, in the order in which they were created."""
        with self._door.settled():
            return (
                *(as_document(self._books, invoice) for invoice in self._books.invoices.all()),
                *(as_document(self._books, memo, "credit_memo") for memo in self._books.credit_memos.all()),
                *(journal_entries.as_document(self._books, journal) for journal in self._books.journals.all()),
            )

    def sales_orders(self) -> tuple[Record, ...]:
        """Return all sales orders as they are now, in the order in which they were created; lines are in `_items`."""
        with self._door.settled():
            return self._books.sales_orders.all()

    def number_by_itself(self) -> None:
        """Generate the numbers of all records from now on, whatever is sent."""
        with self._door.settled():
            self._books.numbers_by_itself = True

    def close_period(self, day: date) -> None:
        """Close the month that holds a day; nobody can post to it any more."""
        self._month(day).closed = True

    def lock_receivables(self, day: date, *, locked: bool = True) -> None:
        """Lock or unlock the month that holds a day for invoices."""
        self._month(day).ar_locked = locked

    def add_adjustment_period(self, day: date) -> None:
        """Have a period of one day for adjustments, beside the month that holds it."""
        with self._door.settled():
            period_id = new_period_id(self._books.periods)
            name = f"Adjustments {day.isoformat()}"
            self._books.periods[period_id] = AccountingPeriod(period_id, name, day, day, is_adjustment=True)

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close the months before the window and lock those after it: for the whole account, whichever company."""
        del company
        with self._door.settled():
            open_between(self._books.periods.values(), open_from=posting_from, open_to=posting_to)

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay a part of an invoice; raises a Refusal for one that is not there."""
        with self._door.settled():
            payments.pay(self._books, self._books.invoices.get(f"eid:{external_ref}"), amount=amount, day=on)

    def void(self, external_ref: str, on: date) -> None:
        """Void an invoice as a person does it; raises a Refusal for one that is not there."""
        with self._door.settled():
            invoice_changes.void(self._books, self._books.invoices.get(f"eid:{external_ref}"), day=on)

    @contextmanager
    def unseen(self, external_ref: str) -> Iterator[None]:
        """Keep a record out of all queries: the transaction that changed it is still open."""
        with self._door.settled():
            self._books.uncommitted.add(external_ref)
        yield
        with self._door.settled():
            self._books.uncommitted.remove(external_ref)

    def deactivate(self, record_type: str, internal_id: str) -> None:
        """Make a record of reference data inactive, e.g. an account."""
        with self._door.settled():
            self._books.inactive.add((record_type, internal_id))

    def _month(self, day: date) -> AccountingPeriod:
        with self._door.settled():
            return next(period for period in self._books.periods.values() if period.is_month and period.holds(day))
