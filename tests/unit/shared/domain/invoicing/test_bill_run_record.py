"""The record of a bill run: every account at one end, sums by end and currency, and what does not tie."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId, LegalEntityId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim, bill_run_id, first_claim
from shared.domain.invoicing.bill_run_record import (
    MOST_NAMED,
    AccountFacts,
    BillRunApproval,
    BillRunEnd,
    BillRunRecord,
    EndAmounts,
    end_of,
    faults_of,
    record_of,
)
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.parking import parked
from shared.domain.money import Money, currency
from tests.builders.billing import FIRST_RUN, OCTOBER, SECOND_OF_NOVEMBER, THIRD_OF_NOVEMBER, a_draft, calls, euros
from tests.builders.tax import taxed

RUN = BillRunSelection(
    bill_run_id=FIRST_RUN,
    as_of=SECOND_OF_NOVEMBER,
    waiting_for=("usage of September",),
    periods=(OCTOBER,),
    batches=(),
    catalog_version=CatalogVersion("v1"),
    parked=4,
)
INVOICE = taxed(a_draft(calls(150)))  # 111.50 and 21.19 of tax
DOLLARS = currency("USD")


def facts(name: str, invoice: Invoice | None = None, *, claim: InvoiceClaim | None = None) -> AccountFacts:
    account = BillingAccount(customer_id=CustomerId("acme"), contract_id=ContractId(name), billing_period=OCTOBER)
    return AccountFacts(
        account=account, invoice=invoice, claim=claim or first_claim(account, by=FIRST_RUN), parked=None
    )


def in_state(state: InvoiceState, *, entity: str = "nimbus-de", of: Invoice = INVOICE) -> Invoice:
    return replace(of, state=state, legal_entity_id=LegalEntityId(entity))


def in_dollars(invoice: Invoice) -> Invoice:
    def same(amount: Money) -> Money:
        return Money(amount.amount, DOLLARS)

    return replace(
        invoice,
        lines=tuple(replace(line, amount=same(line.amount)) for line in invoice.lines),
        taxes=tuple(replace(tax, base=same(tax.base), amount=same(tax.amount)) for tax in invoice.taxes),
        net=same(invoice.net),
        tax=same(invoice.tax),
        gross=same(invoice.gross),
    )


def record(accounts: Sequence[AccountFacts], approval: BillRunApproval | None = None) -> BillRunRecord:
    return record_of(RUN, accounts, recorded_at=THIRD_OF_NOVEMBER, approval=approval)


def test_a_record_says_what_became_of_every_account() -> None:
    approval = BillRunApproval(approved_by="dana@nimbus.example", approved_at=THIRD_OF_NOVEMBER)
    accounts = [
        facts("c-us", in_dollars(in_state(InvoiceState.POSTED, entity="nimbus-us"))),
        facts("c-one", in_state(InvoiceState.POSTED)),
        facts("c-two", in_state(InvoiceState.POSTED)),
        facts("c-invalid", in_state(InvoiceState.INVALID)),
        facts("c-new"),
    ]

    assert record(accounts, approval) == BillRunRecord(
        bill_run_id=FIRST_RUN,
        recorded_at=THIRD_OF_NOVEMBER,
        selected=5,
        built=4,
        parked_before=4,
        waiting_for=("usage of September",),
        ends=((BillRunEnd.UNDER_WAY, 1), (BillRunEnd.POSTED, 3), (BillRunEnd.INVALID, 1)),
        amounts=(
            EndAmounts(
                end=BillRunEnd.POSTED,
                invoices=2,
                gross=euros("265.38"),
                lines=euros("223.00"),
                taxes=euros("42.38"),
            ),
            EndAmounts(
                end=BillRunEnd.POSTED,
                invoices=1,
                gross=Money(Decimal("132.69"), DOLLARS),
                lines=Money(Decimal("111.50"), DOLLARS),
                taxes=Money(Decimal("21.19"), DOLLARS),
            ),
            EndAmounts(
                end=BillRunEnd.INVALID, invoices=1, gross=euros("132.69"), lines=euros("111.50"), taxes=euros("21.19")
            ),
        ),
        failures=((BillRunEnd.INVALID, accounts[3].account.invoice_id),),
        legal_entities=(LegalEntityId("nimbus-de"), LegalEntityId("nimbus-us")),
        approval=approval,
    )


def test_of_many_failures_the_first_twenty_are_named() -> None:
    accounts = [facts(f"c-{number:02}", in_state(InvoiceState.INVALID)) for number in range(MOST_NAMED + 5)]

    named = [name for _, name in record(accounts).failures]

    assert named == [one.account.invoice_id for one in accounts[:20]]


def test_an_account_that_is_selected_twice_counts_once_and_does_not_tie() -> None:
    twice = [facts("c-one", in_state(InvoiceState.POSTED))] * 2

    assert faults_of(record(twice)) == ("1 accounts are selected and 2 are at an end",)


def test_every_figure_that_does_not_tie_is_named() -> None:
    sound = record([facts("c-one", in_state(InvoiceState.POSTED))])
    (posted,) = sound.amounts
    wrong = replace(sound, selected=3, built=2, amounts=(replace(posted, gross=euros("1.00")),))

    assert faults_of(sound) == ()
    assert faults_of(wrong) == (
        "3 accounts are selected and 1 are at an end",
        "2 invoices are built and 1 are added up",
        "posted: the invoices come to 1.00 EUR, their lines to 111.50 EUR and their taxes to 21.19 EUR",
    )


PARKED = parked(facts("c-one").account, claim=first_claim(facts("c-one").account, by=FIRST_RUN), by=RUN)
LATER = bill_run_id(THIRD_OF_NOVEMBER)


@pytest.mark.parametrize(
    ("found", "end"),
    [
        (replace(facts("c-one"), claim=None), BillRunEnd.NOT_STARTED),
        (facts("c-one"), BillRunEnd.UNDER_WAY),
        (facts("c-one", in_state(InvoiceState.AWAITING_APPROVAL)), BillRunEnd.AWAITING_APPROVAL),
        (
            replace(facts("c-one", in_state(InvoiceState.AWAITING_APPROVAL)), execution_failed=True),
            BillRunEnd.FAILED,
        ),
        (replace(facts("c-one", in_state(InvoiceState.INVALID)), execution_failed=True), BillRunEnd.INVALID),
        (replace(facts("c-one", in_state(InvoiceState.INVALID)), parked=PARKED), BillRunEnd.PARKED),
        (
            replace(
                facts("c-one", in_state(InvoiceState.INVALID)),
                parked=replace(PARKED, bill_run_id=LATER),
            ),
            BillRunEnd.INVALID,
        ),
        (
            replace(
                facts("c-one", in_state(InvoiceState.INVALID)), parked=replace(PARKED, released_at=THIRD_OF_NOVEMBER)
            ),
            BillRunEnd.INVALID,
        ),
        (replace(facts("c-one", in_state(InvoiceState.POSTED)), parked=PARKED), BillRunEnd.POSTED),
        (
            facts(
                "c-one",
                in_state(InvoiceState.DRAFT),
                claim=replace(first_claim(facts("c-one").account, by=FIRST_RUN), bill_run_id=LATER),
            ),
            BillRunEnd.ANOTHER_RUN,
        ),
        (facts("c-one", replace(in_state(InvoiceState.POSTED), prepared_by="earlier")), BillRunEnd.UNDER_WAY),
    ],
    ids=[
        "no claim",
        "claimed",
        "waiting",
        "its execution failed",
        "invalid needs no execution",
        "parked",
        "parked by another run",
        "released",
        "posted after all",
        "taken up by another run",
        "an invoice of an earlier run",
    ],
)
def test_an_account_is_at_one_end(found: AccountFacts, end: BillRunEnd) -> None:
    assert end_of(found, bill_run_id=FIRST_RUN) is end
