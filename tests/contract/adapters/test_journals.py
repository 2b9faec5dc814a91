"""Prepared journals in memory and in DynamoDB: one set of fences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.journals import DynamoJournals
from shared.domain.identifiers import PostingId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus, period_name
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal_approval import JournalState, PreparedJournal
from shared.ports.journals import AlreadyReversedError, JournalChangedError, Journals, StoredJournal
from shared.ports.posting_intents import AccountingPeriodClosedError
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, TENANT, a_journal, an_intent, reversed_by
from tests.contract.adapters.test_posting_intents import TABLE, DynamoOutbox, InMemoryOutbox, Outbox
from tests.fakes.in_memory_journals import InMemoryJournals

OCTOBER = period_name("2026-10", DocumentKind.JOURNAL)
PREPARED = StoredJournal(
    prepared=PreparedJournal(journal=a_journal(), prepared_by="fred", prepared_at=FIRST_OF_NOVEMBER), version=1
)
DECISION = ApprovalDecision(approved=True, decided_by="clara", decided_at=FIRST_OF_NOVEMBER + timedelta(hours=1))
APPROVED = StoredJournal(prepared=replace(PREPARED.prepared, state=JournalState.APPROVED, decision=DECISION), version=2)
INTENT = an_intent(a_journal())
BACK = replace(APPROVED.prepared, journal=reversed_by(a_journal()))
BACK_AGAIN = replace(BACK, journal=replace(BACK.journal, posting_id=PostingId("journal=accrual-10-back-again")))


class Stores(Protocol):
    journals: Journals
    outbox: Outbox


class InMemory:
    def __init__(self) -> None:
        outbox = InMemoryOutbox()
        self.outbox: Outbox = outbox
        self.journals: Journals = InMemoryJournals(outbox)


class InDynamoDB:
    def __init__(self) -> None:
        outbox = DynamoOutbox()
        self.outbox: Outbox = outbox
        self.journals: Journals = DynamoJournals(outbox.dynamodb, TABLE, TENANT)


@pytest.fixture(params=["in memory", "DynamoDB"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "in memory":
        yield InMemory()
        return
    with mock_aws():
        yield InDynamoDB()


def october(stores: Stores) -> AccountingPeriod:
    return stores.outbox.periods.read(GERMANY, OCTOBER)


def test_a_journal_is_read_back_as_it_was_prepared(stores: Stores) -> None:
    assert stores.journals.read(INTENT.posting_id) is None

    stores.journals.save(PREPARED)
    stores.journals.save(PREPARED)  # a write whose reply was lost

    assert stores.journals.read(INTENT.posting_id) == PREPARED


def test_an_approved_journal_and_its_posting_are_stored_together_and_once(stores: Stores) -> None:
    stores.journals.save(PREPARED)

    stores.journals.approve(APPROVED, INTENT)
    stores.journals.approve(APPROVED, INTENT)

    assert stores.journals.read(INTENT.posting_id) == APPROVED
    assert stores.outbox.read(INTENT.posting_id) == INTENT
    assert october(stores).unsettled == 1


def test_of_two_who_decide_the_second_is_told(stores: Stores) -> None:
    stores.journals.save(PREPARED)
    rejected = replace(PREPARED.prepared, state=JournalState.REJECTED, decision=replace(DECISION, approved=False))
    stores.journals.save(StoredJournal(prepared=rejected, version=2))

    with pytest.raises(JournalChangedError):
        stores.journals.approve(APPROVED, INTENT)

    assert stores.outbox.read(INTENT.posting_id) is None
    assert october(stores).unsettled == 0


def test_of_two_who_prepare_the_same_id_the_second_is_told(stores: Stores) -> None:
    stores.journals.save(PREPARED)

    with pytest.raises(JournalChangedError):
        stores.journals.save(replace(PREPARED, prepared=replace(PREPARED.prepared, prepared_by="gina")))


def test_a_period_that_takes_nothing_new_leaves_the_journal_as_it_was(stores: Stores) -> None:
    stores.journals.save(PREPARED)
    stores.outbox.periods.set_status(GERMANY, OCTOBER, PeriodStatus.SOFT_CLOSED)

    with pytest.raises(AccountingPeriodClosedError):
        stores.journals.approve(APPROVED, INTENT)

    assert stores.journals.read(INTENT.posting_id) == PREPARED
    assert stores.outbox.read(INTENT.posting_id) is None


def approve(stores: Stores, reversal: PreparedJournal, *, instead_of: PostingId | None = None) -> None:
    stores.journals.approve(
        StoredJournal(prepared=reversal, version=1), an_intent(reversal.journal), instead_of=instead_of
    )


def test_a_journal_is_reversed_once(stores: Stores) -> None:
    assert stores.journals.reversal_of(INTENT.posting_id) is None
    approve(stores, BACK)
    approve(stores, BACK)  # a write whose reply was lost

    with pytest.raises(AlreadyReversedError, match="journal=accrual-10-back"):
        approve(stores, BACK_AGAIN)

    assert stores.journals.reversal_of(INTENT.posting_id) == BACK.journal.posting_id
    assert stores.journals.read(BACK_AGAIN.journal.posting_id) is None
    assert stores.outbox.read(BACK_AGAIN.journal.posting_id) is None


def test_one_reversal_takes_the_place_of_another_that_is_named_and_of_no_other(stores: Stores) -> None:
    approve(stores, BACK)

    with pytest.raises(AlreadyReversedError):
        approve(stores, BACK_AGAIN, instead_of=PostingId("journal=accrual-10-by-mistake"))
    approve(stores, BACK_AGAIN, instead_of=BACK.journal.posting_id)

    assert stores.journals.reversal_of(INTENT.posting_id) == BACK_AGAIN.journal.posting_id
    assert stores.outbox.read(BACK_AGAIN.journal.posting_id) is not None
