"""What only Tryton does: on its simulator in `make test`, and on a Tryton that runs in `make test-tryton`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from shared.adapters.erp.tryton.values import as_json, in_url
from shared.domain.identifiers import CustomerId, ExternalRef
from shared.domain.money import Money, currency
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingTax
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    Draft,
    ErpRef,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
    Ticket,
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
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document, a_journal, eur, in_dollars, in_dollars_journal
from tests.contract.erp.conftest import OpenSite, PostingSite

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def tryton(open_site: OpenSite) -> PostingSite:
    return open_site("tryton")


def posted(site: PostingSite, document: PostingDocument | Journal) -> ErpRef:
    outcome = site.finish(site.erp.submit(document), document)
    assert isinstance(outcome, Posted), outcome
    return outcome.ref


def standing(site: PostingSite, cursor: str = "") -> Mapping[str, tuple[SettlementStatus, str]]:
    page = site.erp.settlements(cursor)
    assert isinstance(page, SettlementPage)
    assert page.complete
    return {one.external_ref: (one.status, str(one.open_amount.amount)) for one in page.settlements}


def told_by_all_pages(site: PostingSite, cursor: str) -> tuple[Mapping[str, SettlementStatus], str]:
    """Return what a poll tells, and where the next one begins."""
    told: dict[str, SettlementStatus] = {}
    for _ in range(10):
        page = site.erp.settlements(cursor)
        assert isinstance(page, SettlementPage)
        told |= {one.external_ref: one.status for one in page.settlements}
        cursor = page.next_cursor
        if page.complete:
            return told, cursor
    raise AssertionError("the pages have no end")


def test_the_connection_of_a_poster_is_well(tryton: PostingSite) -> None:
    assert tryton.erp.check_connection().problems == ()

    tryton.change_secret({"password": "forgotten"})
    tryton.clock.instant += timedelta(minutes=6)
    (problem,) = tryton.erp.check_connection().problems
    assert problem.startswith("JSON-RPC: erp/tryton refuses the password")

    tryton.change_secret({"key": "cancelled"})
    tryton.clock.instant += timedelta(minutes=6)
    (problem,) = tryton.erp.check_connection().problems
    assert "an administrator of Tryton" in problem


def test_a_journal_is_drafted_posted_and_read_back(tryton: PostingSite) -> None:
    journal = a_journal()

    ref = posted(tryton, journal)

    found = tryton.erp.read(ref, DocumentKind.JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(journal, found) == ()
    assert tryton.erp.locate(journal.external_ref, DocumentKind.JOURNAL) == Found(found)
    assert tryton.erp.advance(ref, journal) == Posted(ref)  # again: it is in the ledger
    assert tryton.simulator.ledger.trial_balance(company="1") == {
        ("1250", "EUR"): Decimal("300.00"),
        ("4400", "EUR"): Decimal("-300.00"),
    }


def test_a_journal_into_a_closed_period_is_a_rejection_of_its_own_kind(tryton: PostingSite) -> None:
    outcome = tryton.erp.submit(a_journal(posted_on=date(2026, 9, 30)))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD


def test_a_journal_in_another_currency_or_of_an_unknown_customer_is_rejected_before_anything_is_sent(
    tryton: PostingSite,
) -> None:
    in_dollars = tryton.erp.submit(in_dollars_journal(a_journal()))
    owed = a_journal()
    owed = replace(owed, lines=(replace(owed.lines[0], customer_id=CustomerId("globex")), owed.lines[1]))

    assert isinstance(in_dollars, Rejected)
    assert in_dollars.code == "FOREIGN_CURRENCY"
    assert tryton.erp.submit(owed) == Rejected(
        RejectionKind.MAPPING, "CUSTOMER_MISSING", "Tryton has no party for customer globex"
    )
    assert tryton.simulator.faults.writes == 0


def test_an_unbalanced_entry_under_our_key_is_refused_by_the_ledger(tryton: PostingSite) -> None:
    """Tryton takes it as a draft: it checks the balance when it is posted."""
    journal = a_journal()
    draft = tryton.erp.submit(journal)
    assert isinstance(draft, Draft)
    base = f"{tryton.secret['base_url']}/rest/model/account.move"
    headers = {"Authorization": f"Bearer {tryton.secret['key']}", "X-Tryton-Context": in_url({"company": 1})}
    with httpx.Client(headers=headers, timeout=30) as http:
        move = http.get(f"{base}/{draft.ref.value}?f=company&f=journal&f=period&f=date&f=lines.account").json()
        lines = [
            {"account": line["account"], "debit": debit, "credit": credit}
            for line, (debit, credit) in zip(move.pop("lines"), ((Decimal(300), 0), (0, Decimal(299))), strict=True)
        ]
        named = {name: move[name] for name in ("company", "journal", "period", "date")}
        told = {**named, "description": journal.external_ref, "lines": [["create", lines]]}
        unbalanced = ErpRef(str(http.post(base, content=as_json(told), headers=JSON).json()["id"]))

    outcome = tryton.erp.advance(unbalanced, journal)

    assert isinstance(outcome, Rejected)
    assert "must balance all its lines" in outcome.text
    assert tryton.posted() == []


def test_an_amount_has_no_more_digits_than_the_currency_of_the_books(tryton: PostingSite) -> None:
    refused = tryton.erp.submit(a_journal(amount="300.001"))

    assert isinstance(refused, Rejected)
    assert "The number of digits in the value" in refused.text
    assert tryton.erp.locate(a_journal().external_ref, DocumentKind.JOURNAL) == Absent()


def test_a_customer_s_receivable_is_booked_with_its_party(tryton: PostingSite) -> None:
    posted(tryton, a_document())
    journal = a_journal()
    against, revenue = journal.lines
    written_off = replace(
        journal, lines=(replace(against, account="receivable", customer_id=CustomerId("acme")), revenue)
    )

    posted(tryton, written_off)

    assert tryton.simulator.ledger.trial_balance(company="1")["1100", "EUR"] == Decimal("1728.68")


def test_the_same_document_sent_twice_is_two_documents_and_both_are_shown(tryton: PostingSite) -> None:
    for document in (a_document(), a_journal()):
        tryton.erp.submit(document)
        tryton.erp.submit(document)

        located = tryton.erp.locate(document.external_ref, document.kind)

        assert isinstance(located, Ambiguous)
        assert len(located.refs) == 2


def test_a_posting_whose_reply_was_lost_is_posted_when_it_is_advanced_again(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(a_document())
    assert isinstance(draft, Draft)
    tryton.simulator.faults.script(Fault.LOSE_REPLY, operation="post_invoice")

    assert isinstance(tryton.erp.advance(draft.ref, a_document()), Uncertain)
    assert tryton.erp.advance(draft.ref, a_document()) == Posted(draft.ref)
    assert len(tryton.posted()) == 1


def test_a_refusal_to_post_after_which_nobody_can_read_the_draft_may_be_of_one_that_is_posted(
    tryton: PostingSite,
) -> None:
    draft = tryton.erp.submit(a_document())
    assert isinstance(draft, Draft)
    tryton.simulator.set_posting_window("1", posting_from=date(2026, 11, 1), posting_to=None)
    tryton.simulator.faults.script(None, Fault.GATEWAY_PAGE, operation="get_invoice")

    outcome = tryton.erp.advance(draft.ref, a_document())

    assert isinstance(outcome, Uncertain)
    assert outcome.reason.startswith("400: To continue, you must reopen the period")
    assert outcome.reason.endswith("; whether it is posted nobody could see: status 502")
    assert isinstance(tryton.erp.advance(draft.ref, a_document()), Rejected)  # it can be read again: it is not posted


def test_a_draft_that_somebody_has_changed_is_not_posted(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(a_document())
    assert isinstance(draft, Draft)
    wanted = replace(a_document(), net=eur("1200.58"), gross=eur("1428.69"))

    outcome = tryton.erp.advance(draft.ref, wanted)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "DRAFT_DIFFERS"
    assert tryton.posted() == []


def test_tax_is_booked_as_we_worked_it_out_not_as_tryton_would_round_it(tryton: PostingSite) -> None:
    """19 % of 0.50 is 0.095: half to even it is 0.10, as it is half up; of 2.50 it is 0.475, half to even 0.48."""
    document = a_document()
    line = replace(document.lines[0], amount=eur("1.50"))  # 0.285: half up 0.29, half to even 0.28
    tax = PostingTax(code="VAT19", rate=Decimal("0.19"), base=eur("1.50"), amount=eur("0.29"))
    document = replace(document, lines=(line,), taxes=(tax,), net=eur("1.50"), tax=eur("0.29"), gross=eur("1.79"))

    ref = posted(tryton, document)

    found = tryton.erp.read(ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert differences(document, found) == ()


def test_a_document_in_another_currency_is_booked_at_tryton_s_own_rate(tryton: PostingSite) -> None:
    document = in_dollars(a_document())

    ref = posted(tryton, document)

    found = tryton.erp.read(ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert found.gross == document.gross
    assert found.exchange_rate is None  # it does not say: ours is not told to it either
    assert differences(document, found) == ()
    assert standing(tryton) == {document.external_ref: (SettlementStatus.OPEN, "1428.68")}


def test_an_invoice_that_is_due_in_the_past_and_dated_ahead_is_posted_all_the_same(tryton: PostingSite) -> None:
    """Both make Tryton ask the person who posts, which over REST looks like a refusal."""
    late = replace(a_document(), due_date=date(2026, 10, 31))
    ahead = a_document(posting_id="acme-2026/2026-12/r1", posting_date=date(2026, 12, 31), number="DE-2")

    posted(tryton, late)
    posted(tryton, replace(ahead, document_date=date(2026, 12, 31), due_date=date(2027, 1, 31)))

    assert len(tryton.posted()) == 2


def test_an_invoice_dated_before_one_that_has_its_number_is_refused(tryton: PostingSite) -> None:
    posted(tryton, a_document())
    earlier = a_document(posting_id="acme-2026/2026-09/r1", number="DE-0")

    outcome = tryton.post(replace(earlier, document_date=date(2026, 10, 30)))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    assert "has already been used" in outcome.text


def test_payments_and_credits_come_back(tryton: PostingSite) -> None:
    document = a_document()
    ref = posted(tryton, document)
    assert standing(tryton) == {document.external_ref: (SettlementStatus.OPEN, "1428.68")}

    tryton.simulator.pay(document.external_ref, Decimal("309.68"), date(2026, 11, 20))
    assert standing(tryton)[document.external_ref] == (SettlementStatus.PARTLY_PAID, "1119.00")

    memo = a_credit_memo(of_invoice=ref.value)
    posted(tryton, memo)
    assert standing(tryton)[document.external_ref] == (SettlementStatus.PARTLY_PAID, "1000.00")
    assert standing(tryton)[memo.external_ref] == (SettlementStatus.PAID, "0")

    tryton.simulator.pay(document.external_ref, Decimal("1000.00"), date(2026, 11, 20))
    assert {status for status, _ in standing(tryton).values()} == {SettlementStatus.CREDITED, SettlementStatus.PAID}
    assert {Decimal(left) for _, left in standing(tryton).values()} == {Decimal(0)}
    assert tryton.simulator.ledger.trial_balance(company="1") == {
        ("1200", "EUR"): Decimal("1309.68"),
        ("1776", "EUR"): Decimal("-209.11"),
        ("4400", "EUR"): Decimal("-1100.50"),
        ("4410", "EUR"): Decimal("-0.07"),
    }


def test_a_paid_and_a_cancelled_invoice_come_back_once_more_after_the_last_poll(tryton: PostingSite) -> None:
    paid, void = a_document(), a_document(posting_id="acme-2026/2026-11/r1", number="DE-2")
    posted(tryton, paid)
    posted(tryton, void)
    page = tryton.erp.settlements("")
    assert isinstance(page, SettlementPage)

    tryton.simulator.pay(paid.external_ref, Decimal("1428.68"), date(2026, 11, 20))
    tryton.simulator.void(void.external_ref, date(2026, 11, 20))

    assert standing(tryton, page.next_cursor) == {
        paid.external_ref: (SettlementStatus.PAID, "0"),
        void.external_ref: (SettlementStatus.VOIDED, "0"),
    }


@pytest.mark.parametrize("invoices", [4, 5], ids=["the last page is empty", "the last page has one invoice"])
def test_a_payment_that_was_being_booked_during_a_poll_of_several_pages_comes_with_the_next(
    tryton: PostingSite, monkeypatch: pytest.MonkeyPatch, invoices: int
) -> None:
    """Its invoice has the time at which the payment began, which is before that of the newest one that was told."""
    monkeypatch.setattr("shared.adapters.erp.tryton.settlements._PAGE", 2)
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(invoices)]
    for document in documents:
        tryton.clock.instant += timedelta(seconds=5)
        posted(tryton, document)
    _, cursor = told_by_all_pages(tryton, "")

    tryton.clock.instant -= timedelta(seconds=8)
    tryton.simulator.pay(documents[0].external_ref, documents[0].gross.amount, date(2026, 11, 3))
    tryton.clock.instant += timedelta(hours=1)

    told, _ = told_by_all_pages(tryton, cursor)
    assert told[documents[0].external_ref] is SettlementStatus.PAID


@pytest.mark.parametrize("later", [1, 3], ids=["one page is left", "two pages are left"])
def test_a_poll_that_was_cut_off_and_went_on_an_hour_later_leaves_out_nothing_of_that_hour(
    tryton: PostingSite, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    monkeypatch.setattr("shared.adapters.erp.tryton.settlements._PAGE", 2)
    documents = (a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(2 + later))
    first, second, *others = documents
    posted(tryton, first)
    posted(tryton, second)
    page = tryton.erp.settlements("")
    assert isinstance(page, SettlementPage)
    assert not page.complete

    tryton.clock.instant += timedelta(hours=1)
    for document in others:
        posted(tryton, document)
    _, cursor = told_by_all_pages(tryton, page.next_cursor)
    tryton.clock.instant -= timedelta(hours=1, seconds=3)
    tryton.simulator.pay(first.external_ref, first.gross.amount, date(2026, 11, 3))
    tryton.clock.instant += timedelta(hours=2)

    told, _ = told_by_all_pages(tryton, cursor)
    assert told[first.external_ref] is SettlementStatus.PAID


@pytest.mark.parametrize("rows", [100, 1])
def test_an_invoice_of_a_person_s_is_not_told_however_long_its_reference_is(
    tryton: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("shared.adapters.erp.tryton.settlements._PAGE", rows)
    first, theirs, second = (a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(3))
    for document in (first, replace(theirs, external_ref=ExternalRef("PO-2026-03-00017")), second):
        posted(tryton, document)

    told, _ = told_by_all_pages(tryton, "")

    assert list(told) == [first.external_ref, second.external_ref]


def test_a_credit_memo_of_the_whole_settles_both(tryton: PostingSite) -> None:
    document = a_document()
    ref = posted(tryton, document)
    memo = a_credit_memo(of_invoice=ref.value, net="1200.57", tax="228.11")

    memo_ref = posted(tryton, memo)

    assert standing(tryton) == {
        document.external_ref: (SettlementStatus.CREDITED, "0"),
        memo.external_ref: (SettlementStatus.PAID, "0"),
    }
    assert tryton.erp.advance(memo_ref, memo) == Posted(memo_ref)  # again: nothing is set off twice
    assert tryton.simulator.ledger.trial_balance(company="1") == {  # the seven cents were of another product
        ("4400", "EUR"): Decimal("0.07"),
        ("4410", "EUR"): Decimal("-0.07"),
    }


def test_a_credit_memo_that_cannot_be_set_off_is_in_the_ledger_and_shows_as_open(tryton: PostingSite) -> None:
    document = a_document()
    ref = posted(tryton, document)
    tryton.simulator.pay(document.external_ref, Decimal("1428.68"), date(2026, 11, 20))
    memo = a_credit_memo(of_invoice=ref.value)

    posted(tryton, memo)

    assert standing(tryton)[memo.external_ref] == (SettlementStatus.OPEN, "119.00")


def test_a_memo_whose_setting_off_lost_its_reply_is_posted_and_set_off_by_the_next_advance(tryton: PostingSite) -> None:
    memo = a_credit_memo(of_invoice=posted(tryton, a_document()).value)
    tryton.simulator.faults.script(Fault.UNAVAILABLE, operation="change_invoice")

    ref = posted(tryton, memo)
    assert standing(tryton)[memo.external_ref] == (SettlementStatus.OPEN, "119.00")

    tryton.erp.advance(ref, memo)
    assert standing(tryton)[memo.external_ref] == (SettlementStatus.PAID, "0")


def test_a_wrong_password_keeps_a_question_from_being_answered(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(replace(a_document(), due_date=date(2026, 10, 30)))
    assert isinstance(draft, Draft)
    tryton.change_secret({"password": "forgotten"})
    tryton.clock.instant += timedelta(minutes=6)

    outcome = tryton.erp.advance(draft.ref, replace(a_document(), due_date=date(2026, 10, 30)))

    assert isinstance(outcome, AuthFailed)
    assert tryton.posted() == []


def test_a_lock_that_tryton_could_not_get_is_no_processing(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(a_document())
    assert isinstance(draft, Draft)
    tryton.simulator.faults.script(Fault.THROTTLE, operation="post_invoice")

    assert tryton.erp.advance(draft.ref, a_document()) == Throttled()
    assert tryton.erp.advance(draft.ref, a_document()) == Posted(draft.ref)


def test_what_a_mapping_may_name_is_read(tryton: PostingSite) -> None:
    accounts = tryton.erp.reference(ReferenceKind.ACCOUNTS)
    assert isinstance(accounts, tuple)
    assert [item.key for item in accounts] == ["1100", "1200", "1250", "1776", "4400", "4410", "6980"]
    tax_codes = tryton.erp.reference(ReferenceKind.TAX_CODES)
    assert isinstance(tax_codes, tuple)
    assert ReferenceItem("VAT19", "VAT19") in tax_codes
    currencies = tryton.erp.reference(ReferenceKind.CURRENCIES)
    assert isinstance(currencies, tuple)
    assert {"EUR", "USD"} <= {item.key for item in currencies}
    for kind in (ReferenceKind.ITEMS, ReferenceKind.DIMENSIONS):
        assert isinstance(tryton.erp.reference(kind), NotSupported)


def test_periods_are_read_as_they_are(tryton: PostingSite) -> None:
    tryton.simulator.set_posting_window("1", posting_from=date(2026, 11, 1), posting_to=None)

    for kind in DocumentKind:
        periods = tryton.erp.periods(kind)
        assert isinstance(periods, tuple)
        assert PeriodReading("2026-10", PeriodStatus.CLOSED) in periods
        assert PeriodReading("2026-11", PeriodStatus.OPEN) in periods


def test_a_period_that_closes_between_draft_and_post_leaves_the_draft_out_of_the_ledger(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(a_document())
    assert isinstance(draft, Draft)
    tryton.simulator.set_posting_window("1", posting_from=date(2026, 11, 1), posting_to=None)

    outcome = tryton.erp.advance(draft.ref, a_document())

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    tryton.simulator.set_posting_window("1", posting_from=date(2026, 10, 1), posting_to=None)
    assert tryton.erp.advance(draft.ref, a_document()) == Posted(draft.ref)


def test_a_discarded_draft_of_a_journal_is_gone(tryton: PostingSite) -> None:
    draft = tryton.erp.submit(a_journal())
    assert isinstance(draft, Draft)

    tryton.erp.discard(draft.ref, DocumentKind.JOURNAL)

    assert tryton.erp.locate(a_journal().external_ref, DocumentKind.JOURNAL) == Absent()


def test_customers_are_found_by_code_name_and_tax_id(tryton: PostingSite) -> None:
    party = a_document().party
    assert tryton.erp.find_customers(party) == ()
    ready = tryton.erp.ensure_customer(party, currency("EUR"))
    assert tryton.erp.ensure_customer(party, currency("EUR")) == ready
    tryton.erp.ensure_customer(
        replace(party, customer_id=CustomerId("acme-2"), tax_id="", email="", name="ACME CORP"), currency("EUR")
    )

    found = tryton.erp.find_customers(party)

    assert isinstance(found, tuple)
    by_key = {one.key: one for one in found}
    assert sorted(by_key) == ["ACME", "ACME-2"]
    assert by_key["ACME"].linked
    assert (by_key["ACME"].tax_id, by_key["ACME"].email) == ("DE811907980", "ap@acme.example")
    assert not by_key["ACME-2"].linked


def test_an_archived_party_is_for_a_person_and_takes_documents_again_once_it_is_in_use(tryton: PostingSite) -> None:
    """Tryton shows it to no search that does not ask for it, and lets no other party have its code."""
    document, journal = a_document(), a_journal()
    tryton.erp.ensure_customer(document.party, currency("EUR"))
    owed = replace(journal.lines[0], account="receivable", customer_id=document.party.customer_id)

    tryton.simulator.set_party_active("ACME", active=False)

    blocked = Rejected(
        RejectionKind.CONFIGURATION,
        "CUSTOMER_BLOCKED",
        "the party ACME of customer acme is archived in Tryton: set it to active there",
    )
    assert tryton.erp.submit(document) == blocked
    assert tryton.erp.submit(replace(journal, lines=(owed, journal.lines[1]))) == blocked
    assert tryton.erp.ensure_customer(document.party, currency("EUR")) == blocked
    tryton.simulator.set_party_active("ACME", active=True)
    posted(tryton, document)


def test_an_untaxed_line_has_no_tax_to_book(tryton: PostingSite) -> None:
    document = a_document()
    free = replace(document.lines[0], tax_rate=Decimal(0))
    untaxed = PostingTax(code="VAT19", rate=Decimal(0), base=free.amount, amount=Money.zero(currency("EUR")))
    document = replace(
        document, lines=(free,), taxes=(untaxed,), net=free.amount, tax=untaxed.amount, gross=free.amount
    )

    outcome = tryton.post(document)

    assert isinstance(outcome, Rejected)  # a code whose rate in Tryton is another one would be booked with tax
    assert outcome.code == "DRAFT_DIFFERS"


def test_tryton_gives_no_tickets(tryton: PostingSite) -> None:
    assert isinstance(tryton.erp.poll(Ticket("1"), a_document()), Uncertain)


def test_a_chart_of_many_pages_is_read_to_its_end(tryton: PostingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.erp.tryton.reference._PAGE", 2)

    accounts = tryton.erp.reference(ReferenceKind.ACCOUNTS)

    assert isinstance(accounts, tuple)
    assert [item.key for item in accounts] == ["1100", "1200", "1250", "1776", "4400", "4410", "6980"]
