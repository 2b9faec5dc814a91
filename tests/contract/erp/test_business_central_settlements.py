"""Business Central's settlements, poll after poll: what shows late, or changes between two pages, is told as well."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.outcome import Draft, Posted
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.told import polled, settled, statuses
from tests.contract.erp.traffic import recorded

DUE = date(2026, 11, 30)


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    return open_site("business_central")


def posted(site: PostingSite, *, apart: timedelta = timedelta(0)) -> Sequence[PostingDocument]:
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(6)]
    for document in documents:
        site.post(document)
        site.clock.instant += apart
    return documents


def keys(documents: Sequence[PostingDocument]) -> set[str]:
    return {str(document.external_ref) for document in documents}


def in_pages_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.erp.business_central.settlements._PAGE", rows)


def paid_one_after_another(site: PostingSite, invoices: Sequence[PostingDocument]) -> None:
    for invoice in invoices:
        site.clock.instant += timedelta(seconds=10)
        site.simulator.pay(invoice.external_ref, Decimal("1.00"), DUE)


# In pages of 2 or 3 the last page is empty: six payments fill the others.
@pytest.mark.parametrize("rows", [50, 4, 3, 2])
def test_a_payment_that_shows_only_after_the_poll_is_told_by_the_next_one(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    invoices = posted(site)
    _, cursor = polled(site, "")
    site.clock.instant += timedelta(hours=1)
    paid_one_after_another(site, invoices)
    late = invoices[1].external_ref
    with site.simulator.unseen(late):
        told, cursor = polled(site, cursor)
        assert late not in told

    told, _ = polled(site, cursor)

    assert late in told


def test_a_payment_that_shows_only_after_the_page_where_a_poll_was_cut_off_is_told_by_the_next_one(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(2, monkeypatch)
    invoices = posted(site)
    _, cursor = polled(site, "")
    site.clock.instant += timedelta(hours=1)
    late = invoices[1].external_ref
    paid_one_after_another(site, invoices)
    with site.simulator.unseen(late):
        cut_off = settled(site, cursor)
    site.clock.instant += timedelta(hours=1)
    paid_one_after_another(site, [invoice for invoice in invoices if invoice.external_ref != late])
    told, cursor = polled(site, cut_off.next_cursor)
    assert late not in told

    told, _ = polled(site, cursor)

    assert late in told


def test_the_last_row_of_a_page_that_changes_before_the_next_one_takes_no_other_along(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(2, monkeypatch)
    invoices = posted(site, apart=timedelta(minutes=10))
    first = settled(site)
    assert [one.external_ref for one in first.settlements] == [one.external_ref for one in invoices[:2]]
    site.simulator.pay(invoices[1].external_ref, Decimal("1.00"), DUE)

    rest, _ = polled(site, first.next_cursor)

    assert keys(invoices[1:]) <= set(rest)


@pytest.mark.parametrize("rows", [50, 6, 4, 3, 2, 1])
def test_every_poll_ends_whatever_was_changed_in_one_instant_and_leaves_nothing_out(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    invoices = posted(site)

    told, first = polled(site, "")

    assert set(told) == keys(invoices)
    _, second = polled(site, first)
    assert first == second


@pytest.mark.parametrize("rows", [3, 2, 1])
def test_one_of_an_instant_that_fills_pages_takes_no_other_along_when_it_changes_between_them(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    invoices = posted(site)
    at_the_instant = settled(site)
    page = settled(site, at_the_instant.next_cursor)
    told = {one.external_ref for one in (*at_the_instant.settlements, *page.settlements)}
    site.clock.instant += timedelta(hours=1)
    site.simulator.pay(page.settlements[0].external_ref, Decimal("1.00"), DUE)

    rest, _ = polled(site, page.next_cursor)

    assert told | set(rest) == keys(invoices)


# Twice as many invoices as memos, all within the five minutes that are read again: either list ends before the other.
@pytest.mark.parametrize("rows", [4, 3, 2])
def test_two_lists_that_do_not_end_with_the_same_page_end_all_the_same(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    invoices = posted(site, apart=timedelta(seconds=1))
    memos = [credited(site, invoices[0], named=name) for name in "abc"]
    told, cursor = polled(site, "")
    assert set(told) == keys([*invoices, *memos])

    for _ in range(3):
        told, again = polled(site, cursor)
        assert (set(told), again) == (keys([*invoices, *memos]), cursor)


def test_a_list_that_has_ended_waits_for_the_other_one(site: PostingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    in_pages_of(2, monkeypatch)
    posted(site, apart=timedelta(seconds=1))

    with recorded(monkeypatch) as traffic:
        polled(site, "")

    asked = [request.url for request, _ in traffic.calls]
    assert len([url for url in asked if "/salesCreditMemos" in url]) == 1
    assert len([url for url in asked if "/salesInvoices" in url]) > 3


def credited(site: PostingSite, invoice: PostingDocument, *, named: str) -> PostingDocument:
    """Post a credit memo of 1.19 that is applied to an invoice."""
    (of,) = (one for one in site.simulator.documents() if one.external_ref == invoice.external_ref)
    memo = a_credit_memo(
        of_invoice=of.document_id,
        posting_id=f"{invoice.posting_id}/credit/{named}",
        net="1.00",
        tax="0.19",
        number=f"DE-CN-{named}",
    )
    assert isinstance(site.post(memo), Posted)
    return memo


def test_what_was_credited_is_asked_for_many_invoices_at_a_time_and_comes_to_each_its_own(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.erp.business_central.settlements._IDS_IN_A_FILTER", 5)
    invoices = posted(site)
    credited(site, invoices[1], named="a")
    credited(site, invoices[1], named="b")
    credited(site, invoices[5], named="c")
    paid_one_after_another(site, invoices)

    with recorded(monkeypatch) as traffic:
        found = settled(site).settlements

    taken = {one.external_ref: str(one.credited) for one in found if one.kind is DocumentKind.INVOICE}
    nothing = dict.fromkeys((one.external_ref for one in invoices), "0 EUR")
    assert taken == nothing | {invoices[1].external_ref: "2.38 EUR", invoices[5].external_ref: "1.19 EUR"}
    assert len([request for request, _ in traffic.calls if "invoiceId" in request.url]) == 2


def still_a_draft(memo: dict[str, Any]) -> None:
    assert memo["status"] == "Draft"


def in_review(memo: dict[str, Any]) -> None:
    memo["status"] = "In Review"


def taken_back(memo: dict[str, Any]) -> None:
    memo["status"] = "Canceled"


@pytest.mark.parametrize("left", [still_a_draft, in_review, taken_back])
def test_an_invoice_that_was_paid_is_not_credited_by_a_memo_that_is_not_in_the_ledger(
    site: PostingSite, left: Callable[[dict[str, Any]], None]
) -> None:
    invoice = a_document()
    outcome = site.post(invoice)
    assert isinstance(outcome, Posted)
    assert isinstance(site.erp.submit(a_credit_memo(of_invoice=outcome.ref.value)), Draft)
    (books,) = site.simulator._books.values()
    (memo,) = books.credit_memos.values()
    left(memo)
    site.simulator.pay(invoice.external_ref, invoice.gross.amount, DUE)

    assert statuses(site)[invoice.external_ref] == ("paid", "0.00")


def test_an_invoice_that_a_posted_memo_closed_is_credited_beside_somebodys_draft(site: PostingSite) -> None:
    invoice = a_document()
    outcome = site.post(invoice)
    assert isinstance(outcome, Posted)
    site.erp.submit(a_credit_memo(of_invoice=outcome.ref.value))
    credited(site, invoice, named="a")
    site.simulator.pay(invoice.external_ref, invoice.gross.amount - Decimal("1.19"), DUE)

    assert statuses(site)[invoice.external_ref] == ("credited", "0.00")


def test_a_cursor_that_was_stored_in_a_former_form_is_read_as_the_beginning(site: PostingSite) -> None:
    invoices = posted(site)
    former = "2026-11-01T09:00:00+00:00+0 2026-11-01T09:00:00+00:00+0/ended"

    told, _ = polled(site, former)

    assert set(told) == keys(invoices)
