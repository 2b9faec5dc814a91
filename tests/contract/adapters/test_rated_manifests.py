"""Manifests of what was billed for good: found by customer and window, drafts left out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.dynamodb.rated_manifests import InvoicedManifests
from shared.domain.identifiers import CustomerId
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.metering.reading import UsageManifest
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import ACME, MID_OCTOBER, NOTHING_READ, OCTOBER, a_draft, catalog, published
from tests.fakes.in_memory_invoices import InMemoryInvoices


def manifests_of(
    state: InvoiceState, customer: str = ACME.customer_id, at: timedelta = timedelta()
) -> tuple[UsageManifest, ...]:
    invoices = InMemoryInvoices()
    invoices.save(StoredInvoice(invoice=replace(a_draft(), state=state), version=1))
    found = InvoicedManifests(invoices=invoices, master_data=published(catalog()))
    return found.manifests(CustomerId(customer), MID_OCTOBER + at)


@pytest.mark.parametrize("state", [InvoiceState.ISSUED, InvoiceState.POSTED, InvoiceState.NOTHING_TO_BILL])
def test_what_is_billed_for_good_has_read_the_months_usage(state: InvoiceState) -> None:
    assert manifests_of(state) == (NOTHING_READ,)


@pytest.mark.parametrize("state", [InvoiceState.DRAFT, InvoiceState.INVALID, InvoiceState.REJECTED])
def test_a_draft_may_still_read_more(state: InvoiceState) -> None:
    assert manifests_of(state) == ()


def test_another_month_or_customer_was_not_billed() -> None:
    assert manifests_of(InvoiceState.POSTED, at=OCTOBER.end - MID_OCTOBER) == ()
    assert manifests_of(InvoiceState.POSTED, customer="wayne") == ()
