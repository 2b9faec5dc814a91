"""Bring home what the ERPs say of our documents' receivables: paid, partly paid, credited, voided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from shared.domain.exception_record import ExceptionCode, ExceptionStatus, exception_id
from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId, TenantId
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState, CreditPurpose
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.names import issued_name
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import NotSupported, Settlement, SettlementPage, SettlementStatus
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.credited_there import credited_here, credited_in_erp
from shared.domain.receivables.receivable import (
    NOT_OURS,
    Receivable,
    TakenBack,
    findings,
    receivable,
    stranger,
    stranger_id,
    why_not_of,
)
from shared.ports.clock import Clock
from shared.ports.credit_notes import CreditNotes
from shared.ports.erp import ReadableErpsInTurn
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.posting_intents import PostingIntents
from shared.ports.receivables import Receivables

# Of the function's time-out, which leaves minutes for the last page: its calls may be slow, and all it tells is stored.
WORKS_FOR = timedelta(minutes=7)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SettlementsNotReadError(RuntimeError):
    """An ERP did not tell; the text names the legal entity and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementsRead:
    """`changed` documents stand otherwise than they did.

    ERPs that are `left_alone` are asked at the next tick, and those that are `behind` asked for the rest of what they
    have: there was no time for it.
    """

    changed: int
    left_alone: Mapping[LegalEntityId, NotCalled]
    behind: Sequence[LegalEntityId]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What reading one ERP for a while has come to; `not_called`: no further turn came there."""

    changed: int
    is_complete: bool
    not_called: NotCalled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementSync:
    """Reads on from where the last run ended, in the books that an entity has now.

    Whatever is told again, since its time is near the end of the last reading or that reading died, changes nothing.
    """

    tenant: TenantId
    erps: ReadableErpsInTurn
    intents: PostingIntents
    notes: CreditNotes
    receivables: Receivables
    exceptions: ExceptionReporter
    known: ExceptionStore
    clock: Clock

    def due(self, legal_entity_ids: Iterable[LegalEntityId], *, at: datetime) -> Sequence[LegalEntityId]:
        """Return those that are to be read at a tick, the one first that nobody has asked for the longest time.

        These are all whose last pass began an hour before, and those whose pass is not complete yet.
        """
        readings = {one: self._reading(one) for one in legal_entity_ids}
        due = [one for one, reading in readings.items() if reading.is_due(at)]
        return sorted(due, key=lambda one: readings[one].asked_at or _LONG_AGO)

    def as_of(self, legal_entity_ids: Iterable[LegalEntityId]) -> Mapping[LegalEntityId, datetime]:
        """Return as of when all that these ERPs had is known here; nothing of those that show no receivables."""
        readings = {one: self._reading(one) for one in legal_entity_ids}
        return {one: reading.as_of for one, reading in readings.items() if reading.as_of is not None}

    def sync(self, legal_entity_ids: Iterable[LegalEntityId]) -> SettlementsRead:
        """Read what every ERP whose turn comes has settled, for as long as a run has time.

        They share that time: whoever needs less of it leaves it to the others. One ERP that does not answer keeps no
        other waiting: its error is raised after the last of them.
        """
        changed = 0
        left_alone: dict[LegalEntityId, NotCalled] = {}
        failures: list[Exception] = []
        until = self.clock.now() + WORKS_FOR
        to_read = list(dict.fromkeys(legal_entity_ids))
        while to_read and self.clock.now() < until:
            behind: list[LegalEntityId] = []
            for place, legal_entity_id in enumerate(to_read):
                now = self.clock.now()
                if now >= until:
                    behind += to_read[place:]
                    break
                share = (until - now) / (len(to_read) - place)
                try:
                    read = self._read(legal_entity_id, until=now + share)
                except Exception as error:  # noqa: BLE001 - raised below, with all the others
                    failures.append(error)
                    continue
                changed += read.changed
                if read.not_called is not None:
                    left_alone[legal_entity_id] = read.not_called
                elif not read.is_complete:
                    behind.append(legal_entity_id)
            to_read = behind
        if failures:
            raise ExceptionGroup("settlements could not be read", failures)
        return SettlementsRead(changed=changed, left_alone=left_alone, behind=tuple(to_read))

    def _read(self, legal_entity_id: LegalEntityId, *, until: datetime) -> _Read:
        """Read pages until an instant, one in any case."""
        changed = 0
        while True:
            # A turn is one page: whoever posts does not wait for the last of many.
            with self.erps.reading_turn(legal_entity_id) as not_called:
                if not_called is not None:
                    return _Read(changed=changed, is_complete=False, not_called=not_called)
                noted, is_complete = self._read_page(legal_entity_id)
            changed += noted
            if is_complete or self.clock.now() >= until:
                return _Read(changed=changed, is_complete=is_complete)

    def _read_page(self, legal_entity_id: LegalEntityId) -> tuple[int, bool]:
        """Return how many documents a page has changed, and whether it is the last of its pass."""
        erp, books = self.erps.erp_and_books(legal_entity_id)
        reading = self.receivables.reading(legal_entity_id, books).asked(self.clock.now())
        self.receivables.save_reading(legal_entity_id, books, reading)  # or who never answers would be asked first
        match erp.settlements(reading.cursor):
            case NotSupported():
                self.receivables.save_reading(legal_entity_id, books, BooksReading(asked_at=reading.asked_at))
                return 0, True
            case LookupFailed(reason=reason):
                raise SettlementsNotReadError(f"{legal_entity_id}: {reason}")
            case SettlementPage() as page:
                changed = sum(
                    self._note(one, legal_entity_id) for one in page.settlements if is_external_ref(one.external_ref)
                )
                is_complete = page.complete or page.next_cursor == reading.cursor
                self.receivables.save_reading(
                    legal_entity_id, books, reading.after(page.next_cursor, complete=is_complete)
                )
                return changed, is_complete
            case _ as never:
                assert_never(never)

    def _reading(self, legal_entity_id: LegalEntityId) -> BooksReading:
        try:
            _, books = self.erps.erp_and_books(legal_entity_id)
        except Exception:  # noqa: BLE001 - it keeps no other waiting: whoever reads it next says what it is
            return BooksReading()
        return self.receivables.reading(legal_entity_id, books)

    def _note(self, settlement: Settlement, legal_entity_id: LegalEntityId) -> bool:
        carrying = self.intents.carrying(ExternalRef(settlement.external_ref))
        if carrying is None:
            self._note_stranger(settlement, NOT_OURS, legal_entity_id)
            return False
        if settlement.kind is not carrying.document.kind:
            return False  # made of ours in the ERP, key and all, to take it back: what is left of ours, ours tells
        # What was posted may have the key of an earlier one, which was refused: whoever asks, asks for the last.
        posting = self.intents.chain(carrying.posting_id)[-1] if carrying.replaced_by else carrying
        if why := why_not_of(posting, settlement):
            self._note_stranger(settlement, why, legal_entity_id)
            return False
        standing = receivable(posting, settlement)
        stood = self.receivables.read(standing.legal_entity_id, standing.posting_id)
        if stood and (stood == standing or stood.changed_at > standing.changed_at):
            return False  # told again; what was found of it then, a person may have closed since
        # Before it is stored: whoever dies in between says it again, and saying it twice is saying it once.
        if stood is None or stood.erp_number != standing.erp_number:
            self._close_stranger(settlement, f"it is {posting.posting_id}")
        if stood is None or stood.status is not standing.status:
            self._tell(standing, was_voided=stood is not None and stood.status is SettlementStatus.VOIDED)
        was_credited = stood.credit if stood else Money.zero(standing.gross.currency)
        if standing.credit != was_credited:
            self._compare_credits(standing, may_have_told=was_credited != Money.zero(standing.gross.currency))
        return self.receivables.save(standing)

    def _tell(self, standing: Receivable, *, was_voided: bool) -> None:
        looked_at = self.clock.now()
        if was_voided:
            voided = exception_id(ExceptionCode.VOIDED_IN_ERP, standing.posting_id)
            self.exceptions.resolve(voided, f"the ERP says {standing.status}", looked_at)
        elif standing.status is SettlementStatus.VOIDED:
            self.exceptions.report(list(findings(standing, self._taken_back(standing), looked_at=looked_at)))

    def _taken_back(self, standing: Receivable) -> TakenBack:
        if standing.kind is not DocumentKind.INVOICE:
            return TakenBack()
        issued = [note for note in self._notes(standing) if note.state is CreditNoteState.ISSUED]
        voids = [note for note in issued if note.request.purpose is CreditPurpose.VOID]
        memos = [note for note in issued if note not in voids or not note.request.made_in_erp]
        return TakenBack(
            memos=[self.intents.chain(PostingId(note.credit_note_id))[-1] for note in memos], is_voided=bool(voids)
        )

    def _notes(self, standing: Receivable) -> Sequence[CreditNote]:
        name = issued_name(standing.posting_id)
        return self.notes.of_invoice(name.invoice_id, name.revision)

    def _note_stranger(self, settlement: Settlement, why: str, legal_entity_id: LegalEntityId) -> None:
        """Tell of a document once: a person may have closed it, and it is told again by whatever time the ERP has."""
        if settlement.status is SettlementStatus.VOIDED:
            self._close_stranger(settlement, "the ERP says voided")
        elif self.known.find(stranger_id(settlement)) is None:
            now = self.clock.now()
            self.exceptions.report([stranger(settlement, why, tenant=self.tenant, entity=legal_entity_id, now=now)])

    def _close_stranger(self, settlement: Settlement, why: str) -> None:
        told = self.known.find(stranger_id(settlement))
        if told is not None and told.status is ExceptionStatus.OPEN:
            self.exceptions.resolve(told.exception_id, why, self.clock.now())

    def _compare_credits(self, standing: Receivable, *, may_have_told: bool) -> None:
        """Tell of what was credited there beyond ours, or that nothing is any more."""
        looked_at = self.clock.now()  # before ours are read: what is recorded after this closes what is found
        here = credited_here(self._notes(standing), standing.gross.currency)
        found = credited_in_erp(standing, here, looked_at=looked_at)
        if found is not None:
            self.exceptions.report([found])
        elif may_have_told:
            told = exception_id(ExceptionCode.CREDITED_IN_ERP, standing.posting_id)
            self.exceptions.resolve(told, "the ERP has credited no more than is credited here", looked_at)
