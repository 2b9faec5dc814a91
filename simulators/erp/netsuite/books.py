"""One simulated NetSuite account: its subsidiaries, periods, customers, orders, documents and jobs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulators.erp.company import CompanySetup
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.netsuite.accounting_periods import AccountingPeriod
from simulators.erp.netsuite.dialect import duplicate, not_found
from simulators.http.read_lag import Store

FIRST_ID = 1_100

Record = dict[str, Any]


class RecordStore:
    """Records of one type by internal id, with external ids that are unique."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self._by_external_id: dict[str, str] = {}

    def add(self, record: Record) -> None:
        self.records[record["id"]] = record
        if record["externalId"]:
            self._by_external_id[record["externalId"]] = record["id"]

    def refuse_duplicate(self, external_id: str) -> None:
        if external_id in self._by_external_id:
            raise duplicate(external_id)

    def get(self, key: str) -> Record:
        """Return the record of an internal id, or of `eid:` and an external id."""
        internal_id = self._by_external_id.get(key.removeprefix("eid:"), "") if key.startswith("eid:") else key
        record = self.records.get(internal_id)
        if record is None:
            raise not_found()
        return record

    def referred(self, reference: Mapping[str, Any]) -> Record | None:
        """Return the record of a reference object, {"id": …} or {"externalId": …}."""
        external_id = reference.get("externalId")
        internal_id = self._by_external_id.get(str(external_id)) if external_id else str(reference.get("id", ""))
        return self.records.get(internal_id or "")

    def id_of(self, external_id: str) -> str | None:
        return self._by_external_id.get(external_id)

    def all(self) -> tuple[Record, ...]:
        return tuple(self.records.values())


@dataclass(slots=True)
class AccountBooks:
    """Everything the account holds; subsidiaries by internal id, which is the company of their set-up."""

    subsidiaries: Mapping[str, CompanySetup]
    periods: dict[str, AccountingPeriod]
    ledger: GeneralLedger
    now: Callable[[], datetime]
    customers: RecordStore = field(default_factory=RecordStore)
    invoices: RecordStore = field(default_factory=RecordStore)
    credit_memos: RecordStore = field(default_factory=RecordStore)
    journals: RecordStore = field(default_factory=RecordStore)
    payments: RecordStore = field(default_factory=RecordStore)
    sales_orders: RecordStore = field(default_factory=RecordStore)
    links: list[tuple[str, str, Decimal]] = field(default_factory=list)  # an invoice, what is applied, how much
    inactive: set[tuple[str, str]] = field(default_factory=set)  # record type and internal id
    uncommitted: set[str] = field(default_factory=set)  # external ids that no query shows yet
    passes_locks: bool = False  # whether the role of the integration may post into what is locked
    numbers_by_itself: bool = False  # generated numbers without an override: a tranId that is sent is passed over
    _ids: int = FIRST_ID

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def stores(self) -> Iterator[Store]:
        """Yield what the documents are kept in."""
        yield from (store.records for store in (self.invoices, self.credit_memos, self.journals))

    def number(self, sent: str, generated: str) -> str:
        """Return the number of a new record."""
        return generated if self.numbers_by_itself else sent or generated

    def changed(self, record: Record) -> None:
        """Note when a document was changed; the second is as fine as SuiteQL shows it."""
        record["_changed_at"] = self.now().replace(microsecond=0, tzinfo=None)
