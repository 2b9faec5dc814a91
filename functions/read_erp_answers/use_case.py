"""Read the receivers' answers to files: late, twice, in any order, by halves, as they come."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from functions.read_erp_answers.settlements import SettlementReader
from shared.domain.erp_files.balance import balances, unbalanced
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.problems import file_problem
from shared.domain.erp_files.progress import Delivery, FileProgress, Hearing, hear
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.clock import Clock
from shared.ports.erp_files import ErpFiles, FileDrop, FileTransfers, StaleFileError, TransferFailedError
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData


@dataclass(slots=True)
class AnswersRead:
    """How many files were open, how many of them are answered now, and how many documents were decided.

    `not_fetched` are files whose answers could not even be asked for; `settlements` is how many were told.
    """

    files: int = 0
    not_fetched: int = 0
    answered: int = 0
    documents: int = 0
    settlements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    """Reads for one tenant. A run that dies is made good by the next one, which reads the same."""

    tenant: TenantId
    files: ErpFiles
    drop: FileDrop
    transfers: FileTransfers
    master_data: MasterData
    reporter: ExceptionReporter
    clock: Clock

    def read(self) -> AnswersRead:
        """Read what there is. An answer that cannot be kept keeps no other back: its error is raised after them all."""
        self.master_data.version()
        read, failures = AnswersRead(), list[Exception]()
        delivered = [one for one in self.files.unfinished() if one.delivery is Delivery.DELIVERED]
        for legal_entity_id, of_entity in groupby(delivered, key=lambda one: one.file.stream.legal_entity_id):
            self._fetch(legal_entity_id, list(of_entity), read)
        for progress in delivered:
            read.files += 1
            try:
                self._hear(progress, read)
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        for entity in self.master_data.legal_entities():
            if not SYSTEMS[entity.erp.system].told_by_files:
                continue
            try:
                self._read_settlements(entity, read)
            except Exception as error:  # noqa: BLE001
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"the answers of {len(failures)} receivers or files could not be kept", failures)
        return read

    def _fetch(self, legal_entity_id: LegalEntityId, files: list[FileProgress], read: AnswersRead) -> None:
        """Start what may bring answers by the next run. Where it cannot, their documents stay pending."""
        entity = self.master_data.legal_entity(legal_entity_id)
        server = SftpServer.of(entity.erp.settings) if entity else None
        if server is None:
            return
        try:
            self.transfers.fetch_answers(files, server)
        except TransferFailedError:
            read.not_fetched += len(files)

    def _read_settlements(self, entity: LegalEntity, read: AnswersRead) -> None:
        reader = SettlementReader(
            tenant=self.tenant,
            files=self.files,
            drop=self.drop,
            transfers=self.transfers,
            reporter=self.reporter,
            clock=self.clock,
        )
        of = Receiver(entity.legal_entity_id, entity.erp.company)
        found = reader.read(of, SftpServer.of(entity.erp.settings))
        read.settlements += found.settlements
        read.not_fetched += found.not_fetched

    def _hear(self, progress: FileProgress, read: AnswersRead) -> None:
        hearing = hear(progress, self.drop.answers(progress.file, seen=progress.versions))
        if hearing.progress == progress:
            return
        for verdict in hearing.verdicts:
            self.files.decide(progress.file.stream.kind, verdict)
        if hearing.progress.heard != progress.heard:  # else the same was stored once more
            self._tell(progress, hearing)
        try:
            if hearing.progress.is_answered:
                self.files.finish(hearing.progress)
                read.answered += 1
            else:
                self.files.save(hearing.progress)
        except StaleFileError:
            return  # it is being delivered again; the next run hears the same
        read.documents += len(hearing.verdicts)

    def _tell(self, before: FileProgress, hearing: Hearing) -> None:
        wrong = (*hearing.wrong, *_unbalanced(hearing.progress))
        if wrong:
            self._report(ExceptionCode.ERP_ANSWER_WRONG, before, "; ".join(wrong))
        if hearing.progress.refusal:
            self._report(ExceptionCode.ERP_FILE_REFUSED, before, hearing.progress.refusal)
        elif before.refusal:
            refused = exception_id(ExceptionCode.ERP_FILE_REFUSED, before.file.name)
            self.reporter.resolve(refused, "the receiver has taken it", self.clock.now())

    def _report(self, code: ExceptionCode, progress: FileProgress, why: str) -> None:
        record: ExceptionRecord = file_problem(code, progress.file, why, tenant=self.tenant, now=self.clock.now())
        self.reporter.report([record])


def _unbalanced(progress: FileProgress) -> Iterator[str]:
    for balance in unbalanced(balances(progress.file, progress.verdict_of())):
        yield f"{balance.difference:f} {balance.currency} more were sent than were posted, refused or are pending"
