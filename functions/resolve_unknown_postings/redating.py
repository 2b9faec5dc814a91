"""Post what its accounting period refuses into the next one that is open, by a posting of its own."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.closed_period import days_to_try
from shared.domain.posting.decisions import confirmed
from shared.domain.posting.elsewhere import may_be_elsewhere
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.lookups import looked_at_later
from shared.domain.posting.outcome import Absent, Ambiguous, Found, LookupFailed
from shared.domain.posting.repair import left_to_a_person, redated
from shared.ports.clock import Clock
from shared.ports.erp import Erp
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents
from shared.ports.posting_repairs import PostingRepairs

PATIENCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redater:
    intents: PostingIntents
    repairs: PostingRepairs
    master_data: MasterData
    clock: Clock

    def redate(self, refused: PostingIntent, erp: Erp, books: str) -> None:
        """Put another posting in the place of a refused one, or leave it to a person.

        The ERP is asked first, as before any repair: a draft of it goes, and what somebody has booked is posted. Of
        what may be in other books than these, which are the legal entity's now, it knows nothing.
        """
        capabilities, now = erp.capabilities(), self.clock.now()
        if may_be_elsewhere(refused, books):
            why = f"since it may be in {refused.sent_to}, and its legal entity is mapped to {books} now"
            self.intents.save(left_to_a_person(refused, why, now=now))
            return
        waited = now - (refused.settled_at or refused.created_at)
        again = looked_at_later(refused, capabilities=capabilities, now=now)
        if waited < timedelta(seconds=capabilities.lookup_spacing_seconds):
            self.intents.save(again)  # what the refused attempt has left there may not be shown yet
            return
        if refused.erp_ref is not None:
            erp.discard(refused.erp_ref, refused.document.kind)
        location = erp.locate(refused.external_ref, refused.document.kind)
        match location:
            case Absent():
                self._replace(refused)
            case Found(document=document) if document.posted:
                posted = confirmed(refused, document, capabilities=capabilities, now=now)
                self.intents.save(replace(posted, sent_to=books, awaits_redating=False, answered=False))
            case _ if waited < PATIENCE:  # it does not say, or its draft would not go
                self.intents.save(again)
            case _:
                self.intents.save(left_to_a_person(refused, _kept_by(location), now=now))

    def _replace(self, refused: PostingIntent) -> None:
        now = self.clock.now()
        entity = self._entity(refused.legal_entity_id)
        if entity is None or not entity.on_closed_period.moves(refused.document.kind):
            policy = entity.on_closed_period if entity else "without a legal entity"
            why = f"since on_closed_period of {refused.legal_entity_id} is {policy} now"
            self.intents.save(left_to_a_person(refused, why, now=now))
            return
        posting_date, today = refused.document.posting_date, entity.day_of(now)
        tried = []
        for day in days_to_try(posting_date, closed_through=entity.closed_through, today=today):
            try:
                self.repairs.replace(redated(refused, day, now=now), None)
            except AccountingPeriodClosedError:
                tried.append(f"{day:%Y-%m}")
                continue
            return
        none_open = f"{' and '.join(tried)} takes nothing new either" if tried else f"none has begun by {today}"
        why = f"since {none_open}"
        self.intents.save(left_to_a_person(refused, why, now=now))

    def _entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        self.master_data.version()
        return self.master_data.legal_entity(legal_entity_id)


def _kept_by(location: Found | Ambiguous | LookupFailed) -> str:
    """Say what of it is in the ERP still, or that nobody knows."""
    match location:
        case LookupFailed(reason=reason):
            return f"since the ERP does not say what it has of it ({reason})"
        case Ambiguous(refs=refs):
            return f"since the ERP has more than one with its reference ({', '.join(ref.value for ref in refs)})"
        case Found(document=draft):
            return f"since the ERP keeps document {draft.ref.value} of it, which is not posted"
        case _ as never:
            assert_never(never)
