"""Bring home what the ERPs say of our documents' receivables: paid, partly paid, credited, voided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import ExternalRef, LegalEntityId, TenantId
from shared.domain.money import Money
from shared.domain.posting.document import is_external_ref
from shared.domain.posting.names import issued_name
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import Closed
from shared.domain.posting.readings import NotSupported, Settlement, SettlementPage
from shared.domain.receivables.credited_there import credited_here, credited_in_erp
from shared.domain.receivables.receivable import Receivable, findings, receivable, stranger
from shared.ports.clock import Clock
from shared.ports.credit_notes import CreditNotes
from shared.ports.erp import ReadableErp, ReadableErpsInTurn
from shared.ports.exceptions import ExceptionReporter
from shared.ports.posting_intents import PostingIntents
from shared.ports.receivables import Receivables

MAX_PAGES_OF_AN_ENTITY = 50  # the rest is read by the next run, from where this one ends


class SettlementsNotReadError(RuntimeError):
    """An ERP did not tell; the text names the legal entity and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementsRead:
    """`changed` documents stand otherwise than they did. ERPs that are `left_alone` are asked at the next tick."""

    changed: int
    left_alone: Mapping[LegalEntityId, Closed]


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
    clock: Clock

    def sync(self, legal_entity_ids: Iterable[LegalEntityId]) -> SettlementsRead:
        """Read what every ERP whose turn comes has settled.

        One ERP that does not answer keeps no other waiting: its error is raised after the last of them.
        """
        changed = 0
        left_alone: dict[LegalEntityId, Closed] = {}
        failures: list[Exception] = []
        for legal_entity_id in legal_entity_ids:
            try:
                with self.erps.reading_turn(legal_entity_id) as closed:
                    if closed is not None:
                        left_alone[legal_entity_id] = closed
                        continue
                    changed += self._sync_entity(legal_entity_id, *self.erps.erp_and_books(legal_entity_id))
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("settlements could not be read", failures)
        return SettlementsRead(changed=changed, left_alone=left_alone)

    def _sync_entity(self, legal_entity_id: LegalEntityId, erp: ReadableErp, books: str) -> int:
        changed = 0
        for _ in range(MAX_PAGES_OF_AN_ENTITY):
            cursor = self.receivables.cursor(legal_entity_id, books)
            match erp.settlements(cursor):
                case NotSupported():
                    return changed
                case LookupFailed(reason=reason):
                    raise SettlementsNotReadError(f"{legal_entity_id}: {reason}")
                case SettlementPage() as page:
                    changed += sum(
                        self._note(one, legal_entity_id)
                        for one in page.settlements
                        if is_external_ref(one.external_ref)
                    )
                    if page.next_cursor != cursor:
                        self.receivables.move_cursor(legal_entity_id, books, page.next_cursor)
                    if page.complete or page.next_cursor == cursor:
                        return changed
        return changed

    def _note(self, settlement: Settlement, legal_entity_id: LegalEntityId) -> bool:
        posting = self.intents.carrying(ExternalRef(settlement.external_ref))
        if posting is None:
            self.exceptions.report([stranger(settlement, tenant=self.tenant, entity=legal_entity_id)])
            return False
        if settlement.kind is not posting.document.kind:
            return False  # made of ours in the ERP, key and all, to take it back: what is left of ours, ours tells
        standing = receivable(posting, settlement)
        stood = self.receivables.read(standing.legal_entity_id, standing.posting_id)
        if stood and (stood == standing or stood.changed_at > standing.changed_at):
            return False  # told again; what was found of it then, a person may have closed since
        # Before it is stored: whoever dies in between says it again, and saying it twice is saying it once.
        if stood is None or stood.status is not standing.status:
            found = list(findings(standing))
            if found:
                self.exceptions.report(found)
            elif stood:
                for record in findings(stood):
                    self.exceptions.resolve(record.exception_id, f"the ERP says {standing.status}", self.clock.now())
        was_credited = stood.credit if stood else Money.zero(standing.gross.currency)
        if standing.credit != was_credited:
            self._compare_credits(standing, may_have_told=was_credited != Money.zero(standing.gross.currency))
        return self.receivables.save(standing)

    def _compare_credits(self, standing: Receivable, *, may_have_told: bool) -> None:
        """Tell of what was credited there beyond ours, or that nothing is any more."""
        looked_at = self.clock.now()  # before ours are read: what is recorded after this closes what is found
        name = issued_name(standing.posting_id)
        notes = self.notes.of_invoice(name.invoice_id, name.revision)
        found = credited_in_erp(standing, credited_here(notes, standing.gross.currency), looked_at=looked_at)
        if found is not None:
            self.exceptions.report([found])
        elif may_have_told:
            told = exception_id(ExceptionCode.CREDITED_IN_ERP, standing.posting_id)
            self.exceptions.resolve(told, "the ERP has credited no more than is credited here", looked_at)
