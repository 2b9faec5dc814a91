"""What is common to reading invoices and journals."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.adapters.erp.dynamics_finance.drafts import DraftReading, Drafts
from shared.domain.money import Money
from shared.domain.posting.outcome import Absent, Ambiguous, ErpRef, Found, Location, LookupFailed, PostedDocument


def located(
    refs: Sequence[str] | LookupFailed,
    drafts: Drafts,
    is_wanted: Callable[[DraftReading], bool],
    in_our_words: Callable[[PostedDocument], PostedDocument],
) -> Location:
    """Read everything that carries our key, drafts too: none, one, or several that a person must look at.

    What was found a moment ago and cannot be read now is not absent: what is absent is sent again.
    """
    if isinstance(refs, LookupFailed):
        return refs
    found: list[DraftReading] = []
    for ref in refs:
        draft = drafts.read(ErpRef(ref))
        if isinstance(draft, LookupFailed):
            return draft
        if draft is None:
            return LookupFailed(f"{ref} carries the key and cannot be read")
        if is_wanted(draft):
            found.append(draft)
    if len(found) > 1:
        return Ambiguous(tuple(draft.document.ref for draft in found))
    return Found(in_our_words(found[0].document)) if found else Absent()


def signed(found: PostedDocument, sign: int) -> PostedDocument:
    def turned(amount: Money) -> Money:
        return -amount if sign < 0 else amount

    return replace(found, net=turned(found.net), tax=turned(found.tax), gross=turned(found.gross))
