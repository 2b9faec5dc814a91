"""What only Fusion's receivables do: undocumented refusals, shifted dates, hidden rows, payments without a feed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.adapters.http.transport import MAX_REPLY_BYTES
from shared.domain.identifiers import PostingId, ProductId
from shared.domain.master_data.catalog import DimensionMapping
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, external_ref
from shared.domain.posting.outcome import (
    Absent,
    Draft,
    Duplicate,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
    Uncertain,
)
from shared.domain.posting.readings import (
    NotSupported,
    PeriodReading,
    ReferenceItem,
    ReferenceKind,
    SettlementPage,
    SettlementStatus,
)
from shared.ports.erp import ReadableErp
from simulators.erp import Fault
from tests.builders.posting import TENANT, a_credit_memo, a_document, eur, in_dollars
from tests.contract.erp.fusion_site import UNIT, FusionSite, fusion_site
from tests.contract.erp.traffic import Traffic, recorded
from tests.contract.one_address import Switchboard, one_address


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with one_address() as board:
        yield board


@pytest.fixture
def site(board: Switchboard) -> FusionSite:
    return fusion_site(board)


def test_where_invoices_must_be_complete_they_are_posted_at_once(site: FusionSite) -> None:
    site.set_up(incomplete_on_create=False)

    refused = site.erp.submit(a_document())
    assert isinstance(refused, Rejected)
    assert refused.code == "AR-857798"

    site.with_settings(create_as="Complete")
    assert isinstance(site.erp.submit(a_document()), Posted)
    assert site.posted() == [a_document().external_ref]


def test_our_key_goes_where_the_mapping_says(site: FusionSite) -> None:
    site.with_settings(key_field="TransactionNumber", line_flexfield="U2C")

    outcome = site.post(a_document())

    assert isinstance(outcome, Posted)
    located = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(located, Found)
    assert (located.document.number, differences(a_document(), located.document)) == (a_document().external_ref, ())
    assert located.document.human_number == "DE-000001"
    (stored,) = site.books.transactions.values()
    assert stored["CrossReference"] == "DE-000001"
    assert stored["_receivablesInvoiceLines"][1]["_receivablesInvoiceLineTransactionDFF"] == [
        {"__FLEX_Context": "U2C", "documentId": a_document().external_ref, "lineNo": "2"}
    ]
    assert "acme-2026/2026-10/r1" in stored["Comments"]


def test_our_number_is_read_from_the_comments_where_the_source_numbers_by_itself(site: FusionSite) -> None:
    site.with_settings(numbering="erp")
    site.set_up(automatic_numbers=True)
    invoice = site.post(a_document())
    assert isinstance(invoice, Posted)
    memo = a_credit_memo(of_invoice=invoice.ref.value)

    credited = site.post(memo)

    assert isinstance(credited, Posted)
    for document, ref in ((a_document(), invoice.ref), (memo, credited.ref)):
        found = site.erp.read(ref, document.kind)
        assert isinstance(found, PostedDocument)
        assert (found.human_number, found.number != document.human_number) == (document.human_number, True)


def test_what_does_not_fit_is_refused_a_number_only_where_it_is_ours(site: FusionSite) -> None:
    document = replace(a_document(), human_number="DE-2026-000000000000001")

    refused = site.erp.submit(document)
    assert isinstance(refused, Rejected)
    assert refused.code == "TEXT_TOO_LONG"

    site.with_settings(numbering="erp")
    assert isinstance(site.post(document), Posted)
    refused = site.erp.submit(replace(a_document(), lines=a_document().lines * 251))
    assert isinstance(refused, Rejected)
    assert refused.code == "TOO_MANY_LINES"


def test_dimensions_go_into_the_segments_of_the_revenue_account(site: FusionSite) -> None:
    region = DimensionMapping(field="SEGMENT2", values={ProductId("api"): "EMEA"})
    site.entity = replace(site.entity, erp=replace(site.entity.erp, dimensions={"region": region}))
    site.books.setup = replace(site.books.setup, dimensions={"SEGMENT2": frozenset({"EMEA"})})
    lines = a_document().lines
    document = replace(a_document(), lines=(replace(lines[0], dimensions=(("region", "EMEA"),)), lines[1]))

    told = "no mapping for dimension region (account_combination has no place for SEGMENT2)"
    site.with_settings("account_combination")
    assert site.erp.submit(document) == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", told)
    site.with_settings(account_combination="{account}")
    assert site.erp.submit(document) == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", told)
    site.with_settings(account_combination="{account}.{SEGMENT2:000}")
    assert isinstance(site.post(document), Posted)
    (stored,) = site.books.transactions.values()
    assert [line["_account"] for line in stored["_receivablesInvoiceLines"]] == ["4400", "4410"]


def test_without_a_tax_regime_fusion_works_the_tax_out_and_a_cent_is_seen(site: FusionSite) -> None:
    site.with_settings("tax_regime")
    assert isinstance(site.post(a_document()), Posted)  # 228.10 and 0.01 by line are 228.11 too
    document = a_document(posting_id="acme-2026/2026-12/r1", number="DE-000003")
    lines = tuple(replace(document.lines[0], line_no=number, amount=eur("0.03")) for number in (1, 2, 3))
    taxes = (replace(document.taxes[0], base=eur("0.09"), amount=eur("0.02")),)
    three_cents = replace(document, lines=lines, taxes=taxes, net=eur("0.09"), tax=eur("0.02"), gross=eur("0.11"))
    by_line = site.post(three_cents)
    assert isinstance(by_line, Rejected)
    assert "tax is 0.03 EUR in the ERP, 0.02 EUR here" in by_line.text

    site.simulator.faults.script(Fault.TAX_CENT_OFF, operation="create_invoice")
    refused = site.post(a_document(posting_id="acme-2026/2026-11/r1", number="DE-000002"))

    assert isinstance(refused, Rejected)
    assert (refused.code, "tax is 228.12 EUR" in refused.text) == ("DRAFT_DIFFERS", True)


def test_a_foreign_currency_is_booked_at_our_rate(site: FusionSite) -> None:
    document = in_dollars(a_document())

    outcome = site.post(document)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert (found.exchange_rate, differences(document, found)) == (document.exchange_rate, ())


def test_a_date_that_is_shifted_is_seen_in_the_draft_or_in_what_is_read_back(site: FusionSite) -> None:
    site.simulator.faults.script(Fault.DATE_ADJUSTED, operation="create_invoice")
    refused = site.post(a_document())
    assert isinstance(refused, Rejected)
    assert refused.text == "accounting period is 2026-11 in the ERP, 2026-10 here"

    other = a_document(posting_id="acme-2026/2026-11/r1", number="DE-000002")
    site.simulator.faults.script(Fault.DATE_ADJUSTED, operation="complete_invoice")
    outcome = site.post(other)
    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert found.accounting_period == "2026-11"


def test_what_an_undocumented_refusal_means_is_asked_of_fusion_itself(site: FusionSite) -> None:
    site.set_up(duplicate_numbers=False)
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)

    assert site.erp.submit(a_document()) == Duplicate()

    site.simulator.set_period_status(UNIT, application=222, month="2026-10", status="C")
    refused = site.erp.advance(draft.ref, a_document())
    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.PERIOD


def test_a_refusal_after_which_nobody_can_look_the_document_up_may_be_that_of_a_duplicate(site: FusionSite) -> None:
    site.set_up(duplicate_numbers=False)
    assert isinstance(site.erp.submit(a_document()), Draft)
    site.simulator.faults.script(Fault.GATEWAY_PAGE, operation="find_invoices")

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Uncertain)
    assert outcome.reason.startswith("AR-SIM-")
    assert outcome.reason.endswith("; whether it is there nobody could see: status 502")
    assert site.erp.submit(a_document()) == Duplicate()


def test_a_refusal_to_complete_after_which_nobody_can_read_the_draft_may_be_of_one_that_is_complete(
    site: FusionSite,
) -> None:
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)
    site.simulator.set_period_status(UNIT, application=222, month="2026-10", status="C")
    site.simulator.faults.script(None, Fault.GATEWAY_PAGE, operation="get_invoice")

    outcome = site.erp.advance(draft.ref, a_document())

    assert isinstance(outcome, Uncertain)
    assert outcome.reason.startswith("AR-SIM-")
    assert outcome.reason.endswith("; whether it is posted nobody could see: status 502")
    assert isinstance(site.erp.advance(draft.ref, a_document()), Rejected)  # it can be read again: it is not complete


def test_a_refusal_of_what_is_not_there_stays_one(site: FusionSite) -> None:
    site.simulator.faults.script(Fault.UNKNOWN_REFUSAL, operation="create_invoice")

    assert site.erp.submit(a_document()) == Rejected(
        RejectionKind.VALIDATION, "ZX_4711_NEVER_SEEN", "ZX_4711_NEVER_SEEN happened."
    )


def test_a_lost_reply_to_completing_is_posted_when_it_is_advanced_again(site: FusionSite) -> None:
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="complete_invoice")

    assert isinstance(site.erp.advance(draft.ref, a_document()), Uncertain)
    assert site.erp.advance(draft.ref, a_document()) == Posted(draft.ref)
    assert len(site.posted()) == 1


def test_text_without_a_code_and_maintenance_say_nothing_of_a_write(site: FusionSite) -> None:
    for fault in (Fault.PLAIN_TEXT_ERROR, Fault.MAINTENANCE):
        site.simulator.faults.script(fault, operation="create_invoice")
        assert isinstance(site.erp.submit(a_document()), Uncertain)
    site.simulator.faults.script(Fault.MAINTENANCE, operation="find_customers")
    assert site.erp.submit(a_document()) == Throttled()
    assert site.simulator.documents() == ()


def test_what_may_not_be_seen_is_not_absent_and_is_told(site: FusionSite) -> None:
    erp = site.erp
    site.post(a_document())
    assert erp.check_connection().is_well

    site.simulator.grant(UNIT, granted=False)

    for kind in DocumentKind:
        assert isinstance(site.erp.locate(a_document().external_ref, kind), LookupFailed)
    problems = erp.check_connection().problems
    assert [problem.partition(" is in no list")[0] for problem in problems] == [
        "the business unit Acme BU",
        "the ledger 300000046975971",
        "any period of the ledger 300000046975971",
    ]
    refused = site.erp.submit(a_document(posting_id="acme-2026/2026-11/r1", number="DE-000002"))
    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.PERMISSION


def test_customers_are_only_looked_up_unless_the_mapping_says_where_to_create_them(site: FusionSite) -> None:
    erp = site.erp
    site.with_settings("customer_creation")

    refused = site.erp.submit(a_document())
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.code) == (RejectionKind.MAPPING, "CUSTOMER_MISSING")
    site.simulator.add_customer(UNIT, number="ACME", name="Acme Corp")
    site.simulator.add_customer(UNIT, number="10060", name="Acme Corp")

    assert isinstance(site.post(a_document()), Posted)
    found = erp.find_customers(a_document().party)
    assert not isinstance(found, LookupFailed)
    assert [(one.key, one.linked) for one in found] == [("ACME", True), ("10060", False)]


def test_periods_are_told_for_each_application(site: FusionSite) -> None:
    erp = site.erp
    site.simulator.set_period_status(UNIT, application=222, month="2026-10", status="P")

    def status(kind: DocumentKind, month: str) -> PeriodStatus:
        periods = erp.periods(kind)
        assert isinstance(periods, tuple)
        assert list(periods) == sorted(periods, key=lambda period: period.name)
        (period,) = (one for one in periods if one.name == month)
        assert isinstance(period, PeriodReading)
        return period.status

    assert status(DocumentKind.INVOICE, "2026-10") is PeriodStatus.CLOSED
    assert status(DocumentKind.JOURNAL, "2026-10") is PeriodStatus.OPEN
    assert status(DocumentKind.CREDIT_MEMO, "2026-12") is PeriodStatus.OPEN  # future-enterable


def test_payments_are_found_by_going_through_all_of_ours(site: FusionSite) -> None:
    erp = site.erp
    posted = site.post(a_document())
    assert isinstance(posted, Posted)
    site.post(a_credit_memo(of_invoice=posted.ref.value))
    site.clock.instant += timedelta(hours=1)

    seen, cursor = walk(erp, "")
    assert seen == {
        a_document().external_ref: (SettlementStatus.OPEN, Decimal("1428.68")),
        a_credit_memo(of_invoice="1").external_ref: (SettlementStatus.OPEN, Decimal("119.00")),
    }
    site.clock.instant += timedelta(days=1)
    site.simulator.pay(a_document().external_ref, Decimal("428.68"), date(2026, 11, 2))
    site.clock.instant += timedelta(hours=1)
    seen, cursor = walk(erp, cursor)
    assert seen == {a_document().external_ref: (SettlementStatus.PARTLY_PAID, Decimal("1000.00"))}
    site.clock.instant += timedelta(days=1)
    assert walk(erp, cursor)[0] == {}
    site.simulator.pay(a_document().external_ref, Decimal("1000.00"), date(2026, 11, 3))
    assert walk(erp, "")[0][a_document().external_ref] == (SettlementStatus.PAID, Decimal("0.00"))


def test_a_payment_is_told_although_another_transaction_leaves_the_list_while_it_is_walked(
    site: FusionSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.erp.oracle_fusion.settlements.PAGE", 2)
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(5)]
    for document in documents:
        site.post(document)
    _, cursor = walk(site.erp, "")
    site.clock.instant += timedelta(hours=1)
    paid = documents[2]  # the first of the second page
    site.simulator.pay(paid.external_ref, paid.gross.amount, date(2026, 11, 2))

    first_page = site.erp.settlements(cursor)
    assert isinstance(first_page, SettlementPage)
    next(iter(site.books.transactions.values()))["InvoiceStatus"] = "Incomplete"  # somebody corrects it

    assert walk(site.erp, first_page.next_cursor)[0][paid.external_ref] == (SettlementStatus.PAID, Decimal("0.00"))


def test_of_thousands_of_invoices_a_later_walk_asks_for_those_alone_that_have_changed(
    site: FusionSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.post(a_document())
    in_bulk(site, 2_500)
    site.clock.instant += timedelta(days=2)
    with recorded(monkeypatch) as traffic:
        seen, cursor = walk(site.erp, "")
    assert len(seen) == 2_500
    assert lists_asked(traffic) == 6 * ["receivablesInvoices"] + ["receivablesCreditMemos"]  # 499 a page
    assert max(len(reply.body) for _, reply in traffic.calls) < MAX_REPLY_BYTES / 10

    site.simulator.pay(a_document().external_ref, Decimal("428.68"), date(2026, 11, 2))
    site.clock.instant += timedelta(hours=1)
    with recorded(monkeypatch) as traffic:
        seen, _ = walk(site.erp, cursor)
    assert seen == {a_document().external_ref: (SettlementStatus.PARTLY_PAID, Decimal("1000.00"))}
    assert lists_asked(traffic) == ["receivablesInvoices", "receivablesCreditMemos"]
    assert traffic.calls[-2][1].json()["count"] == 1


def test_what_a_filter_has_missed_the_first_walk_of_the_next_day_tells(site: FusionSite) -> None:
    site.post(a_document())
    _, cursor = walk(site.erp, "")
    site.clock.instant += timedelta(hours=30)
    _, cursor = walk(site.erp, cursor)
    site.clock.instant += timedelta(hours=2)
    (invoice,) = site.books.transactions.values()
    invoice["InvoiceBalanceAmount"] = Decimal("0.00")  # and its installment does not say when
    invoice["LastUpdateDate"] = site.books.timestamp()

    seen, cursor = walk(site.erp, cursor)
    assert seen == {}
    site.clock.instant += timedelta(hours=1)
    seen, cursor = walk(site.erp, cursor)
    assert seen == {}

    site.clock.instant += timedelta(days=1)
    assert walk(site.erp, cursor)[0] == {a_document().external_ref: (SettlementStatus.PAID, Decimal("0.00"))}


def test_a_release_that_does_not_filter_by_installments_is_walked_from_end_to_end(site: FusionSite) -> None:
    site.set_up(filters_by_children=False)
    site.post(a_document())
    site.post(a_document(posting_id="acme/2/r1", number="DE-2"))
    site.clock.instant += timedelta(hours=1)
    _, cursor = walk(site.erp, "")
    site.clock.instant += timedelta(hours=1)
    site.simulator.pay(a_document().external_ref, Decimal("1428.68"), date(2026, 11, 2))

    assert walk(site.erp, cursor)[0] == {a_document().external_ref: (SettlementStatus.PAID, Decimal("0.00"))}


@pytest.mark.parametrize("balance", ["-50.00", "-1428.68"])
def test_what_is_paid_beyond_an_invoice_is_told_as_such(site: FusionSite, balance: str) -> None:
    site.post(a_document())
    (invoice,) = site.books.transactions.values()
    invoice["InvoiceBalanceAmount"] = Decimal(balance)

    assert walk(site.erp, "")[0][a_document().external_ref] == (SettlementStatus.PARTLY_PAID, Decimal(balance))


@pytest.mark.parametrize("rows", [100, 1])
@pytest.mark.parametrize("reference", ["PO-2026-03-00017", None])
def test_a_transaction_of_a_person_s_in_our_source_is_passed_over_whatever_its_currency(
    site: FusionSite, monkeypatch: pytest.MonkeyPatch, rows: int, reference: str | None
) -> None:
    monkeypatch.setattr("shared.adapters.erp.oracle_fusion.settlements.PAGE", rows)
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(3)]
    for document in documents:
        site.post(document)
    _, theirs, _ = site.books.transactions.values()
    theirs |= {"CrossReference": reference, "InvoiceCurrencyCode": "HRK"}

    assert list(walk(site.erp, "")[0]) == [documents[0].external_ref, documents[2].external_ref]


def test_a_transaction_of_ours_in_a_currency_that_nobody_knows_is_not_passed_over(site: FusionSite) -> None:
    site.post(a_document())
    (ours,) = site.books.transactions.values()
    ours["InvoiceCurrencyCode"] = "HRK"

    assert site.erp.settlements("") == LookupFailed("what is open of DE-000001 cannot be read")


def test_a_mapping_is_checked_against_the_lists_that_it_names(site: FusionSite) -> None:
    site.with_settings("items_list")
    assert isinstance(site.erp.reference(ReferenceKind.ITEMS), NotSupported)

    site.with_settings(
        items_list="memoLinesLOV:MemoLineName:Description",
        accounts_list="memoLinesLOV",
        tax_codes_list="taxClassificationsLOV:Code:Meaning",
    )
    erp = site.erp
    assert erp.reference(ReferenceKind.ITEMS) == (
        ReferenceItem("API calls", "Memo line API calls"),
        ReferenceItem("Storage", "Memo line Storage"),
    )
    dimensions = erp.reference(ReferenceKind.DIMENSIONS)
    assert isinstance(dimensions, tuple)
    assert dimensions[0].key == "SEGMENT2=4"
    assert isinstance(erp.reference(ReferenceKind.ACCOUNTS), NotSupported)
    assert isinstance(erp.reference(ReferenceKind.TAX_CODES), LookupFailed)


def test_a_document_of_another_kind_is_absent(site: FusionSite) -> None:
    site.post(a_document())

    assert site.erp.locate(a_document().external_ref, DocumentKind.JOURNAL) == Absent()


def lists_asked(traffic: Traffic) -> list[str]:
    asked = [request.url.partition("?")[0].rpartition("/")[2] for request, _ in traffic.calls]
    return [name for name in asked if name.startswith("receivables")]


def in_bulk(site: FusionSite, count: int) -> None:
    """Have as many invoices as the one there is, each under a key of ours: through the API it would take minutes."""
    (like,) = site.books.transactions.values()
    (installment,) = like["_receivablesInvoiceInstallments"]
    for place in range(1, count):
        transaction_id = site.books.numbers.next()
        site.books.transactions[transaction_id] = {
            **like,
            "CustomerTransactionId": transaction_id,
            "TransactionNumber": f"DE-{place}",
            "CrossReference": external_ref(tenant=TENANT, posting_id=PostingId(f"acme/{place}/r1")),
            "_receivablesInvoiceInstallments": [dict(installment)],
        }


def walk(erp: ReadableErp, cursor: str) -> tuple[dict[str, tuple[SettlementStatus, Decimal]], str]:
    """Return what all pages from a cursor on say, and the cursor of the next poll."""
    seen: dict[str, tuple[SettlementStatus, Decimal]] = {}
    while True:
        page = erp.settlements(cursor)
        assert isinstance(page, SettlementPage)
        seen |= {one.external_ref: (one.status, one.open_amount.amount) for one in page.settlements}
        cursor = page.next_cursor
        if page.complete:
            return seen, cursor
