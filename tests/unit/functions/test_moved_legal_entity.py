"""A catalogue gives a legal entity another ERP, or another company of it, while postings are open."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import repeat
from typing import cast

import pytest

from functions.repair_posting.by_hand import HandBooking
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.repair import RepairRefusedError
from shared.ports.erp import ErpsInTurn
from tests.builders.posting import GERMANY, a_credit_memo, a_document, a_journal, an_intent, reversed_by
from tests.fakes.fake_erp import LOOKUP_SPACING, ONE_STEP, TAKES_FIRST, Behaviour, FakeErp
from tests.fakes.in_memory_accounting_periods import InMemoryAccountingPeriods
from tests.fakes.posting_world import IN_TRYTON, PostingWorld

INVOICE = a_document().posting_id
IN_THE_NEW_COMPANY = replace(IN_TRYTON, company="2")


class MovingWorld(PostingWorld):
    """Acme, whose books are in company 1 of a Tryton until they are in company 2."""

    def __init__(self) -> None:
        super().__init__()
        self.former = self.erp
        self.is_published = True

    def move(self) -> None:
        self.erp, self.books.erp = FakeErp(self.clock.now), IN_THE_NEW_COMPANY
        self.erp.does = self.former.does

    def move_back(self) -> None:
        self.erp, self.books.erp = self.former, IN_TRYTON

    def leave_the_catalogue(self) -> None:
        self.is_published = False

    def in_both_ledgers(self) -> int:
        return len(self.former.posted_documents()) + len(self.erp.posted_documents())

    def wait(self, days: int) -> None:
        for _ in range(days * 24):
            self.clock.instant += timedelta(hours=1)
            self.tick()

    def _erps(self) -> ErpsInTurn:
        return super()._erps() if self.is_published else cast("ErpsInTurn", _NoErps())


class _NoErps:
    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[FakeErp, str]:
        raise KeyError(legal_entity_id)


@pytest.mark.parametrize(
    ("does", "behaviour", "state"),
    [(ONE_STEP, Behaviour.LOSE_REPLY, IntentState.UNKNOWN), (TAKES_FIRST, Behaviour.WORK, IntentState.ACCEPTED)],
)
def test_what_may_be_in_the_former_books_is_not_sent_into_the_new_ones(
    does: object, behaviour: Behaviour, state: IntentState
) -> None:
    world = MovingWorld()
    world.erp.does = does  # type: ignore[assignment]
    world.erp.behave(behaviour)
    world.issue()
    world.deliver()
    assert world.intent().state is state

    world.move()
    world.wait(days=3)

    assert world.in_both_ledgers() == 1
    assert ExceptionCode.POSTING_ELSEWHERE in world.told.open_codes()
    expected = "it went to tryton/acme-gmbh/tryton/1, and its legal entity is mapped to tryton/acme-gmbh/tryton/2 now"
    assert world.intent().reason == expected

    world.move_back()
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_what_was_never_sent_goes_into_the_new_books() -> None:
    world = MovingWorld()
    world.issue()

    world.move()
    world.run_until_settled()

    assert (world.intent().state, world.intent().sent_to) == (IntentState.POSTED, "tryton/acme-gmbh/tryton/2")
    assert len(world.erp.posted_documents()) == 1


def test_what_the_former_erp_has_refused_is_repaired_into_the_new_books() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING

    world.move()
    world.repair(INVOICE)
    world.run_until_settled()

    assert len(world.erp.posted_documents()) == 1
    assert world.told.open_codes() == set()


def test_what_left_a_draft_in_the_former_books_is_neither_repaired_nor_given_up_but_booked_by_hand() -> None:
    world = MovingWorld()
    world.erp.behave(Behaviour.WORK, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING
    world.move()

    for remedy in (world.repair, world.cancel):
        with pytest.raises(RepairRefusedError, match="may be in tryton/acme-gmbh/tryton/1"):
            remedy(INVOICE)
    world.erp.book_by_hand(a_document())
    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1"))
    world.run_until_settled()

    assert (world.intent().state, world.intent().sent_to) == (IntentState.POSTED, "tryton/acme-gmbh/tryton/2")


def test_what_is_resent_is_not_resent_into_other_books() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, *[Behaviour.THROTTLE] * 3)
    world.issue()
    world.deliver()
    while not world.intent().may_come_late:
        world.tick()

    world.move()
    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    assert world.intent().reason == "it may still come in tryton/acme-gmbh/tryton/1, where it was sent before"
    assert world.in_both_ledgers() == 0


def test_what_may_still_come_late_in_the_former_books_is_for_a_person_once() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST)
    world.issue()
    world.run_until_settled()
    assert world.intent().rechecks_left

    world.move()
    world.wait(days=1)

    assert world.told.open_codes() == {ExceptionCode.POSTING_ELSEWHERE}
    assert not world.intent().needs_action


def test_no_credit_goes_into_other_books_than_its_invoice() -> None:
    world = MovingWorld()
    world.issue()
    world.run_until_settled()

    world.move()
    world.issue(an_intent(a_credit_memo(of_invoice="doc-1")), token=None)
    world.run_until_settled()

    credit = world.all_intents()[-1]
    assert credit.state is IntentState.REJECTED
    assert credit.reason.endswith("is in tryton/acme-gmbh/tryton/1, not in its books of now")
    assert world.erp.held == []


def test_what_its_closed_period_refused_with_a_draft_is_left_to_a_person() -> None:
    world = MovingWorld()
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN
    world.erp.behave(Behaviour.WORK, Behaviour.REFUSE_PERIOD)
    world.issue(an_intent(on_closed_period=ClosedPeriodPolicy.NEXT_OPEN))
    world.deliver()

    world.move()
    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    (told,) = world.told.open_records()
    assert told.code is ExceptionCode.PERIOD_CLOSED
    assert told.message.startswith(
        "not moved to the next period, since it may be in tryton/acme-gmbh/tryton/1, and its"
    )
    assert world.erp.held == []


def test_what_takes_its_place_stays_out_of_the_new_books_while_it_may_come_late_in_the_former() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING, Behaviour.THROTTLE)
    world.issue()
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING
    world.repair(INVOICE)
    world.deliver()

    world.move()
    world.run_until_settled()

    last = world.all_intents()[-1]
    assert (last.state, last.replaces) == (IntentState.REJECTED, INVOICE)
    assert last.reason == "it may still come in tryton/acme-gmbh/tryton/1, where it was sent before"
    assert world.in_both_ledgers() == 0


def test_what_is_booked_in_the_new_books_hides_nothing_that_may_still_come_in_the_former() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.move()
    world.erp.book_by_hand(a_document())
    booking = HandBooking(number="SI-doc-1")
    with pytest.raises(RepairRefusedError, match=r"it was sent to .*/1, where it may still come, .* ask again after"):
        world.mark_posted(INVOICE, booking)

    world.clock.instant = world.intent().due_at
    world.tick()
    assert world.told.open_codes() == {ExceptionCode.MAPPING_MISSING, ExceptionCode.POSTING_ELSEWHERE}
    world.mark_posted(INVOICE, booking)
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED


def test_what_was_closed_about_a_posting_is_not_opened_again_once_nobody_looks_for_it_any_more() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING
    world.repair(INVOICE)
    world.run_until_settled()
    assert world.told.open_codes() == set()
    raised = dict(world.told.raised_at)

    world.move()
    world.wait(days=2)

    assert world.told.open_codes() == {ExceptionCode.POSTING_ELSEWHERE}
    assert {name: at for name, at in world.told.raised_at.items() if name in raised} == raised


def test_what_is_held_ends_once_a_person_has_booked_it_by_hand() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()
    world.deliver()
    world.move()
    world.wait(days=1)

    with pytest.raises(RepairRefusedError, match="may be in other books"):
        world.repair(INVOICE)
    world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))
    world.run_until_settled()

    assert (world.intent().state, world.intent().erp_number) == (IntentState.POSTED, "SI-4711")
    assert [answer.state for answer in world.told.answers] == [IntentState.POSTED]
    assert world.told.open_codes() == set()
    assert InMemoryAccountingPeriods(world.intents).read(GERMANY, "2026-10").unsettled == 0


def test_whoever_has_looked_for_it_in_the_former_books_and_marks_it_as_posted_is_not_told_to_look_again() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, *[Behaviour.THROTTLE] * 3)
    world.issue()
    world.deliver()
    while not world.intent().may_come_late:
        world.tick()
    world.move()
    world.wait(days=2)
    assert world.intent().left_elsewhere
    raised = dict(world.told.raised_at)

    world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))
    world.wait(days=2)

    assert world.intent().state is IntentState.POSTED
    assert world.told.raised_at == raised
    assert world.told.open_codes() == set()


def test_no_revenue_is_accrued_in_other_books_than_its_invoice_is_in() -> None:
    world = MovingWorld()
    world.books.on_closed_period = ClosedPeriodPolicy.ACCRUE
    late = replace(a_document(), posting_date=date(2026, 11, 1))
    world.issue(an_intent(late, on_closed_period=ClosedPeriodPolicy.ACCRUE))
    world.deliver()
    assert world.intent().awaits_accrual

    world.move()
    world.run_until_settled()

    assert world.told.open_codes() == {ExceptionCode.REVENUE_NOT_ACCRUED}
    assert world.erp.held == []


def test_an_accrual_that_is_still_unsent_and_its_reversal_stay_out_of_other_books_than_their_invoice_is_in() -> None:
    world = MovingWorld()
    world.books.on_closed_period = ClosedPeriodPolicy.ACCRUE
    late = replace(a_document(), posting_date=date(2026, 11, 1))
    world.issue(an_intent(late, on_closed_period=ClosedPeriodPolicy.ACCRUE))
    world.deliver()
    world.resolve()

    world.move()
    world.wait(days=1)

    _, accrual, reversal = world.all_intents()
    assert (accrual.state, reversal.state) == (IntentState.REJECTED, IntentState.INTENT)
    assert accrual.reason == f"{INVOICE} is in tryton/acme-gmbh/tryton/1, not in its books of now"

    world.former.book_by_hand(accrual.document)
    world.mark_posted(accrual.posting_id, HandBooking(number="SI-doc-2", unverified=True))
    world.run_until_settled()

    assert world.all_intents()[-1].state is IntentState.REJECTED
    assert world.erp.held == []


def test_what_was_never_sent_and_is_taken_on_somebodys_word_is_reversed_in_no_later_books() -> None:
    world = MovingWorld()
    world.books.closed_through = date(2026, 10, 31)
    journal = a_journal()
    world.issue(an_intent(journal), token=None)
    world.run_until_settled()
    world.mark_posted(journal.posting_id, HandBooking(number="4711", unverified=True))
    world.run_until_settled()

    world.move()
    world.issue(an_intent(reversed_by(journal)), token=None)
    world.run_until_settled()

    assert world.all_intents()[-1].state is IntentState.REJECTED
    assert world.erp.held == []


def test_nothing_is_reversed_in_other_books_than_those_that_somebody_says_it_was_booked_in() -> None:
    world = MovingWorld()
    world.erp.behave(Behaviour.REFUSE_MAPPING)
    journal = a_journal()
    world.issue(an_intent(journal), token=None)
    world.run_until_settled()
    world.clock.instant += LOOKUP_SPACING
    world.mark_posted(journal.posting_id, HandBooking(number="4711", unverified=True))
    world.run_until_settled()

    world.move()
    world.issue(an_intent(reversed_by(journal)), token=None)
    world.run_until_settled()

    assert world.all_intents()[-1].state is IntentState.REJECTED
    assert world.erp.held == []


def test_what_is_found_booked_in_the_new_books_is_credited_there() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN
    world.erp.behave(Behaviour.REFUSE_PERIOD)
    world.issue(an_intent(on_closed_period=ClosedPeriodPolicy.NEXT_OPEN))
    world.deliver()

    world.move()
    world.erp.book_by_hand(a_document())
    world.run_until_settled()

    assert (world.intent().state, world.intent().sent_to) == (IntentState.POSTED, "tryton/acme-gmbh/tryton/2")


def test_several_documents_in_the_former_books_end_once_a_person_has_kept_one_of_them() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()
    world.deliver()
    world.erp.held.append(replace(world.erp.held[0], ref=ErpRef("doc-typed-again")))
    while world.intent().problem is not ExceptionCode.POSTING_CONFLICT:
        world.tick()
    world.move()
    world.wait(days=1)

    world.mark_posted(INVOICE, HandBooking(number="SI-doc-1", unverified=True))
    world.run_until_settled()

    assert (world.intent().state, world.intent().erp_number) == (IntentState.POSTED, "SI-doc-1")
    assert world.told.open_codes() == set()


def test_what_may_come_late_is_looked_up_again_once_its_books_are_back_and_another_has_taken_its_place() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.COMMIT_LATE, *[Behaviour.THROTTLE] * 3)
    world.erp.late_by = repeat(timedelta(hours=20))
    world.issue()
    world.deliver()
    while not world.intent().may_come_late:
        world.tick()
    world.move()
    world.run_until_settled()
    while world.intent().needs_action:
        world.tick()

    world.move_back()
    world.erp.behave()
    world.repair(INVOICE)
    world.wait(days=2)

    assert len(world.former.posted_documents()) == 2
    assert ExceptionCode.POSTING_CONFLICT in world.told.open_codes()


def test_whoever_was_to_look_in_the_former_books_need_not_once_those_are_back_and_nothing_has_come_late() -> None:
    world = refused_and_left_there(refuses_a_second=False)

    world.move_back()
    world.repair(INVOICE)
    world.run_until_settled()
    assert world.told.open_codes() == {ExceptionCode.POSTING_ELSEWHERE}
    world.wait(days=2)

    assert len(world.former.posted_documents()) == 1
    assert world.told.open_codes() == set()


def refused_and_left_there(*, refuses_a_second: bool) -> MovingWorld:
    """Return one whose invoice was lost once and refused then, in the former books, where it may come late."""
    world = MovingWorld()
    world.erp.does = replace(ONE_STEP, natural_key_enforced=refuses_a_second)
    world.erp.behave(Behaviour.LOSE_REQUEST, Behaviour.REFUSE_MAPPING)
    world.issue()
    world.deliver()
    while world.intent().state is not IntentState.REJECTED:
        world.tick()
    world.move()
    world.wait(days=1)
    assert world.told.open_codes() == {ExceptionCode.MAPPING_MISSING, ExceptionCode.POSTING_ELSEWHERE}
    return world


@pytest.mark.parametrize("refuses_a_second", [False, True])
def test_nobody_need_look_in_the_former_books_for_what_was_taken_over_there(*, refuses_a_second: bool) -> None:
    world = refused_and_left_there(refuses_a_second=refuses_a_second)

    world.move_back()
    world.erp.book_by_hand(a_document())
    world.repair(INVOICE)
    world.wait(days=2)

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_nobody_need_look_in_the_former_books_for_what_somebody_says_is_booked() -> None:
    world = refused_and_left_there(refuses_a_second=False)

    world.mark_posted(INVOICE, HandBooking(number="SI-4711", unverified=True))
    world.wait(days=2)

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_what_comes_beside_what_was_taken_over_in_the_former_books_is_told_of() -> None:
    world = refused_and_left_there(refuses_a_second=False)

    world.move_back()
    world.erp.book_by_hand(a_document())
    world.repair(INVOICE)
    world.tick()
    world.former.held.append(replace(world.former.held[0], ref=ErpRef("doc-99")))
    world.wait(days=2)

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}


@pytest.mark.parametrize(
    ("does", "behaviour"),
    [(ONE_STEP, Behaviour.LOSE_REPLY), (TAKES_FIRST, Behaviour.WORK)],
    ids=["unknown", "accepted"],
)
def test_a_person_is_told_of_what_is_in_doubt_of_an_entity_that_left_the_catalogue(
    does: Capabilities, behaviour: Behaviour
) -> None:
    world = MovingWorld()
    world.erp.does = does
    world.erp.behave(behaviour)
    world.issue()
    world.deliver()

    world.leave_the_catalogue()
    world.wait(days=1)

    (told,) = [one for one in world.told.open_records() if one.code is ExceptionCode.POSTING_ELSEWHERE]
    assert told.message == "it went to tryton/acme-gmbh/tryton/1, and its legal entity has no ERP now"

    world.is_published = True
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_what_its_closed_period_refused_is_left_to_a_person_once_its_entity_has_left_the_catalogue() -> None:
    world = MovingWorld()
    world.erp.does = ONE_STEP
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN
    world.erp.behave(Behaviour.REFUSE_PERIOD)
    world.issue(an_intent(on_closed_period=ClosedPeriodPolicy.NEXT_OPEN))
    world.deliver()

    world.leave_the_catalogue()
    world.run_until_settled()

    (told,) = world.told.open_records()
    assert told.code is ExceptionCode.PERIOD_CLOSED
    assert told.message.startswith("not moved to the next period, since its legal entity has no ERP now: ")
