"""Tryton 8.2, REST and JSON-RPC, as far as posting documents needs it. Nothing makes a reference unique."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Final

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.tryton import company_records, invoices, moves, receivables
from simulators.erp.tryton.api import DATABASE, TrytonApi
from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import TrytonDialect
from simulators.erp.tryton.rpc import RpcInterface
from simulators.http.exchange import Call
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

COMPUTED: Final = {
    ("account.invoice", "amount_to_pay"): receivables.amount_to_pay,
    ("account.invoice", "lines_to_pay"): receivables.lines_to_pay,
    ("account.invoice", "reconciliation_lines"): receivables.reconciliation_lines,
    ("account.move.line", "invoice_payments"): receivables.invoices_paid_by,
}


_OWN_FAULTS = frozenset({Fault.CLOSED_PERIOD})


class UserKey:
    """The key of the one user who may call. It does not wear out: a person cancels it, and then makes another."""

    def __init__(self, key: str) -> None:
        self._key = key

    def accepts(self, call: Call) -> bool:
        return call.bearer == self._key

    def revoke(self, call: Call) -> None:
        pass


class TrytonSimulator:
    """One database whose companies have whole numbers for keys. `now` is the only clock."""

    def __init__(
        self,
        *,
        companies: Sequence[CompanySetup],
        key: str,
        user: str,
        password: str,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.faults = FaultInjector(faults)
        setups = {int(setup.company): setup for setup in companies}
        self._database = Database(companies=setups, ledger=GeneralLedger(companies), now=now, computed=dict(COMPUTED))
        company_records.add_common_records(self._database)
        for company, setup in setups.items():
            company_records.add_company(self._database, company, setup)
        api = TrytonApi(self._database, RpcInterface(self._database, user=user, password=password))
        self._door = FrontDoor(
            dialect=TrytonDialect(),
            credentials=UserKey(key),
            faults=self.faults,
            now=now,
            own_faults=_OWN_FAULTS,
            documents=lambda: [self._database.table("account.invoice"), self._database.table("account.move")],
        )
        self.app = make_app(door=self._door, operations=api.operations(), inspection=inspection_routes(self))

    @staticmethod
    def base_url(root_url: str) -> str:
        """Return the address of the database below the address that `serve` yields."""
        return f"{root_url}/{DATABASE}"

    @property
    def ledger(self) -> GeneralLedger:
        with self._door.settled():
            return self._database.ledger

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return all invoices and credit notes, then all journals, in the order in which they were created."""
        with self._door.settled():
            journals = (move for move in self._database.all("account.move") if move["origin"] is None)
            return tuple(
                chain(
                    (invoices.as_document(self._database, one) for one in self._database.all("account.invoice")),
                    (moves.as_document(self._database, one) for one in journals),
                )
            )

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close and open periods of a company with their journals; both days are inclusive, None is open."""
        with self._door.settled():
            company_records.set_posting_window(
                self._database, int(company), posting_from=posting_from, posting_to=posting_to
            )

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay a part of an invoice, as a person enters it; raises a Refusal for one that is paid."""
        with self._door.settled():
            invoice = self._invoice(external_ref)
            receivables.pay(
                self._database,
                invoice,
                amount=amount,
                on=on,
                currency=invoices.currency_code(self._database, invoice),
            )

    def void(self, external_ref: str, on: date) -> None:
        """Cancel a posted invoice, as a person does it in a company that lets them be cancelled."""
        with self._door.settled():
            invoice = self._invoice(external_ref)
            currency = invoices.currency_code(self._database, invoice)
            receivables.cancel(self._database, invoice, on=on, currency=currency)

    def cancel_journal(self, description: str, on: date) -> None:
        """Cancel the first posted move of a description, as a person does it with Tryton's wizard."""
        with self._door.settled():
            found = (move for move in self._database.all("account.move") if move["description"] == description)
            move = next(move for move in found if move["state"] == "posted")
            undone = moves.cancel_move(self._database, move, on=on)
            currency = moves.local_currency(self._database, move["company"])
            moves.post_move(
                self._database, undone, reference=description, customer="", kind="Cancellation", currency=currency
            )

    def set_party_active(self, code: str, *, active: bool) -> None:
        """Archive a party, or have it back in use."""
        with self._door.settled():
            next(one for one in self._database.all("party.party") if one["code"] == code)["active"] = active

    def _invoice(self, external_ref: str) -> Record:
        """Return the first invoice of a reference that is posted; raises StopIteration."""
        found = (one for one in self._database.all("account.invoice") if one["reference"] == external_ref)
        return next(one for one in found if one["move"] is not None)
