"""The posting outbox in memory and in DynamoDB: one set of fences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.adapters.dynamodb.intents_outbox import OPEN_BY_DUE
from shared.adapters.dynamodb.posting_intents import BY_EXTERNAL_REF, DynamoPostingIntents, new_intent_writes
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId
from shared.domain.posting.accounting_period import KnownPeriods, PeriodStatus
from shared.domain.posting.decisions import refused, sending
from shared.domain.posting.intent import FIRST_RELAY_DELAY, IntentState, PostingIntent
from shared.domain.posting.lookups import asked_for_again, awaited, told
from shared.ports.accounting_periods import AccountingPeriods
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from tests.builders.posting import BOOKS, FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, a_journal, an_intent
from tests.fakes.in_memory_accounting_periods import InMemoryAccountingPeriods
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents

TABLE = "postings"
DUE = FIRST_OF_NOVEMBER + FIRST_RELAY_DELAY


class Outbox(PostingIntents, Protocol):
    """The port, with what the issue transaction and the month's close do beside it."""

    def add(self, intent: PostingIntent) -> None: ...

    @property
    def periods(self) -> AccountingPeriods: ...


class InMemoryOutbox(InMemoryPostingIntents):
    @property
    def periods(self) -> InMemoryAccountingPeriods:
        return InMemoryAccountingPeriods(self)


class DynamoOutbox(DynamoPostingIntents):
    def __init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb")
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "open", "due", "carries")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": OPEN_BY_DUE,
                    "KeySchema": [
                        {"AttributeName": "open", "KeyType": "HASH"},
                        {"AttributeName": "due", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                },
                {
                    "IndexName": BY_EXTERNAL_REF,
                    "KeySchema": [{"AttributeName": "carries", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                },
            ],
        )
        super().__init__(self.dynamodb, TABLE, TENANT)
        self.periods = DynamoAccountingPeriods(self.dynamodb, TABLE, TENANT)

    def add(self, intent: PostingIntent) -> None:
        try:
            self.dynamodb.transact_write_items(TransactItems=new_intent_writes(intent, table=TABLE))
        except ClientError as error:
            codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
            assert codes == ["None", "ConditionalCheckFailed"]
            raise AccountingPeriodClosedError(intent.document.accounting_period) from error


@pytest.fixture(params=["in memory", "DynamoDB"])
def outbox(request: pytest.FixtureRequest) -> Iterator[Outbox]:
    if request.param == "in memory":
        yield InMemoryOutbox()
        return
    with mock_aws():
        yield DynamoOutbox()


def test_an_intent_is_read_back_as_it_was_written(outbox: Outbox) -> None:
    intent = an_intent()

    outbox.add(intent)

    assert outbox.read(intent.posting_id) == intent
    assert outbox.read(PostingId("nobody/2026-10/r1")) is None
    assert outbox.periods.read(GERMANY, "2026-10").unsettled == 1


def test_an_intent_is_found_by_the_key_that_its_document_carries(outbox: Outbox) -> None:
    intent = an_intent()
    outbox.add(intent)

    assert outbox.carrying(intent.external_ref) == intent
    assert outbox.carrying(ExternalRef("NOBODYHASTHISKEY")) is None


def test_a_soft_closed_period_takes_no_new_intent(outbox: Outbox) -> None:
    assert outbox.periods.set_status(GERMANY, "2026-10", PeriodStatus.SOFT_CLOSED)

    with pytest.raises(AccountingPeriodClosedError):
        outbox.add(an_intent())

    assert outbox.read(an_intent().posting_id) is None


def test_what_is_known_of_the_periods_of_an_entity_says_when_its_erp_last_told_of_them(outbox: Outbox) -> None:
    assert outbox.periods.known(GERMANY) == KnownPeriods({}, None)

    outbox.add(an_intent())
    outbox.periods.set_status(GERMANY, "2026-09", PeriodStatus.SOFT_CLOSED)
    outbox.periods.mark_checked(GERMANY, FIRST_OF_NOVEMBER - timedelta(days=1), {"2026-08"})
    outbox.periods.mark_checked(GERMANY, FIRST_OF_NOVEMBER, {"2026-09", "2026-10", "2026-11#general-ledger"})

    known = outbox.periods.known(GERMANY)
    assert known.periods == {name: outbox.periods.read(GERMANY, name) for name in ("2026-09", "2026-10")}
    assert (known.periods["2026-09"].status, known.periods["2026-10"].unsettled) == (PeriodStatus.SOFT_CLOSED, 1)
    assert known.checked_at == FIRST_OF_NOVEMBER
    assert known.told == {"2026-09", "2026-10", "2026-11#general-ledger"}
    assert outbox.periods.known(LegalEntityId("acme-inc")) == KnownPeriods({}, None)


def test_how_far_what_may_come_late_was_looked_up_is_known_until_it_is_another_day_or_none(outbox: Outbox) -> None:
    outbox.periods.mark_checked(GERMANY, FIRST_OF_NOVEMBER, {"2026-10"})
    for through in (date(2026, 10, 31), date(2026, 11, 30), None):
        outbox.periods.mark_looked_up(GERMANY, through)

        known = outbox.periods.known(GERMANY)
        assert (known.looked_up_through, known.checked_at, known.periods) == (through, FIRST_OF_NOVEMBER, {})
    assert outbox.periods.known(LegalEntityId("acme-inc")).looked_up_through is None


def test_journals_are_counted_apart_from_what_customers_owe(outbox: Outbox) -> None:
    outbox.add(an_intent(a_journal()))

    assert outbox.periods.read(GERMANY, "2026-10").unsettled == 0
    assert outbox.periods.read(GERMANY, "2026-10#general-ledger").unsettled == 1


def listed(outbox: Outbox, *, due_by: datetime) -> list[PostingId]:
    return [intent.posting_id for intent in outbox.listed(due_by=due_by)]


def test_intents_are_due_in_order_and_only_while_there_is_something_to_do(outbox: Outbox) -> None:
    later = an_intent(a_document(posting_id="later/2026-10/r1"), created_at=FIRST_OF_NOVEMBER + timedelta(minutes=1))
    earlier = an_intent(a_document(posting_id="earlier/2026-10/r1"))
    outbox.add(later)
    outbox.add(earlier)

    assert listed(outbox, due_by=DUE - timedelta(seconds=1)) == []
    assert listed(outbox, due_by=DUE + timedelta(hours=1)) == [earlier.posting_id, later.posting_id]

    rejected = refused(earlier, ExceptionCode.PERIOD_CLOSED, "closed", now=DUE)
    outbox.settle(rejected)
    outbox.save(told(rejected, now=DUE))
    assert listed(outbox, due_by=DUE + timedelta(hours=1)) == [later.posting_id]
    assert list(outbox.listed()) == [later]


def test_of_two_writers_with_the_same_version_one_is_stale(outbox: Outbox) -> None:
    intent = an_intent()
    outbox.add(intent)
    outbox.save(awaited(intent, "token-1"))

    for write, change in (
        (outbox.save, asked_for_again(intent, until=DUE)),
        (outbox.start_sending, sending(intent, books=BOOKS, now=DUE)),
        (outbox.settle, refused(intent, ExceptionCode.PERIOD_CLOSED, "closed", now=DUE)),
    ):
        with pytest.raises(StaleIntentError):
            write(change)

    assert outbox.periods.read(GERMANY, "2026-10").unsettled == 1


def test_a_save_whose_reply_was_lost_may_be_repeated(outbox: Outbox) -> None:
    intent = an_intent()
    outbox.add(intent)
    saved = awaited(intent, "token-1")

    outbox.save(saved)
    outbox.save(saved)

    assert outbox.read(intent.posting_id) == saved


def test_sending_starts_in_a_soft_closed_period_and_not_in_a_closed_one(outbox: Outbox) -> None:
    october, november = an_intent(), an_intent(a_document(posting_id="globex/2026-10/r1"))
    outbox.add(october)
    assert outbox.periods.set_status(GERMANY, "2026-10", PeriodStatus.SOFT_CLOSED)
    started = sending(october, books=BOOKS, now=DUE)
    outbox.start_sending(started)
    assert not outbox.periods.set_status(GERMANY, "2026-10", PeriodStatus.CLOSED)

    outbox.settle(refused(started, ExceptionCode.PERIOD_CLOSED, "closed", now=DUE))
    assert outbox.periods.set_status(GERMANY, "2026-10", PeriodStatus.CLOSED)
    with pytest.raises(AccountingPeriodClosedError):
        outbox.add(november)


def test_settling_counts_the_period_down_and_keeps_what_the_erp_said(outbox: Outbox) -> None:
    intent = an_intent()
    outbox.add(intent)
    started = sending(intent, books=BOOKS, now=DUE)
    outbox.start_sending(started)
    posted = replace(
        started, state=IntentState.POSTED, version=3, erp_number="103001", posted_period="2026-10", reason="ok"
    )

    outbox.settle(posted)

    assert outbox.read(intent.posting_id) == posted
    assert outbox.periods.read(GERMANY, "2026-10").unsettled == 0


def test_starting_to_send_checks_the_period_in_its_own_transaction() -> None:
    with mock_aws():
        outbox = DynamoOutbox()
        intent = an_intent()
        uncounted = new_intent_writes(intent, table=TABLE)[:1]  # as if the count had gone wrong
        outbox.dynamodb.transact_write_items(TransactItems=uncounted)
        assert outbox.periods.set_status(GERMANY, "2026-10", PeriodStatus.CLOSED)

        with pytest.raises(AccountingPeriodClosedError):
            outbox.start_sending(sending(intent, books=BOOKS, now=DUE))

        assert outbox.read(intent.posting_id) == intent
