"""The posting intent: written before anything is sent, it decides alone whether a document may be sent again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId, TenantId
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import ErpRef


class IntentState(StrEnum):
    INTENT = "intent"  # to be sent; certainly not in the ERP
    SENDING = "sending"  # an attempt is, or may be, under way
    UNKNOWN = "unknown"  # an attempt ended without an answer; look up after the quiet period
    POSTED = "posted"
    REJECTED = "rejected"

    @property
    def settled(self) -> bool:
        return self in {IntentState.POSTED, IntentState.REJECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingIntent:
    """One document for one ERP, for ever. `version` fences writers: every change is conditional on it.

    `due_at` (UTC) is when the relay or the resolver may next act. `absences` counts spaced look-ups that found
    nothing since the last attempt. `answered` says that the waiting invoice execution was told the outcome.
    """

    tenant: TenantId
    posting_id: PostingId
    external_ref: ExternalRef
    legal_entity_id: LegalEntityId
    document: PostingDocument
    payload_digest: str
    state: IntentState
    version: int
    attempts: int
    absences: int
    due_at: datetime
    created_at: datetime
    task_token: str | None = None
    erp_ref: ErpRef | None = None
    erp_number: str | None = None
    posted_period: str | None = None
    reason: str = ""
    answered: bool = False
