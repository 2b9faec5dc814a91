"""commit_tax and its relay: whatever the engine does, an issued document is recorded once, and nobody forgets it."""

from datetime import timedelta

import pytest

from functions.commit_tax.use_case import TaxIntentNotFoundError, commit_tax
from functions.relay_tax_commits.use_case import relay_tax_commits
from shared.domain.exception_record import ExceptionCode
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxIntentState, TaxOperation
from shared.domain.tax.outcome import (
    Frozen,
    Recorded,
    Recording,
    TaxAuthFailed,
    TaxRefused,
    TaxUnavailable,
    TaxUncertain,
)
from shared.ports.tax_intents import StaleTaxIntentError
from tests.builders.billing import SECOND_OF_NOVEMBER, catalog, euros, published
from tests.builders.tax import a_tax_document, a_tax_intent, tax_line
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_tax_intents import InMemoryTaxIntents, InMemoryTaxRequests
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.tax_engines import PublishedTaxTable, ScriptedTaxEngine

ACME = a_tax_intent().tax_intent_id
NO_ANSWER = TaxUncertain("ReadTimeout")


class Died(BaseException):
    """The function's environment died in the middle of a call."""


class DiesOnSettling(InMemoryTaxIntents):
    """Dies before it stores that an intent is recorded."""

    def settle(self, intent: TaxIntent) -> None:
        raise Died


class TaxWorld:
    def __init__(self, *recordings: Recording, intent: TaxIntent | None = None) -> None:
        self.clock = SteadyClock(SECOND_OF_NOVEMBER)
        self.engine = ScriptedTaxEngine(recordings=list(recordings))
        self.intents = InMemoryTaxIntents(InMemoryPostingIntents())
        self.requests = InMemoryTaxRequests()
        self.exceptions = InMemoryExceptionReporter()
        self.intents.add(intent or a_tax_intent())

    def commit(self, intents: InMemoryTaxIntents | None = None) -> TaxIntent:
        return commit_tax(
            ACME,
            intents=intents or self.intents,
            engines=PublishedTaxTable(published(catalog()), self.engine),
            exceptions=self.exceptions,
            clock=self.clock,
        )

    def relay(self) -> int:
        return relay_tax_commits(self.clock.instant, intents=self.intents, requests=self.requests)

    def open_codes(self) -> set[ExceptionCode]:
        return {record.code for record in self.exceptions.open.values()}


def test_an_issued_document_is_recorded_once() -> None:
    world = TaxWorld()

    assert world.commit().state is TaxIntentState.RECORDED
    assert world.commit().state is TaxIntentState.RECORDED

    assert [operation for operation, _ in world.engine.asked] == ["commit"]
    assert world.exceptions.reported == []


def test_a_lost_answer_is_settled_by_committing_again() -> None:
    world = TaxWorld(NO_ANSWER)

    assert world.commit().state is TaxIntentState.UNKNOWN
    assert world.open_codes() == set()
    assert world.commit().state is TaxIntentState.RECORDED


def test_an_engine_that_stays_away_opens_an_exception_which_closes_when_it_is_back() -> None:
    world = TaxWorld(NO_ANSWER, TaxUnavailable("status 503"), NO_ANSWER)
    for _ in range(3):
        world.commit()
    assert world.open_codes() == {ExceptionCode.TAX_UNAVAILABLE}

    world.commit()

    assert world.open_codes() == set()


def test_what_died_after_the_engine_had_it_is_committed_again_and_told_the_same() -> None:
    world = TaxWorld(Recorded(euros("21.18")), Recorded(euros("21.18")))
    dying = DiesOnSettling(InMemoryPostingIntents())
    dying.add(a_tax_intent())

    with pytest.raises(Died):
        world.commit(dying)
    world.commit()

    assert world.open_codes() == {ExceptionCode.TAX_MISMATCH}
    assert len(world.exceptions.open) == 1


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Recorded(euros("21.18")), ExceptionCode.TAX_MISMATCH),
        (Frozen("CannotModifyLockedTransaction"), ExceptionCode.TAX_FROZEN),
    ],
)
def test_what_the_engine_has_otherwise_is_recorded_with_an_exception(outcome: Recording, code: ExceptionCode) -> None:
    world = TaxWorld(outcome)

    assert world.commit().state is TaxIntentState.RECORDED
    assert world.open_codes() == {code}


@pytest.mark.parametrize(
    ("outcome", "code", "again_after"),
    [
        (TaxRefused("CompanyNotFound", "no company"), ExceptionCode.TAX_REFUSED, timedelta(hours=1)),
        (TaxAuthFailed("status 401"), ExceptionCode.TAX_AUTH_FAILED, timedelta(minutes=15)),
    ],
)
def test_what_a_person_mends_goes_on_by_itself(outcome: Recording, code: ExceptionCode, again_after: timedelta) -> None:
    world = TaxWorld(outcome)
    world.commit()
    assert world.open_codes() == {code}

    world.clock.instant += again_after
    assert world.relay() == 1
    assert world.requests.asked == [ACME]
    world.commit()

    assert world.open_codes() == set()


def test_an_engine_that_says_when_to_come_again_is_left_alone_until_then() -> None:
    world = TaxWorld(TaxUnavailable("it has too many requests", retry_after_seconds=600))

    assert world.commit().due_at == SECOND_OF_NOVEMBER + timedelta(minutes=10)


def test_waits_grow_up_to_an_hour() -> None:
    world = TaxWorld(*[NO_ANSWER] * 12)

    waits = [world.commit().due_at - SECOND_OF_NOVEMBER for _ in range(12)]

    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits[-1] == timedelta(hours=1)


def test_the_relay_asks_for_what_was_stored_but_never_sent_and_not_again_for_a_while() -> None:
    world = TaxWorld()
    assert world.relay() == 0

    world.clock.instant += timedelta(minutes=15)
    assert world.relay() == 1
    assert world.relay() == 0


def test_one_document_that_cannot_be_handled_keeps_no_other_waiting() -> None:
    world = TaxWorld()
    world.intents.add(a_tax_intent(name="globex-2026/2026-10/r1"))
    world.clock.instant += timedelta(minutes=15)
    asked: list[TaxIntentId] = []

    class Choking:
        def request(self, tax_intent_id: TaxIntentId) -> None:
            if tax_intent_id == ACME:
                raise OSError("the queue does not answer")
            asked.append(tax_intent_id)

    with pytest.raises(ExceptionGroup):
        relay_tax_commits(world.clock.instant, intents=world.intents, requests=Choking())

    assert asked == ["globex-2026/2026-10/r1"]


def test_what_somebody_else_has_brought_on_is_left_to_them() -> None:
    world = TaxWorld()
    world.clock.instant += timedelta(minutes=15)

    class Stale(InMemoryTaxIntents):
        def save(self, intent: TaxIntent) -> None:
            raise StaleTaxIntentError(intent.tax_intent_id)

    stale = Stale(InMemoryPostingIntents())
    stale.add(a_tax_intent())

    assert relay_tax_commits(world.clock.instant, intents=stale, requests=world.requests) == 0


def test_a_refund_names_its_original_and_a_void_its_document() -> None:
    sold = a_tax_document(tax=euros("21.19"))
    credit = a_tax_document(tax_line(1, "-99.00"), code="CREDITNOTE111111", tax=euros("-18.81"))
    refund = TaxWorld(intent=a_tax_intent(credit, operation=TaxOperation.REFUND, original=sold))
    void = TaxWorld(intent=a_tax_intent(sold, operation=TaxOperation.VOID))

    refund.commit()
    void.commit()

    assert refund.engine.asked == [("refunded", sold), ("refund", credit)]
    assert void.engine.asked == [("void", sold)]


def test_a_message_about_nothing_is_a_defect() -> None:
    world = TaxWorld()
    world.intents = InMemoryTaxIntents(InMemoryPostingIntents())

    with pytest.raises(TaxIntentNotFoundError):
        world.commit()
