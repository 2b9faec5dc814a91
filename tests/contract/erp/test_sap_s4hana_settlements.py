"""What SAP S/4HANA tells of payments, credits and reversals, day by day as bookkeepers clear items."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.adapters.erp.sap_s4hana import settlements as paging
from shared.domain.posting.document import CorrectedDocument, DocumentKind, PostingDocument
from shared.domain.posting.outcome import LookupFailed, Posted
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus
from simulators.erp import Fault
from simulators.erp.sap_s4hana.books import AccountingDocument
from simulators.erp.sap_s4hana.payments import reverse
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.sap_s4hana_site import Site

PARTLY_PAID, PAID, CREDITED, VOIDED = (
    SettlementStatus.PARTLY_PAID,
    SettlementStatus.PAID,
    SettlementStatus.CREDITED,
    SettlementStatus.VOIDED,
)
FIRST_OF_NOVEMBER = date(2026, 11, 1)
GROSS = Decimal("1428.68")
NOTHING_LEFT = "0.00 EUR"


@pytest.fixture
def site() -> Site:
    return Site()


def of_customer(name: str) -> PostingDocument:
    return a_document(posting_id=f"{name}/2026-10/r1", number=f"DE-{name}")


ACME, GLOBEX, INITECH, HOOLI = (of_customer(name) for name in ("acme", "globex", "initech", "hooli"))


def test_what_is_paid_in_part_in_whole_credited_and_voided_comes_back(site: Site) -> None:
    post(site, ACME, GLOBEX, HOOLI)
    memo = a_memo_of(site, INITECH, net="100.00", tax="19.00")
    assert told(site) == {}

    site.simulator.pay(ACME.external_ref, Decimal("428.68"), FIRST_OF_NOVEMBER)
    pay(site, GLOBEX)
    site.simulator.settle(INITECH.external_ref, memo.external_ref, paid=Decimal("1309.68"), on=FIRST_OF_NOVEMBER)
    site.simulator.reverse(HOOLI.external_ref, FIRST_OF_NOVEMBER)

    assert told(site) == {
        ACME.external_ref: (PARTLY_PAID, "1000.00 EUR"),
        GLOBEX.external_ref: (PAID, NOTHING_LEFT),
        INITECH.external_ref: (CREDITED, NOTHING_LEFT),
        memo.external_ref: (PAID, NOTHING_LEFT),
        HOOLI.external_ref: (VOIDED, NOTHING_LEFT),
    }


def test_a_payment_that_is_entered_after_a_reversal_of_the_same_day_is_told(site: Site) -> None:
    post(site, ACME, GLOBEX)
    site.simulator.reverse(ACME.external_ref, FIRST_OF_NOVEMBER)  # cleared by 18…
    reversed_alone = last_of(site, "")
    assert statuses(reversed_alone) == {ACME.external_ref: VOIDED}

    pay(site, GLOBEX)  # cleared by 14…

    assert statuses(last_of(site, reversed_alone.next_cursor))[GLOBEX.external_ref] is PAID


def test_a_clearing_without_payment_after_a_payment_of_the_same_day_is_told(site: Site) -> None:
    post(site, ACME)
    memo = a_memo_of(site, GLOBEX, net="1200.57", tax="228.11")
    pay(site, ACME)  # cleared by 14…
    paid_alone = last_of(site, "")
    assert statuses(paid_alone) == {ACME.external_ref: PAID}

    site.simulator.settle(GLOBEX.external_ref, memo.external_ref, paid=Decimal(0), on=FIRST_OF_NOVEMBER)  # by 01…

    assert statuses(last_of(site, paid_alone.next_cursor))[GLOBEX.external_ref] is CREDITED


def test_what_sap_commits_late_or_dates_by_a_calendar_of_its_own_is_told(site: Site) -> None:
    post(site, ACME, GLOBEX)
    pay(site, ACME)
    before = last_of(site, "")

    pay(site, GLOBEX)
    enter_on(site, GLOBEX, FIRST_OF_NOVEMBER - timedelta(days=1))  # it is still October west of us

    assert statuses(last_of(site, before.next_cursor))[GLOBEX.external_ref] is PAID


def test_what_was_entered_while_a_pass_took_days_is_told_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(site, ACME, GLOBEX, INITECH, HOOLI)
    for voided in (ACME, GLOBEX):
        site.simulator.reverse(voided.external_ref, FIRST_OF_NOVEMBER)
    monkeypatch.setattr(paging, "PAGE", 1)
    begun = page_of(site, "")
    assert statuses(begun) == {ACME.external_ref: VOIDED}

    pay(site, INITECH)  # with a smaller number than the pass has come to
    site.clock.instant += timedelta(days=7)  # nobody let us ask
    pay(site, HOOLI)
    ended = last_of(site, begun.next_cursor)

    assert statuses(ended) == {GLOBEX.external_ref: VOIDED, HOOLI.external_ref: PAID}
    assert statuses(last_of(site, ended.next_cursor))[INITECH.external_ref] is PAID


def test_a_complete_pass_is_followed_by_one_over_the_last_days_alone(site: Site) -> None:
    post(site, ACME, GLOBEX)
    pay(site, ACME)
    site.clock.instant += timedelta(days=30)
    pay(site, GLOBEX)
    first = last_of(site, "")
    assert first.next_cursor == "2026-11-29"  # two days before the pass began

    assert last_of(site, first.next_cursor).next_cursor == first.next_cursor
    assert statuses(last_of(site, first.next_cursor)) == {GLOBEX.external_ref: PAID}
    site.clock.instant += timedelta(days=30)
    assert statuses(last_of(site, last_of(site, first.next_cursor).next_cursor)) == {}


def test_pages_leave_nothing_out_and_say_nothing_twice(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [of_customer(name) for name in ("acme", "globex", "hooli", "initech", "umbrella")]
    post(site, *documents)
    for document in documents:
        pay(site, document)
    monkeypatch.setattr(paging, "PAGE", 2)

    pages = list(pages_since(site, ""))

    refs = [one.external_ref for page in pages for one in page.settlements]
    assert refs == [document.external_ref for document in documents]
    assert [page.complete for page in pages] == [False, False, True]


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_a_clearing_longer_than_a_page_is_told_page_by_page_and_whoever_comes_after_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    cleared_at_once = [of_customer(name) for name in ("acme", "globex", "hooli", "initech", "umbrella")]
    memo = a_memo_of(site, cleared_at_once[0], net="100.00", tax="19.00")
    post(site, *cleared_at_once[1:])
    paid = 5 * GROSS - Decimal("119.00")
    refs = [document.external_ref for document in cleared_at_once]
    site.simulator.settle(*refs, memo.external_ref, paid=paid, on=FIRST_OF_NOVEMBER)
    after_it = of_customer("vandelay")
    post(site, after_it)
    pay(site, after_it)
    monkeypatch.setattr(paging, "PAGE", most)

    found = [pair for page in pages_since(site, "") for pair in statuses(page).items()]

    assert dict(found) == {
        **dict.fromkeys(refs, CREDITED),  # though the credit memo is on one of the pages alone
        memo.external_ref: PAID,
        after_it.external_ref: PAID,
    }
    assert len(found) == 7


def test_where_a_clearing_is_cut_and_its_credit_memos_are_not_shown_nothing_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(site, ACME)
    pay(site, ACME)
    monkeypatch.setattr(paging, "PAGE", 1)
    site.simulator.faults.script(None, Fault.SERVER_ERROR, operation="find_journal_entries")

    assert isinstance(site.erp.settlements(""), LookupFailed)
    assert statuses(last_of(site, "")) == {ACME.external_ref: PAID}


@pytest.mark.parametrize(
    "cursor", ["yesterday", "2026-11-01;1400000000;2026", "2026-11-01;;;;;;soon", "2026-13-01", "yesterday/1800000000"]
)
def test_a_cursor_of_another_erp_is_refused(site: Site, cursor: str) -> None:
    assert site.erp.settlements(cursor) == LookupFailed(f"{cursor} is no cursor of this ERP")


@pytest.mark.parametrize("code", ["HRK", "BGN", "DEM", "USDN"])
def test_what_others_entered_in_a_currency_unknown_to_us_stops_nothing(site: Site, code: str) -> None:
    post(site, ACME, GLOBEX, INITECH, HOOLI)
    for document in (ACME, GLOBEX):
        pay(site, document)
    for document in (INITECH, HOOLI):
        site.simulator.pay(document.external_ref, Decimal("428.68"), FIRST_OF_NOVEMBER)
    for name, document in (("KD-4711", ACME), ("KD-4712", INITECH)):
        theirs = entry_of(site, document)
        theirs.document_reference, theirs.original_reference, theirs.currency = name, "", code

    assert told(site) == {
        GLOBEX.external_ref: (PAID, NOTHING_LEFT),
        HOOLI.external_ref: (PARTLY_PAID, "1000.00 EUR"),
    }


def test_pages_of_what_others_entered_lead_on_to_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    post(site, ACME, GLOBEX, HOOLI)
    for document in (ACME, GLOBEX, HOOLI):
        pay(site, document)
    for document in (ACME, GLOBEX):
        entry_of(site, document).document_reference = f"KD-{document.human_number}"
    monkeypatch.setattr(paging, "PAGE", 1)

    assert [statuses(page) for page in pages_since(site, "")] == [{}, {}, {HOOLI.external_ref: PAID}, {}]


def test_a_credit_memo_that_a_bookkeeper_entered_credits_our_invoice(site: Site) -> None:
    memo = a_memo_of(site, ACME, net="100.00", tax="19.00")
    site.simulator.settle(ACME.external_ref, memo.external_ref, paid=Decimal("1309.68"), on=FIRST_OF_NOVEMBER)
    typed_by_a_person(site, memo)

    assert told(site) == {ACME.external_ref: (CREDITED, NOTHING_LEFT)}
    assert credited(site) == {ACME.external_ref: "119.00 EUR"}


def test_a_credit_memo_of_a_bookkeeper_beside_an_open_invoice_is_told_apart_from_a_payment(site: Site) -> None:
    memo = a_memo_of(site, ACME, net="100.00", tax="19.00")
    site.simulator.pay(ACME.external_ref, Decimal("428.68"), FIRST_OF_NOVEMBER)
    typed_by_a_person(site, memo, names=ACME)

    assert told(site) == {ACME.external_ref: (PARTLY_PAID, "881.00 EUR")}
    assert credited(site) == {ACME.external_ref: "119.00 EUR"}


def test_of_invoices_cleared_together_ours_is_its_invoices_and_a_bookkeepers_is_nobodys(site: Site) -> None:
    ours = a_memo_of(site, ACME, net="100.00", tax="19.00")
    theirs = a_memo_of(site, GLOBEX, net="10.00", tax="1.90")
    typed_by_a_person(site, theirs)
    refs = (ACME.external_ref, GLOBEX.external_ref, ours.external_ref, "GUTSCHRIFT 7")
    site.simulator.settle(*refs, paid=2 * GROSS - Decimal("130.90"), on=FIRST_OF_NOVEMBER)

    assert credited(site) == {ACME.external_ref: "119.00 EUR", GLOBEX.external_ref: "0 EUR"}


def test_a_payment_in_another_currency_takes_nothing_off(site: Site) -> None:
    post(site, ACME)
    site.simulator.pay(ACME.external_ref, Decimal("428.68"), FIRST_OF_NOVEMBER)
    payment_beside(site, ACME).currency = "USD"

    assert told(site) == {}  # it stands as it stood: SAP converts once somebody clears the two


def test_a_partial_payment_that_bounced_is_owed_again_though_an_older_one_is_all_that_is_left(site: Site) -> None:
    post(site, ACME)
    site.simulator.pay(ACME.external_ref, Decimal("28.68"), FIRST_OF_NOVEMBER)
    site.clock.instant += timedelta(days=5)
    site.simulator.pay(ACME.external_ref, Decimal("400.00"), FIRST_OF_NOVEMBER)
    (before,) = last_of(site, "").settlements
    assert str(before.open_amount) == "1000.00 EUR"

    books = site.simulator.books_of("1010")
    reverse(books, books.documents[-1], FIRST_OF_NOVEMBER)
    site.clock.instant += timedelta(days=1)

    (found,) = last_of(site, "").settlements
    assert str(found.open_amount) == "1400.00 EUR"
    assert found.changed_at >= before.changed_at  # else it would be taken for what was known before


def test_beside_a_payment_in_another_currency_one_in_the_invoices_own_is_taken_off(site: Site) -> None:
    post(site, ACME)
    site.simulator.pay(ACME.external_ref, Decimal("428.68"), FIRST_OF_NOVEMBER)
    payment_beside(site, ACME).currency = "USDN"
    site.clock.instant -= timedelta(days=1)
    site.simulator.pay(ACME.external_ref, Decimal("28.68"), FIRST_OF_NOVEMBER)

    (found,) = last_of(site, "").settlements

    assert (found.status, str(found.open_amount)) == (PARTLY_PAID, "1400.00 EUR")
    assert found.changed_at == datetime(2026, 10, 31, tzinfo=UTC)


def post(site: Site, *documents: PostingDocument) -> None:
    for document in documents:
        assert isinstance(site.erp.submit(document), Posted)


def a_memo_of(site: Site, invoice: PostingDocument, *, net: str, tax: str) -> PostingDocument:
    """Post an invoice and a credit memo of it."""
    posted = site.erp.submit(invoice)
    assert isinstance(posted, Posted)
    name = f"{invoice.posting_id}/credit/sla-7"
    memo = a_credit_memo(of_invoice=posted.ref.value, posting_id=name, net=net, tax=tax)
    memo = replace(memo, corrects=CorrectedDocument(human_number=invoice.human_number, erp_ref=posted.ref.value))
    assert isinstance(site.erp.submit(memo), Posted)
    return memo


def typed_by_a_person(site: Site, memo: PostingDocument, *, names: PostingDocument | None = None) -> None:
    """Have a credit memo carry no key and no assignment of ours; it may name an invoice as a payment does."""
    entry = entry_of(site, memo)
    entry.document_reference = "GUTSCHRIFT 7"
    for item in entry.customer_items():
        item.assignment = ""
        if names is not None:
            invoice = entry_of(site, names)
            item.pays_for, item.pays_for_year = invoice.number, invoice.fiscal_year


def credited(site: Site) -> dict[str, str]:
    """Return what credit memos took of each invoice."""
    found = [one for page in pages_since(site, "") for one in page.settlements]
    return {one.external_ref: str(one.credited) for one in found if one.kind is DocumentKind.INVOICE}


def pay(site: Site, document: PostingDocument) -> None:
    site.simulator.pay(document.external_ref, GROSS, FIRST_OF_NOVEMBER)


def entry_of(site: Site, document: PostingDocument) -> AccountingDocument:
    entries = site.simulator.books_of("1010").documents
    (found,) = (entry for entry in entries if entry.document_reference == document.external_ref)
    return found


def payment_beside(site: Site, invoice: PostingDocument) -> AccountingDocument:
    number = entry_of(site, invoice).number
    entries = site.simulator.books_of("1010").documents
    (found,) = (entry for entry in entries if any(item.pays_for == number for item in entry.items))
    return found


def enter_on(site: Site, document: PostingDocument, day: date) -> None:
    for item in entry_of(site, document).customer_items():
        assert item.clearing is not None
        item.clearing.entered_on = day


def page_of(site: Site, cursor: str) -> SettlementPage:
    page = site.erp.settlements(cursor)
    assert isinstance(page, SettlementPage), page
    return page


def pages_since(site: Site, cursor: str) -> Iterator[SettlementPage]:
    for _ in range(20):
        page = page_of(site, cursor)
        yield page
        cursor = page.next_cursor
        if page.complete:
            return
    raise AssertionError("the pages have no end")


def last_of(site: Site, cursor: str) -> SettlementPage:
    """Read a pass to its end and return it as one page."""
    pages = list(pages_since(site, cursor))
    found: list[Settlement] = [one for page in pages for one in page.settlements]
    return SettlementPage(settlements=tuple(found), next_cursor=pages[-1].next_cursor, complete=True)


def statuses(page: SettlementPage) -> dict[str, SettlementStatus]:
    return {one.external_ref: one.status for one in page.settlements}


def told(site: Site) -> dict[str, tuple[SettlementStatus, str]]:
    return {one.external_ref: (one.status, str(one.open_amount)) for one in last_of(site, "").settlements}
