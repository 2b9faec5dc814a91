"""Files for ERPs that take documents by files alone: what waits for one, what was written, where it lies."""

from collections.abc import Collection, Sequence
from typing import Protocol

from shared.domain.erp_files.answers import Received, Unreadable
from shared.domain.erp_files.delivery_file import DeliveryFile, NextFile
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.progress import FileProgress
from shared.domain.erp_files.settlements import StuckSettlements
from shared.domain.erp_files.staged_document import FileStream, Receiver, StagedDocument, Verdict
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement


class FilesUnavailableError(Exception):
    """Nobody knows whether a document was staged or what is kept of it; asking again may tell."""


class StaleFileError(Exception):
    """Somebody else has brought the file on since it was read."""


class StagedDocuments(Protocol):
    """What an adapter of the port Erp does: all raise FilesUnavailableError."""

    def stage(self, document: StagedDocument) -> StagedDocument:
        """Keep a document, which waits for a file from then on; return the one that was kept under its key first."""

    def staged(self, external_ref: ExternalRef, kind: DocumentKind) -> StagedDocument | None: ...

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | None:
        """Return what a receiver's file of this number told; None while it was not read."""


class ErpFiles(StagedDocuments, Protocol):
    """The files of one tenant. A file and the place it takes in its stream are written in one step."""

    def streams_waiting(self) -> tuple[FileStream, ...]:
        """Return the streams with a document that waits."""

    def waiting(self, stream: FileStream, *, most: int) -> tuple[StagedDocument, ...]:
        """Return documents of the earliest accounting period that has any waiting; all of them, or `most`."""

    def last_file(self, stream: FileStream) -> DeliveryFile | None: ...

    def claim(self, file: DeliveryFile) -> bool:
        """Write a file as the next of its stream, unless another has that place; say whether this has it."""

    def take(self, file: DeliveryFile) -> None:
        """Have those documents of a claimed file that still wait do so no more, whatever became of them since."""

    def unfinished(self) -> tuple[FileProgress, ...]:
        """Return the files whose documents are not all answered, by stream and number."""

    def save(self, progress: FileProgress) -> None:
        """Store progress that is one version on; raises StaleFileError."""

    def finish(self, progress: FileProgress) -> None:
        """Have an answered file, one version on, be unfinished no more; raises StaleFileError."""

    def last_settlements(self, of: Receiver) -> int:
        """Return the number of the last file of settlements that was kept; 0 for none."""

    def keep_settlements(self, of: Receiver, sequence: int, told: tuple[Settlement, ...]) -> None:
        """Keep what a file told. The first content of a number stands."""

    def stuck_settlements(self, of: Receiver) -> StuckSettlements | None: ...

    def note_stuck(self, of: Receiver, stuck: StuckSettlements | None) -> None:
        """Keep which file of settlements cannot be read; None forgets it."""

    def decide(self, kind: DocumentKind, verdict: Verdict) -> None:
        """Store what became of a document. The first verdict stands."""


class FileDrop(Protocol):
    """Where files lie for their receiver, and its answers for us."""

    def keep(self, made: NextFile) -> None:
        """Store the bytes where nobody looks for them yet."""

    def offer(self, file: DeliveryFile) -> None:
        """Lay a kept file out, then its manifest. Doing it again lays the same bytes out."""

    def answers(self, file: DeliveryFile, *, seen: Collection[str]) -> Received:
        """Return what there is of answers, oldest first, but for those in versions that were seen."""

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | Unreadable | None:
        """Return what a receiver tells in its file of this number; None while there is none."""

    def tells_later(self, of: Receiver, sequence: int) -> bool:
        """Say whether there is a file of settlements with a higher number."""


class TransferFailedError(Exception):
    """A transfer was refused or has failed; the text says why, without a secret."""


class FileTransfers(Protocol):
    """Transfers between the drop and the receiver's own server. All raise TransferFailedError."""

    def send_content(self, file: DeliveryFile, to: SftpServer) -> str:
        """Start sending an offered file; return what the transfer is asked by."""

    def send_manifest(self, file: DeliveryFile, to: SftpServer) -> str: ...

    def has_arrived(self, transfer: str, to: SftpServer) -> bool:
        """Say whether a transfer has ended well; False while it is under way."""

    def fetch_answers(self, of: Sequence[FileProgress], at: SftpServer) -> None:
        """Start fetching what answers there may be; that there are none yet is no failure."""

    def fetch_settlements(self, of: Receiver, sequence: int, at: SftpServer) -> None:
        """Start fetching the file of settlements of this number, if it is there."""
