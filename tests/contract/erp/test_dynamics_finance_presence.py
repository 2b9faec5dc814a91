"""Whether Dynamics 365 Finance has a document: a number that no address carries as it is, a 404 of somebody else's."""

from collections.abc import Callable
from datetime import date

import httpx
import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import (
    Accepted,
    Draft,
    ErpRef,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    Throttled,
    Uncertain,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.dynamics_finance_gateway import empty_list, page_of_its_own
from tests.contract.erp.dynamics_finance_site import Site, a_journal

INVOICE, JOURNAL = DocumentKind.INVOICE, DocumentKind.JOURNAL
HEADERS = {INVOICE: "FreeTextInvoiceHeaders", JOURNAL: "LedgerJournalHeaders"}
ENCODED_TWICE = ["JB/2026/", "JB\\2026-", "JB+2026-"]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.parametrize("journal_numbers", ENCODED_TWICE)
def test_a_journal_is_posted_and_found_whatever_its_number_is_made_of(journal_numbers: str) -> None:
    site = Site(journal_numbers=journal_numbers)
    submitted = site.erp.submit(a_journal())
    assert isinstance(submitted, Accepted)

    site.later(minutes=10)

    assert site.erp.poll(submitted.ticket, a_journal()) == Posted(ErpRef(f"{journal_numbers}000001"))
    located = site.erp.locate(a_journal().external_ref, JOURNAL)
    assert isinstance(located, Found)
    assert located.document.posted


@pytest.mark.parametrize("journal_numbers", ENCODED_TWICE)
def test_a_bad_journal_is_taken_away_whatever_its_number_is_made_of(journal_numbers: str) -> None:
    site = Site(journal_numbers=journal_numbers)
    submitted = site.erp.submit(a_journal())
    assert isinstance(submitted, Accepted)
    site.simulator.set_posting_window("DE01", posting_from=date(2026, 11, 1), posting_to=None)

    draft = site.erp.poll(submitted.ticket, a_journal())

    assert isinstance(draft, Draft)
    assert isinstance(site.erp.advance(draft.ref, a_journal()), Rejected)
    assert site.held() == []


def test_a_star_in_a_number_finds_no_other_journal() -> None:
    site = Site(journal_numbers="JB*")
    site.post(a_journal(posting_id="recognition/2026-09"))
    site.post(a_journal())

    assert isinstance(site.erp.read(ErpRef("JB*000002"), JOURNAL), PostedDocument)
    assert isinstance(site.erp.read(ErpRef("JB*"), JOURNAL), LookupFailed)


@pytest.mark.parametrize(("kind", "document"), [(INVOICE, a_document()), (JOURNAL, a_journal())])
@pytest.mark.parametrize("answer", [page_of_its_own, empty_list])
def test_what_is_found_and_cannot_be_read_is_not_absent(
    site: Site, kind: DocumentKind, document: Document, answer: Callable[[], httpx.Response]
) -> None:
    assert isinstance(site.post(document), Posted)
    site.gateway.answer("GET", HEADERS[kind], None, answer())

    assert isinstance(site.erp.locate(document.external_ref, kind), LookupFailed)


def test_a_gateways_404_leaves_what_the_erp_has_accepted_where_it_is(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    site.gateway.answer("GET", HEADERS[INVOICE], page_of_its_own())

    assert site.erp.poll(submitted.ticket, a_document()) == Throttled()


def test_a_gateways_404_does_not_say_that_the_credited_invoice_never_was(site: Site) -> None:
    invoice = site.post(a_document())
    assert isinstance(invoice, Posted)
    site.gateway.answer("GET", HEADERS[INVOICE], page_of_its_own())

    assert site.erp.submit(a_credit_memo(of_invoice=invoice.ref.value)) == Throttled()


@pytest.mark.parametrize("answer", [page_of_its_own, lambda: httpx.Response(200, html="<html>Sign in</html>")])
def test_a_draft_that_is_still_there_after_a_gateways_answer_is_uncertain(
    site: Site, answer: Callable[[], httpx.Response]
) -> None:
    site.faults.script(Fault.TAX_CENT_OFF, operation="batch")
    site.gateway.answer("DELETE", HEADERS[INVOICE], answer())

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert site.held() == [(a_document().external_ref, False)]


def test_a_draft_of_which_nobody_can_tell_after_a_404_is_uncertain(site: Site) -> None:
    site.faults.script(Fault.TAX_CENT_OFF, operation="batch")
    site.gateway.answer("DELETE", HEADERS[INVOICE], page_of_its_own())
    site.gateway.answer("GET", HEADERS[INVOICE], None, None, page_of_its_own())

    assert isinstance(site.erp.submit(a_document()), Uncertain)


def test_a_bad_draft_that_somebody_else_took_away_first_is_rejected(site: Site) -> None:
    site.faults.script(Fault.TAX_CENT_OFF, operation="batch")
    site.gateway.answer("DELETE", HEADERS[INVOICE], page_of_its_own())
    site.gateway.answer("GET", HEADERS[INVOICE], None, None, empty_list())

    assert isinstance(site.erp.submit(a_document()), Rejected)


def test_a_poll_asks_for_the_header_and_its_lines_and_for_the_period(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    asked_before = len(site.http.sent)

    site.erp.poll(submitted.ticket, a_document())

    assert [request.url.path for request in site.http.sent[asked_before:]] == [
        "/data/FreeTextInvoiceHeaders",
        "/data/FreeTextInvoiceLines",
        "/data/FiscalPeriods",
        "/data/LedgerFiscalPeriodsV2",
    ]
