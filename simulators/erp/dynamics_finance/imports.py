"""Imports of data packages: what is uploaded, and jobs that run by themselves under the caller's execution id."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from simulators.erp.dynamics_finance import journals
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.dialect import bad_request, write_failed
from simulators.erp.dynamics_finance.package_file import PackageError, rows_of
from simulators.erp.dynamics_finance.values import Row
from simulators.http.exchange import Refusal
from simulators.http.faults import Fault

NOT_RUN, EXECUTING = "NotRun", "Executing"
SUCCEEDED, PARTIALLY, FAILED = "Succeeded", "PartiallySucceeded", "Failed"
HEADER_FIELDS = {"JOURNALNAME": "JournalName", "DESCRIPTION": "Description"}
LINE_FIELDS = {
    "ACCOUNTDISPLAYVALUE": "AccountDisplayValue",
    "CURRENCYCODE": "CurrencyCode",
    "TEXT": "Text",
    "DOCUMENT": "Document",
    "VOUCHER": "Voucher",
    "TRANSDATE": "TransDate",
}
NUMBER_FIELDS = {"LINENUMBER": "LineNumber", "DEBITAMOUNT": "DebitAmount", "CREDITAMOUNT": "CreditAmount"}
ACCOUNT_TYPES = {"": "Ledger", "Ledger": "Ledger", "Customer": "Cust"}


@dataclass(slots=True, kw_only=True)
class Execution:
    """One import. `failed_keys` name the rows that came to nothing."""

    books: CompanyBooks
    package: bytes
    fault: Fault | None
    starts_at: datetime
    ends_at: datetime
    status: str = NOT_RUN
    staging_error: str = ""
    errors: list[str] = field(default_factory=list)
    failed_keys: list[str] = field(default_factory=list)

    @property
    def under_way(self) -> bool:
        return self.status in {NOT_RUN, EXECUTING}


@dataclass(slots=True)
class Imports:
    """All uploads and executions of an environment. A second import under one id runs like the first."""

    delay: timedelta
    blobs: dict[str, bytes | None] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)

    def start(self, execution_id: str, execution: Execution) -> None:
        if any(other.under_way for other in self.executions.values()):
            raise write_failed("DataManagementDefinitionGroup", "Another import is being started.")
        self.executions[execution_id] = execution

    def run(self, now: datetime) -> None:
        for execution in self.executions.values():
            if execution.status == NOT_RUN and execution.starts_at <= now:
                execution.status = EXECUTING
            if execution.status == EXECUTING and execution.ends_at <= now:
                _import(execution)


def _import(execution: Execution) -> None:
    try:
        rows = rows_of(execution.package)
    except PackageError as error:
        execution.staging_error = str(error)
        execution.errors.append(str(error))
        execution.status = FAILED
        return
    if execution.fault is Fault.IMPORT_PARTIAL:
        _failed(execution, rows.pop(), "The record is locked by another user.")
    journals_by_placeholder: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        journals_by_placeholder[row.get("JOURNALBATCHNUMBER", "")].append(row)
    taken = sum(_journal(execution, lines) for lines in journals_by_placeholder.values())
    execution.status = SUCCEEDED if not execution.failed_keys else PARTIALLY if taken else FAILED


def _journal(execution: Execution, rows: list[dict[str, str]]) -> int:
    """Create a journal with what can be taken of it, and return the number of its lines."""
    sent = {theirs: rows[0].get(name, "") for name, theirs in HEADER_FIELDS.items()}
    try:
        header = journals.create_header(execution.books, sent, execution.fault)
    except Refusal as refusal:
        for row in rows:
            _failed(execution, row, refusal.text)
        return 0
    taken = 0
    for row in rows:
        try:
            journals.create_line(execution.books, _line(row, header), execution.fault)
        except Refusal as refusal:
            _failed(execution, row, refusal.text)
        else:
            taken += 1
    return taken


def _line(row: dict[str, str], header: Row) -> Row:
    try:
        numbers = {theirs: Decimal(row.get(name) or "0") for name, theirs in NUMBER_FIELDS.items()}
    except InvalidOperation as error:
        raise bad_request("A number of the row cannot be read.") from error
    account_type = ACCOUNT_TYPES.get(row.get("ACCOUNTTYPE", ""))
    if account_type is None:
        raise bad_request(f"The account type {row['ACCOUNTTYPE']} is not known.")
    texts = {theirs: row[name] for name, theirs in LINE_FIELDS.items() if row.get(name)}
    batch = header["JournalBatchNumber"]
    return {**texts, **numbers, "AccountType": account_type, "JournalBatchNumber": batch}


def _failed(execution: Execution, row: dict[str, str], text: str) -> None:
    key = row.get("LINENUMBER", "")
    execution.failed_keys.append(key)
    execution.errors.append(f"Line {key}: {text}")
