"""Repairs of refused postings in memory and in DynamoDB: postings, the period's count and the invoice, or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents, new_intent_writes
from shared.adapters.dynamodb.posting_repairs import DynamoPostingRepairs
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId
from shared.domain.invoicing.billing_progress import BillingProgress, no_progress
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus
from shared.domain.posting.decisions import refused
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.lookups import told
from shared.domain.posting.outcome import ErpRef, PostedDocument
from shared.domain.posting.repair import Replaced, adopted, replaced
from shared.ports.billing_progress import BillingProgresses
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from shared.ports.posting_repairs import PostingRepairs
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import a_draft, calls
from tests.builders.posting import BOOKS, FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, an_intent
from tests.fakes.fake_erp import FakeErp
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.in_memory_posting_repairs import InMemoryPostingRepairs

NOW = FIRST_OF_NOVEMBER
FAILED = StoredInvoice(invoice=replace(a_draft(calls(150)), state=InvoiceState.POSTING_FAILED), version=1)
ISSUED = StoredInvoice(invoice=replace(FAILED.invoice, state=InvoiceState.ISSUED), version=2)
BILLED = BillingProgress(contract_id=FAILED.invoice.contract_id, periods=1, calendar="october")


@dataclass(frozen=True)
class Site:
    """The stores, with a posting that was refused and told of, of an invoice that knows it."""

    intents: PostingIntents
    invoices: Invoices
    progresses: BillingProgresses
    repairs: PostingRepairs
    period: Callable[[LegalEntityId, str], AccountingPeriod]

    def unsettled(self, month: str) -> int:
        return self.period(GERMANY, month).unsettled


def _in_memory() -> Site:
    invoices, progresses = InMemoryInvoices(), InMemoryBillingProgresses()
    invoices.intents.add(an_intent())
    repairs = InMemoryPostingRepairs(invoices.intents, invoices, progresses)
    return Site(invoices.intents, invoices, progresses, repairs, invoices.intents.accounting_period)


def _dynamodb() -> Site:
    table, postings = create_table("invoices"), create_table("postings")
    dynamodb = aws.dynamodb()
    dynamodb.transact_write_items(TransactItems=new_intent_writes(an_intent(), table=postings))
    return Site(
        DynamoPostingIntents(dynamodb, postings, TENANT),
        DynamoInvoices(dynamodb, table, TENANT, postings_table=postings),
        DynamoBillingProgresses(dynamodb, table, TENANT),
        DynamoPostingRepairs(dynamodb, TENANT, postings_table=postings, invoices_table=table),
        DynamoAccountingPeriods(dynamodb, postings, TENANT).read,
    )


@pytest.fixture(params=[_in_memory, _dynamodb], ids=["in memory", "DynamoDB"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with mock_aws():
        site: Site = request.param()
        site.invoices.save(FAILED)
        site.progresses.save_many([BILLED])
        rejected = refused(an_intent(), ExceptionCode.PERIOD_CLOSED, "closed", now=NOW)
        site.intents.settle(rejected)
        site.intents.save(told(rejected, now=NOW))
        yield site


def the_refused(site: Site) -> PostingIntent:
    (intent,) = site.intents.chain(an_intent().posting_id)
    return intent


def into_november(site: Site) -> Replaced:
    return replaced(the_refused(site), a_document(posting_date=date(2026, 11, 1)), asked_by="fred", now=NOW)


def test_both_postings_are_linked_and_the_period_of_the_new_one_counts_it(site: Site) -> None:
    repair = into_november(site)

    site.repairs.replace(repair, ISSUED)

    assert list(site.intents.chain(an_intent().posting_id)) == [repair.refused, repair.posting]
    assert list(site.intents.chain(repair.posting.posting_id)) == [repair.posting]
    assert (site.unsettled("2026-10"), site.unsettled("2026-11")) == (0, 1)
    assert site.invoices.read(FAILED.invoice.invoice_id, 1) == ISSUED


def test_the_next_bill_run_looks_at_the_contract_whole(site: Site) -> None:
    repair = into_november(site)
    site.repairs.replace(repair, ISSUED)

    anew = no_progress(BILLED.contract_id, reopened_by=repair.posting.posting_id)
    assert site.progresses.read_many([BILLED.contract_id]) == {BILLED.contract_id: anew}


def test_what_a_bill_run_has_looked_at_before_a_repair_stands_no_more_if_it_stores_it_after(site: Site) -> None:
    repair = into_november(site)
    site.repairs.replace(repair, ISSUED)
    site.progresses.save_many([BILLED])

    anew = no_progress(BILLED.contract_id, reopened_by=repair.posting.posting_id)
    assert site.progresses.read_many([BILLED.contract_id]) == {BILLED.contract_id: anew}

    looked_at_since = replace(BILLED, reopened_by=repair.posting.posting_id)
    site.progresses.save_many([looked_at_since])
    assert site.progresses.read_many([BILLED.contract_id]) == {BILLED.contract_id: looked_at_since}


def test_a_credit_memo_has_no_invoice_that_changes(site: Site) -> None:
    site.repairs.replace(into_november(site), None)

    assert site.invoices.read(FAILED.invoice.invoice_id, 1) == FAILED
    assert site.progresses.read_many([BILLED.contract_id]) == {BILLED.contract_id: BILLED}


def test_a_repair_whose_reply_was_lost_may_be_repeated(site: Site) -> None:
    repair = into_november(site)

    site.repairs.replace(repair, ISSUED)
    site.repairs.replace(repair, ISSUED)

    assert site.unsettled("2026-11") == 1


def test_of_two_repairs_at_once_one_changes_nothing(site: Site) -> None:
    first, second = into_november(site), replaced(the_refused(site), a_document(), asked_by="gina", now=NOW)
    site.repairs.replace(first, ISSUED)

    with pytest.raises(StaleIntentError):
        site.repairs.replace(second, replace(ISSUED, version=3))

    assert list(site.intents.chain(an_intent().posting_id)) == [first.refused, first.posting]
    assert (site.unsettled("2026-10"), site.unsettled("2026-11")) == (0, 1)


def test_an_invoice_that_has_changed_meanwhile_stops_the_repair(site: Site) -> None:
    site.invoices.save(replace(FAILED, version=2))

    with pytest.raises(StaleIntentError):
        site.repairs.replace(into_november(site), ISSUED)

    assert the_refused(site).replaced_by is None
    assert site.unsettled("2026-11") == 0


def test_a_period_that_takes_nothing_new_stops_the_repair(site: Site) -> None:
    repair = replaced(the_refused(site), a_document(), asked_by="fred", now=NOW)
    close(site, "2026-10")

    with pytest.raises(AccountingPeriodClosedError, match="2026-10"):
        site.repairs.replace(repair, ISSUED)

    assert the_refused(site).replaced_by is None
    assert site.invoices.read(FAILED.invoice.invoice_id, 1) == FAILED


def test_a_posting_that_was_booked_by_hand_is_posted_with_its_invoice(site: Site) -> None:
    was = the_refused(site)
    capabilities = FakeErp(lambda: NOW).capabilities()
    repair = adopted(was, booked(was), books=BOOKS, asked_by="fred", capabilities=capabilities, now=NOW)
    posted = replace(FAILED, invoice=replace(FAILED.invoice, state=InvoiceState.POSTED), version=2)

    site.repairs.adopt(repair, posted)
    site.repairs.adopt(repair, posted)

    assert the_refused(site) == repair.posting
    assert site.invoices.read(FAILED.invoice.invoice_id, 1) == posted
    assert site.unsettled("2026-10") == 0  # it was counted off as it was refused


def booked(was: PostingIntent) -> PostedDocument:
    document = was.document
    return PostedDocument(
        ref=ErpRef("77"),
        external_ref=document.external_ref,
        number="103099",
        posted=True,
        accounting_period=document.accounting_period,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
    )


def close(site: Site, month: str) -> None:
    if isinstance(site.repairs, InMemoryPostingRepairs):
        assert isinstance(site.invoices, InMemoryInvoices)
        assert site.invoices.intents.set_period_status(GERMANY, month, PeriodStatus.CLOSED)
    else:
        assert DynamoAccountingPeriods(aws.dynamodb(), "postings", TENANT).set_status(
            GERMANY, month, PeriodStatus.CLOSED
        )
