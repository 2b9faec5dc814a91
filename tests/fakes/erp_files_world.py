"""Files from staging to answer, on fakes: both scheduled functions, a receiver, and a clock that is told to move."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from functions.deliver_erp_files.use_case import Delivered, FileDeliverer
from functions.read_erp_answers.use_case import AnswerReader, AnswersRead
from shared.adapters.erp.legacy_files.adapter import LegacyFilesErp
from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.money import currency
from shared.ports.erp_files import ErpFiles, FileDrop, FileTransfers
from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.legacy_files.simulator import RECEIVE, LegacyFilesSimulator
from simulators.http.faults import NO_FAULTS, Fault, FaultPlan
from tests.builders.erp_files import MAPPING
from tests.builders.posting import GERMANY, TENANT
from tests.fakes.in_memory_erp_files import InMemoryErpFiles, InMemoryFileDrop, InMemoryTransfers
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.posting_world import SimulatedClock

DE01 = CompanySetup(
    company="DE01",
    name="Acme GmbH",
    local_currency="EUR",
    receivable_account="1100",
    tax_account="1776",
    revenue_accounts={"4400": "4400", "4410": "4410"},
    tax_codes={"U19": Decimal("0.19")},
    accounts={"2900": AccountRole.LIABILITY},
)
ACME = LegalEntity(
    legal_entity_id=GERMANY,
    name="Acme GmbH",
    country="DE",
    functional_currency=currency("EUR"),
    invoice_series="DE-",
    erp=MAPPING,
    approval=None,
)


@dataclass(slots=True)
class PublishedEntity:
    """What the functions of files ask the master data for."""

    entity: LegalEntity | None = ACME

    def version(self) -> str:
        return "v1"

    def legal_entities(self) -> tuple[LegalEntity, ...]:
        return (self.entity,) if self.entity else ()

    def legal_entity(self, legal_entity_id: str) -> LegalEntity | None:
        return self.entity if legal_entity_id == GERMANY else None


class ErpFilesWorld:
    """`deliver` and `read` do what a firing of each schedule does; the receiver looks when it is told to."""

    def __init__(
        self,
        *,
        faults: FaultPlan = NO_FAULTS,
        files: ErpFiles | None = None,
        drop: FileDrop | None = None,
        transfers: FileTransfers | None = None,
    ) -> None:
        self.clock = SimulatedClock()
        self.folder = InMemoryFileDrop()
        self.transfers = InMemoryTransfers()
        self.files = files or InMemoryErpFiles()
        self.reporter = InMemoryExceptionReporter()
        self.master_data = PublishedEntity()
        self.receiver = LegacyFilesSimulator(companies=[DE01], now=self.clock.now, faults=faults)
        self._drop = drop or self.folder
        self._transfers = transfers or self.transfers

    @property
    def erp(self) -> LegacyFilesErp:
        assert self.master_data.entity is not None
        return LegacyFilesErp(self.master_data.entity, self.files)

    @property
    def deliverer(self) -> FileDeliverer:
        return FileDeliverer(
            tenant=TENANT,
            files=self.files,
            drop=self._drop,
            transfers=self._transfers,
            master_data=self.master_data,  # type: ignore[arg-type]
            reporter=self.reporter,
            clock=self.clock,
        )

    @property
    def reader(self) -> AnswerReader:
        return AnswerReader(
            tenant=TENANT,
            files=self.files,
            drop=self._drop,
            transfers=self._transfers,
            master_data=self.master_data,  # type: ignore[arg-type]
            reporter=self.reporter,
            clock=self.clock,
        )

    def deliver(self) -> Delivered:
        return self.deliverer.deliver()

    def look(self, fault: Fault | None = None) -> None:
        if fault is not None:
            self.receiver.faults.script(fault, operation=RECEIVE)
        self.receiver.look(self.folder)

    def read(self) -> AnswersRead:
        return self.reader.read()

    def round(self, fault: Fault | None = None) -> AnswersRead:
        """Deliver, let the receiver look, read its answers; five minutes pass."""
        self.deliver()
        self.look(fault)
        read = self.read()
        self.clock.instant += timedelta(minutes=5)
        return read

    def map_to(self, mapping: ErpMapping) -> None:
        self.master_data.entity = replace(ACME, erp=mapping)

    def over_sftp(self) -> None:
        self.map_to(replace(MAPPING, settings={"sftp_connector": "old-books"}))

    def told(self) -> list[ExceptionCode]:
        """Return the codes of what is open."""
        return [record.code for record in self.reporter.open.values()]

    def outbound(self) -> list[str]:
        return sorted(name for name in self.folder.outbound if not name.endswith(".manifest.json"))
