"""Write what waits for a file into the next one of its stream, and bring each file to its receiver, in order.

A file is claimed with its place in the stream before anybody sees it: whatever dies when, the next run finds it, and
delivers the same bytes under the same name. Nothing is ever sent again because no answer came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.domain.erp_files.delivery_file import next_file
from shared.domain.erp_files.destination import Destination, SftpServer
from shared.domain.erp_files.problems import file_problem
from shared.domain.erp_files.progress import Delivery, FileProgress
from shared.domain.erp_files.staged_document import FileStream
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.clock import Clock
from shared.ports.erp_files import ErpFiles, FileDrop, FileTransfers, StaleFileError, TransferFailedError
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData

MOST_DOCUMENTS = 1_000  # of a file
MOST_FILES = 10  # of a stream and run
STEPS_TO_THE_RECEIVER = 3  # content, manifest, and to hear that it has arrived


class FileNotOpenError(LookupError):
    """No file of this name waits for an answer: there is nothing to deliver again."""


@dataclass(slots=True)
class Delivered:
    """What a run did. `under_way` are files that have not arrived yet."""

    written: int = 0
    delivered: int = 0
    under_way: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDeliverer:
    """Delivers the files of one tenant. Two runs at once take nothing twice: one of them has each place."""

    tenant: TenantId
    files: ErpFiles
    drop: FileDrop
    transfers: FileTransfers
    master_data: MasterData
    reporter: ExceptionReporter
    clock: Clock

    def deliver(self) -> Delivered:
        """Write and deliver. One stream that cannot go on keeps no other back: its error is raised after them all."""
        self.master_data.version()
        done, failures = Delivered(), list[Exception]()
        for stream in self.files.streams_waiting():
            try:
                self._write(stream, done)
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        for _, of_stream in groupby(self.files.unfinished(), key=lambda progress: progress.file.stream):
            try:
                self._bring_on(tuple(of_stream), done)
            except Exception as error:  # noqa: BLE001
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} streams of files could not go on", failures)
        return done

    def deliver_again(self, name: str) -> Delivered:
        """Deliver a file once more, as it was: same name, same bytes. Raises FileNotOpenError."""
        found = [progress for progress in self.files.unfinished() if progress.file.name == name]
        if not found:
            raise FileNotOpenError(name)
        self.files.save(found[0].to_leave_again())
        return self.deliver()

    def _write(self, stream: FileStream, done: Delivered) -> None:
        destination = self._destination(stream)
        if destination is None:
            return
        last = self.files.last_file(stream)
        if last is not None:
            # Whoever claimed it may not have come so far, and what waits first need not be a document of it.
            self.files.take(last)
        for _ in range(MOST_FILES):
            waiting = self.files.waiting(stream, most=MOST_DOCUMENTS)
            if not waiting:
                return
            made = next_file(
                waiting, after=last, source=destination.source, in_format=destination.format, now=self.clock.now()
            )
            self.drop.keep(made)
            if not self.files.claim(made.file):
                return  # another run has that place, and perhaps these documents
            self.files.take(made.file)
            last = made.file
            done.written += 1

    def _bring_on(self, of_stream: Sequence[FileProgress], done: Delivered) -> None:
        """Deliver the files of a stream in order: none overtakes the one before it."""
        for progress in of_stream:
            if progress.delivery is Delivery.DELIVERED:
                continue
            destination = self._destination(progress.file.stream)
            if destination is None:
                return
            try:
                brought = self._brought(progress, destination.server)
            except StaleFileError:
                return  # an answer to it is being read
            if brought.delivery is not Delivery.DELIVERED:
                done.under_way += 1
                return
            done.delivered += 1

    def _brought(self, progress: FileProgress, server: SftpServer | None) -> FileProgress:
        for _ in range(STEPS_TO_THE_RECEIVER):
            try:
                moved = self._one_step_on(progress, server)
            except TransferFailedError as error:
                return self._failed(progress, str(error))
            if moved == progress:
                break
            if moved.delivery is Delivery.DELIVERED and progress.failure:
                told = exception_id(ExceptionCode.ERP_FILE_NOT_DELIVERED, progress.file.name)
                self.reporter.resolve(told, "it has arrived", self.clock.now())
            self.files.save(moved)
            progress = moved
        return progress

    def _one_step_on(self, progress: FileProgress, server: SftpServer | None) -> FileProgress:
        file = progress.file
        match progress.delivery:
            case Delivery.WRITTEN:
                self.drop.offer(file)
                if server is None:
                    return progress.brought_to(Delivery.DELIVERED, failure="")
                transfer = self.transfers.send_content(file, server)
                return progress.brought_to(Delivery.CONTENT_UNDER_WAY, transfer=transfer)
            case Delivery.CONTENT_UNDER_WAY if server and self.transfers.has_arrived(progress.transfer, server):
                transfer = self.transfers.send_manifest(file, server)
                return progress.brought_to(Delivery.MANIFEST_UNDER_WAY, transfer=transfer)
            case Delivery.MANIFEST_UNDER_WAY if server and self.transfers.has_arrived(progress.transfer, server):
                return progress.brought_to(Delivery.DELIVERED, failure="")
            case _:
                return progress

    def _failed(self, progress: FileProgress, why: str) -> FileProgress:
        """Begin again with the next run: until its manifest has arrived, the receiver has taken nothing."""
        code, now = ExceptionCode.ERP_FILE_NOT_DELIVERED, self.clock.now()
        self.reporter.report([file_problem(code, progress.file, why, tenant=self.tenant, now=now)])
        again = progress.brought_to(Delivery.WRITTEN, failure=why)
        self.files.save(again)
        return again

    def _destination(self, stream: FileStream) -> Destination | None:
        """Return where a stream goes; None while its legal entity is told by no files any more: a person decides."""
        entity = self.master_data.legal_entity(stream.legal_entity_id)
        if entity is None or entity.erp.company != stream.company:
            return None
        return Destination.of(entity.erp) if SYSTEMS[entity.erp.system].told_by_files else None
