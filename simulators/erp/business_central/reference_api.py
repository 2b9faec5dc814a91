"""The addresses of reference data, and of what a caller can read about open periods."""

from dataclasses import dataclass
from functools import partial

from simulators.erp.business_central import periods, posting
from simulators.erp.business_central.companies import COMPANY, Companies
from simulators.erp.business_central.odata import collection_reply
from simulators.erp.business_central.reference_data import COLLECTIONS, dimensions
from simulators.http.exchange import Call, Handler, Operation, Reply


@dataclass(frozen=True, slots=True)
class ReferenceApi:
    companies: Companies

    def operations(self) -> list[Operation]:
        handlers: dict[str, Handler] = {name: partial(self._collection, name) for name in COLLECTIONS}
        paths: dict[str, tuple[str, Handler]] = {
            **{f"find_{name}": (f"{COMPANY}/{name}", handler) for name, handler in handlers.items()},
            "find_dimensions": (COMPANY + "/dimensions", self._dimensions),
            "find_ledger_entries": (COMPANY + "/generalLedgerEntries", self._ledger_entries),
            "find_accounting_periods": (COMPANY + "/accountingPeriods", self._accounting_periods),
            "get_ledger_setup": (COMPANY + "/generalLedgerSetup", self._ledger_setup),
        }
        return [
            Operation(name=name, method="GET", path=path, handler=handler) for name, (path, handler) in paths.items()
        ]

    def _collection(self, name: str, call: Call) -> Reply:
        return collection_reply(call, COLLECTIONS[name](self.companies.of(call)))

    def _dimensions(self, call: Call) -> Reply:
        return collection_reply(call, dimensions(self.companies.of(call)), children={"dimensionValues": "_values"})

    def _ledger_entries(self, call: Call) -> Reply:
        return collection_reply(call, posting.ledger_rows(self.companies.of(call)))

    def _accounting_periods(self, call: Call) -> Reply:
        return collection_reply(call, periods.accounting_periods(self.companies.of(call)))

    def _ledger_setup(self, call: Call) -> Reply:
        return collection_reply(call, [periods.general_ledger_setup(self.companies.of(call))])
