"""What holds after every history, of both ledgers: nothing twice, lost or stuck, families in order, everybody told."""

from collections import Counter

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.money import Money
from shared.domain.posting.accounting_period import period_name
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Document
from shared.domain.posting.names import accrual_name, comes_after, first_posting, reversal_name
from tests.builders.posting import GERMANY, eur
from tests.fakes.fake_erp import Held
from tests.simulation.posting.history import History
from tests.simulation.posting.weather import NOVEMBER, OCTOBER

# Open until finance, who has reversed the double or taken over an earlier key in an earlier month, closes them.
_OF_WHAT_CAME_LATE = {
    ExceptionCode.POSTING_CONFLICT,
    ExceptionCode.POSTING_MISMATCH,
    ExceptionCode.POSTING_PERIOD_SHIFTED,
    ExceptionCode.REVENUE_NOT_ACCRUED,
}
_SIGN = {DocumentKind.INVOICE: 1, DocumentKind.CREDIT_MEMO: -1}


class InvariantViolatedError(AssertionError):
    """The text names the history and what does not hold."""


def check(history: History) -> None:
    """Raise InvariantViolatedError for the first thing that does not hold."""
    _require(history, history.at_rest, "something is still unsettled long after the weather has cleared")
    _nothing_twice_and_nothing_lost(history)
    _revenue(history)
    _settled(history)
    _accrued(history)
    _in_order(history)
    _told(history)


def _nothing_twice_and_nothing_lost(history: History) -> None:
    doubles = [] if history.weather.late_beyond else [one.document.posting_id for one in history.people.doubles]
    _require(history, not doubles, f"{', '.join(doubles)} had to be reversed: the ERP had them twice")
    held = Counter(first_posting(one.document.posting_id) for one in _held(history))
    for document in history.documents:
        copies, wanted = held.pop(document.posting_id, 0), 0 if _is_given_up(document, history) else 1
        _require(history, copies == wanted, f"{document.posting_id} is in the ERP {copies} times")
    _require(history, not held, f"the ERP has what nobody issued: {held}")
    posted = [one for one in _held(history) if one.posted_since is not None]
    _require(history, len(posted) == len(_held(history)), "a document is in the ERP and not in its ledger")


def _is_given_up(document: Document, history: History) -> bool:
    """Say whether a person gave it up, or what it reverses."""
    last = history.world.intents.chain(document.posting_id)[-1]
    names = {document.posting_id, comes_after(document)}
    return last.state is IntentState.CANCELLED and bool(names & history.people.given_up)


def _revenue(history: History) -> None:
    ours, theirs = revenue(history.documents), revenue([one.document for one in _held(history)])
    _require(history, ours == theirs, f"the ERP has revenue of {theirs}, {ours} was invoiced")


def _settled(history: History) -> None:
    intents = history.world.intents
    for document in history.documents:
        last = intents.chain(document.posting_id)[-1]
        end = IntentState.CANCELLED if _is_given_up(document, history) else IntentState.POSTED
        _require(history, last.state is end, f"{last.posting_id} is {last.state}: {last.reason}")
    for period in (period_name(month, kind) for month in (OCTOBER, NOVEMBER) for kind in DocumentKind):
        left = intents.accounting_period(GERMANY, period).unsettled
        _require(history, not left, f"{left} postings of {period} keep it from closing")


def _accrued(history: History) -> None:
    """Require both journals of each invoice of October that is in November by a policy of accruing, and no others.

    They are in the ledger of their invoice; of one that was moved from it before, a person is told.
    """
    left = {one.subject for one in history.world.told.open_records() if one.code is ExceptionCode.REVENUE_NOT_ACCRUED}
    books = _books(history)
    intents, accrues = history.world.intents, history.world.books.on_closed_period is ClosedPeriodPolicy.ACCRUE
    for document in history.documents:
        if document.kind is DocumentKind.INVOICE:
            last = intents.chain(document.posting_id)[-1]
            is_late = accrues and last.document.accounting_period == last.posted_period == NOVEMBER
            names = accrual_name(last.posting_id), reversal_name(last.posting_id)
            there = [intents.read(one.first_posting) is not None for one in names]
            is_due = is_late and not (history.world.has_moved and last.posting_id in left)
            _require(history, there == [is_due, is_due], f"of {document.posting_id} is accrued and taken back: {there}")
            accrued = books.get(names[0].first_posting, books[document.posting_id])
            _require(history, accrued == books[document.posting_id], f"{document.posting_id} is accrued in {accrued}")


def _in_order(history: History) -> None:
    since = {first_posting(one.document.posting_id): one.posted_since for one in _held(history)}
    books = _books(history)
    for first, *later in history.families:
        for document in later:
            if _is_given_up(document, history):
                continue
            before, after = since.get(first.posting_id), since.get(document.posting_id)
            is_ordered = before is not None and after is not None and before <= after
            _require(history, is_ordered, f"{document.posting_id} was posted before {first.posting_id}")
            is_there = books[first.posting_id] == books[document.posting_id]
            _require(history, is_there, f"{document.posting_id} is not in the ledger of {first.posting_id}")


def _told(history: History) -> None:
    intents = history.world.intents
    shifted = {one.document.posting_id for one in _held(history) if one.period and not _is_on_their_word(one, history)}
    unanswered = history.waiting - {answer.task_token for answer in history.world.told.answers}
    _require(history, not unanswered, f"still waiting: {sorted(unanswered)}")
    for record in history.world.told.open_records():
        is_shifted = record.code is ExceptionCode.POSTING_PERIOD_SHIFTED and record.subject in shifted
        came_late = history.weather.late_beyond and record.code in _OF_WHAT_CAME_LATE
        subject = intents.read(PostingId(record.subject))
        is_left = record.code is ExceptionCode.POSTING_ELSEWHERE and subject is not None and subject.left_elsewhere
        is_left |= record.code is ExceptionCode.REVENUE_NOT_ACCRUED and history.world.has_moved
        _require(
            history, is_shifted or came_late or is_left, f"{record.code} of {record.subject} is open: {record.message}"
        )
        shifted.discard(record.subject)
    _require(history, not shifted, f"shifted without a word: {shifted}")


def _is_on_their_word(one: Held, history: History) -> bool:
    """Say whether nobody here has seen it: what other books have was marked as posted."""
    return history.world.intents.chain(one.document.posting_id)[-1].erp_ref is None


def revenue(documents: list[Document]) -> Money:
    total = eur("0.00")
    for document in documents:
        if (sign := _SIGN.get(document.kind)) is not None:
            total += document.net if sign > 0 else -document.net
    return total


def _books(history: History) -> dict[PostingId, str]:
    """Return the ledger that has each document."""
    held = history.world.held()
    return {first_posting(one.document.posting_id): books for books, one in held if one.refusal is None}


def _held(history: History) -> list[Held]:
    return [one for _, one in history.world.held() if one.refusal is None]


def _require(history: History, holds: bool, what: str) -> None:
    if not holds:
        raise InvariantViolatedError(f"history {history.name}: {what}")
