"""What the ERP has of a posting that it has refused, before anything is done about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.elsewhere import the_one_elsewhere
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.outcome import Absent, Ambiguous, ErpRef, Found, LookupFailed, PostedDocument
from shared.domain.posting.repair import RepairRefusedError
from shared.ports.erp import Erp, ErpRouting


class NotShownError(RepairRefusedError):
    """The ERP cannot be asked, or does not answer."""


def erp_and_books_of(posting: PostingIntent, erps: ErpRouting) -> tuple[Erp, str]:
    try:
        return erps.erp_and_books(posting.legal_entity_id)
    except KeyError:
        raise RepairRefusedError(f"{posting.legal_entity_id} has no ERP: publish a catalogue that names it") from None


def require_here(chain: Sequence[PostingIntent], books: str) -> None:
    """Raise RepairRefusedError where the ERP that its legal entity has now cannot show all that there may be of it."""
    elsewhere = the_one_elsewhere(chain, books)
    if elsewhere is not None:
        text = (
            f"{elsewhere.posting_id} may be in {elsewhere.sent_to}, and its legal entity is mapped to {books} now:"
            " publish the mapping that it was sent by, then ask again; or mark it as posted once it is booked by hand"
        )
        raise RepairRefusedError(text)


def require_shown(last: PostingIntent, capabilities: Capabilities, *, now: datetime) -> None:
    """Raise RepairRefusedError while the ERP's look-ups may not show yet what the last attempt has left there.

    What was never sent has left nothing.
    """
    if not last.attempts:
        return
    left_at = last.settled_at or last.sent_at or last.created_at
    if now < left_at + timedelta(seconds=capabilities.lookup_spacing_seconds):
        became = "refused" if last.state is IntentState.REJECTED else "tried"
        raise RepairRefusedError(f"{last.posting_id} was {became} just now: ask again in a few minutes")


def booked(refused: PostingIntent, erp: Erp, *, may_discard: bool) -> PostedDocument | None:
    """Return the document if the ERP's ledger has it with our key; a draft of it goes before there is another."""
    seen = found(refused, erp)
    if seen is None or seen.posted:
        return seen
    if not may_discard:
        return None
    erp.discard(seen.ref, refused.document.kind)
    left = found(refused, erp)
    if left is not None and not left.posted:
        message = f"the ERP keeps {_named(left.ref)}, which is not posted: post it or delete it there, then ask again"
        raise RepairRefusedError(message)
    return left


def booked_by_any(chain: Sequence[PostingIntent], erp: Erp, *, may_discard: bool) -> PostedDocument | None:
    """Return the document under any of its keys: whoever books it by hand may do so from an earlier refusal."""
    each = (booked(one, erp, may_discard=may_discard) for one in reversed(chain))
    return next((one for one in each if one is not None), None)


def found(refused: PostingIntent, erp: Erp) -> PostedDocument | None:
    match erp.locate(refused.external_ref, refused.document.kind):
        case Found(document=document):
            return document
        case Absent():
            return None
        case Ambiguous(refs=refs):
            several = ", ".join(map(_named, refs))
            raise RepairRefusedError(f"the ERP has more than one with its reference: {several}; keep one of them")
        case LookupFailed(reason=reason):
            raise NotShownError(f"the ERP does not say what it has of {refused.posting_id}: {reason}; ask again")
        case _ as never:
            assert_never(never)


def _named(ref: ErpRef) -> str:
    return f"document {ref.value}"
