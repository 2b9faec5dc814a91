"""The receiver: looks into its folder, takes files that are whole and in order, books them and answers."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from starlette.applications import Starlette

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.inspection import inspection_routes
from simulators.erp.legacy_files import answers
from simulators.erp.legacy_files.answers import Decision, FileRefusal
from simulators.erp.legacy_files.books import BookingRefusedError, CompanyBooks, Sent
from simulators.erp.legacy_files.folder import Folder
from simulators.erp.legacy_files.layouts import Row
from simulators.erp.legacy_files.outbox import Answer, Outbox
from simulators.erp.legacy_files.stream import FileName, Stream, checked_rows, sha256_of
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan

MANIFEST: Final = ".manifest.json"
RECEIVE: Final = "receive_file"  # the operation that faults are scripted for
# What happens to files where a system with an interface would have this happen to a call.
_LIKE: Final[Mapping[Fault, Fault]] = {
    Fault.LOSE_REPLY: Fault.ANSWER_LATE,
    Fault.LATE_COMMIT: Fault.ANSWER_LATE,
    Fault.GATEWAY_TIMEOUT: Fault.ANSWER_LATE,
    Fault.TRUNCATED_JSON: Fault.ANSWER_TRUNCATED,
}
_OWN_FAULTS: Final = frozenset(
    {
        Fault.CLOSED_PERIOD,
        Fault.FILE_MISSED,
        Fault.FILE_TRUNCATED,
        Fault.FILE_DUPLICATED,
        Fault.CONTROL_TOTAL_WRONG,
        Fault.ANSWER_LATE,
        Fault.ANSWER_HALF,
        Fault.ANSWER_TRUNCATED,
        Fault.ANSWERS_OUT_OF_ORDER,
        Fault.ANSWER_NEVER,
    }
)


@dataclass(slots=True)
class _Books:
    of: CompanyBooks
    streams: defaultdict[str, Stream] = field(default_factory=lambda: defaultdict(Stream))
    settlements: int = 0


class LegacyFilesSimulator:
    """One ERP with its companies. It does something only when it looks; `now` is its only clock."""

    def __init__(
        self, *, companies: Sequence[CompanySetup], now: Callable[[], datetime], faults: FaultPlan = NO_FAULTS
    ) -> None:
        self.faults = FaultInjector(faults)
        self.ledger = GeneralLedger(companies)
        self._now = now
        self._books = {setup.company: _Books(CompanyBooks(setup, self.ledger)) for setup in companies}
        self._looked_at: dict[str, tuple[str, str]] = {}
        self._fault_of: dict[str, Fault | None] = {}
        self._outbox = Outbox(now, late_by=timedelta(seconds=faults.late_commit_seconds))
        self._exponents: dict[str, int] = {}
        self.app = Starlette(routes=inspection_routes(self))

    def documents(self) -> tuple[SimulatedDocument, ...]:
        # A copy: they are shown from a thread of the server's while a file is being booked.
        return tuple(document for books in self._books.values() for document in tuple(books.of.documents.values()))

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        books = self._books[company].of
        books.posting_from, books.posting_to = posting_from, posting_to

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay on an invoice; the sender is told with the next look. Raises KeyError for no invoice."""
        (company,) = (name for name, books in self._books.items() if external_ref in books.of.documents)
        self._books[company].of.pay(external_ref, amount, on)
        self._tell_settlements(company)

    def look(self, folder: Folder) -> None:
        """Write the answers that are due, then take whatever is new in the folder, in order of its numbers."""
        self._outbox.write_what_is_due(folder)
        offered = folder.offered()
        for text in sorted(offered):
            name = FileName.of(text.removesuffix(MANIFEST))
            if text.endswith(MANIFEST) and name is not None:
                self._look_at(folder, name, (offered[text], offered.get(name.text, "")))
        self._outbox.write_what_is_due(folder)

    def _look_at(self, folder: Folder, name: FileName, laid_out: tuple[str, str]) -> None:
        if self._looked_at.get(name.text) == laid_out:
            return
        if name.text not in self._fault_of:
            drawn = self.faults.for_call(RECEIVE, writes=True)
            self._fault_of[name.text] = _LIKE.get(drawn, drawn) if drawn else None
            if drawn is not None and (drawn in _LIKE or drawn in _OWN_FAULTS):
                self.faults.count(drawn)
        fault = self._fault_of[name.text]
        if fault is Fault.FILE_MISSED:
            self._fault_of[name.text] = None  # the next look finds it
            return
        content = folder.read(name.text) if laid_out[1] else b""
        if fault is Fault.FILE_TRUNCATED:
            content, self._fault_of[name.text] = content[: len(content) // 2], None
        refusal = self._take(folder, name, content, fault)
        if refusal is None or refusal.code != "SEQUENCE_GAP":  # that one is looked at until its number comes
            self._looked_at[name.text] = laid_out
        if fault is Fault.FILE_DUPLICATED:
            self._take(folder, name, content, None)

    def _take(self, folder: Folder, name: FileName, content: bytes, fault: Fault | None) -> FileRefusal | None:
        manifest = json.loads(folder.read(name.text + MANIFEST))
        sha256 = sha256_of(content)
        books = self._books.get(name.entity)
        if books is None:
            refusal: FileRefusal | None = FileRefusal("LAYOUT", f"no company {name.entity}")
        else:
            refusal = books.streams[name.kind].refusal_of(name, sha256, manifest)
        if refusal is None and self._outbox.has_answered(name.text):
            self._outbox.answer_again(folder, name.text)
            return None
        rows: Sequence[Row] = ()
        if refusal is None and books is not None:
            off_by = 1 if fault is Fault.CONTROL_TOTAL_WRONG else 0
            checked = checked_rows(name, content, manifest, off_by=off_by)
            books.streams[name.kind].used[name.sequence] = sha256
            if isinstance(checked, FileRefusal):
                refusal = checked
            else:
                rows = checked
        acknowledgement = answers.acknowledgement(
            name.text, sha256=sha256, size=len(content), records=len(rows), refusal=refusal
        )
        if refusal is not None or books is None:
            self._outbox.refuse(folder, name.text, acknowledgement)
            return refusal
        decisions = self._decided(books.of, name.kind, rows, manifest, fault)
        self._tell_settlements(name.entity)
        answer = Answer(
            acknowledgement,
            response=answers.response(name.text, sha256=sha256, decisions=decisions),
            half=answers.response(name.text, sha256=sha256, decisions=decisions[: len(decisions) // 2]),
        )
        self._outbox.answer(folder, name.text, answer, fault)
        return None

    def _tell_settlements(self, company: str) -> None:
        books = self._books[company]
        changes = [(one, self._exponents[one.currency], self._now()) for one in books.of.settled]
        if changes:
            books.of.settled.clear()
            books.settlements += 1
            content = answers.settlements(company, books.settlements, changes)
            self._outbox.write_next(answers.settlements_name(company, books.settlements), content)

    def _decided(
        self, books: CompanyBooks, kind: str, rows: Sequence[Row], manifest: Mapping[str, Any], fault: Fault | None
    ) -> list[Decision]:
        documents = _documents(kind, rows)
        self._exponents |= {row["currency"]: row.number("exponent") for row in rows if row.type == "C"}
        closed = fault is Fault.CLOSED_PERIOD
        if manifest["policy"] == "all_or_nothing":
            return _all_or_nothing(books, documents, closed=closed)
        return [_booked(books, document, closed=closed) for document in documents]


def _documents(kind: str, rows: Sequence[Row]) -> list[Sent]:
    exponents = {row["currency"]: row.number("exponent") for row in rows if row.type == "C"}
    heads = [row for row in rows if row.type == "D"]
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.type in "LXJ":
            lines[row["external_ref"]].append(row)
    return [Sent(kind, head, lines[head["external_ref"]], exponents[head["currency"]]) for head in heads]


def _booked(books: CompanyBooks, document: Sent, *, closed: bool) -> Decision:
    try:
        books.check(document, period_closed=closed)
    except BookingRefusedError as error:
        return Decision(document.external_ref, code=error.code, text=error.text)
    booked = books.book(document)
    return Decision(document.external_ref, booked, document.head["posting_date"], document.exponent)


def _all_or_nothing(books: CompanyBooks, documents: Sequence[Sent], *, closed: bool) -> list[Decision]:
    refused: dict[str, BookingRefusedError] = {}
    for document in documents:
        try:
            books.check(document, period_closed=closed)
        except BookingRefusedError as error:
            refused[document.external_ref] = error
    if not refused:
        return [_booked(books, document, closed=closed) for document in documents]
    other = BookingRefusedError("ALL_OR_NOTHING", f"{len(refused)} other journals of the file were refused")
    reasons = [(document.external_ref, refused.get(document.external_ref, other)) for document in documents]
    return [Decision(external_ref, code=reason.code, text=reason.text) for external_ref, reason in reasons]
