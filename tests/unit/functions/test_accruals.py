"""What an invoice bills of a closed month: accrued in it and taken back, once; or a person hears why not."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.posting.accounting_period import PeriodStatus, period_name
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Journal
from tests.builders.posting import GERMANY, a_credit_memo, a_document, an_intent
from tests.fakes.fake_erp import LOOKUP_SPACING, Behaviour
from tests.fakes.posting_world import PostingWorld
from tests.simulation.posting.test_crashes import Guillotine

GENERAL_LEDGER = period_name("2026-10", DocumentKind.JOURNAL)
ISSUED_IN_NOVEMBER = replace(a_document(posting_date=date(2026, 11, 1)), document_date=date(2026, 11, 1))
ACCRUAL = PostingId("journal=accrual=acme-2026=2026-10=r1")
REVERSAL = PostingId("journal=reversal=acme-2026=2026-10=r1")


def a_world(*, policy: ClosedPeriodPolicy = ClosedPeriodPolicy.ACCRUE, watch: Guillotine | None = None) -> PostingWorld:
    """Return the first of November, when October's receivables are closed, and its general ledger is not."""
    world = PostingWorld(watch.watch) if watch is not None else PostingWorld()
    world.erp.closed_for_invoices = {"2026-10"}
    world.books.on_closed_period = policy
    return world


def issue(world: PostingWorld, document: PostingDocument | None = None) -> None:
    world.issue(an_intent(document, on_closed_period=world.books.on_closed_period))


def played(world: PostingWorld, document: PostingDocument | None = None) -> PostingWorld:
    issue(world, document)
    world.run_until_settled()
    return world


def journals(world: PostingWorld) -> list[Journal]:
    """Return what of ours is in the ledger, in the order that it came."""
    return [one for one in world.erp.posted_documents() if isinstance(one, Journal)]


def test_what_its_erp_refuses_for_its_month_is_accrued_in_it_and_taken_back_beside_the_invoice() -> None:
    world = played(a_world())

    accrual, reversal = journals(world)
    assert (accrual.posting_id, accrual.posting_date) == (ACCRUAL, date(2026, 10, 31))
    assert (reversal.posting_id, reversal.posting_date) == (REVERSAL, date(2026, 11, 1))
    assert reversal.reverses == accrual.posting_id
    (invoice,) = (one for one in world.erp.posted_documents() if isinstance(one, PostingDocument))
    assert (invoice.posting_date, invoice.accounting_period) == (reversal.posting_date, reversal.accounting_period)
    assert world.told.raised == {}


def test_what_is_issued_after_the_close_is_accrued_the_same() -> None:
    world = a_world()
    world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)

    played(world, ISSUED_IN_NOVEMBER)

    assert [one.posting_id for one in journals(world)] == [ACCRUAL, REVERSAL]


def test_what_a_month_that_is_open_bills_later_is_revenue_of_its_posting() -> None:
    world = played(a_world(), ISSUED_IN_NOVEMBER)

    assert journals(world) == []
    assert world.told.raised == {}
    assert not world.intent().needs_action


@pytest.mark.parametrize("policy", [ClosedPeriodPolicy.PERSON, ClosedPeriodPolicy.NEXT_OPEN])
def test_no_other_policy_accrues(policy: ClosedPeriodPolicy) -> None:
    assert journals(played(a_world(policy=policy))) == []


def test_a_policy_that_was_withdrawn_meanwhile_accrues_nothing() -> None:
    world = a_world()
    issue(world)
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN

    world.run_until_settled()

    assert journals(world) == []


def test_nothing_is_accrued_for_an_invoice_that_no_ledger_has() -> None:
    world = a_world()
    world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.SOFT_CLOSED)
    world.erp.behave(Behaviour.REFUSE_MAPPING)

    played(world, ISSUED_IN_NOVEMBER)
    assert journals(world) == []

    (refused,) = world.refused()
    world.clock.instant += LOOKUP_SPACING
    world.repair(refused.posting_id)
    world.run_until_settled()
    assert [one.posting_id for one in journals(world)] == [ACCRUAL, REVERSAL]


def test_the_reversal_waits_for_its_accrual() -> None:
    world = a_world()
    world.erp.does = replace(world.erp.does, accepts_first=frozenset({DocumentKind.JOURNAL}))

    played(world)

    accrual, reversal = (world.intents.chain(one)[0] for one in (ACCRUAL, REVERSAL))
    assert accrual.settled_at is not None
    assert reversal.sent_at is not None
    assert accrual.settled_at <= reversal.sent_at


def test_a_general_ledger_that_is_closed_as_well_leaves_it_to_a_person() -> None:
    world = a_world()
    assert world.intents.set_period_status(GERMANY, GENERAL_LEDGER, PeriodStatus.SOFT_CLOSED)

    played(world)

    assert journals(world) == []
    assert world.all_intents()[-1].state is IntentState.POSTED
    (record,) = world.told.open_records()
    assert record.code is ExceptionCode.REVENUE_NOT_ACCRUED
    assert record.message == (
        "1200.57 EUR of DE-000001 for 2026-10 are revenue of 2026-11: the general ledger of 2026-10 takes nothing new"
    )


def test_our_own_calendar_closes_both_ledgers() -> None:
    world = a_world()
    world.books.closed_through = date(2026, 10, 31)

    played(world)

    assert journals(world) == []
    assert world.told.open_codes() == {ExceptionCode.REVENUE_NOT_ACCRUED}


def test_a_ledger_that_only_the_erp_knows_to_be_closed_refuses_the_accrual_and_holds_its_reversal() -> None:
    world = a_world()
    world.erp.closed = {"2026-10"}
    issue(world)
    world.run_to_rest(until=world.clock.now().replace(day=2))
    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}

    world.cancel(ACCRUAL)
    world.run_until_settled()

    states = [world.intents.chain(one)[-1].state for one in (ACCRUAL, REVERSAL)]
    assert states == [IntentState.CANCELLED, IntentState.CANCELLED]
    assert journals(world) == []


def test_what_somebody_has_posted_into_another_month_is_not_ours_to_accrue() -> None:
    world = a_world()
    world.erp.does = replace(world.erp.does, period_can_shift=True)

    played(world)

    assert journals(world) == []
    codes = {ExceptionCode.POSTING_PERIOD_SHIFTED}
    assert world.told.open_codes() == codes


def test_a_credit_memo_is_a_persons() -> None:
    world = a_world()
    world.erp.closed_for_invoices = {"2026-11"}
    world.clock.instant = world.clock.instant.replace(month=12)

    played(world, a_credit_memo(of_invoice="doc-1"))

    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}


def test_dying_before_or_after_any_call_accrues_exactly_once() -> None:
    uneventful = Guillotine()
    played(a_world(watch=uneventful))
    assert "accruals.book" in uneventful.calls

    for fatal_call in range(len(uneventful.calls)):
        for after in (False, True):
            world = played(a_world(watch=Guillotine(fatal_call, after)))

            where = f"{'after' if after else 'before'} {uneventful.calls[fatal_call]} ({fatal_call})"
            assert [one.posting_id for one in journals(world)] == [ACCRUAL, REVERSAL], where
            assert len(world.erp.held) == 3, where
            assert world.told.open_codes() == set(), where
            for ledger in ("2026-10", "2026-11", GENERAL_LEDGER, period_name("2026-11", DocumentKind.JOURNAL)):
                assert world.intents.accounting_period(GERMANY, ledger).unsettled == 0, where


def test_dying_while_a_person_is_told_tells_them_all_the_same() -> None:
    def closed(guillotine: Guillotine) -> PostingWorld:
        world = a_world(watch=guillotine)
        world.intents.set_period_status(GERMANY, GENERAL_LEDGER, PeriodStatus.CLOSED)
        return played(world)

    uneventful = Guillotine()
    closed(uneventful)
    for fatal_call in range(len(uneventful.calls)):
        for after in (False, True):
            world = closed(Guillotine(fatal_call, after))

            assert world.told.open_codes() == {ExceptionCode.REVENUE_NOT_ACCRUED}
            assert not any(one.awaits_accrual for one in world.all_intents())
