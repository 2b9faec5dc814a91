"""How a posted document stands in the receivables of its ERP: each telling states it anew, the latest counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import LegalEntityId, PostingId, TenantId
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.readings import Settlement, SettlementStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """One posted document. `open_amount` is what is left of its gross amount; `changed_at` (UTC) is the ERP's.

    `credited` is as the ERP tells it, None where it does not: what `credit` makes of it is what counts.
    """

    tenant: TenantId
    legal_entity_id: LegalEntityId
    posting_id: PostingId
    kind: DocumentKind
    erp_number: str
    gross: Money
    status: SettlementStatus
    open_amount: Money
    changed_at: datetime
    credited: Money | None = None

    @property
    def is_closed(self) -> bool:
        """Nobody owes anything for it any more."""
        return self.status in {SettlementStatus.PAID, SettlementStatus.CREDITED, SettlementStatus.VOIDED}

    @property
    def credit(self) -> Money | None:
        """What credit memos took of an invoice that stands; None where the ERP only says that they did."""
        nothing = Money.zero(self.gross.currency)
        if self.kind is not DocumentKind.INVOICE or self.status is SettlementStatus.VOIDED:
            return nothing
        if self.credited is None and self.status is SettlementStatus.CREDITED:
            return None
        return self.credited or nothing


def receivable(posting: PostingIntent, settlement: Settlement) -> Receivable:
    """Return how the document of a posting stands, by what its ERP says of it."""
    return Receivable(
        tenant=posting.tenant,
        legal_entity_id=posting.legal_entity_id,
        posting_id=posting.posting_id,
        kind=posting.document.kind,
        erp_number=settlement.erp_number,
        gross=posting.document.gross,
        status=settlement.status,
        open_amount=settlement.open_amount,
        changed_at=settlement.changed_at,
        credited=settlement.credited,
    )


def findings(of: Receivable) -> Iterator[ExceptionRecord]:
    """Yield what a person has to look at: a document that was voided there and still stands here.

    Each is as old as what the ERP tells: told late, it opens nothing that was seen to here since.
    """
    if of.status is SettlementStatus.VOIDED:
        message = f"{of.erp_number} of {of.gross} was voided in the ERP of {of.legal_entity_id}, and still stands here"
        yield _record(ExceptionCode.VOIDED_IN_ERP, of.tenant, of.posting_id, message, of.legal_entity_id, of.changed_at)


def stranger(settlement: Settlement, *, tenant: TenantId, entity: LegalEntityId) -> ExceptionRecord:
    """Return the finding of a document with a key of our form that no posting here has, as old as `findings` are."""
    message = f"the ERP of {entity} has {settlement.erp_number} with the key {settlement.external_ref}, unknown here"
    subject, raised_at = settlement.external_ref, settlement.changed_at
    return _record(ExceptionCode.UNKNOWN_IN_ERP, tenant, subject, message, entity, raised_at)


def _record(
    code: ExceptionCode, tenant: TenantId, subject: str, message: str, entity: LegalEntityId, raised_at: datetime
) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(code, subject),
        tenant=tenant,
        code=code,
        subject=subject,
        message=message,
        raised_at=raised_at,
        detail={"legal_entity": entity},
    )
