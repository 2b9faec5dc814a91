"""What the resolver makes of silence: adopt, bring on, look again, send again, or ask a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, repeat

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, PostingId
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import looked_up_before_close
from shared.domain.posting.outcome import ErpRef, Location
from shared.domain.posting.pacing import NotCalled
from tests.builders.posting import a_document, an_intent, eur
from tests.fakes.fake_erp import FAKE, LOOKUP_SPACING, ONE_STEP, QUIET_PERIOD, Behaviour, FakeErp, Held
from tests.fakes.posting_world import Died, PostingWorld


def a_world_in_doubt(*behaviours: Behaviour) -> PostingWorld:
    world = PostingWorld()
    world.erp.behave(*behaviours)
    world.issue()
    world.deliver()
    assert world.intent().state is IntentState.UNKNOWN
    return world


def wait(world: PostingWorld, delay: timedelta) -> None:
    world.clock.instant += delay
    world.resolve()


def test_nobody_looks_before_the_quiet_period_is_over() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REPLY)

    wait(world, QUIET_PERIOD - timedelta(seconds=1))

    assert world.intent().state is IntentState.UNKNOWN
    assert world.intent().version == 4


def test_a_lost_draft_is_found_and_posted() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REPLY)

    wait(world, QUIET_PERIOD)

    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.posted_documents()) == 1
    assert world.told.open_codes() == set()
    assert world.told.answers[0].erp_number == "SI-doc-1"


def test_a_document_whose_posting_was_not_confirmed_is_adopted() -> None:
    world = a_world_in_doubt(Behaviour.WORK, Behaviour.LOSE_REPLY)

    wait(world, QUIET_PERIOD)

    assert world.intent().state is IntentState.POSTED
    assert world.erp.writes_seen == 2


def test_a_document_with_our_key_and_other_totals_is_posted_with_a_mismatch() -> None:
    world = a_world_in_doubt(Behaviour.WORK, Behaviour.LOSE_REPLY)
    world.erp.held[0].document = replace(a_document(), gross=eur("1428.69"))

    wait(world, QUIET_PERIOD)

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def test_one_absence_permits_nothing_and_two_spaced_ones_permit_a_resend() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)

    wait(world, QUIET_PERIOD)
    assert world.intent().state is IntentState.UNKNOWN
    wait(world, LOOKUP_SPACING - timedelta(seconds=1))
    assert world.intent().absences == 1
    wait(world, timedelta(seconds=1))
    assert world.intent().state is IntentState.INTENT

    world.run_until_settled()
    assert len(world.erp.posted_documents()) == 1
    assert world.intent().attempts == 2


def test_a_look_up_without_an_answer_counts_neither_way() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.erp.fail_lookups([False, True, True, True])

    for delay in (QUIET_PERIOD, LOOKUP_SPACING, LOOKUP_SPACING, LOOKUP_SPACING):
        wait(world, delay)

    assert world.intent().state is IntentState.UNKNOWN
    assert world.intent().absences == 1


def test_a_person_is_told_of_a_draft_that_was_not_posted_for_a_busy_erp_and_cannot_be_looked_up() -> None:
    world = a_world_in_doubt(Behaviour.WORK, Behaviour.THROTTLE)
    world.erp.fail_lookups(repeat(True))
    assert world.told.open_codes() == set()

    wait(world, QUIET_PERIOD)

    assert world.told.open_codes() == {ExceptionCode.POSTING_UNKNOWN}
    world.erp.fail_lookups(())
    world.run_until_settled()
    assert world.told.open_codes() == set()


def test_a_look_up_that_fails_changes_nothing_of_why_a_posting_was_given_up() -> None:
    world = PostingWorld()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST, *[Behaviour.THROTTLE] * 3)
    posting = world.issue()
    world.deliver()
    while not world.intent().may_come_late:
        world.tick()
    world.clock.instant += LOOKUP_SPACING
    world.cancel(posting.posting_id, reason="the customer was billed elsewhere")
    world.run_until_settled()
    world.erp.fail_lookups(repeat(True))

    wait(world, timedelta(hours=2))

    assert world.intent().rechecks_left == 2
    assert world.intent().reason == "cancelled by fred: the customer was billed elsewhere"


def test_two_documents_with_our_key_wait_for_a_person_who_reverses_one() -> None:
    world = a_world_in_doubt(Behaviour.WORK, Behaviour.LOSE_REPLY)
    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))

    wait(world, QUIET_PERIOD)
    assert world.intent().state is IntentState.UNKNOWN
    assert ExceptionCode.POSTING_CONFLICT in world.told.open_codes()

    world.erp.held.pop()
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_what_is_left_of_two_with_our_key_is_ours_though_the_erp_has_shifted_its_period() -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, period_can_shift=True)
    world.erp.closed = {"2026-10"}
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()
    world.deliver()
    world.erp.held.append(replace(world.erp.held[0], ref=ErpRef("doc-2")))
    wait(world, QUIET_PERIOD)

    world.erp.held.pop()
    world.run_until_settled()

    assert (world.intent().state, world.intent().posted_period) == (IntentState.POSTED, "2026-11")
    assert world.told.open_codes() == {ExceptionCode.POSTING_PERIOD_SHIFTED}


def test_a_draft_that_we_post_after_a_refused_duplicate_is_ours_though_the_erp_has_shifted_its_period() -> None:
    world = PostingWorld()
    world.erp.does = replace(FAKE, natural_key_enforced=True, period_can_shift=True)
    world.erp.closed = {"2026-10"}
    world.erp.held.append(Held(ErpRef("doc-1"), a_document(), world.clock.now(), None))
    world.erp.behave(Behaviour.WORK, Behaviour.LOSE_REPLY)
    world.issue()

    world.run_until_settled()

    assert (world.intent().state, world.intent().posted_period) == (IntentState.POSTED, "2026-11")


def test_where_all_of_several_with_our_key_were_removed_a_person_decides() -> None:
    world = a_world_in_doubt(Behaviour.WORK, Behaviour.LOSE_REPLY)
    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))
    wait(world, QUIET_PERIOD)

    world.erp.held.clear()
    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    assert (
        world.intent().reason == "the ERP had several documents with its reference, but holds none with its reference"
    )


def test_a_sender_that_died_without_its_message_coming_back_is_found_by_its_age() -> None:
    world = PostingWorld()
    intent = world.issue()
    world.queue.clear()
    world.intents.start_sending(
        replace(intent, state=IntentState.SENDING, version=2, attempts=1, due_at=world.clock.now())
    )

    world.run_until_settled()

    assert len(world.erp.posted_documents()) == 1


def test_an_erp_that_calls_it_a_duplicate_but_holds_another_document_needs_a_person() -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, natural_key_enforced=True)
    in_nine_days = world.clock.now() + timedelta(days=9)
    world.erp.held.append(Held(ErpRef("doc-1"), a_document(), in_nine_days, None, on_its_way=True))
    world.issue()

    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_REJECTED}


@pytest.mark.parametrize("before", [(), (Behaviour.THROTTLE,), (Behaviour.REFUSE_CREDENTIALS, Behaviour.BE_AWAY)])
def test_another_document_with_our_key_is_not_taken_for_ours_which_never_got_in(before: Sequence[Behaviour]) -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, natural_key_enforced=True)
    world.erp.behave(*before)
    world.erp.book_by_hand(replace(a_document(), gross=eur("9.00")))
    world.issue()

    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
    assert "gross is 9.00 EUR in the ERP" in world.intent().reason


def test_another_document_with_our_key_may_be_ours_where_an_attempt_was_given_up_as_absent() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.erp.does = replace(ONE_STEP, natural_key_enforced=True)
    wait(world, QUIET_PERIOD)
    wait(world, LOOKUP_SPACING)
    assert world.intent().state is IntentState.INTENT

    world.erp.book_by_hand(replace(a_document(), gross=eur("9.00")))
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def test_our_document_under_another_number_is_taken_for_ours_with_a_mismatch() -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, natural_key_enforced=True)
    world.erp.numbers_by_itself = True
    world.erp.book_by_hand(a_document())
    world.issue()

    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def test_a_resend_to_an_erp_that_refuses_no_double_is_looked_up_after_an_hour_and_after_a_day() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.run_until_settled()
    assert world.intent().rechecks_left == 2
    double = Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now())

    wait(world, timedelta(hours=1))
    assert world.intent().rechecks_left == 1
    world.erp.held.append(double)
    wait(world, timedelta(hours=24))

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
    assert not world.intent().needs_action


def test_what_the_erp_has_otherwise_than_we_said_stays_told_when_a_double_comes_late() -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, period_can_shift=True)
    world.erp.closed = {"2026-10"}
    world.erp.behave(Behaviour.LOSE_REQUEST)
    world.issue()
    world.run_until_settled()
    assert world.told.open_codes() == {ExceptionCode.POSTING_PERIOD_SHIFTED}

    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))
    wait(world, timedelta(hours=1))

    assert world.told.open_codes() == {ExceptionCode.POSTING_PERIOD_SHIFTED, ExceptionCode.POSTING_CONFLICT}


def test_what_its_month_closes_over_is_looked_up_at_once_and_a_day_later_all_the_same() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.run_until_settled()
    wait(world, timedelta(hours=1))

    world.intents.save(looked_up_before_close(world.intent(), now=world.clock.now()))
    wait(world, timedelta(minutes=5))
    assert world.intent().rechecks_left == 1
    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))
    wait(world, timedelta(hours=24))

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}


class _DefectiveFor:
    """An ERP adapter with a defect that shows for one document."""

    def __init__(self, erp: FakeErp, external_ref: str) -> None:
        self._erp = erp
        self._external_ref = external_ref

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        if external_ref == self._external_ref:
            raise RuntimeError("a defect")
        return self._erp.locate(external_ref, kind)

    def __getattr__(self, name: str) -> object:
        return getattr(self._erp, name)


def test_a_posting_that_cannot_be_handled_keeps_no_other_waiting() -> None:
    broken, sound = a_document(posting_id="globex/2026-10/r1"), a_document(posting_id="acme/2026-10/r1")
    world = PostingWorld(lambda name, port: _DefectiveFor(port, broken.external_ref) if name == "erp" else port)
    world.erp.behave(Behaviour.LOSE_REPLY, Behaviour.LOSE_REPLY)
    for document in (broken, sound):
        world.issue(an_intent(document))
    world.deliver()

    world.clock.instant += QUIET_PERIOD
    world.relay()
    world.follow_up()

    states = {intent.posting_id: intent.state for intent in world.all_intents()}
    assert states == {broken.posting_id: IntentState.UNKNOWN, sound.posting_id: IntentState.POSTED}
    assert [posting_id for _, posting_id in world.follow_ups.asked] == [broken.posting_id]  # until it is a dead letter


def test_what_was_given_up_and_comes_beside_its_replacement_is_noticed() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.erp.behave(Behaviour.REFUSE_MAPPING)
    world.run_until_settled()
    first = world.intent()
    assert first.state is IntentState.REJECTED
    world.clock.instant += LOOKUP_SPACING
    world.repair(first.posting_id)
    world.run_until_settled()
    assert [intent.state for intent in world.all_intents()] == [IntentState.REJECTED, IntentState.POSTED]

    world.erp.held.append(Held(ErpRef("late"), first.document, world.clock.now(), world.clock.now()))
    wait(world, timedelta(hours=1))

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
    assert world.all_intents()[0].reason == "the ERP has it after all, as SI-late"


def die_before_save(world: PostingWorld, number: int, dying: pytest.MonkeyPatch) -> None:
    """Have the resolver die before it stores a posting for that many times."""
    save, numbers = world.intents.save, count(1)

    def die(intent: PostingIntent) -> None:
        if next(numbers) == number:
            raise Died
        save(intent)

    dying.setattr(world.intents, "save", die)


@pytest.mark.parametrize("number", [1, 2])
def test_a_double_is_told_of_although_the_resolver_dies_over_it(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.run_until_settled()
    world.erp.held.append(Held(ErpRef("doc-2"), a_document(), world.clock.now(), world.clock.now()))

    with monkeypatch.context() as dying:
        die_before_save(world, number, dying)
        with pytest.raises(Died):
            wait(world, timedelta(hours=1))
    world.resolve()

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
    assert not world.intent().needs_action


@pytest.mark.parametrize("number", [1, 2])
def test_what_the_resolver_dies_over_and_a_person_takes_over_is_told_of_as_a_double_no_more(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.erp.behave(Behaviour.REFUSE_MAPPING)
    world.run_until_settled()
    world.erp.book_by_hand(a_document())

    with monkeypatch.context() as dying:
        die_before_save(world, number, dying)
        with pytest.raises(Died):
            wait(world, timedelta(hours=1))
    world.repair(a_document().posting_id)
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_a_message_about_a_posting_that_was_never_written_is_an_error_for_the_dead_letter_queue() -> None:
    world = PostingWorld()
    world.follow_ups.request(PostingId("nobody/2026-10/r1"))

    world.follow_up()

    assert [posting_id for _, posting_id in world.follow_ups.asked] == ["nobody/2026-10/r1"]


def test_the_same_message_again_looks_nothing_up_before_its_time() -> None:
    """A queue may deliver twice, and two absences prove something only when time lies between them."""
    world = a_world_in_doubt(Behaviour.LOSE_REQUEST)
    world.clock.instant += QUIET_PERIOD
    world.relay()
    (asked,) = world.follow_ups.asked
    world.follow_ups.asked.append(asked)

    world.follow_up()

    assert (world.intent().state, world.intent().absences) == (IntentState.UNKNOWN, 1)


class _LookedUpTwiceAtOnce(FakeErp):
    """Within each look-up another delivery of the same message is followed up, and what comes of that is sent."""

    world: PostingWorld
    is_within = False

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        found = super().locate(external_ref, kind)
        if not self.is_within:
            self.is_within = True
            self.world.resolve()
            self.world.relay()
            self.world.deliver()
            self.is_within = False
        return found


@pytest.mark.parametrize("behaviour", [Behaviour.LOSE_REPLY, Behaviour.LOSE_REQUEST, Behaviour.REFUSE_PERIOD])
def test_two_deliveries_of_a_message_at_once_post_a_document_once_and_count_one_absence(behaviour: Behaviour) -> None:
    world = PostingWorld()
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN
    world.erp = erp = _LookedUpTwiceAtOnce(world.clock.now)
    erp.world = world
    erp.behave(behaviour)
    world.issue(an_intent(on_closed_period=ClosedPeriodPolicy.NEXT_OPEN))
    world.deliver()
    absences = []
    while not all(one.state.settled and not one.awaits_redating for one in world.all_intents()):
        world.tick()
        absences.append(world.all_intents()[-1].absences)

    assert len(erp.posted_documents()) == 1
    assert world.all_intents()[-1].state is IntentState.POSTED
    assert absences.count(1) == (1 if behaviour is Behaviour.LOSE_REQUEST else 0)
    assert world.told.open_codes() == set()


def test_a_posting_whose_turn_does_not_come_is_asked_for_again_and_nothing_is_told_of_it() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REPLY)
    world.clock.instant += QUIET_PERIOD
    told = dict(world.told.raised_at)
    world.not_called = NotCalled(world.clock.now() + timedelta(seconds=40), "as many calls are under way as it permits")
    world.relay()
    world.follow_up()
    assert world.intent().state is IntentState.UNKNOWN
    assert world.told.raised_at == told

    world.not_called = None
    world.clock.instant += timedelta(seconds=40)
    world.follow_up()

    assert world.intent().state is IntentState.POSTED


def test_what_is_in_doubt_at_an_erp_that_is_down_does_not_circle_in_the_queue() -> None:
    world = a_world_in_doubt(Behaviour.LOSE_REPLY)
    world.erp.fail_lookups([True])
    world.clock.instant += QUIET_PERIOD
    world.not_called = NotCalled(
        world.clock.now() + timedelta(seconds=40), "the ERP is down and left alone", is_down=True
    )

    world.relay()
    world.follow_up()

    assert world.follow_ups.asked == []
    assert world.intent().due_at == world.clock.now() + LOOKUP_SPACING
