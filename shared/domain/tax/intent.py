"""The tax intent: what is to be recorded in a tax engine, written with the document it is about.

There is no state for an attempt that is under way. An engine knows a document by its code, so that what was sent
without an answer is sent again until the engine has it; this is what a posting intent must not do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.tax.document import TaxDocument

TaxIntentId = NewType("TaxIntentId", str)  # that of the posting of the same document

# Whoever issues the document asks for the commit itself; the relay steps in after this.
FIRST_RELAY_DELAY = timedelta(minutes=15)


class TaxOperation(StrEnum):
    COMMIT = "commit"
    VOID = "void"
    REFUND = "refund"


class TaxIntentState(StrEnum):
    INTENT = "intent"  # to be recorded; no attempt is without an answer
    UNKNOWN = "unknown"  # an attempt ended without an answer: to be recorded, again
    RECORDED = "recorded"  # the engine has it


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxIntent:
    """One thing to be recorded, once and for ever. `version` fences writers: every change is conditional on it.

    `original` is the document that a refund is of. `due_at` (UTC) is when the relay may ask for it again. `problem` is
    the exception that is open about it now, `raised` every one there was.
    """

    tenant: TenantId
    tax_intent_id: TaxIntentId
    operation: TaxOperation
    legal_entity_id: LegalEntityId
    accounting_period: str  # YYYY-MM; it is not closed before this is recorded
    document: TaxDocument
    original: TaxDocument | None
    state: TaxIntentState
    version: int
    attempts: int
    due_at: datetime
    created_at: datetime
    reason: str = ""
    problem: ExceptionCode | None = None
    raised: tuple[ExceptionCode, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state is not TaxIntentState.RECORDED


def new_tax_intent(
    tax_intent_id: TaxIntentId,
    operation: TaxOperation,
    document: TaxDocument,
    *,
    tenant: TenantId,
    accounting_period: str,
    created_at: datetime,
    original: TaxDocument | None = None,
) -> TaxIntent:
    """Return the intent that is written in the transaction that issues, voids or credits the document."""
    return TaxIntent(
        tenant=tenant,
        tax_intent_id=tax_intent_id,
        operation=operation,
        legal_entity_id=document.seller.legal_entity_id,
        accounting_period=accounting_period,
        document=document,
        original=original,
        state=TaxIntentState.INTENT,
        version=1,
        attempts=0,
        due_at=created_at + FIRST_RELAY_DELAY,
        created_at=created_at,
    )
