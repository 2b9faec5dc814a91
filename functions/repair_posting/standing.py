"""Which postings a document has, and how the last stands: refused, for a person to see to, or why nobody may."""

from typing import assert_never

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.elsewhere import is_held
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import PostedName
from shared.domain.posting.repair import RepairRefusedError
from shared.ports.posting_intents import PostingIntents, StaleIntentError


def postings_of(name: PostedName, intents: PostingIntents) -> list[PostingIntent]:
    """Return the postings of a document, the last one last; any of them names it. Raises RepairRefusedError."""
    chain = list(intents.chain(name.first_posting))
    if not chain:
        raise RepairRefusedError(f"there is no posting of {name.first_posting}")
    if name.number > len(chain):
        last = chain[-1].posting_id
        raise RepairRefusedError(f"there is no posting {name.first_posting}/p{name.number}: the last one is {last}")
    return chain


def refused_last(last: PostingIntent) -> PostingIntent:
    if last.state is not IntentState.REJECTED:
        raise RepairRefusedError(f"{last.posting_id} {_instead(last, last.state)}")
    if not last.answered:
        raise RepairRefusedError(f"{last.posting_id} was refused just now: ask again in a few minutes")
    if last.awaits_redating:
        text = (
            f"{last.posting_id} is about to be posted into the next open accounting period: ask again in a few minutes"
        )
        raise RepairRefusedError(text)
    return last


def require_not_made_there(refused: PostingIntent) -> None:
    """Raise RepairRefusedError for what is in the ERP without our key: it would be there twice."""
    if refused.made_in_erp:
        message = (
            f"{refused.posting_id} was made in the ERP by hand: say which document it is by u2c posting mark-posted"
        )
        raise RepairRefusedError(message)


def beaten(error: StaleIntentError) -> RepairRefusedError:
    """Return what a person is told whom somebody else was before."""
    return RepairRefusedError(f"somebody else is repairing {error}: ask again")


def _instead(last: PostingIntent, state: IntentState) -> str:  # noqa: PLR0911 - one for each state
    """Say what a posting is that was not refused, and what can be done."""
    match state:
        case IntentState.INTENT if last.document.kind is DocumentKind.CREDIT_MEMO:
            return "is not sent yet: wait until it is"
        case IntentState.INTENT:
            return "is not sent yet: wait until it is, or cancel it"
        case IntentState.ACCEPTED | IntentState.UNKNOWN if is_held(last):
            return (
                f"may be in other books ({last.reason}): publish that mapping, or mark it as posted once it is booked"
            )
        case IntentState.SENDING:
            return "is being sent: ask again in a few minutes"
        case IntentState.ACCEPTED:
            return "is with the ERP, which has not posted it yet: wait, it is asked after"
        case IntentState.UNKNOWN:
            return f"was sent, and nobody knows yet what became of it: wait, it is being looked up ({last.reason})"
        case IntentState.POSTED:
            return f"is posted, as {last.erp_number}: {_TAKEN_BACK[last.document.kind]}"
        case IntentState.CANCELLED:
            return f"was given up, and that is final: {last.reason}"
        case IntentState.REJECTED:
            return "was refused"
        case _ as never:
            assert_never(never)


_TAKEN_BACK = {
    DocumentKind.INVOICE: "a credit note or a void takes it back",
    DocumentKind.CREDIT_MEMO: "there is nothing left to do",
    DocumentKind.JOURNAL: "another journal reverses it",
}
