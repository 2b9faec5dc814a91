"""What finance does without us: it books in the ERP by hand, or gives a document up."""

from dataclasses import replace
from datetime import timedelta
from itertools import repeat

import pytest

from functions.repair_posting.by_hand import HandBooking
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, PostingId
from shared.domain.posting.decisions import sending
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.repair import Adopted, Cancelled, RepairRefusedError
from tests.builders.posting import BOOKS, GERMANY, a_credit_memo, a_document, a_journal, an_intent, eur, reversed_by
from tests.fakes.fake_erp import LOOKUP_SPACING, ONE_STEP, TAKES_FIRST, Behaviour, Held
from tests.fakes.posting_world import PostingWorld

INVOICE = a_document().posting_id
WITHOUT_OUR_KEY = replace(a_document(), external_ref=ExternalRef("TYPED BY HAND"))


def a_refused_world(intent: PostingIntent | None = None, *behaviours: Behaviour) -> PostingWorld:
    """Return acme's invoice a while after its ERP has refused it."""
    world = PostingWorld()
    world.erp.behave(*(behaviours or (Behaviour.REFUSE_MAPPING,)))
    world.issue(intent)
    world.deliver()
    world.clock.instant += LOOKUP_SPACING
    return world


def test_what_was_booked_with_our_key_is_posted_under_the_number_that_the_erp_has() -> None:
    world = a_refused_world()
    world.erp.numbers_by_itself = True
    world.erp.book_by_hand(a_document())

    with pytest.raises(RepairRefusedError, match="document doc-1 of the ERP is SI-doc-1, posted: it is not SI-4711"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711"))
    adopted = world.mark_posted(INVOICE, HandBooking(number="SI-doc-1"))
    world.run_until_settled()

    assert adopted.has_our_key
    assert (world.intent().state, world.intent().erp_number) == (IntentState.POSTED, "SI-doc-1")
    assert [answer.state for answer in world.told.answers] == [IntentState.REJECTED, IntentState.POSTED]
    assert world.told.open_codes() == set()


def test_what_was_booked_without_our_key_is_looked_up_by_the_key_that_the_erp_gave_it() -> None:
    world = a_refused_world()
    world.erp.book_by_hand(WITHOUT_OUR_KEY)

    with pytest.raises(RepairRefusedError, match=r"no document with our key: .* \(--erp-key\), .* \(--unverified\)"):
        world.mark_posted(INVOICE, HandBooking(number="SI-doc-1"))
    adopted = world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"), by="fred@nimbus.example")
    world.run_until_settled()

    assert adopted.verified
    assert not adopted.has_our_key
    assert world.intent().asked_by == "fred@nimbus.example"
    assert world.told.open_codes() == set()


@pytest.mark.parametrize("theirs", [Behaviour.WORK, Behaviour.REFUSE_MAPPING])
def test_the_document_of_another_posting_is_not_taken_for_this_one(theirs: Behaviour) -> None:
    globex = a_document(posting_id="globex-2026/2026-10/r1")
    world = a_refused_world(None, Behaviour.REFUSE_MAPPING, theirs)
    world.erp.does = ONE_STEP
    world.issue(an_intent(globex))
    world.deliver()
    world.clock.instant += LOOKUP_SPACING
    world.erp.book_by_hand(globex)

    with pytest.raises(RepairRefusedError, match="document doc-1 of the ERP has the key of globex-2026/2026-10/r1"):
        world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"))

    assert world.intents.chain(INVOICE)[-1].state is IntentState.REJECTED


def test_a_credit_memo_that_was_made_of_our_invoice_there_and_kept_its_key_is_taken_for_ours() -> None:
    world = PostingWorld()
    world.erp.does = ONE_STEP
    world.issue()
    memo = world.issue(replace(an_intent(a_credit_memo(of_invoice="doc-1")), made_in_erp=True))
    world.deliver()
    world.erp.held.append(
        Held(
            ErpRef("doc-2"),
            replace(memo.document, external_ref=a_document().external_ref),
            world.clock.now(),
            world.clock.now(),
        )
    )

    world.mark_posted(memo.posting_id, HandBooking(number="SI-doc-2", key="doc-2"))

    assert world.intents.chain(memo.posting_id)[-1].state is IntentState.POSTED


def test_other_totals_than_ours_stay_in_the_exceptions() -> None:
    world = a_refused_world()
    world.erp.book_by_hand(replace(WITHOUT_OUR_KEY, gross=eur("1428.69")))

    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"))
    world.run_until_settled()

    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def test_what_the_erp_does_not_show_is_taken_on_somebodys_word_only_if_that_is_said() -> None:
    world = a_refused_world()
    world.erp.fail_lookups([True, True, True])

    with pytest.raises(RepairRefusedError, match="the ERP does not say what it has"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711", key="98001"))
    adopted = world.mark_posted(INVOICE, HandBooking(number="SI-4711", key="98001", unverified=True), by="gina")
    world.run_until_settled()

    assert not adopted.verified
    assert not adopted.has_our_key
    assert world.intent().reason == "booked by hand as SI-4711, on the word of gina"
    assert (world.intent().posted_period, world.intent().erp_ref) == ("2026-10", None)


def test_what_was_taken_on_somebodys_word_gets_its_key_once_the_erp_shows_it() -> None:
    world = a_refused_world()
    world.erp.book_by_hand(replace(WITHOUT_OUR_KEY, gross=eur("1428.69")))
    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", unverified=True))
    world.run_until_settled()
    assert world.told.open_codes() == set()

    with pytest.raises(RepairRefusedError, match="the ERP does not show its document 98001"):
        world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="98001"))
    with pytest.raises(RepairRefusedError, match="document doc-1 of the ERP is SI-doc-1, posted: it is not SI-4711"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711", key="doc-1"))
    adopted = world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"), by="gina")
    world.run_until_settled()

    assert (adopted.verified, adopted.is_repeat) == (True, False)
    assert (world.intent().erp_ref, world.intent().sent_to) == (ErpRef("doc-1"), world.books.erp.books)
    assert world.intent().asked_by == "gina"
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def test_what_was_given_up_and_comes_beside_what_was_taken_on_somebodys_word_is_told_of() -> None:
    world = PostingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.run_to_rest(until=world.clock.now() + timedelta(days=2))
    assert world.intent().rechecks_left == 0

    world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))
    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))
    world.run_to_rest(until=world.clock.now() + timedelta(days=2))

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}


def test_what_was_taken_on_somebodys_word_is_not_told_of_as_a_double_of_itself() -> None:
    world = PostingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    assert (world.intent().state, world.intent().rechecks_left) == (IntentState.REJECTED, 2)

    world.erp.book_by_hand(a_document())
    world.erp.fail_lookups([True])
    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", unverified=True))
    world.run_to_rest(until=world.clock.now() + timedelta(days=3))

    assert world.intent().rechecks_left == 0
    assert world.told.open_codes() == set()


def test_the_draft_that_was_refused_is_not_taken_for_what_somebody_says_was_booked() -> None:
    world = a_refused_world(None, Behaviour.WORK, Behaviour.REFUSE_MAPPING)
    world.erp.fail_lookups([True, True, True])
    assert world.intent().erp_ref == ErpRef("doc-1")

    world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))

    assert world.intent().erp_ref is None


def test_a_draft_that_is_still_there_is_not_a_booking() -> None:
    world = a_refused_world(None, Behaviour.WORK, Behaviour.REFUSE_PERIOD)

    with pytest.raises(RepairRefusedError, match="not posted: it is not SI-4711 in its ledger; delete it there"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))


def test_what_is_given_up_is_told_and_never_sent_or_repaired_again() -> None:
    world = a_refused_world()

    world.cancel(INVOICE, reason="the customer is insolvent")
    world.run_until_settled()
    writes = world.erp.writes_seen
    world.deliver()

    assert world.intent().state is IntentState.CANCELLED
    assert world.intent().reason == "cancelled by fred: the customer is insolvent"
    assert [answer.state for answer in world.told.answers] == [IntentState.REJECTED, IntentState.CANCELLED]
    assert world.told.open_codes() == set()
    assert world.erp.writes_seen == writes
    with pytest.raises(RepairRefusedError, match="was given up, and that is final: cancelled by fred: the customer"):
        world.repair(INVOICE)


def test_what_waits_unsent_is_given_up_and_keeps_its_period_from_closing_no_more() -> None:
    world = a_refused_world(None, Behaviour.THROTTLE)
    assert world.intent().state is IntentState.INTENT

    world.cancel(INVOICE)
    world.run_until_settled()

    assert world.intent().state is IntentState.CANCELLED
    assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0
    assert world.erp.held == []


def test_a_journal_that_was_never_sent_is_given_up_at_once() -> None:
    world = PostingWorld()
    world.issue(an_intent(a_journal()), token=None)

    world.cancel(PostingId("journal=accrual-10"), reason="the wrong month")

    assert world.intent().state is IntentState.CANCELLED
    assert world.intent().reason == "cancelled by fred: the wrong month"


def test_what_was_sent_a_moment_ago_and_put_off_may_not_be_shown_yet_and_waits() -> None:
    world = PostingWorld()
    world.issue()
    world.clock.instant += timedelta(hours=3)
    world.erp.behave(Behaviour.THROTTLE)
    world.deliver()

    with pytest.raises(RepairRefusedError, match="r1 was tried just now: ask again in a few minutes"):
        world.cancel(INVOICE)


def test_a_draft_of_what_is_given_up_goes() -> None:
    world = a_refused_world(None, Behaviour.WORK, Behaviour.REFUSE_PERIOD)

    world.cancel(INVOICE)

    assert world.erp.held == []


@pytest.mark.parametrize(
    ("behaviours", "why"),
    [
        ((Behaviour.LOSE_REPLY,), r"nobody knows yet what became of it: wait, it is being looked up \(read time-out\)"),
        ((Behaviour.WORK,), "r1 is posted, as SI-doc-1: a credit note or a void takes it back"),
    ],
    ids=["unknown", "posted"],
)
def test_only_what_is_certainly_not_in_the_erp_is_given_up(behaviours: tuple[Behaviour, ...], why: str) -> None:
    world = a_refused_world(None, *behaviours)

    with pytest.raises(RepairRefusedError, match=why):
        world.cancel(INVOICE)


def test_what_the_erp_has_taken_and_not_posted_is_waited_for() -> None:
    world = PostingWorld()
    world.erp.does = TAKES_FIRST
    world.issue()
    world.deliver()

    with pytest.raises(RepairRefusedError, match="r1 is with the ERP, which has not posted it yet: wait"):
        world.cancel(INVOICE)


def test_what_is_being_sent_is_waited_for() -> None:
    world = PostingWorld()
    world.intents.start_sending(sending(world.issue(token=None), books=BOOKS, now=world.clock.now()))

    with pytest.raises(RepairRefusedError, match="r1 is being sent: ask again in a few minutes"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711"))


def test_a_posted_journal_is_reversed_by_another_and_a_posted_credit_stays() -> None:
    for document, why in (
        (a_journal(), "accrual-10 is posted, as SI-doc-1: another journal reverses it"),
        (a_credit_memo(of_invoice="doc-9"), "is posted, as SI-doc-1: there is nothing left to do"),
    ):
        world = a_refused_world(an_intent(document), Behaviour.WORK)
        world.run_until_settled()

        with pytest.raises(RepairRefusedError, match=why):
            world.repair(document.posting_id)


def test_a_credit_that_is_not_sent_yet_can_only_be_waited_for() -> None:
    world = PostingWorld()
    memo = world.issue(an_intent(a_credit_memo(of_invoice="doc-9")))

    with pytest.raises(RepairRefusedError, match=r"is not sent yet: wait until it is$"):
        world.mark_posted(memo.posting_id, HandBooking(number="CM-1"))


def test_given_up_twice_it_is_given_up_once_by_whoever_was_first() -> None:
    world = a_refused_world()
    world.cancel(INVOICE, reason="the customer is insolvent")
    world.run_until_settled()
    given_up = world.intent()

    again = world.cancel(INVOICE, reason="nobody needs it", by="gina")

    assert again == Cancelled(posting=given_up, is_repeat=True)
    assert world.intent() == given_up


@pytest.mark.parametrize("booking", [HandBooking(number="SI-doc-1"), HandBooking(number="SI-doc-1", key="doc-1")])
def test_marked_twice_it_is_marked_once_and_under_another_number_never(booking: HandBooking) -> None:
    world = a_refused_world()
    world.erp.book_by_hand(WITHOUT_OUR_KEY)
    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"))
    world.run_until_settled()
    posted = world.intent()

    again = world.mark_posted(INVOICE, booking, by="gina")

    assert again == Adopted(posting=posted, is_repeat=True)
    assert world.intent() == posted
    with pytest.raises(RepairRefusedError, match="is posted, as SI-doc-1"):
        world.mark_posted(INVOICE, HandBooking(number="SI-4711"))


def test_what_was_booked_by_hand_meanwhile_is_not_given_up() -> None:
    world = a_refused_world()
    world.erp.book_by_hand(a_document())

    with pytest.raises(RepairRefusedError, match="the ERP has it, as SI-doc-1: u2c posting repair takes it over"):
        world.cancel(INVOICE)


@pytest.mark.parametrize("document", [a_document(), a_credit_memo(of_invoice="doc-1")])
def test_what_comes_while_it_waits_to_be_sent_again_is_taken_over_and_not_sent(document: Document) -> None:
    world = PostingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.COMMIT_LATE)
    world.erp.late_by = repeat(timedelta(hours=2))
    world.issue(an_intent(document))
    world.deliver()
    world.not_called = NotCalled(until=world.clock.now() + timedelta(hours=6), reason="it is down", is_down=True)
    while world.intent().state is not IntentState.INTENT:
        world.tick()
    world.clock.instant += timedelta(hours=3)

    world.repair(document.posting_id)
    world.not_called = None
    world.run_until_settled()

    assert (world.intent().state, world.intent().erp_number) == (IntentState.POSTED, "SI-doc-1")
    assert len(world.erp.held) == 1
    assert world.told.open_codes() == set()
    assert [answer.state for answer in world.told.answers] == [IntentState.POSTED]
    assert world.intents.accounting_period(GERMANY, document.accounting_period).unsettled == 0


def test_what_was_booked_by_hand_while_its_erp_could_not_be_called_is_taken_over_and_never_sent() -> None:
    world = PostingWorld()
    world.not_called = NotCalled(until=world.clock.now() + timedelta(hours=6), reason="it is down", is_down=True)
    world.issue()
    world.deliver()
    world.erp.book_by_hand(a_document())

    with pytest.raises(RepairRefusedError, match="the ERP has it, as SI-doc-1: u2c posting repair takes it over"):
        world.cancel(INVOICE)
    world.repair(INVOICE)
    world.not_called = None
    world.run_until_settled()

    assert (world.intent().state, world.intent().attempts) == (IntentState.POSTED, 0)
    assert len(world.erp.held) == 1
    assert [answer.state for answer in world.told.answers] == [IntentState.POSTED]


def test_what_comes_before_what_was_sent_in_its_place_is_taken_over_once() -> None:
    world = a_refused_world()
    world.not_called = NotCalled(until=world.clock.now() + timedelta(hours=6), reason="it is down", is_down=True)
    world.repair(INVOICE)
    world.erp.book_by_hand(a_document())

    with pytest.raises(RepairRefusedError, match="the ERP has it, as SI-doc-1: u2c posting repair takes it over"):
        world.cancel(INVOICE)
    taken = world.repair(INVOICE)
    world.not_called = None
    world.run_until_settled()

    assert isinstance(taken, Adopted)
    assert [one.state for one in world.all_intents()] == [IntentState.REJECTED, IntentState.POSTED]
    assert len(world.erp.posted_documents()) == 1
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}  # it has the key of the refused one


def test_a_credit_is_never_given_up() -> None:
    world = a_refused_world(an_intent(a_credit_memo(of_invoice="doc-9")))

    with pytest.raises(RepairRefusedError, match="a credit that the customer was given is posted"):
        world.cancel(world.intent().posting_id)


def test_nothing_credits_an_invoice_that_was_given_up() -> None:
    world = a_refused_world()
    world.cancel(INVOICE)
    memo = world.issue(an_intent(a_credit_memo(of_invoice="")), token=None)

    world.run_until_settled()

    given_up = world.intents.read(memo.posting_id)
    assert given_up is not None
    assert given_up.state is IntentState.CANCELLED
    assert world.erp.held == []


def test_nothing_reverses_a_journal_that_was_given_up() -> None:
    world = a_refused_world(an_intent(a_journal()))
    world.cancel(PostingId("journal=accrual-10"))
    world.issue(an_intent(reversed_by(a_journal())), token=None)

    world.run_until_settled()

    reversal = world.all_intents()[-1]
    assert reversal.state is IntentState.CANCELLED
    assert reversal.reason == "journal=accrual-10 was cancelled: there is nothing to reverse"
    assert world.erp.held == []


def test_what_comes_late_of_something_given_up_is_noticed() -> None:
    world = a_refused_world(None, Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING
    world.cancel(INVOICE)
    world.run_until_settled()

    world.erp.held.append(Held(ErpRef("late"), a_document(), world.clock.now(), world.clock.now()))
    world.clock.instant += timedelta(hours=1)
    world.resolve()

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}


@pytest.mark.parametrize("enforced", [False, True])
def test_what_comes_late_beside_a_booking_without_our_key_is_noticed(*, enforced: bool) -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, natural_key_enforced=enforced)
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.erp.book_by_hand(WITHOUT_OUR_KEY)
    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", key="doc-1"))
    world.run_until_settled()

    world.erp.held.append(Held(ErpRef("late"), a_document(), world.clock.now(), world.clock.now()))
    world.clock.instant += timedelta(hours=1)
    world.resolve()

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
