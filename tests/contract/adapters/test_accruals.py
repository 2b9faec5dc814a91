"""Accruals in memory and in DynamoDB: the invoice's posting and both journals, or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.accruals import DynamoAccruals
from shared.domain.posting.accounting_period import PeriodStatus, period_name
from shared.domain.posting.accrual import Accrual, seen_to
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState
from shared.ports.accruals import Accruals
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, a_journal, an_intent, reversed_by
from tests.contract.adapters.test_posting_intents import TABLE, DynamoOutbox, InMemoryOutbox, Outbox
from tests.fakes.in_memory_accruals import InMemoryAccruals

NOW = FIRST_OF_NOVEMBER + timedelta(hours=1)
OCTOBER, NOVEMBER = (period_name(month, DocumentKind.JOURNAL) for month in ("2026-10", "2026-11"))
ISSUED = an_intent(a_document(posting_date=date(2026, 11, 1)), on_closed_period=ClosedPeriodPolicy.ACCRUE)
POSTED = replace(ISSUED, state=IntentState.POSTED, version=2, posted_period="2026-11", answered=True)
SEEN_TO = seen_to(POSTED, now=NOW)
ACCRUAL = Accrual(an_intent(a_journal()), an_intent(reversed_by(a_journal())))


class Stores(Protocol):
    accruals: Accruals
    outbox: Outbox


class InMemory:
    def __init__(self) -> None:
        outbox = InMemoryOutbox()
        self.outbox: Outbox = outbox
        self.accruals: Accruals = InMemoryAccruals(outbox)


class InDynamoDB:
    def __init__(self) -> None:
        outbox = DynamoOutbox()
        self.outbox: Outbox = outbox
        self.accruals: Accruals = DynamoAccruals(outbox.dynamodb, TABLE, TENANT)


@pytest.fixture(params=["in memory", "DynamoDB"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "in memory":
        yield _posted(InMemory())
        return
    with mock_aws():
        yield _posted(InDynamoDB())


def _posted(stores: Stores) -> Stores:
    stores.outbox.add(ISSUED)
    stores.outbox.settle(POSTED)
    return stores


def unsettled(stores: Stores) -> list[int]:
    return [stores.outbox.periods.read(GERMANY, name).unsettled for name in (OCTOBER, NOVEMBER)]


def test_both_journals_are_in_the_outbox_and_counted_by_their_months(stores: Stores) -> None:
    assert [one.posting_id for one in stores.outbox.listed(due_by=NOW)] == [POSTED.posting_id]

    stores.accruals.book(SEEN_TO, ACCRUAL)
    stores.accruals.book(SEEN_TO, ACCRUAL)  # a write whose reply was lost

    assert stores.outbox.read(POSTED.posting_id) == SEEN_TO
    assert [stores.outbox.read(one.posting_id) for one in ACCRUAL] == list(ACCRUAL)
    assert unsettled(stores) == [1, 1]
    assert {one.posting_id for one in stores.outbox.listed()} == {one.posting_id for one in ACCRUAL}


@pytest.mark.parametrize(("closed", "told"), [(OCTOBER, "2026-10"), (NOVEMBER, "2026-11")])
def test_where_either_ledger_is_closed_nothing_is_stored(stores: Stores, closed: str, told: str) -> None:
    stores.outbox.periods.set_status(GERMANY, closed, PeriodStatus.SOFT_CLOSED)

    with pytest.raises(AccountingPeriodClosedError, match=told):
        stores.accruals.book(SEEN_TO, ACCRUAL)

    assert stores.outbox.read(POSTED.posting_id) == POSTED
    assert stores.outbox.read(ACCRUAL.accrual.posting_id) is None
    assert unsettled(stores) == [0, 0]


def test_a_posting_that_is_not_as_it_was_is_read_again(stores: Stores) -> None:
    stores.outbox.save(replace(POSTED, version=3))

    with pytest.raises(StaleIntentError):
        stores.accruals.book(SEEN_TO, ACCRUAL)

    assert unsettled(stores) == [0, 0]
