"""A real Tryton behind the front door of the simulators: the same faults, dropped replies and late commits.

The door forwards every call that a fault lets through, and shows what Tryton holds in the words of all simulators, so
that the one suite of all ERPs runs on it. Faults that a system would have to commit itself are not to be had here.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx

from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, GeneralLedger
from simulators.erp.launch import ErpSetup, RunningErp, launched
from simulators.erp.tryton.api import DATABASE, routed
from simulators.erp.tryton.dialect import TrytonDialect
from simulators.http.exchange import Call, Reply
from simulators.http.faults import FaultInjector
from simulators.http.front_door import FrontDoor
from simulators.http.server import serve
from simulators.http.web import make_app
from tests.contract.real_tryton import people
from tests.contract.real_tryton.company import POSTER, POSTER_PASSWORD, set_posting_window
from tests.contract.real_tryton.json_rpc import JsonRpc
from tests.contract.real_tryton.running import VARIABLE, RealTryton

INVOICE_FIELDS: Final = (
    *("reference", "number", "state", "party.code", "currency.code", "accounting_date", "move.id"),
    *("untaxed_amount", "tax_amount", "total_amount", "amount_to_pay"),
)
MOVE_FIELDS: Final = (
    *("date", "number", "state", "description", "origin", "company.currency.code"),
    *("lines.debit", "lines.credit", "lines.account.code", "lines.party.code"),
)


def started(system: str, setup: ErpSetup) -> AbstractContextManager[RunningErp]:
    """Start a simulated ERP; for Tryton take the real one, where one runs."""
    if system == "tryton" and VARIABLE in os.environ:
        return behind_a_door(RealTryton.read_from(Path(os.environ[VARIABLE])), setup)
    return launched(system, setup)


class AnyKey:
    """Lets everybody in: Tryton behind the door asks for the key."""

    def accepts(self, call: Call) -> bool:
        return True

    def revoke(self, call: Call) -> None:
        pass


class DooredTryton:
    """One database of a real Tryton, as an `ErpSimulator`. Its clock moves late commits only: Tryton has its own."""

    def __init__(self, database: str, rpc: JsonRpc, address: str, setup: ErpSetup) -> None:
        (self._setup,) = setup.companies
        self.people = rpc
        self.database = database
        self.behind_the_door = f"{address}/{database}"
        self._address = address
        self.faults = FaultInjector(setup.faults)
        self._door = FrontDoor(dialect=TrytonDialect(), credentials=AnyKey(), faults=self.faults, now=setup.now)
        operations = routed(lambda _: self._forwarded, rpc=self._forwarded)
        self.app = make_app(door=self._door, operations=operations, inspection=())

    def documents(self) -> tuple[SimulatedDocument, ...]:
        with self._door.settled():
            invoices = self.people.rows("account.invoice", [], INVOICE_FIELDS)
            journals = self.people.rows("account.move", [["origin", "=", None]], MOVE_FIELDS)
        return (*(self._invoice(row) for row in invoices), *(self._journal(row) for row in journals))

    @property
    def ledger(self) -> GeneralLedger:
        ledger = GeneralLedger([self._setup])
        with self._door.settled():
            for row in self.people.rows("account.move", [["state", "=", "posted"]], MOVE_FIELDS):
                ledger.post(_entry(self._setup, row))
        return ledger

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        set_posting_window(self.people, int(company), posting_from=posting_from, posting_to=posting_to)

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        people.pay(self.people, self._posted_invoice(external_ref), amount=amount, on=on)

    def void(self, external_ref: str, on: date) -> None:
        del on  # Tryton books it in the invoice's own period, or today where that is closed
        self.people.call("model.account.invoice.cancel", [self._posted_invoice(external_ref)])

    def set_party_active(self, code: str, *, active: bool) -> None:
        party = self.people.only("party.party", [["code", "=", code], ["active", "in", [True, False]]])
        self.people.call("model.party.party.write", [party], {"active": active})

    def _posted_invoice(self, external_ref: str) -> int:
        """Return the first invoice of a reference that is posted; raises IndexError."""
        posted = [["reference", "=", external_ref], ["move", "!=", None]]
        return int(self.people.rows("account.invoice", posted, ["id"])[0]["id"])

    def _forwarded(self, call: Call) -> Reply:
        path = httpx.URL(call.address).path.replace(f"/{DATABASE}/", f"/{self.database}/", 1)
        passed_on = ("authorization", "content-type", "accept", "accept-language", "x-tryton-context")
        reply = self.people.http.request(
            call.method,
            self._address + path,
            params=list(call.repeated),
            content=call.body,
            headers={name: call.headers[name] for name in passed_on if name in call.headers},
        )
        return Reply(
            status=reply.status_code, body=reply.content, media_type=reply.headers.get("content-type", "text/plain")
        )

    def _invoice(self, row: dict[str, Any]) -> SimulatedDocument:
        sign = -1 if row["total_amount"] < 0 else 1
        return SimulatedDocument(
            kind="credit_memo" if sign < 0 else "invoice",
            company=self._setup.company,
            document_id=str(row["id"]),
            external_ref=row["reference"] or "",
            number=row["number"] or "",
            customer=row["party."]["code"],
            status=row["state"],
            posted=row["move."] is not None,
            accounting_period=row["accounting_date"].strftime("%Y-%m"),
            currency=row["currency."]["code"],
            net=sign * row["untaxed_amount"],
            tax=sign * row["tax_amount"],
            gross=sign * row["total_amount"],
            open_amount=sign * row["amount_to_pay"],
        )

    def _journal(self, row: dict[str, Any]) -> SimulatedDocument:
        debits = sum((line["debit"] for line in row["lines."]), Decimal(0))
        return SimulatedDocument(
            kind="journal",
            company=self._setup.company,
            document_id=str(row["id"]),
            external_ref=row["description"] or "",
            number=row["number"] or "",
            customer="",
            status=row["state"],
            posted=row["state"] == "posted",
            accounting_period=row["date"].strftime("%Y-%m"),
            currency=row["company."]["currency."]["code"],
            net=debits,
            tax=Decimal(0),
            gross=debits,
            open_amount=Decimal(0),
        )


@contextmanager
def behind_a_door(tryton: RealTryton, setup: ErpSetup) -> Iterator[RunningErp]:
    with tryton.fresh_database() as database, httpx.Client(timeout=60) as http:
        doored = DooredTryton(database, tryton.administrator(http, database), tryton.root, setup)
        with serve(doored.app) as root:
            address = f"{root}/{DATABASE}"
            secret = {"base_url": address, "key": tryton.company.key, "user": POSTER, "password": POSTER_PASSWORD}
            yield RunningErp(doored, secret, root)


def _entry(setup: CompanySetup, row: dict[str, Any]) -> Entry:
    chart = setup.chart()
    return Entry(
        company=setup.company,
        posting_date=row["date"],
        document_number=row["number"],
        external_ref=row["description"] or "",
        customer=next((line["party."]["code"] for line in row["lines."] if line["party."]), ""),
        currency=row["company."]["currency."]["code"],
        lines=tuple(
            EntryLine(
                role=chart.get(line["account."]["code"], AccountRole.ASSET),
                account=line["account."]["code"],
                amount=line["debit"] - line["credit"],
            )
            for line in row["lines."]
        ),
    )
