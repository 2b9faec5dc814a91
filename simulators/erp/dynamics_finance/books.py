"""What a simulated environment holds: numbers and time of the whole, customers and documents of each company."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from simulators.erp.company import CompanySetup
from simulators.erp.dynamics_finance.values import Row
from simulators.erp.general_ledger import GeneralLedger
from simulators.http.exchange import Refusal

FIRST_RECORD_ID = 5_637_144_576  # record ids begin above what 32 bits hold


@dataclass(slots=True)
class Environment:
    """Time and numbers. `posting_delay` passes before the environment's own batch job posts a draft."""

    now: Callable[[], datetime]
    posting_delay: timedelta
    _record_ids: int = FIRST_RECORD_ID
    _changes: int = 0
    _rollback: list[Callable[[], object]] = field(default_factory=list)

    def next_record_id(self) -> int:
        self._record_ids += 1
        return self._record_ids

    def changed(self, row: Row) -> None:
        """Give a row a new etag."""
        self._changes += 1
        row["@odata.etag"] = f'W/"JzEs{self._changes}Jw=="'

    def on_rollback(self, undo: Callable[[], object]) -> None:
        self._rollback.append(undo)

    @contextmanager
    def changeset(self) -> Iterator[None]:
        """Undo everything that was done inside of it when any of it is refused."""
        self._rollback.clear()
        try:
            yield
        except Refusal:
            for undo in reversed(self._rollback):
                undo()
            raise


@dataclass(slots=True)
class CompanyBooks:
    """One legal entity. Documents hold their lines under `_lines`; the posting window can be moved."""

    setup: CompanySetup
    ledger: GeneralLedger
    environment: Environment
    posting_from: date | None
    posting_to: date | None
    customers: dict[str, Row] = field(default_factory=dict)
    invoices: dict[int, Row] = field(default_factory=dict)
    journals: dict[str, Row] = field(default_factory=dict)
    payments: dict[str, Row] = field(default_factory=dict)
    transactions: list[Row] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def company(self) -> str:
        """The key of the company as it is in every row: lower case."""
        return self.setup.company.lower()

    def next_number(self, sequence: str) -> str:
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return f"{sequence}{self._numbers[sequence]:06d}"

    def today(self) -> date:
        return self.environment.now().date()

    def posts_on(self, day: date) -> bool:
        """Tell whether the period of a day takes anything: a month is open where the window touches it."""
        return self.period_status(day) == "Open"

    def period_status(self, day: date) -> str:
        """Return the status of a month: before the window it is closed for good, behind it on hold."""
        month = day.year, day.month
        if self.posting_from is not None and month < (self.posting_from.year, self.posting_from.month):
            return "Closed"
        after = self.posting_to is not None and month > (self.posting_to.year, self.posting_to.month)
        return "Stopped" if after else "Open"
