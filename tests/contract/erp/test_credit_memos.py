"""Credit memos in every ERP: applied to their invoice, booked against it, and never taken for an invoice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.comparison import differences
from shared.domain.posting.decisions import concluded, sending
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Absent,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    RejectionKind,
    Submission,
    Uncertain,
)
from simulators.erp import AccountRole, Fault
from tests.builders.posting import a_credit_memo, a_document, an_intent, in_dollars
from tests.contract.erp.conftest import PostingSite
from tests.contract.erp.systems.every_system import on_every_system

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def posted_invoice(site: PostingSite) -> str:
    outcome = site.post(a_document())
    assert isinstance(outcome, Posted)
    return outcome.ref.value


def balances(site: PostingSite) -> Mapping[AccountRole, str]:
    ledger = site.simulator.ledger
    booked = (AccountRole.RECEIVABLE, AccountRole.REVENUE, AccountRole.TAX)
    return {
        role: str(ledger.balance(company=site.under_test.mapping.company, role=role, currency="EUR")) for role in booked
    }


def refused_as(outcome: Submission, site: PostingSite) -> tuple[str, ExceptionCode | None]:
    """Return our code of a refusal, also where the ERP has one of its own, and the exception that it opens."""
    assert isinstance(outcome, Rejected)
    ours = {own: code for code, own in site.under_test.own_codes.items()}
    sent = sending(an_intent(), books="", now=NOON)
    told = concluded(sent, outcome, read_back=None, capabilities=site.erp.capabilities(), now=NOON)
    return ours.get(outcome.code, outcome.code), told.problem


@on_every_system
def test_a_credit_memo_lowers_receivable_revenue_and_tax(site: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted_invoice(site))

    outcome = site.post(memo)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, DocumentKind.CREDIT_MEMO)
    assert isinstance(found, PostedDocument)
    assert differences(memo, found) == ()
    assert site.erp.locate(memo.external_ref, DocumentKind.CREDIT_MEMO) == Found(found)
    assert [document.kind for document in site.simulator.documents()] == ["invoice", "credit_memo"]
    assert balances(site) == {
        AccountRole.RECEIVABLE: "1309.68",  # 1428.68 - 119.00
        AccountRole.REVENUE: "-1100.57",
        AccountRole.TAX: "-209.11",
    }


@on_every_system
def test_a_credit_memo_is_no_invoice(site: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted_invoice(site))
    site.post(memo)

    assert site.erp.locate(memo.external_ref, DocumentKind.INVOICE) == Absent()


@on_every_system
def test_the_last_credit_memo_of_an_invoice_takes_the_tax_that_is_left(site: PostingSite) -> None:
    """19 % of 1200.57 is 228.11, and of three times 400.19 it is 76.04 each: 228.12."""
    invoice = posted_invoice(site)
    for part, tax in enumerate(("76.04", "76.04", "76.03"), start=1):
        memo = a_credit_memo(
            of_invoice=invoice, posting_id=f"acme/r1/credit/{part}", number=f"CN-{part}", net="400.19", tax=tax
        )

        outcome = site.post(memo)

        assert isinstance(outcome, Posted)
        found = site.erp.read(outcome.ref, DocumentKind.CREDIT_MEMO)
        assert isinstance(found, PostedDocument)
        assert differences(memo, found) == ()
    assert {Decimal(balance) for balance in balances(site).values()} == {Decimal(0)}


@on_every_system
def test_a_credit_memo_beyond_its_invoice_is_rejected(site: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted_invoice(site), net="1300.00", tax="247.00")

    outcome = site.post(memo)

    assert refused_as(outcome, site) == (RejectionCode.BEYOND_INVOICE, ExceptionCode.POSTING_REJECTED)
    assert isinstance(outcome, Rejected)
    assert "1428.68" in outcome.text  # what is left of the invoice
    assert len(site.posted()) == 1


@pytest.mark.parametrize("site", ["dynamics_finance", "oracle_fusion", "sap_s4hana", "tryton"], indirect=True)
def test_a_credit_memo_in_another_currency_than_its_invoice_is_rejected_where_the_erp_would_book_it(
    site: PostingSite,
) -> None:
    memo = in_dollars(a_credit_memo(of_invoice=posted_invoice(site)))

    outcome = site.post(memo)

    assert refused_as(outcome, site) == (RejectionCode.NOT_ITS_INVOICE, ExceptionCode.POSTING_REJECTED)
    assert len(site.posted()) == 1


@on_every_system
def test_a_credit_memo_of_an_invoice_that_the_erp_does_not_know_is_rejected(site: PostingSite) -> None:
    posted_invoice(site)

    outcome = site.post(a_credit_memo(of_invoice="999"))

    assert refused_as(outcome, site) == (RejectionCode.INVOICE_MISSING, ExceptionCode.POSTING_REJECTED)


def test_a_reply_lost_after_the_commit_of_a_credit_memo_is_uncertain_and_it_is_found(site: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted_invoice(site))
    site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.under_test.creates[DocumentKind.CREDIT_MEMO])

    assert isinstance(site.erp.submit(memo), Uncertain)
    assert isinstance(site.erp.locate(memo.external_ref, DocumentKind.CREDIT_MEMO), Found)


@pytest.mark.parametrize("site", ["business_central"], indirect=True)
def test_tax_that_business_central_would_work_out_otherwise_needs_a_code_without_tax(site: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted_invoice(site), net="400.19", tax="76.03")
    entity = site.master_data.entity
    assert entity is not None
    site.master_data.entity = replace(entity, erp=replace(entity.erp, settings={}))

    assert site.erp.submit(memo) == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for setting no_tax_code")
