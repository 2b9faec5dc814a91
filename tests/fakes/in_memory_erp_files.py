"""Files for ERPs in memory (ports ErpFiles, FileDrop and FileTransfers), with the fences of the real ones."""

from collections.abc import Collection, Sequence

from shared.contracts.erp_files.answers import read_acknowledgement, read_response, read_settlements
from shared.contracts.erp_files.manifest import write_manifest
from shared.domain.erp_files.answers import Received, ReceivedAnswer, Unreadable
from shared.domain.erp_files.delivery_file import DeliveryFile, NextFile
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.progress import FileProgress
from shared.domain.erp_files.settlements import StuckSettlements, settlements_name
from shared.domain.erp_files.staged_document import FileStream, Receiver, StagedDocument, Verdict
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement
from shared.ports.erp_files import StaleFileError, TransferFailedError


class InMemoryErpFiles:
    def __init__(self) -> None:
        self._documents: dict[tuple[DocumentKind, ExternalRef], StagedDocument] = {}
        self._waiting: dict[tuple[DocumentKind, ExternalRef], StagedDocument] = {}
        self._files: dict[FileStream, list[DeliveryFile]] = {}
        self._unfinished: dict[str, FileProgress] = {}
        self._settlements: dict[tuple[Receiver, int], tuple[Settlement, ...]] = {}
        self._stuck: dict[Receiver, StuckSettlements] = {}

    def stage(self, document: StagedDocument) -> StagedDocument:
        key = document.stream.kind, document.external_ref
        if key not in self._documents:
            self._documents[key] = self._waiting[key] = document
        return self._documents[key]

    def staged(self, external_ref: ExternalRef, kind: DocumentKind) -> StagedDocument | None:
        return self._documents.get((kind, external_ref))

    def streams_waiting(self) -> tuple[FileStream, ...]:
        return tuple(sorted({document.stream for document in self._waiting.values()}, key=_order))

    def waiting(self, stream: FileStream, *, most: int) -> tuple[StagedDocument, ...]:
        found = [document for document in self._waiting.values() if document.stream == stream]
        first = min((document.period for document in found), default="")
        of_period = [document for document in found if document.period == first]
        return tuple(sorted(of_period, key=lambda one: one.external_ref)[:most])

    def last_file(self, stream: FileStream) -> DeliveryFile | None:
        files = self._files.get(stream)
        return files[-1] if files else None

    def claim(self, file: DeliveryFile) -> bool:
        files = self._files.setdefault(file.stream, [])
        if len(files) >= file.sequence:
            return False
        files.append(file)
        self._unfinished[file.name] = FileProgress(file=file)
        return True

    def take(self, file: DeliveryFile) -> None:
        for document in file.documents:
            key = file.stream.kind, document.external_ref
            if self._waiting.pop(key, None) is not None:
                kept = self._documents[key]
                self._documents[key] = kept.answered(file.name, kept.verdict)

    def unfinished(self) -> tuple[FileProgress, ...]:
        return tuple(sorted(self._unfinished.values(), key=lambda one: (_order(one.file.stream), one.file.sequence)))

    def save(self, progress: FileProgress) -> None:
        self._fence(progress)
        self._unfinished[progress.file.name] = progress

    def finish(self, progress: FileProgress) -> None:
        self._fence(progress)
        del self._unfinished[progress.file.name]

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | None:
        return self._settlements.get((of, sequence))

    def last_settlements(self, of: Receiver) -> int:
        return max((sequence for receiver, sequence in self._settlements if receiver == of), default=0)

    def keep_settlements(self, of: Receiver, sequence: int, told: tuple[Settlement, ...]) -> None:
        self._settlements.setdefault((of, sequence), told)

    def stuck_settlements(self, of: Receiver) -> StuckSettlements | None:
        return self._stuck.get(of)

    def note_stuck(self, of: Receiver, stuck: StuckSettlements | None) -> None:
        if stuck is None:
            self._stuck.pop(of, None)
        else:
            self._stuck[of] = stuck

    def decide(self, kind: DocumentKind, verdict: Verdict) -> None:
        key = kind, verdict.external_ref
        kept = self._documents[key]
        self._documents[key] = kept.answered(kept.file, kept.verdict or verdict)

    def _fence(self, progress: FileProgress) -> None:
        stored = self._unfinished.get(progress.file.name)
        if stored is None or stored.version != progress.version - 1:
            raise StaleFileError(progress.file.name)


class InMemoryFileDrop:
    """`outbound` is what a receiver sees; it calls `answer`. Every answer is kept, as versions of one key are."""

    def __init__(self) -> None:
        self.outbound: dict[str, bytes] = {}
        self._kept: dict[str, bytes] = {}
        self._inbound: list[tuple[str, bytes]] = []
        self._laid_out = 0
        self._versions: dict[str, str] = {}

    def keep(self, made: NextFile) -> None:
        self._kept[made.file.sha256] = made.content

    def offer(self, file: DeliveryFile) -> None:
        self._lay_out(file.name, self._kept[file.sha256])
        self._lay_out(f"{file.name}.manifest.json", write_manifest(file))

    def answers(self, file: DeliveryFile, *, seen: Collection[str]) -> Received:
        versions: list[str] = []
        found: dict[str, ReceivedAnswer] = {}
        for suffix, read in (("ack", read_acknowledgement), ("rsp", read_response)):
            for number, (name, content) in enumerate(self._inbound):
                if name != f"{file.name}.{suffix}":
                    continue
                versions.append(f"{suffix} {number}")
                if versions[-1] not in seen:
                    identity = f"{suffix} {hash(content)}"
                    found.setdefault(identity, ReceivedAnswer(identity, read(content)))
        return Received(versions=tuple(versions), answers=tuple(found.values()))

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | Unreadable | None:
        name = settlements_name(of.company, sequence)
        versions = [content for key, content in self._inbound if key == name]
        return read_settlements(versions[-1], company=of.company, sequence=sequence) if versions else None

    def tells_later(self, of: Receiver, sequence: int) -> bool:
        later = {settlements_name(of.company, number) for number in range(sequence + 1, sequence + 100)}
        return any(key in later for key, _ in self._inbound)

    # What a receiver does with it (simulators/erp/legacy_files/folder.py).

    def offered(self) -> dict[str, str]:
        return dict(self._versions)

    def read(self, name: str) -> bytes:
        return self.outbound[name]

    def answer(self, name: str, content: bytes) -> None:
        self._inbound.append((name, content))

    def answer_in_parts(self, name: str, content: bytes) -> None:
        self.answer(name, content)

    def _lay_out(self, name: str, content: bytes) -> None:
        self._laid_out += 1
        self.outbound[name] = content
        self._versions[name] = str(self._laid_out)


class InMemoryTransfers:
    """A connector that brings everything at once, unless it is told to be `slow`, or why it is `broken`."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fetched: list[str] = []
        self.slow = False
        self.broken = ""

    def send_content(self, file: DeliveryFile, to: SftpServer) -> str:
        return self._send(f"{to.outbound}/{file.name}")

    def send_manifest(self, file: DeliveryFile, to: SftpServer) -> str:
        return self._send(f"{to.outbound}/{file.name}.manifest.json")

    def has_arrived(self, transfer: str, to: SftpServer) -> bool:
        self._fail_if_broken()
        return not self.slow

    def fetch_answers(self, of: Sequence[FileProgress], at: SftpServer) -> None:
        self._fail_if_broken()
        self.fetched += [progress.file.name for progress in of]

    def fetch_settlements(self, of: Receiver, sequence: int, at: SftpServer) -> None:
        self._fail_if_broken()
        self.fetched.append(f"settlements {sequence}")

    def _send(self, path: str) -> str:
        self._fail_if_broken()
        self.sent.append(path)
        return path

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise TransferFailedError(self.broken)


def _order(stream: FileStream) -> tuple[str, str, str]:
    return stream.legal_entity_id, stream.company, stream.kind
