"""Numbers have no gap and no double, however many issue at once and whoever dies before or after the write."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

import pytest
from moto import mock_aws

from functions.issue_invoice.use_case import InvoiceIssuer, SeriesContendedError
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.domain.identifiers import InvoiceId, LegalEntityId, PostingId
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.posting_intents import PostingIntents
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import SECOND_OF_NOVEMBER, TENANT, calls, catalog, published
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.steady_clock import SteadyClock

INVOICES, AT_ONCE = 24, 8
NAMES = [InvoiceId(f"c-acme/{2020 + number // 12}-{number % 12 + 1:02d}") for number in range(INVOICES)]


class Died(BaseException):
    """The machine under an issuer is gone."""


class OneCallAtATime:
    """A store as many issuers share it: calls are one after another, what lies between two calls is not.

    All issuers of a round read the series before anybody writes; `dies` says who dies at a write, and when.
    """

    def __init__(self, store: Invoices, dies: Random | None = None) -> None:
        self._store = store
        self._dies = dies
        self._lock = Lock()
        self._all_have_read = Barrier(AT_ONCE)

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                return getattr(self._store, name)(*arguments, **named)

        return call

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        with self._lock:
            found = self._store.series(legal_entity_id, prefix)
        try:
            self._all_have_read.wait(timeout=0.05)
        except BrokenBarrierError:
            self._all_have_read.reset()  # fewer than a round are left
        return found

    def issue(self, stored: StoredInvoice, **named: Any) -> None:
        fate = self._fate()
        if fate == "before":
            raise Died
        with self._lock:
            self._store.issue(stored, **named)
        if fate == "after":
            raise Died

    def _fate(self) -> str:
        with self._lock:
            return self._dies.choice(["before", "after", "lives"]) if self._dies else "lives"


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[Invoices, PostingIntents]]:
    if request.param == "memory":
        store = InMemoryInvoices()
        yield store, store.intents
        return
    with mock_aws():
        table, postings = create_table("invoices"), create_table("postings")
        yield (
            DynamoInvoices(aws.dynamodb(), table, TENANT, postings_table=postings),
            DynamoPostingIntents(aws.dynamodb(), postings, TENANT),
        )


@pytest.mark.parametrize("dies", [None, Random(17)], ids=["nobody dies", "two of three die at a write"])
def test_many_issuers_at_once_number_without_gap_and_double(
    stores: tuple[Invoices, PostingIntents], dies: Random | None
) -> None:
    store, intents = stores
    approved = an_approved_invoice()
    for name in NAMES:
        store.save(StoredInvoice(invoice=replace(approved, invoice_id=name), version=1))
    shared = OneCallAtATime(store, dies)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as many:
        answered = list(many.map(lambda name: issued_at_last(shared, name), NAMES))

    stored = [read(store, name) for name in NAMES]
    assert sorted(str(one.number) for one in stored) == [f"DE-{number:06d}" for number in range(1, INVOICES + 1)]
    assert stored == answered
    assert store.series(approved.legal_entity_id, "DE-").last == INVOICES
    for one in stored:
        intent = intents.read(PostingId(f"{one.invoice_id}/r1"))
        assert intent is not None
        assert intent.document.human_number == one.number


def issued_at_last(store: Any, name: InvoiceId) -> Invoice:
    """Issue as the state machine does: whoever dies or finds the series taken tries again, and once more at the end."""
    issuer = InvoiceIssuer(
        invoices=store,
        master_data=published(catalog()),
        exceptions=BillingWorld().exceptions,
        tax_requests=BillingWorld().tax_requests,
        clock=SteadyClock(SECOND_OF_NOVEMBER),
    )
    while True:
        try:
            issuer.issue(name, 1)
            return issuer.issue(name, 1)
        except (Died, SeriesContendedError):
            continue


def an_approved_invoice() -> Invoice:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    assert world.invoice.state is InvoiceState.APPROVED
    return world.invoice


def read(store: Invoices, name: InvoiceId) -> Invoice:
    found = store.read(name, 1)
    assert found is not None
    return found.invoice
