"""How a posted document stands in the receivables of its ERP: each telling states it anew, the latest counts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, LegalEntityId, PostingId, TenantId
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import first_posting
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


_OWED = frozenset({SettlementStatus.OPEN, SettlementStatus.PARTLY_PAID})


def receivable(posting: PostingIntent, settlement: Settlement) -> Receivable:
    """Return how the document of a posting stands, by what its ERP says of it.

    Overpaid it is paid, whatever the ERP calls it: what was paid beyond it is no part of it.
    """
    status, open_amount = settlement.status, settlement.open_amount
    if status in _OWED and open_amount.amount <= 0:
        was_credited = settlement.credited is not None and settlement.credited.amount > 0
        status = SettlementStatus.CREDITED if was_credited else SettlementStatus.PAID
        open_amount = Money.zero(open_amount.currency)
    return Receivable(
        tenant=posting.tenant,
        legal_entity_id=posting.legal_entity_id,
        posting_id=posting.posting_id,
        kind=posting.document.kind,
        erp_number=settlement.erp_number,
        gross=posting.document.gross,
        status=status,
        open_amount=open_amount,
        changed_at=settlement.changed_at,
        credited=settlement.credited,
    )


_NOT_THERE = frozenset({IntentState.REJECTED, IntentState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What takes a document back here: whether it is voided, and the last postings of its credit memos.

    That of a void which records what was made in the ERP is none of them: it is the ERP's own.
    """

    memos: Sequence[PostingIntent] = ()
    is_voided: bool = False


def findings(of: Receivable, here: TakenBack, *, looked_at: datetime) -> Iterator[ExceptionRecord]:
    """Yield what a person has to look at: what was voided there, and still stands here or is taken back there twice.

    Which of them, states say and no times: an ERP's clock is another one, and may tell no more than the day. Each is as
    old as the look at what is `here` (UTC, taken before it): a void that is issued after that closes it.
    """
    if of.status is not SettlementStatus.VOIDED:
        return
    found = [] if here.is_voided else ["still stands here"]
    if there := [one for one in here.memos if one.made_in_erp or one.state not in _NOT_THERE]:
        found.append(f"is taken back there once more by {', '.join(_told(one) for one in there)}")
    if found:
        voided = f"{of.erp_number} of {of.gross} was voided in the ERP of {of.legal_entity_id}"
        message = f"{voided}, and {' and '.join(found)}"
        yield _record(ExceptionCode.VOIDED_IN_ERP, of.tenant, of.posting_id, message, of.legal_entity_id, looked_at)


def _told(memo: PostingIntent) -> str:
    return f"{memo.document.human_number} ({memo.erp_number or memo.state})"


def why_not_sent(memo: PostingIntent, invoice: Receivable | None) -> str:
    """Say why a document is not sent, as its invoice stands in the ERP; nothing: it may be."""
    is_memo = memo.document.kind is DocumentKind.CREDIT_MEMO
    if invoice is None or not is_memo or invoice.status is not SettlementStatus.VOIDED:
        return ""
    return (
        f"{invoice.erp_number} was voided in the ERP, which would take it back twice: say by u2c posting mark-posted"
        " which document has voided it"
    )


NOT_OURS = "unknown here"


def why_not_of(posting: PostingIntent, settlement: Settlement) -> str:
    """Say why what has a key of a document in the ERP is not what was posted for it; nothing: it is, or may be.

    `posting` is the last one of the document. One that was refused has a person who sees to it by a repair, which takes
    over what the ERP has; of one whose attempt has no answer yet it is the answer.
    """
    of, carries = first_posting(posting.posting_id), settlement.external_ref == posting.external_ref
    match posting.state:
        case IntentState.POSTED:
            return "" if _is_posted_as(settlement, posting) else f"of {of}, which is posted as {posting.erp_number}"
        case IntentState.CANCELLED:
            return f"of {of}, which was given up"
        case IntentState.INTENT:
            return f"of {of}, which is unsent"
        case IntentState.SENDING | IntentState.ACCEPTED | IntentState.UNKNOWN if not carries:
            return f"of one that {posting.posting_id}, which is on its way, has replaced"
        case IntentState.SENDING | IntentState.ACCEPTED | IntentState.UNKNOWN | IntentState.REJECTED:
            # Whoever is told of a conflict reverses the one that is not to stay.
            is_reversed = settlement.status is SettlementStatus.VOIDED
            is_other = is_reversed and posting.problem is ExceptionCode.POSTING_CONFLICT
            return f"of {of}, of which the ERP has another" if is_other else ""
        case _ as never:
            assert_never(never)


def _is_posted_as(settlement: Settlement, posting: PostingIntent) -> bool:
    """Whether it has the number that was posted, or ours, which a person may have written into the ERP since.

    Of what was taken on somebody's word, the one is a part of the other: people write no prefix, or a year behind it.
    """
    there, here = settlement.erp_number, posting.erp_number or ""
    if not there or not here:
        return True
    if posting.erp_ref is None:
        said, told = (re.sub(r"\W", "", number).casefold() for number in (here, there))
        return said in told or told in said
    carries = settlement.external_ref == posting.external_ref
    return there == here or (carries and there == posting.document.human_number)


def stranger(
    settlement: Settlement, why: str, *, tenant: TenantId, entity: LegalEntityId, now: datetime
) -> ExceptionRecord:
    """Return the finding of a document with a key of our form that is not what was posted with it; `why` says so."""
    message = f"the ERP of {entity} has {settlement.erp_number} with the key {settlement.external_ref}, {why}"
    return _record(ExceptionCode.UNKNOWN_IN_ERP, tenant, _of_stranger(settlement), message, entity, now)


def stranger_id(settlement: Settlement) -> ExceptionId:
    return exception_id(ExceptionCode.UNKNOWN_IN_ERP, _of_stranger(settlement))


def _of_stranger(settlement: Settlement) -> str:
    return f"{settlement.external_ref}/{settlement.erp_number}"


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
