"""Invoices in memory and in DynamoDB: one set of fences, one transaction for number, invoice and posting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.consolidation import issued_with
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import issued
from shared.domain.invoicing.numbering import InvoiceSeries, advanced
from shared.domain.invoicing.standing import Standing
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.master_data.validation.consolidation import MOST_MEMBERS
from shared.domain.posting.compose import compose, posting_id
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.ports.invoices import (
    CreditedMeanwhileError,
    InvoiceChangedError,
    Invoices,
    SeriesMovedError,
    StoredInvoice,
)
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import ACME, SECOND_OF_NOVEMBER, TENANT, a_draft, calls, contract, nimbus
from tests.builders.tax import taxed
from tests.fakes.in_memory_invoices import InMemoryInvoices

TODAY = date(2026, 11, 2)
DRAFT = StoredInvoice(invoice=taxed(a_draft(calls(150))), version=1)
APPROVED = StoredInvoice(invoice=replace(DRAFT.invoice, state=InvoiceState.APPROVED), version=1)
NUMBER_ONE = advanced(
    InvoiceSeries(legal_entity_id=nimbus().legal_entity_id, prefix=nimbus().invoice_series), today=TODAY
)


@pytest.fixture(params=["memory", "dynamodb"])
def invoices(request: pytest.FixtureRequest) -> Iterator[Invoices]:
    if request.param == "memory":
        yield InMemoryInvoices()
        return
    with mock_aws():
        table, postings = create_table("invoices"), create_table("postings")
        yield DynamoInvoices(aws.dynamodb(), table, TENANT, postings_table=postings)


def numbered(stored: StoredInvoice, series: InvoiceSeries = NUMBER_ONE) -> tuple[StoredInvoice, PostingIntent]:
    invoice = issued(stored.invoice, series=series, terms=NetDays(30))
    document = compose(invoice, contract=contract(), customer=ACME, entity=nimbus())
    return (
        replace(stored, invoice=invoice, version=stored.version + 1),
        new_intent(document, created_at=SECOND_OF_NOVEMBER),
    )


def intent_of(invoices: Invoices, stored: StoredInvoice) -> PostingIntent | None:
    name = posting_id(stored.invoice.invoice_id, stored.invoice.revision)
    if isinstance(invoices, InMemoryInvoices):
        return invoices.intents.read(name)
    return DynamoPostingIntents(aws.dynamodb(), "postings", TENANT).read(name)


def _digits(invoice: Invoice) -> list[str]:
    """Equal Decimals may be written differently; what is stored must not be."""
    return [str(part.amount) for line in invoice.lines for part in line.parts] + [str(invoice.net.amount)]


def test_what_is_saved_comes_back_digit_for_digit(invoices: Invoices) -> None:
    stored = replace(DRAFT, raised=(ExceptionCode.PRICE_MISSING,))

    invoices.save(stored)

    read = invoices.read(stored.invoice.invoice_id, 1)
    assert read is not None
    assert read == stored
    assert _digits(read.invoice) == _digits(stored.invoice)


def test_an_invoice_that_is_not_there_is_none(invoices: Invoices) -> None:
    assert invoices.read(InvoiceId("c-acme/1999-01"), 1) is None


def test_saving_the_same_again_changes_nothing(invoices: Invoices) -> None:
    invoices.save(DRAFT)

    invoices.save(DRAFT)

    assert invoices.read(DRAFT.invoice.invoice_id, 1) == DRAFT


def test_a_writer_that_has_read_an_older_version_stores_nothing(invoices: Invoices) -> None:
    invoices.save(DRAFT)
    invoices.save(replace(APPROVED, version=2))

    with pytest.raises(InvoiceChangedError):
        invoices.save(replace(DRAFT, invoice=replace(DRAFT.invoice, state=InvoiceState.INVALID), version=2))

    stored = invoices.read(DRAFT.invoice.invoice_id, 1)
    assert stored is not None
    assert stored.invoice.state is InvoiceState.APPROVED


def test_many_are_read_at_once_and_unknown_ones_are_left_out(invoices: Invoices) -> None:
    ids = [InvoiceId(f"c-{number:03d}/2026-10") for number in range(120)]
    for invoice_id in ids[:110]:
        invoices.save(replace(DRAFT, invoice=replace(DRAFT.invoice, invoice_id=invoice_id)))

    assert set(invoices.read_many(ids, 1)) == set(ids[:110])
    assert {invoice.invoice_id for invoice in invoices.every()} == set(ids[:110])


def test_issuing_stores_number_invoice_and_posting_together(invoices: Invoices) -> None:
    invoices.save(APPROVED)
    stored, intent = numbered(APPROVED)

    invoices.issue(stored, series=NUMBER_ONE, intent=intent)

    assert invoices.read(stored.invoice.invoice_id, 1) == stored
    assert invoices.series(nimbus().legal_entity_id, "DE-") == NUMBER_ONE
    assert intent_of(invoices, stored) == intent


def test_issuing_again_changes_nothing(invoices: Invoices) -> None:
    invoices.save(APPROVED)
    stored, intent = numbered(APPROVED)
    invoices.issue(stored, series=NUMBER_ONE, intent=intent)

    invoices.issue(stored, series=NUMBER_ONE, intent=intent)

    assert invoices.series(nimbus().legal_entity_id, "DE-").last == 1


def member_bills(count: int) -> list[StoredInvoice]:
    """Return bills whose lines are on the invoice, as they are stored before it is issued."""
    return [
        replace(DRAFT, invoice=replace(DRAFT.invoice, invoice_id=InvoiceId(f"c-member-{number}/2026-10")))
        for number in range(count)
    ]


def issued_bills(bills: list[StoredInvoice], document: StoredInvoice) -> list[StoredInvoice]:
    return [replace(one, invoice=issued_with(one.invoice, document.invoice), version=2) for one in bills]


def test_issuing_stores_all_bills_that_are_on_the_invoice_with_it(invoices: Invoices) -> None:
    bills = member_bills(MOST_MEMBERS)
    for one in (APPROVED, *bills):
        invoices.save(one)
    stored, intent = numbered(APPROVED)
    of_members = issued_bills(bills, stored)

    invoices.issue(stored, series=NUMBER_ONE, intent=intent, members=of_members)
    invoices.issue(stored, series=NUMBER_ONE, intent=intent, members=of_members)

    assert [invoices.read(one.invoice.invoice_id, 1) for one in of_members] == of_members
    assert {one.invoice.number for one in of_members} == {"DE-000001"}


def test_a_bill_that_has_changed_keeps_the_invoice_from_being_issued(invoices: Invoices) -> None:
    bills = member_bills(2)
    for one in (APPROVED, *bills):
        invoices.save(one)
    invoices.save(replace(bills[1], version=2))
    stored, intent = numbered(APPROVED)

    with pytest.raises(InvoiceChangedError):
        invoices.issue(stored, series=NUMBER_ONE, intent=intent, members=issued_bills(bills, stored))

    assert invoices.read(APPROVED.invoice.invoice_id, 1) == APPROVED
    assert invoices.read(bills[0].invoice.invoice_id, 1) == bills[0]
    assert invoices.series(nimbus().legal_entity_id, "DE-").last == 0
    assert intent_of(invoices, stored) is None


def test_a_number_is_given_once(invoices: Invoices) -> None:
    other = replace(APPROVED, invoice=replace(APPROVED.invoice, invoice_id=InvoiceId("c-other/2026-10")))
    invoices.save(APPROVED)
    invoices.save(other)
    first, intent = numbered(APPROVED)
    invoices.issue(first, series=NUMBER_ONE, intent=intent)
    second, other_intent = numbered(other)

    with pytest.raises(SeriesMovedError):
        invoices.issue(second, series=NUMBER_ONE, intent=other_intent)

    assert invoices.read(other.invoice.invoice_id, 1) == other
    assert intent_of(invoices, second) is None
    number_two = advanced(NUMBER_ONE, today=TODAY)
    second, other_intent = numbered(other, number_two)
    invoices.issue(second, series=number_two, intent=other_intent)
    assert invoices.series(nimbus().legal_entity_id, "DE-").last == 2


def test_an_invoice_is_issued_only_if_those_that_it_rests_on_stand_as_they_were_read(invoices: Invoices) -> None:
    august, september = (Standing(invoice_id=InvoiceId(f"c-acme/2026-{month}"), revision=1) for month in ("08", "09"))
    rests_on = replace(APPROVED, invoice=replace(APPROVED.invoice, set_right=(august, replace(september, credited=1))))
    invoices.save(rests_on)
    stored, intent = numbered(rests_on)
    with pytest.raises(CreditedMeanwhileError):
        invoices.issue(stored, series=NUMBER_ONE, intent=intent)
    assert intent_of(invoices, stored) is None

    now = replace(rests_on.invoice, set_right=(august, september))
    invoices.save(replace(rests_on, invoice=now, version=2))
    stored, intent = numbered(replace(rests_on, invoice=now, version=2))
    for _ in range(2):  # the second time after a lost reply
        invoices.issue(stored, series=NUMBER_ONE, intent=intent)

    invoices.save(StoredInvoice(invoice=replace(APPROVED.invoice, invoice_id=august.invoice_id), version=1))
    (document,) = invoices.documents([august.invoice_id]).values()
    assert document.standing == replace(august, adjusted=1)


def test_an_invoice_that_has_changed_takes_no_number(invoices: Invoices) -> None:
    invoices.save(APPROVED)
    stored, intent = numbered(APPROVED)
    invoices.save(replace(DRAFT, version=2))

    with pytest.raises(InvoiceChangedError):
        invoices.issue(stored, series=NUMBER_ONE, intent=intent)

    assert invoices.series(nimbus().legal_entity_id, "DE-").last == 0


def test_a_transaction_whose_reply_is_lost_is_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        table, postings = create_table("invoices"), create_table("postings")
        client = aws.dynamodb()
        invoices = DynamoInvoices(client, table, TENANT, postings_table=postings)
        invoices.save(APPROVED)
        stored, intent = numbered(APPROVED)
        transact = client.transact_write_items

        def lose_the_reply(**request: Any) -> None:
            transact(**request)
            raise ReadTimeoutError(endpoint_url="https://dynamodb.test")

        monkeypatch.setattr(client, "transact_write_items", lose_the_reply)
        with pytest.raises(ReadTimeoutError):
            invoices.issue(stored, series=NUMBER_ONE, intent=intent)
        monkeypatch.undo()

        invoices.issue(stored, series=NUMBER_ONE, intent=intent)

        assert invoices.read(stored.invoice.invoice_id, 1) == stored


def test_the_newest_revision_is_the_one_after_all_that_are_voided(invoices: Invoices) -> None:
    voided, live, alone, unknown = (InvoiceId(f"c-{name}/2026-10") for name in ("twice", "anew", "once", "never"))
    for name, revision, state in [
        (voided, 1, InvoiceState.VOIDED),
        (voided, 2, InvoiceState.VOIDED),
        (live, 1, InvoiceState.VOIDED),
        (live, 2, InvoiceState.POSTED),
        (alone, 1, InvoiceState.POSTED),
    ]:
        invoice = replace(DRAFT.invoice, invoice_id=name, revision=revision, state=state)
        invoices.save(StoredInvoice(invoice=invoice, version=1))

    newest = invoices.newest([voided, live, alone, unknown])

    assert {name: invoice.revision for name, invoice in newest.items()} == {voided: 2, live: 2, alone: 1}
