"""One posting, one message: what is stored, sent, read back, raised and answered."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from functions.post_to_erp.use_case import PostingNotFoundError
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.decisions import ATTEMPT_CEILING, sending
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.journal import Document
from shared.domain.posting.lookups import MOST_WAITING
from shared.domain.posting.outcome import Submission
from shared.domain.posting.readings import SettlementStatus
from shared.domain.receivables.receivable import Receivable
from shared.ports.posting_intents import StaleIntentError
from tests.builders.posting import (
    BOOKS,
    FIRST_OF_NOVEMBER,
    GERMANY,
    TENANT,
    a_credit_memo,
    a_document,
    a_journal,
    an_intent,
    eur,
    reversed_by,
)
from tests.fakes.fake_erp import FAKE, ONE_STEP, QUIET_PERIOD, Behaviour, FakeErp
from tests.fakes.posting_world import PostingWorld


def test_a_posting_is_drafted_posted_read_back_and_answered() -> None:
    world = PostingWorld()
    world.issue()

    world.deliver()

    posted = world.intent()
    assert posted.state is IntentState.POSTED
    assert posted.erp_number == "SI-doc-1"
    assert posted.posted_period == "2026-10"
    assert [(a.task_token, a.state, a.erp_number) for a in world.told.answers] == [
        ("token-1", IntentState.POSTED, "SI-doc-1")
    ]
    assert world.told.raised == {}
    assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0


def test_the_same_message_again_posts_nothing_and_answers_nobody_twice() -> None:
    world = PostingWorld()
    world.issue()
    world.queue *= 2

    world.deliver()

    assert len(world.erp.held) == 1
    assert len(world.told.answers) == 1


def test_a_message_that_comes_long_after_opens_nothing_again_that_a_person_has_closed() -> None:
    world = PostingWorld()
    world.erp.does = replace(ONE_STEP, period_can_shift=True)
    world.erp.closed = {"2026-10"}
    posting = world.issue()
    world.deliver()
    (shifted,) = world.told.open_records()
    raised = world.told.raised_at[shifted.exception_id]

    world.clock.instant += timedelta(days=3)
    world.post(PostingRequest(posting_id=posting.posting_id, task_token=None))

    assert world.told.raised_at == {shifted.exception_id: raised}


def test_a_new_execution_that_waits_for_a_settled_posting_is_answered_at_once() -> None:
    world = PostingWorld()
    intent = world.issue()
    world.deliver()

    world.post(PostingRequest(posting_id=intent.posting_id, task_token="token-2"))

    assert world.told.answers[-1].task_token == "token-2"
    assert len(world.erp.held) == 1


def test_an_execution_that_waits_is_answered_though_the_message_of_a_dead_wait_comes_after_its_own() -> None:
    """The queue keeps no order, and a dead letter of last week is redriven when a person has the time."""
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    intent = world.issue(token="token of the living")
    world.deliver()
    world.post(PostingRequest(posting_id=intent.posting_id, task_token="token of a retry before"))

    world.run_until_settled()

    assert [(answer.task_token, answer.state) for answer in world.told.answers] == [
        ("token of the living", IntentState.POSTED),
        ("token of a retry before", IntentState.POSTED),
    ]


def test_of_those_who_wait_only_the_latest_are_kept() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    intent = world.issue(token="the first")
    world.deliver()
    for number in range(MOST_WAITING):
        world.post(PostingRequest(posting_id=intent.posting_id, task_token=f"retry {number}"))

    assert world.intent().task_tokens == tuple(f"retry {number}" for number in range(MOST_WAITING))


def test_a_message_without_its_posting_is_an_error_for_the_dead_letter_queue() -> None:
    with pytest.raises(PostingNotFoundError):
        PostingWorld().post(PostingRequest(posting_id=PostingId("nobody/2026-10/r1"), task_token=None))


def test_a_busy_erp_postpones_the_posting_and_raises_nothing() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.THROTTLE)
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.INTENT
    assert world.told.open_codes() == set()


def test_a_busy_erp_after_the_draft_does_not_send_the_document_again() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.WORK, Behaviour.THROTTLE)
    world.issue()

    world.deliver()
    assert world.intent().state is IntentState.UNKNOWN
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.held) == 1


def test_refused_credentials_postpone_the_posting_and_raise_an_exception_until_it_is_posted() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.REFUSE_CREDENTIALS)
    world.issue()

    world.deliver()
    assert world.intent().state is IntentState.INTENT
    assert world.told.open_codes() == {ExceptionCode.ERP_AUTH_FAILED}

    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Behaviour.REFUSE_PERIOD, ExceptionCode.PERIOD_CLOSED),
        (Behaviour.REFUSE_MAPPING, ExceptionCode.MAPPING_MISSING),
    ],
)
def test_a_refused_document_is_rejected_and_stays_in_the_exceptions(behaviour: Behaviour, code: ExceptionCode) -> None:
    world = PostingWorld()
    world.erp.behave(behaviour)
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {code}
    assert world.told.answers[0].state is IntentState.REJECTED
    assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0


def test_a_number_of_the_erps_own_in_place_of_ours_is_posted_with_a_mismatch() -> None:
    world = PostingWorld()
    world.erp.numbers_by_itself = True
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.POSTED
    assert world.intent().reason == "our number is SI-doc-1 in the ERP, DE-000001 here"
    assert world.told.open_codes() == {ExceptionCode.POSTING_MISMATCH}


def voided_in_the_erp(invoice: PostingIntent) -> Receivable:
    return Receivable(
        tenant=TENANT,
        legal_entity_id=GERMANY,
        posting_id=invoice.posting_id,
        kind=DocumentKind.INVOICE,
        erp_number="PS-INV103001",
        gross=eur("1428.68"),
        status=SettlementStatus.VOIDED,
        open_amount=eur("0.00"),
        changed_at=FIRST_OF_NOVEMBER,
    )


def test_the_draft_of_a_credit_memo_is_deleted_once_its_invoice_was_voided_there() -> None:
    world = PostingWorld()
    world.issue()
    world.deliver()
    invoice = world.intent()
    world.erp.behave(Behaviour.WORK, Behaviour.THROTTLE)
    memo = world.issue(an_intent(a_credit_memo(of_invoice="fake-1")))
    world.deliver()
    assert len(world.erp.held) == 2

    world.receivables.save(voided_in_the_erp(invoice))
    world.run_until_settled()

    refused = world.intents.read(memo.posting_id)
    assert refused is not None
    assert (refused.state, refused.problem) == (IntentState.REJECTED, ExceptionCode.VOIDED_IN_ERP)
    assert [held.document for held in world.erp.held] == [a_document()]


def test_a_credit_memo_of_what_was_voided_there_is_not_sent_until_that_stands_again() -> None:
    world = PostingWorld()
    world.issue()
    world.deliver()
    voided = voided_in_the_erp(world.intent())
    world.receivables.save(voided)
    memo = world.issue(an_intent(a_credit_memo(of_invoice="fake-1")))

    world.deliver()
    assert world.told.open_codes() == {ExceptionCode.VOIDED_IN_ERP}
    world.clock.instant += timedelta(hours=1)
    world.repair(memo.posting_id)
    world.deliver()
    assert [held.document for held in world.erp.held] == [a_document()]

    world.receivables.save(replace(voided, status=SettlementStatus.OPEN, changed_at=world.clock.now()))
    world.clock.instant += timedelta(hours=1)
    world.repair(memo.posting_id)
    world.run_until_settled()

    assert len(world.erp.held) == 2
    assert world.told.open_codes() == set()


def test_silence_is_unknown_for_the_quiet_period() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.UNKNOWN
    assert world.intent().due_at == FIRST_OF_NOVEMBER + QUIET_PERIOD
    assert world.told.open_codes() == {ExceptionCode.POSTING_UNKNOWN}
    assert world.told.answers == []


def test_a_posting_found_sending_is_never_sent_again_but_looked_up_once_nobody_can_be_sending_it_any_more() -> None:
    world = PostingWorld()
    died = sending(world.issue(token=None), books=BOOKS, now=FIRST_OF_NOVEMBER)
    world.intents.start_sending(died)

    world.deliver()
    assert world.intent() == died
    world.clock.instant += ATTEMPT_CEILING
    world.resolve()

    assert world.intent().state is IntentState.UNKNOWN
    assert world.erp.writes_seen == 0


@pytest.mark.parametrize("token", [None, "token-1", "token of a retry"])
def test_a_message_that_comes_while_another_is_being_seen_to_leaves_the_sender_its_answer(token: str | None) -> None:
    """SQS delivers twice, the relay asks again, the execution waits anew: an ERP may be slow for minutes."""
    world = PostingWorld()
    intent = an_intent()

    class SlowErp(FakeErp):
        def submit(self, document: Document) -> Submission:
            world.post(PostingRequest(posting_id=intent.posting_id, task_token=token))
            return super().submit(document)

    world.erp = SlowErp(world.clock.now, does=ONE_STEP)
    world.issue(intent)

    world.deliver()

    assert world.intent().state is IntentState.POSTED
    assert {answer.task_token for answer in world.told.answers} == {"token-1", token or "token-1"}
    assert world.told.raised == {}
    assert len(world.erp.held) == 1


def test_a_sender_that_comes_back_when_all_have_given_it_up_stores_nothing() -> None:
    world = PostingWorld()
    intent = an_intent()

    class SlowestErp(FakeErp):
        def submit(self, document: Document) -> Submission:
            world.clock.instant += ATTEMPT_CEILING
            world.resolve()
            world.post(PostingRequest(posting_id=intent.posting_id, task_token="token of a retry"))
            return super().submit(document)

    world.erp = SlowestErp(world.clock.now, does=ONE_STEP)
    world.issue(intent)

    with pytest.raises(StaleIntentError):
        world.post(world.queue.pop())

    assert world.intent().state is IntentState.UNKNOWN
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.held) == 1


def test_a_document_posted_into_another_period_is_posted_and_says_so() -> None:
    world = PostingWorld()
    world.erp.does = replace(FAKE, period_can_shift=True)
    world.erp.closed = {"2026-10"}
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.POSTED
    assert world.intent().posted_period == "2026-11"
    assert world.told.open_codes() == {ExceptionCode.POSTING_PERIOD_SHIFTED}
    assert world.told.answers[0].reason == "accounting period is 2026-11 in the ERP, 2026-10 here"


def test_nothing_is_sent_into_a_period_that_closed_after_the_intent() -> None:
    world = PostingWorld()
    world.books.closed_through = date(2026, 10, 31)
    world.issue()

    world.deliver()

    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}
    assert world.erp.writes_seen == 0


def test_a_soft_closed_period_lets_its_intents_finish_and_cannot_close_before() -> None:
    world = PostingWorld()
    world.issue()

    assert world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.SOFT_CLOSED)
    assert not world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)
    world.deliver()

    assert world.intent().state is IntentState.POSTED
    assert world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)


def test_the_accounting_period_is_checked_again_as_sending_starts() -> None:
    world = PostingWorld()
    intent = an_intent()
    world.intents._intents[intent.posting_id] = intent  # counted by nobody, so the period could close
    world.intents._unsettled[GERMANY, "2026-10"] = 0
    assert world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)

    world.post(PostingRequest(posting_id=intent.posting_id, task_token=None))

    assert world.intent().state is IntentState.REJECTED
    assert world.erp.writes_seen == 0


def test_a_credit_memo_waits_until_its_invoice_is_in_the_ledger() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.THROTTLE)
    world.issue()
    memo = world.issue(an_intent(a_credit_memo(of_invoice="doc-1")), token="token-2")

    world.deliver()
    held_back = world.intents.read(memo.posting_id)
    assert held_back is not None
    assert held_back.state is IntentState.INTENT
    assert held_back.reason == "waits for acme-2026/2026-10/r1"
    world.run_until_settled()

    assert [document.kind for document in world.erp.posted_documents()] == ["invoice", "credit_memo"]


def test_a_reversal_waits_for_the_journal_that_it_reverses() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue(an_intent(a_journal()))
    world.issue(an_intent(reversed_by(a_journal())))

    world.run_until_settled()

    assert [document.posting_id for document in world.erp.posted_documents()] == [
        "journal=accrual-10",
        "journal=accrual-10-back",
    ]


def test_a_stored_document_that_is_not_the_one_it_was_stored_with_is_never_sent() -> None:
    world = PostingWorld()
    intent = an_intent()
    world.issue(replace(intent, document=replace(a_document(), gross=eur("9428.68"))))

    world.deliver()

    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}
    assert world.erp.writes_seen == 0
