"""Measures invoices of five lines: a fee and four graduated usage charges, from the month's windows to taxed totals.

What is computed is told first, then with what is stored of it, then what numbering costs, which is one invoice after
the other within a series. AWS answers before a request leaves.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.report import Answer, Figure
from benchmarks.stubbed_http import stubbed_dynamodb
from shared.adapters.dynamodb.batches import put_all
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.contracts.invoice import pack_stored_invoice
from shared.domain.identifiers import CatalogVersion, InvoiceId, MeterCode
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import issued
from shared.domain.invoicing.numbering import advanced
from shared.domain.invoicing.settling import SettledBy
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from shared.domain.posting.compose import compose
from shared.domain.posting.intent import new_intent
from shared.domain.rating.contract import rate_contract
from shared.domain.tax.document import quoted_document
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.table import TableTax
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    FIRST_RUN,
    MID_OCTOBER,
    NOTHING_READ,
    OCTOBER,
    SECOND_OF_NOVEMBER,
    TEN_CENTS_THEN_FIVE,
    TENANT,
    account,
    catalog,
    contract,
    german_vat,
    nimbus,
    plan,
    price,
    usage_charge,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

INVOICES, ROUNDS = 1_000, 5
METERS = tuple(MeterCode(f"meter-{number}") for number in range(4))
CHARGES = tuple(replace(usage_charge(price(TEN_CENTS_THEN_FIVE), charge_id=meter), meter=meter) for meter in METERS)
CATALOG = catalog(plans=[plan(BASE_FEE, *CHARGES)])
PLANS = {one.plan_id: one for one in CATALOG.plans}
CONTRACT = contract()
SETTLED_BY = SettledBy(
    contract=CONTRACT, products={product.product_id: product for product in CATALOG.products}, zone=BERLIN
)
ENTITY, ACCOUNT, TABLE = nimbus(), account(), TableTax((german_vat(),))
ORIGIN = DraftOrigin(tenant=TENANT, manifest=NOTHING_READ, catalog_version=CatalogVersion("v1"), prepared_by=FIRST_RUN)
# Assumed, for nobody measures AWS here: a consistent read, and a transaction of four items in one region.
READ_MS, TRANSACTION_MS = 5, 20


def windows(number: int) -> list[WindowUsage]:
    """Return a month of one customer, one merged window a meter."""
    return [
        WindowUsage(
            key=WindowKey(customer_id=ACME.customer_id, meter=meter, window_start=MID_OCTOBER, dimensions=()),
            events=150 + number % 97,
            state=CountState(150 + number % 97),
        )
        for meter in METERS
    ]


def taxed_draft(usage: Sequence[WindowUsage]) -> Invoice:
    """Rate, draft, tax and add up, as build_invoice and calculate_tax do."""
    rated = rate_contract(account=ACCOUNT, contract=CONTRACT, plans=PLANS, billing_period=OCTOBER.period, windows=usage)
    lines = SETTLED_BY.lines(rated, OCTOBER.period)
    draft = draft_invoice(
        contract=CONTRACT,
        billing_period=OCTOBER,
        own=OwnLines(taking=lines, without=lines),
        issues=rated.issues,
        origin=ORIGIN,
    )
    return with_tax(draft, TABLE.quote(quoted_document(draft, seller=ENTITY, buyer=ACME)), tax_id=ACME.tax_id)


def answer() -> Answer:
    usage = [windows(number) for number in range(INVOICES)]
    invoice = taxed_draft(usage[0])
    assert len(invoice.lines) == 5
    assert invoice.gross.amount > Decimal(100)
    computed = _a_second(lambda: [taxed_draft(one) for one in usage])
    stored = _a_second(lambda: _store(taxed_draft(one) for one in usage))
    drafts = [_named(taxed_draft(one), number) for number, one in enumerate(usage)]
    numbered = _a_second(lambda: _number(drafts))
    return Answer(
        question="How many invoices a second?",
        module="benchmarks.invoicing",
        setting=(
            f"{INVOICES:,} of a fee and four graduated charges, one merged window a charge, taxed by the table."
            f" CPU of one core, median of {ROUNDS} rounds. HTTP is stubbed: writes are serialised and signed, 25 in a"
            f" call. Numbering is one transaction an invoice. The last row is arithmetic: a read of {READ_MS} ms and a"
            f" transaction of {TRANSACTION_MS} ms, assumed, one invoice after the other."
        ),
        figures=(
            Figure(what="computed: rated, drafted, taxed", measured=computed, unit="/s", target=25_000, at_least=True),
            Figure(what="computed and stored in batches", measured=stored, unit="/s", target=10_000, at_least=True),
            Figure(what="numbered and handed to posting, CPU alone", measured=numbered, unit="/s"),
            Figure(what="numbered in one series, by latency", measured=1_000 / (READ_MS + TRANSACTION_MS), unit="/s"),
        ),
    )


def _store(invoices: Iterator[Invoice]) -> None:
    put_all(stubbed_dynamodb(), "invoices", map(_item, count(), invoices))


def _item(number: int, invoice: Invoice) -> "dict[str, AttributeValueTypeDef]":
    body = pack_stored_invoice(StoredInvoice(invoice=invoice, version=1))
    return {"pk": {"S": f"{TENANT}#invoice#{number}"}, "sk": {"S": "r001"}, "body": {"B": body}}


def _named(invoice: Invoice, number: int) -> Invoice:
    return replace(invoice, invoice_id=InvoiceId(f"c-{number:06d}/2026-10"), state=InvoiceState.APPROVED)


def _number(drafts: Sequence[Invoice]) -> None:
    """Give numbers one after the other as issue_invoice does, its own reads of the invoice and the parties aside."""
    store = DynamoInvoices(stubbed_dynamodb(), "invoices", TENANT, postings_table="postings")
    for draft in drafts:
        series = store.series(ENTITY.legal_entity_id, ENTITY.invoice_series)
        series = advanced(series, today=SECOND_OF_NOVEMBER.date())
        invoice = issued(draft, series=series, payment_terms_days=30)
        document = compose(invoice, contract=CONTRACT, customer=ACME, entity=ENTITY)
        store.issue(
            StoredInvoice(invoice=invoice, version=3),
            series=series,
            intent=new_intent(document, created_at=SECOND_OF_NOVEMBER),
            tax_intent=None,
        )


def _a_second(round_of_invoices: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        gc.collect()
        started = process_time()
        round_of_invoices()
        taken.append(process_time() - started)
    return INVOICES / median(taken)


if __name__ == "__main__":
    print(answer().markdown())
