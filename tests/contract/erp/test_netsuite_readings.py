"""What NetSuite shows: settlements, periods, customers, reference data, its connection, and jobs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId
from shared.domain.money import currency
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Accepted,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)
from shared.domain.posting.readings import (
    CustomerReady,
    PeriodReading,
    ReferenceItem,
    ReferenceKind,
    SettlementStatus,
)
from simulators.erp import Fault
from simulators.erp.netsuite.jobs_api import JobsApi
from simulators.http.exchange import Call, Refusal, Reply
from tests.builders.posting import a_credit_memo, a_document, a_journal
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.told import listed, settled, statuses

DUE = date(2026, 11, 30)


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    return open_site("netsuite")


def test_payments_credits_and_voids_are_told_anew(site: PostingSite) -> None:
    paid, credited, voided = (a_document(posting_id=f"acme/{name}/r1", number=f"DE-{name}") for name in "abc")
    refs = [site.post(document) for document in (paid, credited, voided)]
    assert isinstance(refs[1], Posted)
    before = settled(site)
    assert {one.status for one in before.settlements} == {SettlementStatus.OPEN}
    site.clock.instant += timedelta(hours=1)
    site.simulator.pay(paid.external_ref, Decimal("428.68"), DUE)
    site.post(a_credit_memo(of_invoice=refs[1].ref.value))
    site.simulator.void(voided.external_ref, DUE)

    changed = statuses(site, before.next_cursor)

    assert changed[paid.external_ref] == ("partly_paid", "1000.00")
    assert changed[credited.external_ref] == ("partly_paid", "1309.68")
    assert changed[voided.external_ref] == ("voided", "0")
    assert changed[a_credit_memo(of_invoice="1").external_ref] == ("paid", "0.00")
    site.simulator.pay(paid.external_ref, Decimal(1000), DUE)
    site.simulator.pay(credited.external_ref, Decimal("1309.68"), DUE)
    last = statuses(site)
    assert last[paid.external_ref] == ("paid", "0.00")
    assert last[credited.external_ref] == ("credited", "0.00")


def test_pages_go_on_where_the_last_one_ended_and_a_poll_asks_for_what_is_new(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.erp.netsuite.settlements._PAGE", 2)
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(3)]
    for document in documents:
        site.post(document)

    first = settled(site)
    second = settled(site, first.next_cursor)

    assert (first.complete, second.complete) == (False, True)
    assert [one.external_ref for one in (*first.settlements, *second.settlements)] == [
        document.external_ref for document in documents
    ]
    site.clock.instant += timedelta(hours=1)
    site.simulator.pay(documents[0].external_ref, Decimal(1), DUE)
    seen: list[str] = []
    page = settled(site, second.next_cursor)
    while not page.complete:
        seen += [one.external_ref for one in page.settlements]
        page = settled(site, page.next_cursor)
    assert documents[0].external_ref in {*seen, *(one.external_ref for one in page.settlements)}


def test_an_entity_is_told_of_its_own_subsidiary_only(site: PostingSite) -> None:
    site.post(a_document())
    assert site.master_data.entity is not None
    site.master_data.entity = replace(site.master_data.entity, erp=replace(site.master_data.entity.erp, company="3"))

    assert settled(site).settlements == ()


def test_periods_are_open_locked_for_a_kind_or_closed(site: PostingSite) -> None:
    site.simulator.lock_receivables(date(2026, 10, 1))

    of_invoices = listed(site.erp.periods(DocumentKind.INVOICE))
    of_journals = listed(site.erp.periods(DocumentKind.JOURNAL))

    assert PeriodReading("2026-09", PeriodStatus.CLOSED) in of_invoices
    assert PeriodReading("2026-10", PeriodStatus.SOFT_CLOSED) in of_invoices
    assert PeriodReading("2026-10", PeriodStatus.OPEN) in of_journals
    assert [period.name for period in of_invoices] == sorted(period.name for period in of_invoices)
    refused = site.erp.submit(a_document())
    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.PERIOD
    assert isinstance(site.erp.submit(a_journal()), Posted)


def test_a_month_with_a_period_for_adjustments_is_shown_once(site: PostingSite) -> None:
    of_months = listed(site.erp.periods(DocumentKind.JOURNAL))
    site.simulator.add_adjustment_period(date(2026, 12, 31))

    assert listed(site.erp.periods(DocumentKind.JOURNAL)) == of_months


def test_customers_are_found_by_our_key_tax_id_and_name(site: PostingSite) -> None:
    party = a_document().party
    for code in ("EUR", "USD"):
        assert site.erp.ensure_customer(party, currency(code)) == CustomerReady(f"ACME_2_{code}")
    namesake = replace(party, customer_id=CustomerId("other"), tax_id="", name="ACME CORP")
    site.erp.ensure_customer(namesake, currency("EUR"))

    found = listed(site.erp.find_customers(party))

    assert [(one.key, one.linked, one.tax_id) for one in found] == [
        ("ACME_2_EUR", True, "DE811907980"),
        ("OTHER_2_EUR", False, ""),
    ]
    francs = site.erp.ensure_customer(party, currency("CHF"))
    assert francs == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for currency CHF")


def test_reference_data_is_what_a_mapping_may_name(site: PostingSite) -> None:
    site.simulator.deactivate("account", "1250")

    found = {kind: listed(site.erp.reference(kind)) for kind in ReferenceKind}

    assert {item.key: item.active for item in found[ReferenceKind.ACCOUNTS]}["1250"] is False
    assert ReferenceItem("540", "ITEM-540") in found[ReferenceKind.ITEMS]
    assert ReferenceItem("11", "TAX-11") in found[ReferenceKind.TAX_CODES]
    assert ReferenceItem("1", "EUR") in found[ReferenceKind.CURRENCIES]
    assert [item.key for item in found[ReferenceKind.DIMENSIONS]] == ["department=4", "department=7"]


def test_a_connection_that_can_post_has_no_problems_and_another_says_who_must_act(site: PostingSite) -> None:
    assert site.erp.check_connection().is_well
    assert site.master_data.entity is not None
    entity = site.master_data.entity
    site.master_data.entity = replace(entity, erp=replace(entity.erp, company="77"))
    (unseen,) = site.erp.check_connection().problems

    assert "no subsidiary 77" in unseen


def test_a_certificate_that_netsuite_refuses_is_for_its_administrator(site: PostingSite) -> None:
    site.change_secret({"client_id": "nobody"})

    (refused,) = site.erp.check_connection().problems

    assert "an administrator of NetSuite" in refused


def test_a_reading_without_an_answer_says_why(site: PostingSite) -> None:
    site.simulator.faults.script(*[Fault.GATEWAY_PAGE] * 4, operation="query")

    assert isinstance(site.erp.settlements(""), LookupFailed)
    assert isinstance(site.erp.periods(DocumentKind.INVOICE), LookupFailed)
    assert isinstance(site.erp.reference(ReferenceKind.ACCOUNTS), LookupFailed)
    assert isinstance(site.erp.find_customers(a_document().party), LookupFailed)


def test_a_list_that_is_longer_than_netsuite_pages_is_not_read_in_part(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.erp.netsuite.queries.PAGE", 2)
    monkeypatch.setattr("shared.adapters.erp.netsuite.queries.MOST_ROWS", 4)

    assert site.erp.reference(ReferenceKind.ACCOUNTS) == LookupFailed("there are more than 4 rows")


def in_jobs(site: PostingSite, asked: str = "yes") -> None:
    assert site.master_data.entity is not None
    entity = site.master_data.entity
    settings = {**entity.erp.settings, "respond_async": asked}
    site.master_data.entity = replace(entity, erp=replace(entity.erp, settings=settings))


def test_a_record_taken_as_a_job_is_posted_later_and_polled(site: PostingSite) -> None:
    in_jobs(site)

    taken = site.erp.submit(a_document())

    assert taken == Accepted(Ticket("job/1"))
    assert site.erp.poll(taken.ticket, a_document()) == taken
    assert isinstance(site.finish(taken, a_document()), Posted)
    assert site.posted() == [a_document().external_ref]


def test_the_key_of_a_job_finds_it_again_when_its_reply_was_lost(site: PostingSite) -> None:
    in_jobs(site)
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="create_invoice")

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert site.erp.submit(a_document()) == Accepted(Ticket("job/1"))
    assert isinstance(site.finish(Accepted(Ticket("job/1")), a_document()), Posted)
    assert len(site.posted()) == 1


def test_a_job_that_refused_its_record_is_a_rejection_and_a_strange_ticket_uncertain(site: PostingSite) -> None:
    in_jobs(site)
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_journal")
    taken = site.erp.submit(a_journal())
    outcome = site.finish(taken, a_journal())

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    assert isinstance(site.erp.poll(Ticket("job/99"), a_journal()), Uncertain)


def test_a_job_whose_refused_record_cannot_be_looked_up_is_uncertain(site: PostingSite) -> None:
    in_jobs(site)
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_journal")
    taken = site.erp.submit(a_journal())
    site.simulator.faults.script(Fault.GATEWAY_PAGE, operation="get_journal")

    outcome = site.finish(taken, a_journal())

    assert isinstance(outcome, Uncertain)
    assert "closed or locked" in outcome.reason


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch, open_site: OpenSite) -> PostingSite:
    """Return a site with jobs whose role may not see what any of them has come to."""
    monkeypatch.setattr(JobsApi, "get_result", answering(403, "INSUFFICIENT_PERMISSION"))
    site = open_site("netsuite")
    in_jobs(site)
    return site


def answering(status: int, code: str) -> Callable[[JobsApi, Call], Reply]:
    def get_result(api: JobsApi, call: Call) -> Reply:
        raise Refusal(status, code, "Permission Violation")

    return get_result


def naming_no_record(api: JobsApi, call: Call) -> Reply:
    return Reply(status=204)


def a_page(api: JobsApi, call: Call) -> Reply:
    return Reply(status=404, body=b"<html>Not here</html>", media_type="text/html")


def polled(site: PostingSite, submission: Submission, *, after: int) -> Submission:
    assert isinstance(submission, Accepted)
    site.clock.instant += timedelta(seconds=after)
    return site.erp.poll(submission.ticket, a_document())


UNCLEAR_RESULTS = [
    (answering(403, "INSUFFICIENT_PERMISSION"), (RejectionKind.PERMISSION, "INSUFFICIENT_PERMISSION")),
    (answering(404, "NONEXISTENT_ID"), (RejectionKind.VALIDATION, "NONEXISTENT_ID")),
    (answering(500, "UNEXPECTED_ERROR"), (RejectionKind.VALIDATION, "500")),
    (naming_no_record, (RejectionKind.VALIDATION, "204")),
    (a_page, (RejectionKind.VALIDATION, "404")),
]


@pytest.mark.parametrize("get_result", [result for result, _ in UNCLEAR_RESULTS])
def test_the_record_of_a_job_without_a_clear_result_is_posted_where_it_is_found(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch, get_result: Callable[[JobsApi, Call], Reply]
) -> None:
    monkeypatch.setattr(JobsApi, "get_result", get_result)
    site = open_site("netsuite")
    in_jobs(site)

    outcome = site.finish(site.erp.submit(a_document()), a_document())

    assert isinstance(outcome, Posted)
    assert isinstance(site.erp.read(outcome.ref, DocumentKind.INVOICE), PostedDocument)


def test_the_record_of_such_a_job_is_waited_for_while_it_awaits_approval(hidden: PostingSite) -> None:
    taken = hidden.erp.submit(a_document())
    hidden.clock.instant += timedelta(minutes=1)
    assert isinstance(hidden.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)
    (record,) = hidden.simulator._books.invoices.all()
    record["approvalStatus"] = {"id": "1", "refName": "Pending Approval"}

    assert polled(hidden, taken, after=0) == Accepted(Ticket(record["id"]))


@pytest.mark.parametrize(("get_result", "told"), UNCLEAR_RESULTS)
def test_a_job_without_a_clear_result_is_a_rejection_once_its_record_is_missed_twice(
    open_site: OpenSite,
    monkeypatch: pytest.MonkeyPatch,
    get_result: Callable[[JobsApi, Call], Reply],
    told: tuple[RejectionKind, str],
) -> None:
    monkeypatch.setattr(JobsApi, "get_result", get_result)
    site = open_site("netsuite")
    in_jobs(site)
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_invoice")

    missed = polled(site, site.erp.submit(a_document()), after=60)
    again = polled(site, missed, after=4 * 60)
    outcome = polled(site, again, after=60)

    assert missed == again == Accepted(Ticket(f"job/1@{(site.clock.now() - timedelta(minutes=5)).isoformat()}"))
    assert isinstance(outcome, Rejected)
    assert (outcome.kind, outcome.code) == told
    assert "job/1" in outcome.text


def test_a_record_that_shows_after_it_was_missed_once_is_there(hidden: PostingSite) -> None:
    hidden.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_invoice")
    missed = polled(hidden, hidden.erp.submit(a_document()), after=60)
    in_jobs(hidden, "no")
    assert isinstance(hidden.erp.submit(a_document()), Posted)

    assert isinstance(polled(hidden, missed, after=5 * 60), Posted)


def test_a_record_that_cannot_be_looked_up_is_waited_for_and_not_rejected(hidden: PostingSite) -> None:
    hidden.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_invoice")
    missed = polled(hidden, hidden.erp.submit(a_document()), after=60)
    hidden.simulator.faults.script(Fault.GATEWAY_PAGE, operation="get_invoice")

    assert polled(hidden, missed, after=5 * 60) == Throttled()
    assert isinstance(polled(hidden, missed, after=60), Rejected)


def test_a_look_at_a_result_that_nobody_answers_says_nothing_and_is_made_again(site: PostingSite) -> None:
    in_jobs(site)
    taken = site.erp.submit(a_document())
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="get_result")

    assert polled(site, taken, after=60) == Throttled()
    assert isinstance(polled(site, taken, after=60), Posted)


def test_a_result_that_the_role_may_see_by_now_tells_what_the_job_came_to(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [answering(403, "INSUFFICIENT_PERMISSION"), JobsApi.get_result]

    def get_result(api: JobsApi, call: Call) -> Reply:
        return looks.pop(0)(api, call)

    monkeypatch.setattr(JobsApi, "get_result", get_result)
    site = open_site("netsuite")
    in_jobs(site)
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_invoice")
    missed = polled(site, site.erp.submit(a_document()), after=60)

    outcome = polled(site, missed, after=60)

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD


def test_a_job_that_is_never_done_stays_accepted(site: PostingSite) -> None:
    in_jobs(site)
    site.simulator.faults.script(Fault.POSTING_NEVER, operation="create_invoice")
    taken = site.erp.submit(a_document())

    assert isinstance(site.finish(taken, a_document()), Accepted)
    assert not isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)
