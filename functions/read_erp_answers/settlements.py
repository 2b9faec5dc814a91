"""Read a receiver's files of settlements in the order of their numbers; tell of one that keeps the others waiting."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass, replace

from shared.domain.erp_files.answers import Unreadable
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.problems import settlements_problem, settlements_problem_id
from shared.domain.erp_files.settlements import StuckSettlements
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.identifiers import TenantId
from shared.ports.clock import Clock
from shared.ports.erp_files import ErpFiles, FileDrop, FileTransfers, TransferFailedError
from shared.ports.exceptions import ExceptionReporter

MOST_FILES = 50  # of a receiver and run
MOST_SETTLEMENTS = 5_000  # of a file: it is kept as one item of a database, which holds twice as many


@dataclass(slots=True)
class SettlementsRead:
    settlements: int = 0
    not_fetched: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReader:
    """Reads for one tenant. A run that dies is made good by the next one."""

    tenant: TenantId
    files: ErpFiles
    drop: FileDrop
    transfers: FileTransfers
    reporter: ExceptionReporter
    clock: Clock

    def read(self, of: Receiver, server: SftpServer | None) -> SettlementsRead:
        """Keep what the receiver's next files tell: those behind one that cannot be read yet wait."""
        read, last, obstacle = SettlementsRead(), self.files.last_settlements(of), ""
        for sequence in range(last + 1, last + 1 + MOST_FILES):
            told = self.drop.settlements(of, sequence)
            if told is None or isinstance(told, Unreadable) or len(told) > MOST_SETTLEMENTS:
                obstacle = self._obstacle(of, sequence, told)
                break
            self.files.keep_settlements(of, sequence, told)
            read.settlements += len(told)
            last = sequence
        self._watch(of, last + 1, obstacle)
        if server is not None:
            # The one behind it too: only by that one it shows that this one is missing.
            read.not_fetched = self._fetch(of, (last + 1,) if obstacle else (last + 1, last + 2), server)
        return read

    def _obstacle(self, of: Receiver, sequence: int, found: Sized | Unreadable | None) -> str:
        """Return why the next file cannot be read; "" where there is none to read yet."""
        match found:
            case None:
                return "it is not there, and a later one is" if self.drop.tells_later(of, sequence) else ""
            case Unreadable(reason):
                return f"it cannot be read: {reason}"
            case told:
                return f"it has {len(told)} lines, more than {MOST_SETTLEMENTS}: the rest belongs in the next"

    def _watch(self, of: Receiver, sequence: int, obstacle: str) -> None:
        """Tell of a file that has been stuck for long, and tell that it is not any more."""
        known, now = self.files.stuck_settlements(of), self.clock.now()
        if known is not None and (known.sequence != sequence or not obstacle):
            if known.told:
                self.reporter.resolve(settlements_problem_id(of, known.sequence), "it keeps none waiting any more", now)
            self.files.note_stuck(of, None)
            known = None
        if not obstacle:
            return
        if known is None:
            self.files.note_stuck(of, StuckSettlements(sequence=sequence, since=now))
        elif known.is_to_be_told(now):
            self.reporter.report([settlements_problem(of, sequence, obstacle, tenant=self.tenant, now=now)])
            if not known.told:
                self.files.note_stuck(of, replace(known, told=True))

    def _fetch(self, of: Receiver, numbers: Iterable[int], server: SftpServer) -> int:
        """Start fetching; return for how many receivers it was not possible, 0 or 1."""
        try:
            for number in numbers:
                self.transfers.fetch_settlements(of, number, server)
        except TransferFailedError:
            return 1
        return 0
