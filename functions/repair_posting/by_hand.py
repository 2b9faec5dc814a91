"""What a person has booked in the ERP by hand is marked as posted; what nobody will post any more is cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from functions.repair_posting.composing import Composed, posted
from functions.repair_posting.in_the_erp import (
    NotShownError,
    booked_by_any,
    erp_and_books_of,
    found,
    require_here,
    require_shown,
)
from functions.repair_posting.standing import beaten, postings_of, refused_last
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.elsewhere import cannot_be_looked_up
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import PostedName
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument
from shared.domain.posting.repair import Adopted, Cancelled, RepairRefusedError, cancelled, marked
from shared.ports.clock import Clock
from shared.ports.erp import Erp, ErpRouting
from shared.ports.posting_intents import PostingIntents, StaleIntentError
from shared.ports.posting_repairs import PostingRepairs


@dataclass(frozen=True, slots=True, kw_only=True)
class HandBooking:
    """The `number` that the ERP gave, and its own `key` of the document where that is known.

    One that the ERP cannot be seen to have is taken on somebody's word only where it is `unverified`.
    """

    number: str
    key: str = ""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandSettler:
    """Each method raises RepairRefusedError, with the reason, and stores nothing but where `send` is set."""

    intents: PostingIntents
    repairs: PostingRepairs
    erps: ErpRouting
    compose: Callable[[PostedName], Composed]
    clock: Clock

    def mark_posted(self, name: PostedName, booking: HandBooking, *, asked_by: str, send: bool) -> Adopted:
        """Return a refused posting as posted. Asked for twice, it is done once.

        One that is posted on somebody's word gets the ERP's own key, once the ERP shows the document under it. One that
        is in doubt is taken too, where it may be in books that nobody can look into any more.
        """
        chain = postings_of(name, self.intents)
        if _is_marked(chain[-1], booking):
            return Adopted(posting=chain[-1], verified=chain[-1].erp_ref is not None, is_repeat=True)
        lacks_key = _lacks_key(chain[-1], booking)
        erp, books = erp_and_books_of(chain[-1], self.erps)
        # Whoever waits for it is told, and sees to the invoice.
        in_doubt = cannot_be_looked_up(chain[-1], books)
        refused = chain[-1] if lacks_key or in_doubt else refused_last(chain[-1])
        invoice = None if lacks_key or in_doubt else self.compose(name).invoice
        seen = _seen(chain, booking, erp)
        if seen is not None:
            self._require_of_no_other(seen, chain)
        capabilities, now = erp.capabilities(), self.clock.now()
        adopted = marked(
            refused, booking.number, seen, books=books, asked_by=asked_by, capabilities=capabilities, now=now
        )
        adopted = replace(adopted, has_our_key=seen is not None and seen.external_ref in _keys_of(chain))
        if send:
            try:
                if in_doubt:
                    self.intents.settle(adopted.posting)
                else:
                    self.repairs.adopt(adopted, invoice and posted(invoice))
            except StaleIntentError as error:
                raise beaten(error) from error
        return adopted

    def _require_of_no_other(self, seen: PostedDocument, chain: Sequence[PostingIntent]) -> None:
        """Raise RepairRefusedError for what has the key of another document: what is told of it then is told of that.

        One of another kind has it where it was made of that in the ERP, to take it back.
        """
        last = chain[-1]
        carrying = self.intents.carrying(ExternalRef(seen.external_ref)) if is_external_ref(seen.external_ref) else None
        if carrying is None or carrying.document.kind is not last.document.kind:
            return
        if all(carrying.posting_id != one.posting_id for one in chain):
            message = (
                f"document {seen.ref.value} of the ERP has the key of {carrying.posting_id}: name the one that was"
                f" booked for {last.posting_id}, or take that key off it there first, if this is the one"
            )
            raise RepairRefusedError(message)

    def cancel(self, name: PostedName, *, reason: str, asked_by: str, send: bool) -> Cancelled:
        """Return a posting as given up, once the ERP has shown that it has nothing of it; a draft goes.

        Asked for twice, it is done once.
        """
        chain = postings_of(name, self.intents)
        if chain[-1].state is IntentState.CANCELLED:
            return Cancelled(posting=chain[-1], is_repeat=True)
        last = _may_be_cancelled(chain[-1])
        erp, books = erp_and_books_of(last, self.erps)
        require_here(chain, books)
        require_shown(last, erp.capabilities(), now=self.clock.now())
        seen = booked_by_any(chain, erp, may_discard=send)
        if seen is not None:
            message = f"the ERP has it, as {seen.number or seen.ref.value}: u2c posting repair takes it over"
            raise RepairRefusedError(message)
        done = cancelled(last, reason=reason, asked_by=asked_by, now=self.clock.now())
        if send:
            store = self.intents.save if last.state.settled else self.intents.settle
            try:
                store(done.posting)
            except StaleIntentError as error:
                raise beaten(error) from error
        return done


def _seen(chain: list[PostingIntent], booking: HandBooking, erp: Erp) -> PostedDocument | None:
    """Return the document under one of our keys or under the ERP's own; None where that is taken on somebody's word."""
    ours = next((seen for one in reversed(chain) if (seen := _shown(one, booking, erp)) is not None), None)
    if ours is not None:
        return ours
    if booking.key:
        reading = erp.read(ErpRef(booking.key), chain[-1].document.kind)
        if not isinstance(reading, LookupFailed):
            return reading
        if not booking.unverified:
            raise RepairRefusedError(f"the ERP does not show its document {booking.key}: {reading.reason}")
    if not booking.unverified:
        message = (
            "the ERP shows no document with our key: name its own key of it (--erp-key),"
            " or take it unseen, on your word (--unverified)"
        )
        raise RepairRefusedError(message)
    return None


def _shown(posting: PostingIntent, booking: HandBooking, erp: Erp) -> PostedDocument | None:
    try:
        return found(posting, erp)
    except NotShownError:
        if booking.unverified:
            return None
        raise


def _keys_of(chain: Sequence[PostingIntent]) -> set[str]:
    return {one.external_ref for one in chain}


def _is_marked(last: PostingIntent, booking: HandBooking) -> bool:
    key = last.erp_ref.value if last.erp_ref else ""
    same_key = booking.key in {"", key} or (booking.unverified and not key)
    return last.state is IntentState.POSTED and last.erp_number == booking.number and same_key


def _lacks_key(last: PostingIntent, booking: HandBooking) -> bool:
    """Whether a posting was taken for posted unseen, and is named by the ERP's key now."""
    has_none = last.state is IntentState.POSTED and last.erp_ref is None
    return has_none and bool(booking.key) and not booking.unverified


def _may_be_cancelled(last: PostingIntent) -> PostingIntent:
    if last.document.kind is DocumentKind.CREDIT_MEMO:
        raise RepairRefusedError("a credit that the customer was given is posted: repair it, or mark it as posted")
    return last if last.state is IntentState.INTENT else refused_last(last)
