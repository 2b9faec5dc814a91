"""Receivables in memory and in DynamoDB: the latest telling counts, whatever order they come in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import SettlementStatus
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.receivable import Receivable
from shared.ports.receivables import Receivables
from tests.builders.posting import GERMANY, TENANT, eur
from tests.fakes.in_memory_receivables import InMemoryReceivables

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPEN = Receivable(
    tenant=TENANT,
    legal_entity_id=GERMANY,
    posting_id=PostingId("acme-2026/2026-10/r1"),
    kind=DocumentKind.INVOICE,
    erp_number="PS-INV103001",
    gross=eur("1428.68"),
    status=SettlementStatus.OPEN,
    open_amount=eur("1428.68"),
    changed_at=NOON,
)
PAID = replace(OPEN, status=SettlementStatus.PAID, open_amount=eur("0.00"), changed_at=NOON + timedelta(hours=1))


@pytest.fixture(params=["in memory", "DynamoDB"])
def receivables(request: pytest.FixtureRequest) -> Iterator[Receivables]:
    if request.param == "in memory":
        yield InMemoryReceivables()
        return
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="postings",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield DynamoReceivables(dynamodb, "postings", TENANT)


def test_a_document_stands_as_it_was_last_told(receivables: Receivables) -> None:
    assert receivables.save(OPEN)
    assert receivables.save(PAID)

    assert receivables.read(GERMANY, OPEN.posting_id) == PAID
    assert list(receivables.of(GERMANY)) == [PAID]
    assert list(receivables.of(LegalEntityId("acme-inc"))) == []


def test_what_is_told_twice_or_late_changes_nothing(receivables: Receivables) -> None:
    receivables.save(PAID)

    assert not receivables.save(PAID)
    assert not receivables.save(OPEN)
    assert receivables.read(GERMANY, OPEN.posting_id) == PAID


def test_two_changes_in_one_second_leave_the_one_that_was_read_last(receivables: Receivables) -> None:
    receivables.save(OPEN)

    assert receivables.save(replace(PAID, changed_at=NOON))
    assert not receivables.save(replace(PAID, changed_at=NOON))


def test_an_erp_is_read_on_from_where_reading_ended(receivables: Receivables) -> None:
    books, others = "netsuite/acme/7", "netsuite/acme/8"
    assert receivables.reading(GERMANY, books) == BooksReading()

    begun = BooksReading(cursor="2026-11-20T12:00:00Z").asked(NOON)
    receivables.save_reading(GERMANY, books, begun)
    assert receivables.reading(GERMANY, books) == begun

    complete = begun.after("2026-11-20T13:00:00Z", complete=True)
    receivables.save_reading(GERMANY, books, complete)
    assert receivables.reading(GERMANY, books) == complete
    assert (complete.began_at, complete.complete_as_of) == (None, NOON)
    assert receivables.reading(GERMANY, others) == BooksReading()
    assert receivables.reading(LegalEntityId("acme-inc"), books) == BooksReading()
    assert list(receivables.of(GERMANY)) == []
