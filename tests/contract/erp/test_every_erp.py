"""What every ERP adapter does, whichever system is behind it: one suite on both simulators."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    Draft,
    ErpRef,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    RejectionKind,
    Throttled,
    Uncertain,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document, eur, with_discount
from tests.contract.erp.conftest import PostingSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS, on_every_system, under_test

TAKING_BACK = tuple(system for system in CALLED_SYSTEMS if under_test(system).takes_back)
NUMBERED_AS_WE_SAY = tuple(system for system in CALLED_SYSTEMS if under_test(system).numbers_by_itself)


@on_every_system
def test_a_document_reaches_the_ledger_and_is_read_back_without_a_difference(site: PostingSite) -> None:
    document = a_document()

    outcome = site.post(document)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert found.posted
    assert differences(document, found) == ()
    assert site.erp.locate(document.external_ref, DocumentKind.INVOICE) == Found(found)
    assert site.posted() == [document.external_ref]
    assert "1428.68 EUR" in site.simulator.ledger.to_beancount()


@on_every_system
def test_a_line_that_lowers_an_invoice_lowers_its_tax_and_the_same_of_its_credit_memo(site: PostingSite) -> None:
    invoice = with_discount(a_document())
    posted = site.post(invoice)
    assert isinstance(posted, Posted)
    memo = with_discount(a_credit_memo(of_invoice=posted.ref.value))

    credited = site.post(memo)

    assert isinstance(credited, Posted)
    for document, ref in ((invoice, posted.ref), (memo, credited.ref)):
        found = site.erp.read(ref, document.kind)
        assert isinstance(found, PostedDocument)
        assert differences(document, found) == ()
        assert found.human_number == (document.human_number if site.under_test.tells_our_number else None)


@pytest.mark.parametrize("site", NUMBERED_AS_WE_SAY, indirect=True)
def test_a_number_that_the_erp_gives_in_place_of_ours_is_a_difference(site: PostingSite) -> None:
    assert site.under_test.numbers_by_itself is not None
    site.under_test.numbers_by_itself(site.simulator)

    outcome = site.post(a_document())

    located = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(located, Found)
    assert located.document.number != "DE-000001"
    why = f"our number is {located.document.number} in the ERP, DE-000001 here"
    assert differences(a_document(), located.document) == (why,)
    if site.is_two_step:  # it is seen before anything is posted
        assert outcome == Rejected(RejectionKind.VALIDATION, "DRAFT_DIFFERS", why)
    assert located.document.posted is isinstance(outcome, Posted)


@on_every_system
def test_lines_too_small_for_the_tax_that_they_have_together_have_that_and_no_more(site: PostingSite) -> None:
    """19 % of three times 0.03 is 0.02, though of each it is 0.01."""
    document = a_document()
    (tax,), (line, *_), three_cents = document.taxes, document.lines, eur("0.03")
    small = replace(
        document,
        lines=tuple(replace(line, line_no=number, amount=three_cents) for number in (1, 2, 3)),
        taxes=(replace(tax, base=eur("0.09"), amount=eur("0.02")),),
        net=eur("0.09"),
        tax=eur("0.02"),
        gross=eur("0.11"),
    )

    outcome = site.post(small)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert differences(small, found) == ()


@on_every_system
def test_a_second_document_finds_the_customer_it_made(site: PostingSite) -> None:
    site.post(a_document())

    outcome = site.post(a_document(posting_id="acme-2026/2026-11/r1", posting_date=date(2026, 11, 30), number="DE-2"))

    assert isinstance(outcome, Posted)
    assert len(site.posted()) == 2


@on_every_system
def test_a_document_that_was_never_sent_is_absent(site: PostingSite) -> None:
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Absent()


def test_a_reply_lost_after_the_commit_is_uncertain_and_the_document_is_found(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)

    located = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(located, Found)
    assert located.document.posted is (site.submits_to is Posted)


def test_a_late_commit_is_absent_at_first_and_found_within_the_quiet_period(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LATE_COMMIT, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Absent()

    site.clock.instant += timedelta(seconds=site.erp.capabilities().quiet_period_seconds)
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)


@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.REQUEST_TIMEOUT, Fault.GATEWAY_PAGE, Fault.GATEWAY_TIMEOUT]
)
def test_a_failing_server_or_gateway_leaves_a_write_uncertain(site: PostingSite, fault: Fault) -> None:
    site.simulator.faults.script(fault, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)


def test_a_failing_look_up_proves_nothing(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.GATEWAY_PAGE, operation=site.under_test.looks_up)

    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), LookupFailed)


def test_a_busy_erp_has_processed_nothing_in_either_form_of_its_refusal(site: PostingSite) -> None:
    for _ in range(3):
        site.simulator.faults.script(Fault.THROTTLE, operation=site.creates_invoice)
        assert isinstance(site.erp.submit(a_document()), Throttled)

    assert site.simulator.documents() == ()


def test_a_customer_whose_creation_lost_its_reply_postpones_the_document(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.under_test.creates_customer)

    assert isinstance(site.erp.submit(a_document()), Throttled)
    assert site.simulator.documents() == ()
    assert isinstance(site.post(a_document()), Posted)


def test_a_customer_whose_creation_comes_late_is_one_customer(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LATE_COMMIT, operation=site.under_test.creates_customer)

    outcomes = [site.erp.submit(a_document())]
    while isinstance(outcomes[-1], Throttled) and len(outcomes) < 60:
        site.clock.instant += timedelta(minutes=1)
        outcomes.append(site.erp.submit(a_document()))

    assert len(outcomes) > 1
    assert isinstance(outcomes[-1], site.submits_to)
    site.clock.instant += timedelta(hours=1)
    found = site.erp.find_customers(a_document().party)
    assert isinstance(found, tuple)
    assert [customer.linked for customer in found] == [True]


@on_every_system
def test_a_closed_accounting_period_is_a_rejection_of_its_own_kind(site: PostingSite) -> None:
    outcome = site.post(a_document(posting_date=date(2026, 9, 30)))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    assert site.posted() == []


def test_a_token_that_died_is_renewed_once_and_the_call_repeated(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.AUTH_EXPIRED, operation=site.creates_invoice)

    assert isinstance(site.post(a_document()), Posted)
    assert len(site.posted()) == 1


def test_credentials_that_the_erp_refuses_are_an_outcome(site: PostingSite) -> None:
    site.change_secret(site.under_test.wrong_credentials)

    assert isinstance(site.erp.submit(a_document()), AuthFailed)
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), LookupFailed)


def test_a_missing_secret_is_an_outcome(site: PostingSite) -> None:
    site.lose_secret()

    assert isinstance(site.erp.submit(a_document()), AuthFailed)


def test_an_erp_that_cannot_be_reached_has_processed_nothing(site: PostingSite) -> None:
    site.change_secret({name: "http://127.0.0.1:1/" for name in site.secret if name.endswith("_url")})

    assert site.erp.submit(a_document()) == Throttled()
    assert isinstance(site.erp.read(ErpRef("1"), DocumentKind.INVOICE), LookupFailed)


@on_every_system
def test_a_product_without_a_mapping_is_rejected_before_anything_is_sent(site: PostingSite) -> None:
    assert site.master_data.entity is not None
    site.master_data.entity = replace(
        site.master_data.entity, erp=replace(site.master_data.entity.erp, products={}, tax_codes={})
    )

    outcome = site.erp.submit(a_document())

    assert outcome == Rejected(
        RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for product api, product storage, tax code VAT19"
    )
    assert site.simulator.faults.writes == 0


@on_every_system
def test_a_connection_is_given_longer_waits_and_fewer_lines_than_the_adapter_has_by_itself(site: PostingSite) -> None:
    assert site.master_data.entity is not None
    erp = site.master_data.entity.erp
    own = site.under_test.system.capabilities

    def with_settings(**settings: str) -> None:
        mapping = replace(erp, settings={**erp.settings, **settings})
        assert site.master_data.entity is not None
        site.master_data.entity = replace(site.master_data.entity, erp=mapping)

    with_settings(quiet_period_minutes="45", stuck_after_minutes="1500", poll_minutes="30", max_lines="1")
    outcome = site.erp.submit(a_document())

    assert site.erp.capabilities() == replace(
        own, quiet_period_seconds=45 * 60, stuck_after_seconds=25 * 60 * 60, poll_seconds=30 * 60, max_lines=1
    )
    assert outcome == Rejected(RejectionKind.VALIDATION, "TOO_MANY_LINES", "2 lines, 1 fit")
    assert site.simulator.faults.writes == 0
    with_settings(quiet_period_minutes="1", stuck_after_minutes="1", max_lines="1000000")
    assert site.erp.capabilities() == own


@on_every_system
def test_an_account_that_the_erp_does_not_know_is_a_missing_mapping(site: PostingSite) -> None:
    assert site.master_data.entity is not None
    erp = site.master_data.entity.erp
    site.master_data.entity = replace(
        site.master_data.entity, erp=replace(erp, products=dict.fromkeys(erp.products, "9999"))
    )

    outcome = site.post(a_document())

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.MAPPING
    assert site.simulator.documents() == ()


@on_every_system
def test_a_text_that_does_not_fit_is_rejected_not_cut(site: PostingSite) -> None:
    document = a_document()
    long_line = replace(document.lines[0], description="x" * 1000)

    outcome = site.erp.submit(replace(document, lines=(long_line,)))

    assert isinstance(outcome, Rejected)
    assert (outcome.kind, outcome.code) == (RejectionKind.VALIDATION, RejectionCode.TEXT_TOO_LONG)


@pytest.mark.parametrize("site", TAKING_BACK, indirect=True)
def test_of_two_documents_with_one_key_the_one_that_stands_is_found_once_the_other_is_reversed(
    site: PostingSite,
) -> None:
    first, second = site.post(a_document()), site.post(a_document())
    assert isinstance(first, Posted)
    assert isinstance(second, Posted)
    several = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(several, Ambiguous)
    assert set(several.refs) == {first.ref, second.ref}

    reverse_first(site, a_document())

    stands = site.erp.read(second.ref, DocumentKind.INVOICE)
    assert isinstance(stands, PostedDocument)
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Found(stands)


@pytest.mark.parametrize("site", TAKING_BACK, indirect=True)
def test_a_document_that_is_reversed_is_found_where_no_other_stands(site: PostingSite) -> None:
    posted = site.post(a_document())
    assert isinstance(posted, Posted)

    reverse_first(site, a_document())

    found = site.erp.read(posted.ref, DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Found(found)


def reverse_first(site: PostingSite, document: PostingDocument) -> None:
    assert site.under_test.takes_back is not None
    site.under_test.takes_back(site.simulator, document.external_ref, date(2026, 11, 2))


@on_every_system
def test_what_is_submitted_is_a_draft_accepted_or_posted_as_the_erp_has_it(site: PostingSite) -> None:
    assert isinstance(site.erp.submit(a_document()), site.submits_to)


@on_every_system
def test_a_draft_is_deleted_and_what_is_posted_is_not(site: PostingSite) -> None:
    draft = site.erp.submit(a_document(posting_id="acme/2026-10/r1", number="DE-1"))
    if isinstance(draft, Draft):
        site.erp.discard(draft.ref, DocumentKind.INVOICE)
        assert site.simulator.documents() == ()

    posted = site.post(a_document())
    assert isinstance(posted, Posted)
    before, writes = len(site.simulator.documents()), site.simulator.faults.writes
    site.erp.discard(posted.ref, DocumentKind.INVOICE)
    assert len(site.simulator.documents()) == before
    assert site.simulator.faults.writes == writes  # a company may let what is posted be deleted: nobody asks for it
