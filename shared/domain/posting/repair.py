"""Repair of a refused posting: its document composed anew, under a name and a key of its own.

The postings of one document are a chain: each refused one names the one that takes its place. Only the last may be
sent, and only a refused one is replaced, so that the ERP never holds two of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.money import Money
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.decisions import RECHECK_DELAYS, confirmed, confirmed_unseen, given_up_on
from shared.domain.posting.document import external_ref
from shared.domain.posting.elsewhere import is_elsewhere
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.posting.journal import Document
from shared.domain.posting.lookups import recheck_due
from shared.domain.posting.names import next_posting
from shared.domain.posting.outcome import PostedDocument
from shared.domain.posting.transitions import Step, take

_NAMES_OF_ITS_OWN = frozenset({"posting_id", "external_ref"})


class RepairRefusedError(Exception):
    """The posting cannot be repaired, or not yet; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A posting in the place of a refused one. `differences` are those of what the ERP is told.

    One that `is_repeat` took its place before.
    """

    refused: PostingIntent
    posting: PostingIntent
    differences: tuple[str, ...]
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A refused or unsent posting whose document is in the ERP's ledger all the same: a person's booking, or come late.

    Where it is not `verified`, that is on this person's word: the ERP was not seen to have it. What it has is told of
    as paid, credited or voided only where that `has_our_key`. One that `is_repeat` was done before.
    """

    posting: PostingIntent
    verified: bool = True
    has_our_key: bool = True
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A posting that a person has given up. Its document is issued all the same. One that `is_repeat` was so before."""

    posting: PostingIntent
    is_repeat: bool = False


Repair: TypeAlias = Replaced | Adopted
Remedy: TypeAlias = Repair | Cancelled


def replaced(refused: PostingIntent, anew: Document, *, asked_by: str, now: datetime) -> Replaced:
    """Return both postings as they are stored together. Raises TransitionNotAllowedError for one not refused.

    Nothing of the refused one may be in other books than those that the other goes into.
    """
    posting_id = next_posting(refused.posting_id)
    named = replace(anew, posting_id=posting_id, external_ref=external_ref(tenant=anew.tenant, posting_id=posting_id))
    return Replaced(
        refused=take(Step.REPLACE, _looked_up_again(refused, now=now), replaced_by=posting_id),
        posting=replace(
            new_intent(named, created_at=now),
            replaces=refused.posting_id,
            redates=refused.redates,
            accrues=refused.accrues,
            mends=exception_id(refused.problem, refused.posting_id) if refused.problem else None,
            asked_by=asked_by,
        ),
        differences=what_differs(refused.document, named),
    )


def _looked_up_again(refused: PostingIntent, *, now: datetime) -> PostingIntent:
    """Return a refused posting as it is looked up for what may come late, where its books are back."""
    if not refused.left_elsewhere:
        return refused
    again = replace(refused, rechecks_left=len(RECHECK_DELAYS))
    return replace(again, due_at=recheck_due(again, now=now))


def redated(refused: PostingIntent, posting_date: date, *, now: datetime) -> Replaced:
    """Return both postings of a document that goes into another accounting period; whoever waits waits for the second.

    Only the posting date changes. Raises TransitionNotAllowedError for one that is not refused.
    """
    anew = replace(refused.document, posting_date=posting_date)
    repair = replaced(refused, anew, asked_by="", now=now)
    posting = replace(repair.posting, task_tokens=refused.task_tokens, redates=True, due_at=now, mends=None)
    due_at = recheck_due(refused, now=now)
    left = replace(repair.refused, awaits_redating=False, answered=True, due_at=due_at)
    return replace(repair, refused=left, posting=posting)


def left_to_a_person(refused: PostingIntent, why: str, *, now: datetime) -> PostingIntent:
    """Return a refused posting that goes into no other period: it is told of as refused, and why it was not moved."""
    reason = f"not moved to the next period, {why}: {refused.reason}"  # in front: an ERP may answer with a page
    return take(Step.LOOK_AGAIN, refused, awaits_redating=False, answered=False, due_at=now, reason=reason)


def adopted(
    refused: PostingIntent,
    found: PostedDocument,
    *,
    books: str,
    asked_by: str,
    capabilities: Capabilities,
    now: datetime,
) -> Adopted:
    """Return a posting, refused or unsent, whose document was found in these books: posted, and still to be told of.

    What a person has booked by hand, under whatever number of theirs, need not have ours.
    """
    booked = replace(found, human_number=None)
    posting = confirmed(refused, booked, capabilities=capabilities, now=now)
    return _nothing_left_to_look_for(
        Adopted(posting=replace(posting, sent_to=books, answered=False, asked_by=asked_by))
    )


def marked(
    refused: PostingIntent,
    number: str,
    found: PostedDocument | None,
    *,
    books: str,
    asked_by: str,
    capabilities: Capabilities,
    now: datetime,
) -> Adopted:
    """Return a refused posting that a person has booked under the ERP's number, with our key or without.

    `found` is that document as the ERP shows it in these books, None where it shows nothing: then it is where it was
    sent, or here where it never was. Raises RepairRefusedError for another.
    """
    if found is None:
        reason = f"booked by hand as {number}, on the word of {asked_by}"
        posting = replace(confirmed_unseen(refused, number, reason, now=now), sent_to=refused.sent_to or books)
        unseen = Adopted(posting=replace(posting, answered=False, asked_by=asked_by), verified=False)
        return _nothing_left_to_look_for(_still_looked_for(unseen, books))
    if not found.posted or found.number != number:
        shown = f"document {found.ref.value} of the ERP is {found.number or 'without a number'}"
        if found.posted:
            raise RepairRefusedError(f"{shown}, posted: it is not {number} in its ledger")
        remedy = "delete it there if it is ours of what was refused, or post it, then ask again"
        raise RepairRefusedError(f"{shown}, not posted: it is not {number} in its ledger; {remedy}")
    if refused.rechecks_left and is_elsewhere(refused, books):  # nobody would look there any more
        raise RepairRefusedError(
            f"it was sent to {refused.sent_to}, where it may still come, and its legal entity is mapped to {books} now:"
            f" ask again after {refused.due_at:%Y-%m-%d %H:%M} UTC, once POSTING_ELSEWHERE says what to look for there"
        )
    as_ours = replace(found, external_ref=refused.external_ref)  # what is booked by hand need not have our key
    done = adopted(refused, as_ours, books=books, asked_by=asked_by, capabilities=capabilities, now=now)
    return done if found.external_ref == refused.external_ref else _still_looked_for(done, books)


def _still_looked_for(done: Adopted, books: str) -> Adopted:
    """Without our key it keeps nothing out: what was given up as absent may still come beside it.

    In other books than these a person was told to look for that.
    """
    posting = done.posting
    if not posting.may_come_late or (posting.left_elsewhere and is_elsewhere(posting, books)):
        return done
    return replace(done, posting=replace(posting, rechecks_left=len(RECHECK_DELAYS)))


def _nothing_left_to_look_for(done: Adopted) -> Adopted:
    """Close with it what a person was told to look for in other books, unless it is looked up there after all."""
    posting = done.posting
    if not posting.left_elsewhere or posting.rechecks_left:
        return done
    raised = (*posting.raised, ExceptionCode.POSTING_ELSEWHERE)
    return replace(done, posting=replace(posting, left_elsewhere=False, raised=raised))


def cancelled(posting: PostingIntent, *, reason: str, asked_by: str, now: datetime) -> Cancelled:
    """Return a posting that was refused or is unsent as given up. Raises TransitionNotAllowedError for any other."""
    given_up = given_up_on(posting, f"cancelled by {asked_by}: {reason}", now=now)
    return Cancelled(posting=replace(given_up, answered=False, asked_by=asked_by))


def what_differs(refused: Document, anew: Document) -> tuple[str, ...]:
    """Name each text, date and amount in which two documents differ, but for their names and keys."""
    return tuple(_differences(refused, anew))


def _differences(refused: Document, anew: Document) -> Iterator[str]:
    before, after = dict(_leaves(refused)), dict(_leaves(anew))
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now and name not in _NAMES_OF_ITS_OWN:
            yield f"{name}: {was or 'nothing'} -> {now or 'nothing'}"


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text, date, number and amount of a document with its place in it."""
    if isinstance(value, tuple):
        for number, one in enumerate(value, start=1):
            yield from _leaves(one, f"{name}[{number}]")
    elif is_dataclass(value) and not isinstance(value, Money):
        for part in fields(value):
            yield from _leaves(getattr(value, part.name), f"{name}.{part.name}".removeprefix("."))
    elif value is not None:
        yield name, str(value)
