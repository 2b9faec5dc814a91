"""Manifests of periods that no invoice will read any more: found by window, with what later invoices have read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.dynamodb.rated_manifests import InvoicedManifests
from shared.domain.identifiers import CustomerId
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, InvoiceState, PeriodAdjustment, invoice_id
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.reading import UsageManifest
from shared.domain.time_period import BillingPeriod, Period, billing_period_containing
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import (
    ACME,
    API_CALLS,
    BERLIN,
    MID_OCTOBER,
    NOTHING_READ,
    OCTOBER,
    SINCE_OCTOBER,
    a_draft,
    catalog,
    contract,
    published,
    subscription,
)
from tests.fakes.in_memory_invoices import InMemoryInvoices

NOVEMBER = billing_period_containing(OCTOBER.end, BERLIN)
DECEMBER = billing_period_containing(NOVEMBER.end, BERLIN)
OCTOBER_ONLY = contract(subscription(), active=Period(SINCE_OCTOBER.start, OCTOBER.end))
READ_AGAIN = UsageManifest(sealed=(), late=(), digest="read again")


def an_invoice(
    month: BillingPeriod, state: InvoiceState = InvoiceState.POSTED, *, reads_october: bool = False
) -> Invoice:
    draft = a_draft()
    name = invoice_id(draft.contract_id, month)
    again = AdjustedPeriod(invoice_id=draft.invoice_id, manifest=READ_AGAIN, was_kept_back=False)
    return replace(
        draft, invoice_id=name, billing_period=month, state=state, adjusted=(again,) if reads_october else ()
    )


def read_for_good(
    *invoices: Invoice, customer: str = ACME.customer_id, at: timedelta = timedelta(), ended: bool = True
) -> Sequence[Sequence[UsageManifest]]:
    stored = InMemoryInvoices()
    for invoice in invoices:
        stored.save(StoredInvoice(invoice=invoice, version=1))
    found = InvoicedManifests(
        invoices=stored, master_data=published(catalog(contracts=[OCTOBER_ONLY if ended else contract()]))
    )
    return found.of_closed_billing(WindowKey(CustomerId(customer), API_CALLS, MID_OCTOBER + at, ()))


def test_all_that_was_read_of_a_month_counts_once_the_last_invoice_is_billed() -> None:
    months = (an_invoice(OCTOBER), an_invoice(NOVEMBER, reads_october=True))

    assert read_for_good(*months, an_invoice(DECEMBER, InvoiceState.NOTHING_TO_BILL)) == ((NOTHING_READ, READ_AGAIN),)


def test_what_is_left_over_for_credit_notes_was_read() -> None:
    october, november = an_invoice(OCTOBER), an_invoice(NOVEMBER)
    adjusted = AdjustedPeriod(invoice_id=october.invoice_id, manifest=READ_AGAIN, was_kept_back=False)
    last = replace(an_invoice(DECEMBER), left_over=(PeriodAdjustment(adjusted, ()),))

    assert read_for_good(october, november, last) == ((NOTHING_READ, READ_AGAIN),)


@pytest.mark.parametrize("state", [InvoiceState.DRAFT, InvoiceState.INVALID, InvoiceState.REJECTED])
def test_an_invoice_that_is_not_billed_may_still_read_more(state: InvoiceState) -> None:
    assert read_for_good(an_invoice(OCTOBER), an_invoice(NOVEMBER), an_invoice(DECEMBER, state)) == ()


def test_a_contract_that_goes_on_has_a_next_invoice() -> None:
    months = (an_invoice(OCTOBER), an_invoice(NOVEMBER), an_invoice(DECEMBER))

    assert read_for_good(*months, ended=False) == ()


def test_another_month_or_customer_was_not_billed() -> None:
    months = (an_invoice(OCTOBER), an_invoice(NOVEMBER), an_invoice(DECEMBER))

    assert read_for_good(*months, at=-timedelta(days=30)) == ()
    assert read_for_good(*months, customer="wayne") == ()
