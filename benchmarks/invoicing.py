"""Measures invoices of five lines: a fee and four graduated usage charges, from the month's windows to taxed totals.

What is computed is told first, then with what is stored of it, then what numbering costs, which is one invoice after
the other within a series. AWS answers before a request leaves.
"""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, TypeVar, cast

from benchmarks.invoice_floor import anew
from benchmarks.report import Answer, Figure
from benchmarks.stubbed_http import stubbed_dynamodb
from shared.adapters.dynamodb.batches import put_all
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.contracts.invoice import pack_stored_invoice
from shared.domain.identifiers import CatalogVersion, CustomerId, MeterCode
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import issued
from shared.domain.invoicing.numbering import advanced
from shared.domain.invoicing.settling import SettledBy
from shared.domain.master_data.catalog import Contract, CustomerAccount
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from shared.domain.posting.compose import compose
from shared.domain.posting.intent import new_intent
from shared.domain.rating.contract import rate_contract
from shared.domain.tax.document import quoted_document
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.table import TableTax
from shared.domain.time_period import Period
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    FIRST_RUN,
    MID_OCTOBER,
    NOTHING_READ,
    OCTOBER,
    SECOND_OF_NOVEMBER,
    SINCE_OCTOBER,
    TEN_CENTS_THEN_FIVE,
    TENANT,
    catalog,
    contract,
    german_vat,
    nimbus,
    plan,
    price,
    subscription,
    usage_charge,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_Source = TypeVar("_Source")

INVOICES, ROUNDS = 1_000, 5
NEVER_RESTING = 20
_QUARTER = timedelta(minutes=15)
METERS = tuple(MeterCode(f"meter-{number}") for number in range(4))
CHARGES = tuple(replace(usage_charge(price(TEN_CENTS_THEN_FIVE), charge_id=meter), meter=meter) for meter in METERS)
CATALOG = catalog(plans=[plan(BASE_FEE, *CHARGES)])
PLANS = {one.plan_id: one for one in CATALOG.plans}
PRODUCTS = {product.product_id: product for product in CATALOG.products}
ENTITY, TABLE = nimbus(), TableTax((german_vat(),))
ORIGIN = DraftOrigin(tenant=TENANT, manifest=NOTHING_READ, catalog_version=CatalogVersion("v1"), prepared_by=FIRST_RUN)
# Assumed, for nobody measures AWS here: a consistent read, and a transaction of four items in one region.
READ_MS, TRANSACTION_MS = 5, 20


@dataclass(frozen=True, slots=True)
class Month:
    """What an invoice is made of: a customer with a contract, and its usage, one merged window a meter."""

    account: CustomerAccount
    contract: Contract
    windows: tuple[WindowUsage, ...]


def month(number: int) -> Month:
    """Return the month of one customer of many, which all have the plan in common and nothing else."""
    customer_id = CustomerId(f"customer-{number:06d}")
    started = SINCE_OCTOBER.start - timedelta(days=number % 700)
    agreed = replace(
        contract(subscription(name=f"s-{number:06d}"), contract_id=f"c-{number:06d}"),
        customer_id=customer_id,
        active=Period(started, None),
    )
    usage = (150 + (number * 37 + place * 11) % 970 for place in range(len(METERS)))
    return Month(
        account=CustomerAccount(customer=replace(ACME, customer_id=customer_id), contracts=(agreed,)),
        contract=agreed,
        windows=tuple(
            WindowUsage(WindowKey(customer_id, meter, MID_OCTOBER, ()), events=events, state=CountState(events))
            for meter, events in zip(METERS, usage, strict=True)
        ),
    )


def never_resting(of: Month) -> Month:
    """Return the month with a window for each quarter of an hour and meter, of one event each."""
    quarters = (OCTOBER.end - OCTOBER.start) // _QUARTER
    one = CountState(1)
    keys = (replace(window.key, window_start=OCTOBER.start) for window in of.windows)
    return replace(
        of,
        windows=tuple(
            WindowUsage(replace(key, window_start=key.window_start + _QUARTER * place), events=1, state=one)
            for key in keys
            for place in range(quarters)
        ),
    )


def taxed_draft(of: Month) -> Invoice:
    """Rate, draft, tax and add up, as build_invoice and calculate_tax do."""
    span, buyer = OCTOBER.period, of.account.customer
    rated = rate_contract(
        account=of.account, contract=of.contract, plans=PLANS, billing_period=span, windows=of.windows
    )
    lines = SettledBy(contract=of.contract, products=PRODUCTS, zone=buyer.time_zone).lines(rated, span)
    draft = draft_invoice(
        contract=of.contract,
        billing_period=OCTOBER,
        own=OwnLines(taking=lines, without=lines),
        issues=rated.issues,
        origin=ORIGIN,
    )
    return with_tax(draft, TABLE.quote(quoted_document(draft, seller=ENTITY, buyer=buyer)), tax_id=buyer.tax_id)


def answer() -> Answer:
    months = [month(number) for number in range(INVOICES)]
    taxed = [taxed_draft(one) for one in months]
    assert {len(one.lines) for one in taxed} == {5}
    assert len({one.gross for one in taxed}) > 100
    assert [anew(one) for one in taxed] == taxed
    computed = _a_second(months, taxed_draft)
    bare = _a_second(taxed, anew)
    return Answer(
        question="How many invoices a second?",
        module="benchmarks.invoicing",
        setting=(
            f"{INVOICES:,} invoices of a fee and four graduated charges, one merged window a charge, taxed by the"
            " table. Each is of a customer and a contract of its own; plan, products, seller and tax rates are read"
            " before, and what the price book has for October is looked up before, once for all of them. CPU of one"
            f" core, median of {ROUNDS} rounds. The bare minimum makes the same invoices of their own results: only the"
            " Decimals are calculated, and the objects of draft and taxed invoice made. Stored are 25 in a call, first"
            " by a client that does nothing, then by one whose requests are serialised and signed. Numbering is one"
            f" transaction an invoice. The last row is arithmetic: a read of {READ_MS} ms and a transaction of"
            f" {TRANSACTION_MS} ms, assumed, one invoice after the other."
        ),
        figures=(
            Figure(what="computed: rated, drafted, taxed", measured=computed, unit="/s", target=25_000, at_least=True),
            Figure(what="the bare minimum in Python", measured=bare, unit="/s"),
            Figure(what="bare minimum / ours", measured=bare / computed, unit="x"),
            Figure(
                what="computed of a window for each quarter of an hour and meter",
                measured=_a_second([never_resting(one) for one in months[:NEVER_RESTING]], taxed_draft),
                unit="/s",
            ),
            Figure(
                what="computed and stored in batches, the client stubbed",
                measured=_stored_a_second(months, cast("DynamoDBClient", _TakesAll())),
                unit="/s",
                target=10_000,
                at_least=True,
            ),
            Figure(
                what="computed and stored in batches, HTTP stubbed",
                measured=_stored_a_second(months, stubbed_dynamodb()),
                unit="/s",
            ),
            Figure(what="numbered and handed to posting, CPU alone", measured=_numbered_a_second(months), unit="/s"),
            Figure(what="numbered in one series, by latency", measured=1_000 / (READ_MS + TRANSACTION_MS), unit="/s"),
        ),
    )


class _TakesAll:
    """A client of which put_all asks nothing but to take items."""

    def batch_write_item(self, *, RequestItems: object) -> dict[str, object]:  # noqa: N803 - boto3's own name
        del RequestItems
        return {"UnprocessedItems": {}}


def _stored_a_second(months: Sequence[Month], client: "DynamoDBClient") -> float:
    def store() -> None:
        put_all(client, "invoices", (_item(taxed_draft(one)) for one in months))

    return _rounds_a_second(store, len(months))


def _item(invoice: Invoice) -> "dict[str, AttributeValueTypeDef]":
    body = pack_stored_invoice(StoredInvoice(invoice=invoice, version=1))
    return {"pk": {"S": f"{TENANT}#invoice#{invoice.invoice_id}"}, "sk": {"S": "r001"}, "body": {"B": body}}


def _numbered_a_second(months: Sequence[Month]) -> float:
    approved = [(one, replace(taxed_draft(one), state=InvoiceState.APPROVED)) for one in months]
    return _rounds_a_second(lambda: _number(approved), len(approved))


def _number(approved: Sequence[tuple[Month, Invoice]]) -> None:
    """Give numbers one after the other as issue_invoice does, its own reads of the invoice and the parties aside."""
    store = DynamoInvoices(stubbed_dynamodb(), "invoices", TENANT, postings_table="postings")
    for of, draft in approved:
        series = store.series(ENTITY.legal_entity_id, ENTITY.invoice_series)
        series = advanced(series, today=SECOND_OF_NOVEMBER.date())
        invoice = issued(draft, series=series, terms=NetDays(30))
        document = compose(invoice, contract=of.contract, customer=of.account.customer, entity=ENTITY)
        store.issue(
            StoredInvoice(invoice=invoice, version=3),
            series=series,
            intent=new_intent(document, created_at=SECOND_OF_NOVEMBER),
            tax_intent=None,
        )


def _a_second(each: Sequence[_Source], make: Callable[[_Source], object]) -> float:
    def one_after_the_other() -> None:
        for one in each:
            make(one)

    return _rounds_a_second(one_after_the_other, len(each))


def _rounds_a_second(round_of_invoices: Callable[[], object], invoices: int) -> float:
    taken = []
    for _ in range(ROUNDS):
        gc.collect()
        started = process_time()
        round_of_invoices()
        taken.append(process_time() - started)
    return invoices / median(taken)


if __name__ == "__main__":
    print(answer().markdown())
