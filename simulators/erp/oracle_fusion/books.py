"""Everything one environment holds: business units with their ledgers, files that were uploaded, and jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from simulators.erp.company import CompanySetup
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.oracle_fusion.dialect import bad_request
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.query import Entity

FIRST_ID = 300_000_000_000_000
FIRST_LEDGER_ID = 300_000_046_975_971
FIRST_ACCESS_SET_ID = 300_000_046_985_971
USUAL_CURRENCIES = ("CHF", "EUR", "GBP", "JPY", "USD")


@dataclass(slots=True)
class Numbers:
    """Identifiers of one environment; no two things in it share one."""

    given: int = 0

    def next(self) -> int:
        self.given += 1
        return FIRST_ID + self.given


@dataclass(slots=True)
class UnitBooks:
    """One business unit with the ledger it books into. The posting window starts as set up and can be moved.

    `statuses` overrides the window, by application and month (YYYY-MM). Without a grant nothing of it is seen.
    """

    setup: CompanySetup
    ledger: GeneralLedger
    now: Callable[[], datetime]
    options: FusionOptions
    numbers: Numbers
    ledger_id: int
    access_set_id: int
    posting_from: date | None
    posting_to: date | None
    granted: bool = True
    statuses: dict[tuple[int, str], str] = field(default_factory=dict)
    customers: dict[str, Entity] = field(default_factory=dict)  # by account number
    transactions: dict[int, Entity] = field(default_factory=dict)  # invoices and credit memos, by id
    receipts: dict[int, Entity] = field(default_factory=dict)
    batches: dict[int, Entity] = field(default_factory=dict)
    interface: list[Entity] = field(default_factory=list)  # rows of GL_INTERFACE

    @property
    def currencies(self) -> frozenset[str]:
        """The codes that are enabled: those of the setup, or without any the usual ones."""
        return frozenset({self.setup.local_currency, *(self.setup.currencies.values() or USUAL_CURRENCIES)})

    def timestamp(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+00:00"

    def changed(self, entity: Entity) -> None:
        entity["LastUpdateDate"] = self.timestamp()


@dataclass(slots=True)
class Job:
    """A scheduled process. `begin` and `end` are when its work starts and is done on the simulator's clock."""

    request_id: int
    name: str
    end: datetime
    work: Callable[[], str]  # does it and returns the status it ends with
    after: "Job | None" = None
    status: str = "WAIT"
    log: str = ""

    def shown_status(self, now: datetime) -> str:
        if self.status != "WAIT":
            return self.status
        return "RUNNING" if self.after is None or self.after.end <= now else "WAIT"


@dataclass(slots=True)
class Upload:
    """A file that importBulkData has put into the content server, and the jobs that work it off."""

    document_id: int
    file_name: str
    account: str
    jobs: tuple[Job, ...] = ()


@dataclass(slots=True)
class Environment:
    """A pod with its business units by name."""

    units: dict[str, UnitBooks]
    numbers: Numbers
    uploads: list[Upload] = field(default_factory=list)

    def unit_of_ledger(self, ledger_id: str) -> UnitBooks:
        for unit in self.units.values():
            if str(unit.ledger_id) == ledger_id and unit.granted:
                return unit
        raise bad_request(f"The ledger {ledger_id} does not exist or is not in your data access set.")

    def run_jobs(self, now: datetime) -> None:
        """Do what the scheduler has come to by now; a job that fails stops those that wait for it."""
        jobs = [job for upload in self.uploads for job in upload.jobs if job.status == "WAIT" and job.end <= now]
        for job in sorted(jobs, key=lambda job: (job.end, job.request_id)):
            before = job.after
            job.status = "CANCELLED" if before is not None and before.status != "SUCCEEDED" else job.work()


def environment(
    companies: list[CompanySetup], *, ledger: GeneralLedger, now: Callable[[], datetime], options: FusionOptions
) -> Environment:
    numbers = Numbers()
    units = {
        setup.company: UnitBooks(
            setup,
            ledger,
            now,
            _named(options, setup.names),
            numbers,
            int(setup.names.get("ledger_id", FIRST_LEDGER_ID + place)),
            int(setup.names.get("data_access_set_id", FIRST_ACCESS_SET_ID + place)),
            setup.posting_from,
            setup.posting_to,
        )
        for place, setup in enumerate(companies)
    }
    return Environment(units, numbers)


def _named(options: FusionOptions, names: Mapping[str, str]) -> FusionOptions:
    return replace(
        options,
        transaction_source=names.get("transaction_source", options.transaction_source),
        journal_source=names.get("journal_source", options.journal_source),
        journal_category=names.get("journal_category", options.journal_category),
    )


def months_later(day: date, months: int) -> date:
    """Return the first day of the month that many months after that of `day`."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def last_of_month(day: date) -> date:
    return months_later(day, 1) - timedelta(days=1)
