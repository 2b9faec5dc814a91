"""What was credited of an invoice in its ERP and is not recorded here: by the amounts of both, whoever made the memos.

Ours count from their issue on, posted or not: whatever the ERP was seen to have credited by a memo of ours was issued
before. So the ERP is read first and ours after it, and no memo under way raises a thing. One that is under way can hide
a credit of its own amount until the ERP has both, and tells of it.
"""

from collections.abc import Iterable
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState
from shared.domain.money import Currency, Money, total
from shared.domain.receivables.receivable import Receivable


def credited_here(notes: Iterable[CreditNote], currency: Currency) -> Money:
    """Return the sum of the issued ones among the credit notes of an invoice."""
    issued = (note.credited.gross for note in notes if note.state is CreditNoteState.ISSUED)
    return total(issued, currency)


def credited_beyond(of: Receivable, here: Money) -> Money:
    """Return what the ERP has credited beyond what is credited here.

    Where it names no amount, that may be all of the invoice, or nothing as soon as anything is credited here.
    """
    nothing = Money.zero(of.gross.currency)
    if of.credit is None:
        return nothing if here.amount else of.gross
    return of.credit - here if here < of.credit else nothing


def credited_in_erp(of: Receivable, here: Money, *, looked_at: datetime) -> ExceptionRecord | None:
    """Return the finding of a credit that a person made in the ERP, if there is one.

    It is as old as the look at what is credited here (`looked_at`, UTC, taken before it): what is recorded after that
    closes it, whichever of the two is told first.
    """
    if not credited_beyond(of, here).amount:
        return None
    there = f"credited by {of.credit}" if of.credit is not None else "credited, it does not say by how much,"
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.CREDITED_IN_ERP, of.posting_id),
        tenant=of.tenant,
        code=ExceptionCode.CREDITED_IN_ERP,
        subject=of.posting_id,
        message=f"{of.erp_number} of {of.gross} was {there} in the ERP of {of.legal_entity_id}, and here by {here}",
        raised_at=looked_at,
        detail={"legal_entity": of.legal_entity_id},
    )


def why_not_credited_too(of: Receivable, here: Money, more: Money) -> str:
    """Say why a credit is not issued beside those here and those made in the ERP; nothing: they fit the invoice.

    The ERP is an hour behind at most: what it had taken back since is credited then. By a credit without an amount
    nobody can say what is left: it is told of and refuses nothing.
    """
    beyond = credited_beyond(of, here)
    if of.credit is None or not beyond.amount or not of.gross < here + beyond + more:
        return ""
    return (
        f"{more} more cannot be credited: a person has credited {beyond} of {of.erp_number} in the ERP of"
        f" {of.legal_entity_id}, which is not recorded here, and {of.gross} were invoiced; record that credit first, by"
        " --made-in-erp"
    )
