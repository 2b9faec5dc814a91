"""Store a journal that somebody has prepared; put its posting into the outbox once somebody else approves it."""

from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import PostingId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.posting.journal import Journal
from shared.domain.posting.journal_approval import (
    JournalRefusedError,
    JournalState,
    PreparedJournal,
    decided,
    journal_pending,
    require_approver,
    require_postable,
)
from shared.domain.posting.names import JournalName, first_posting
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.journals import AlreadyReversedError, JournalChangedError, Journals, StoredJournal
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents
from shared.ports.posting_requests import PostingRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecorder:
    """Every method raises JournalRefusedError, with the reason, for what cannot be; nothing is stored then."""

    journals: Journals
    intents: PostingIntents
    master_data: MasterData
    requests: PostingRequests
    exceptions: ExceptionReporter
    clock: Clock

    def prepare(self, journal: Journal, *, prepared_by: str, send: bool) -> tuple[PreparedJournal, str]:
        """Return the journal as it is then, and who is to decide on it. The same one again changes nothing."""
        entity = self._entity(journal)
        known = self.journals.read(journal.posting_id)
        if known is not None and payload_digest(known.prepared.journal) != payload_digest(journal):
            message = f"{journal.human_number} was prepared with other content: another one needs another id"
            raise JournalRefusedError(message)
        fresh = PreparedJournal(journal=journal, prepared_by=prepared_by, prepared_at=self.clock.now())
        prepared = known.prepared if known else fresh
        if prepared.state is not JournalState.AWAITING_APPROVAL:
            return prepared, ""
        require_postable(journal, entity, self._original(journal), self._reversal(journal))
        approver = require_approver(prepared, entity.approval if entity else None)
        if send:
            if known is None:
                self._save(StoredJournal(prepared=prepared, version=1))
            self.exceptions.report([journal_pending(prepared, approver)])
        return prepared, approver

    def decide(self, name: JournalName, decision: ApprovalDecision) -> PreparedJournal:
        """Return the journal as decided: its posting asked for, or rejected. The same decision again changes nothing.

        One that its accounting period does not take waits on: approved again once that is open, it is posted.
        """
        stored = self.journals.read(name.first_posting)
        if stored is None:
            raise JournalRefusedError(f"nobody has prepared {name.journal_id}")
        entity = self._entity(stored.prepared.journal)
        done = decided(stored.prepared, decision, entity.approval if entity else None)
        if done is not stored.prepared:
            self._store(StoredJournal(prepared=done, version=stored.version + 1), entity)
        if done.state is JournalState.APPROVED:
            self.requests.request(done.journal.posting_id)  # the relay's, should we die before it
        pending = exception_id(ExceptionCode.JOURNAL_PENDING, done.journal.posting_id)
        self.exceptions.resolve(pending, f"{done.state} by {decision.decided_by}", self.clock.now())
        return done

    def _store(self, stored: StoredJournal, entity: LegalEntity | None) -> None:
        journal = stored.prepared.journal
        if stored.prepared.state is not JournalState.APPROVED:
            self._save(stored)
            return
        given_up = self._reversal(journal)
        require_postable(journal, entity, self._original(journal), given_up)
        instead_of = first_posting(given_up.posting_id) if given_up else None
        try:
            self.journals.approve(stored, new_intent(journal, created_at=self.clock.now()), instead_of=instead_of)
        except AccountingPeriodClosedError as error:
            message = f"accounting period {error} takes nothing new: approve it once it is open, or prepare another"
            raise JournalRefusedError(message) from error
        except AlreadyReversedError as error:
            raise JournalRefusedError(f"{journal.reverses} is reversed by {error} already") from error
        except JournalChangedError as error:
            raise JournalRefusedError(f"somebody else has decided on {error}: look again") from error

    def _save(self, stored: StoredJournal) -> None:
        try:
            self.journals.save(stored)
        except JournalChangedError as error:
            raise JournalRefusedError(f"somebody else is at {error}: ask again") from error

    def _entity(self, journal: Journal) -> LegalEntity | None:
        self.master_data.version()
        return self.master_data.legal_entity(journal.legal_entity_id)

    def _original(self, journal: Journal) -> PostingIntent | None:
        return self._last(journal.reverses)

    def _reversal(self, journal: Journal) -> PostingIntent | None:
        return self._last(self.journals.reversal_of(journal.reverses)) if journal.reverses is not None else None

    def _last(self, posting_id: PostingId | None) -> PostingIntent | None:
        chain = self.intents.chain(posting_id) if posting_id is not None else ()
        return chain[-1] if chain else None
