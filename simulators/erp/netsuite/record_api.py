"""The records of SuiteTalk REST: created, told again, transformed and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from simulators.erp.netsuite.books import AccountBooks, Record, RecordStore
from simulators.erp.netsuite.credit_memos import create_credit_memo
from simulators.erp.netsuite.customers import create_customer
from simulators.erp.netsuite.dialect import not_found
from simulators.erp.netsuite.invoice_changes import upsert_invoice
from simulators.erp.netsuite.invoices import create_invoice
from simulators.erp.netsuite.jobs_api import JobsApi
from simulators.erp.netsuite.journal_entries import create_journal_entry
from simulators.erp.netsuite.payments import create_payment, payment_of_invoice
from simulators.erp.netsuite.reference_records import reference_record
from simulators.erp.netsuite.sales_orders import upsert_sales_order
from simulators.http.exchange import Call, Handler, Operation, Reply, json_reply

Write: TypeAlias = Callable[[AccountBooks, Call], tuple[Record, list[str]]]

CREATIONS: Final[dict[str, tuple[str, str, Write]]] = {
    "create_customer": ("POST", "/customer", create_customer),
    "create_invoice": ("POST", "/invoice", create_invoice),
    "upsert_invoice": ("PUT", "/invoice/{key}", upsert_invoice),
    "create_credit_memo": ("POST", "/creditMemo", create_credit_memo),
    "create_journal": ("POST", "/journalEntry", create_journal_entry),
    "create_payment": ("POST", "/customerPayment", create_payment),
    "pay_invoice": ("POST", "/invoice/{key}/!transform/customerPayment", payment_of_invoice),
    "upsert_sales_order": ("PUT", "/salesOrder/{key}", upsert_sales_order),
}
REFERENCE: Final = ("account", "department", "classification", "location", "subsidiary", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordApi:
    """Handlers over the books of one account; `root` is the address under which its records are."""

    books: AccountBooks
    jobs: JobsApi
    root: str

    def operations(self) -> list[Operation]:
        writes = [
            Operation(
                name=name,
                method=method,
                path=self.root + path,
                handler=self.jobs.wrapped(partial(self._write, path, write)),
                writes=True,
            )
            for name, (method, path, write) in CREATIONS.items()
        ]
        return [*writes, *(self._read(name, path, handler) for name, path, handler in self._shown())]

    def _shown(self) -> list[tuple[str, str, Handler]]:
        stores: dict[str, tuple[str, RecordStore, str, str]] = {
            "get_customer": ("/customer/{key}", self.books.customers, "", ""),
            "get_invoice": ("/invoice/{key}", self.books.invoices, "item", "_items"),
            "get_credit_memo": ("/creditMemo/{key}", self.books.credit_memos, "item", "_items"),
            "get_journal": ("/journalEntry/{key}", self.books.journals, "line", "_lines"),
            "get_payment": ("/customerPayment/{key}", self.books.payments, "", ""),
            "get_sales_order": ("/salesOrder/{key}", self.books.sales_orders, "item", "_items"),
        }
        shown: list[tuple[str, str, Handler]] = [
            (name, path, partial(_document, store, sublist, held))
            for name, (path, store, sublist, held) in stores.items()
        ]
        shown += [(f"get_{name}", f"/{name}/{{key}}", partial(self._reference, name)) for name in REFERENCE]
        return [*shown, ("get_accounting_period", "/accountingPeriod/{key}", self._accounting_period)]

    def _read(self, name: str, path: str, handler: Handler) -> Operation:
        return Operation(name=name, method="GET", path=self.root + path, handler=handler)

    def _write(self, path: str, write: Write, call: Call) -> Reply:
        """Answer 204 without a body: the id is in Location only, under the record's own address."""
        record, warnings = write(self.books, call)
        place, _, _ = path.partition("/{key}")
        if "!transform" in path:
            place = "/" + path.rpartition("/")[2]
        services, _, _ = call.address.partition(self.root)
        headers = {"Location": f"{services}{self.root}{place}/{record['id']}"}
        if warnings:
            headers["Warning"] = f'199 - "Unknown property names: {", ".join(warnings)}"'
        return Reply(status=204, headers=headers)

    def _reference(self, record_type: str, call: Call) -> Reply:
        return shown(call, reference_record(self.books, record_type, call.path["key"]))

    def _accounting_period(self, call: Call) -> Reply:
        period = self.books.periods.get(call.path["key"])
        if period is None:
            raise not_found()
        record: Record = {
            "id": period.period_id,
            "periodName": period.name,
            "startDate": period.start.isoformat(),
            "endDate": period.end.isoformat(),
            "closed": period.closed,
            "allLocked": period.locks_all,
            "arLocked": period.locks_receivables,
            "isQuarter": period.is_quarter,
            "isYear": period.is_year,
            "isPosting": period.is_base,
            "isAdjust": period.is_adjustment,
            "isInactive": False,
        }
        return shown(call, record)


def _document(store: RecordStore, sublist: str, held: str, call: Call) -> Reply:
    """Show a record; its lines only where the call asks for them."""
    record = store.get(call.path["key"])
    if not sublist:
        return shown(call, record)
    lines: Record = {"links": []}
    if call.query.get("expandSubResources", "").lower() == "true":
        lines = {"items": record[held], "totalResults": len(record[held])}
    return shown(call, record | {sublist: lines})


def shown(call: Call, record: Record) -> Reply:
    visible = {name: value for name, value in record.items() if not name.startswith("_")}
    return json_reply(200, {"links": [{"rel": "self", "href": call.address}], **visible})
