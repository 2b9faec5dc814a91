"""What only Dynamics 365 Finance does: its own job posts, a header comes before its lines, packages are imported."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx
import pytest

from shared.adapters.erp.customer_key import customer_key
from shared.domain.identifiers import CustomerId
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    Ambiguous,
    AuthFailed,
    Draft,
    ErpRef,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
    Ticket,
    Uncertain,
)
from shared.domain.posting.readings import CustomerReady
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document, eur, in_dollars
from tests.contract.erp.dynamics_finance_site import (
    MAPPING,
    Site,
    a_journal,
    a_write_off,
    with_settings,
    without,
)

INVOICE, JOURNAL = DocumentKind.INVOICE, DocumentKind.JOURNAL
MANY = 60  # pairs of lines: more than the mapping sends without a package


@pytest.fixture
def site() -> Site:
    return Site()


def ref_of(draft: object) -> ErpRef:
    assert isinstance(draft, Accepted)
    return ErpRef(draft.ticket.value.partition("/")[2])


def test_an_invoice_waits_for_the_batch_job(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    assert site.erp.poll(submitted.ticket, a_document()) == submitted

    site.later(minutes=10)

    assert site.erp.poll(submitted.ticket, a_document()) == Posted(ref_of(submitted))


def test_the_key_the_number_and_the_posting_are_in_the_invoice(site: Site) -> None:
    site.erp.submit(a_document())

    (header,), lines = site.bodies("/data/FreeTextInvoiceHeaders"), site.bodies("/data/FreeTextInvoiceLines")
    assert (header["CustomerReference"], header["ExternalInvoiceId"]) == (a_document().external_ref, "DE-000001")
    assert (header["CustomerRequisition"], header["InvoiceDate"]) == ("PO-88", "2026-10-31T12:00:00Z")
    assert [line["Description"] for line in lines] == ["acme-2026/2026-10/r1"] * 2
    assert lines[0]["InvoiceText"] == "api usage (2026-10-01 to 2026-10-31)"


def test_the_key_may_go_into_the_other_field() -> None:
    site = Site(with_settings(reference_field="ExternalInvoiceId"))
    outcome = site.post(a_document())
    assert isinstance(outcome, Posted)

    assert site.bodies("/data/FreeTextInvoiceHeaders")[0]["CustomerReference"] == "DE-000001"
    assert isinstance(site.erp.locate(a_document().external_ref, INVOICE), Found)


def test_dimensions_go_in_the_order_and_with_the_delimiter_of_the_environment(site: Site) -> None:
    document = a_document()
    line = replace(document.lines[0], dimensions=(("region", "EU-1"), ("cost_center", "042")))

    assert isinstance(site.post(replace(document, lines=(line, document.lines[1]))), Posted)
    assert site.bodies("/data/FreeTextInvoiceLines")[0]["DefaultDimensionDisplayValue"] == "042-EU\\-1"


def test_dimensions_without_their_order_are_a_missing_mapping() -> None:
    document = a_document()
    line = replace(document.lines[0], dimensions=(("cost_center", "042"),))

    outcome = Site(without("dimension_order")).erp.submit(replace(document, lines=(line,)))
    told = "no mapping for dimension cost_center (dimension_order has no place for CostCenter)"

    assert outcome == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", told)


@pytest.mark.parametrize("units", ["100", "1"])
def test_an_exchange_rate_is_the_price_of_so_many_units_as_the_environment_has_it(units: str) -> None:
    site = Site(with_settings(exchange_rate_units=units))
    document = in_dollars(a_document())
    assert document.exchange_rate is not None

    outcome = site.post(document)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, INVOICE)
    assert isinstance(found, PostedDocument)
    assert differences(document, found) == ()
    (header,) = site.bodies("/data/FreeTextInvoiceHeaders")
    assert Decimal(str(header["ExchangeRate"])) == document.exchange_rate * Decimal(units)


def test_a_header_whose_reply_was_lost_is_found_without_lines_and_completed(site: Site) -> None:
    site.faults.script(Fault.LOSE_REPLY, operation="create_invoice_header")
    assert isinstance(site.erp.submit(a_document()), Uncertain)
    site.later(days=2)  # a header alone is never posted

    located = site.erp.locate(a_document().external_ref, INVOICE)

    assert isinstance(located, Found)
    assert not located.document.posted
    assert located.document.gross == eur("0")
    assert isinstance(site.finish(Draft(located.document.ref), a_document()), Posted)
    assert site.held() == [(a_document().external_ref, True)]


@pytest.mark.parametrize("fault", [Fault.LOSE_REPLY, Fault.GATEWAY_TIMEOUT, Fault.TRUNCATED_JSON])
def test_lines_whose_reply_was_lost_are_there_and_not_sent_again(site: Site, fault: Fault) -> None:
    site.faults.script(fault, operation="batch")
    assert isinstance(site.erp.submit(a_document()), Uncertain)

    located = site.erp.locate(a_document().external_ref, INVOICE)

    assert isinstance(located, Found)
    assert isinstance(site.finish(Draft(located.document.ref), a_document()), Posted)
    assert len(site.bodies("/data/FreeTextInvoiceLines")) == 2


def test_lines_that_are_committed_late_are_refused_where_they_were_sent_again(site: Site) -> None:
    site.faults.script(Fault.LATE_COMMIT, operation="batch")
    assert isinstance(site.erp.submit(a_document()), Uncertain)
    located = site.erp.locate(a_document().external_ref, INVOICE)
    assert isinstance(located, Found)

    assert isinstance(site.finish(Draft(located.document.ref), a_document()), Posted)

    assert site.simulator.documents()[0].gross == a_document().gross.amount
    assert "1428.68 EUR" in site.simulator.ledger.to_beancount()


def test_a_busy_server_between_header_and_lines_leaves_a_draft_to_complete(site: Site) -> None:
    site.faults.script(Fault.THROTTLE, operation="batch")

    draft = site.erp.submit(a_document())

    assert isinstance(draft, Draft)
    assert isinstance(site.finish(draft, a_document()), Posted)
    assert len(site.held()) == 1


def test_an_application_that_loses_its_user_between_header_and_lines_leaves_a_draft(site: Site) -> None:
    site.faults.script(*[Fault.CLIENT_UNMAPPED] * 4, operation="batch")

    draft = site.erp.submit(a_document())

    assert isinstance(draft, Draft)
    assert isinstance(site.erp.advance(draft.ref, a_document()), AuthFailed)
    assert isinstance(site.finish(draft, a_document()), Posted)


def test_an_application_without_a_user_is_refused_and_the_report_says_who_mends_it(site: Site) -> None:
    site.faults.script(*[Fault.CLIENT_UNMAPPED] * 2, operation="find_legal_entitys")

    (problem,) = site.erp.check_connection().problems

    assert "maps the application to a user" in problem
    assert site.erp.check_connection().is_well


def test_a_cent_of_tax_that_the_erp_works_out_otherwise_takes_the_draft_away(site: Site) -> None:
    site.faults.script(Fault.TAX_CENT_OFF, operation="batch")

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Rejected)
    assert outcome.code == "DRAFT_DIFFERS"
    assert site.held() == []


@pytest.mark.parametrize("fault", [Fault.LOSE_REPLY, Fault.UNAVAILABLE])
def test_a_bad_draft_that_may_still_be_there_is_uncertain(site: Site, fault: Fault) -> None:
    site.faults.script(Fault.TAX_CENT_OFF, operation="batch")
    site.faults.script(fault, operation="delete_invoice_header")

    assert isinstance(site.erp.submit(a_document()), Uncertain)


def test_a_draft_that_the_job_passes_over_stays_accepted(site: Site) -> None:
    site.faults.script(Fault.POSTING_NEVER, operation="create_invoice_header")
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)

    site.later(days=3)

    assert site.erp.poll(submitted.ticket, a_document()) == submitted


def test_a_note_of_somebody_where_our_number_was_takes_no_draft_away_and_is_told_of_once_it_is_posted(
    site: Site,
) -> None:
    submitted = site.erp.submit(replace(a_document(), human_number="as agreed with Ann"))
    assert isinstance(submitted, Accepted)

    assert site.erp.poll(submitted.ticket, a_document()) == submitted

    assert isinstance(site.finish(submitted, a_document()), Posted)
    found = site.erp.read(ref_of(submitted), INVOICE)
    assert isinstance(found, PostedDocument)
    assert differences(a_document(), found) == ("our number is as agreed with Ann in the ERP, DE-000001 here",)


def test_a_period_that_closes_while_a_draft_waits_takes_it_away_before_anybody_posts_it(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    site.simulator.set_posting_window("DE01", posting_from=date(2026, 11, 1), posting_to=None)

    draft = site.erp.poll(submitted.ticket, a_document())

    assert isinstance(draft, Draft)
    outcome = site.erp.advance(draft.ref, a_document())
    assert isinstance(outcome, Rejected)
    assert (outcome.kind, outcome.code) == (RejectionKind.PERIOD, "PERIOD_CLOSED")
    assert site.held() == []


def test_where_nobody_may_read_the_periods_a_draft_of_a_closed_one_waits() -> None:
    site = Site(without("period_entity"))

    assert isinstance(site.erp.submit(a_document(posting_date=date(2026, 9, 30))), Accepted)


def test_a_draft_that_somebody_deleted_is_uncertain_and_then_absent(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    site.erp.discard(ref_of(submitted), INVOICE)

    assert isinstance(site.erp.poll(submitted.ticket, a_document()), Uncertain)
    assert site.erp.locate(a_document().external_ref, INVOICE) == Absent()


def test_an_erp_that_cannot_be_asked_leaves_what_it_has_accepted_where_it_is(site: Site) -> None:
    submitted = site.erp.submit(a_document())
    assert isinstance(submitted, Accepted)
    site.faults.script(Fault.GATEWAY_PAGE, operation="find_invoice_headers")

    assert site.erp.poll(submitted.ticket, a_document()) == Throttled()


def test_two_documents_with_one_key_are_shown(site: Site) -> None:
    site.erp.submit(a_document())
    site.post(a_document())

    located = site.erp.locate(a_document().external_ref, INVOICE)

    assert isinstance(located, Ambiguous)
    assert len(located.refs) == 2


def test_a_credit_note_names_its_invoice_only_where_the_mapping_says_so() -> None:
    site = Site(without("credits_name_invoice"))
    invoice = site.post(a_document())
    assert isinstance(invoice, Posted)

    assert isinstance(site.post(a_credit_memo(of_invoice=invoice.ref.value)), Posted)

    assert "CorrectedInvoiceId" not in site.bodies("/data/FreeTextInvoiceHeaders")[1]
    assert {document.open_amount for document in site.simulator.documents()} == {Decimal("1428.68"), Decimal("119.00")}


@pytest.mark.parametrize("key", ["5637144576", "FTI-1", "1') or (1 eq 1"])
def test_a_key_of_no_invoice_is_asked_for_in_vain(site: Site, key: str) -> None:
    assert isinstance(site.erp.read(ErpRef(key), INVOICE), LookupFailed)
    assert isinstance(site.erp.poll(Ticket(f"invoice/{key}"), a_document()), Uncertain)


def test_a_journal_is_one_voucher_with_our_key_on_header_and_lines(site: Site) -> None:
    outcome = site.post(a_journal())

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(a_journal(), found) == ()
    assert site.erp.locate(a_journal().external_ref, JOURNAL) == Found(found)
    lines = site.bodies("/data/LedgerJournalLines")
    assert [line["AccountDisplayValue"] for line in lines] == ["2000-042-EU\\-1", "4400--"]
    assert {line["Voucher"] for line in lines} == {a_journal().external_ref}
    assert site.simulator.ledger.trial_balance(company="DE01") == {("2000", "EUR"): 250, ("4400", "EUR"): -250}


def test_a_line_on_the_receivables_is_the_customers(site: Site) -> None:
    party = replace(a_document().party, customer_id=CustomerId("acme-eu"))
    assert isinstance(site.erp.ensure_customer(party, a_document().gross.currency), CustomerReady)

    assert isinstance(site.post(a_write_off()), Posted)

    owed, _ = site.bodies("/data/LedgerJournalLines")
    assert owed["AccountType"] == "Cust"
    assert owed["AccountDisplayValue"] == customer_key(party.customer_id).replace("-", "\\-")


def test_a_journal_whose_account_is_not_known_is_taken_away() -> None:
    site = Site(replace(MAPPING, accounts={**MAPPING.accounts, "revenue": "9999"}))

    outcome = site.erp.submit(a_journal())

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.MAPPING
    assert site.held() == []


def test_a_journals_text_is_shorter_than_an_invoices(site: Site) -> None:
    journal = a_journal()
    long = replace(journal, lines=tuple(replace(line, text="x" * 61) for line in journal.lines))

    outcome = site.erp.submit(long)

    assert isinstance(outcome, Rejected)
    assert "line 1: a text of 61 characters; dynamics_finance takes 60" in outcome.text
    assert site.faults.writes == 0


def test_a_journal_header_without_lines_is_found_and_completed(site: Site) -> None:
    site.faults.script(Fault.LOSE_REPLY, operation="create_journal_header")
    assert isinstance(site.erp.submit(a_journal()), Uncertain)

    located = site.erp.locate(a_journal().external_ref, JOURNAL)

    assert isinstance(located, Found)
    assert isinstance(site.finish(Draft(located.document.ref), a_journal()), Posted)
    assert site.held() == [(a_journal().external_ref, True)]


def test_a_journal_of_many_lines_is_imported_as_a_package(site: Site) -> None:
    journal = a_journal(pairs=MANY)
    submitted = site.erp.submit(journal)
    assert submitted == Accepted(Ticket(f"import/{journal.external_ref}"))
    assert isinstance(site.erp.locate(journal.external_ref, JOURNAL), LookupFailed)  # it may only begin much later

    outcome = site.finish(submitted, journal)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(journal, found) == ()
    assert site.simulator.ledger.trial_balance(company="DE01") == {("2000", "EUR"): 15_000, ("4400", "EUR"): -15_000}


def test_a_package_is_uploaded_without_the_token(site: Site) -> None:
    site.erp.submit(a_journal(pairs=MANY))

    (upload,) = (request for request in site.http.sent if request.method == "PUT")
    assert "authorization" not in upload.headers


@pytest.mark.parametrize("operation", ["get_write_url", "upload_package"])
@pytest.mark.parametrize("fault", [Fault.LOSE_REPLY, Fault.UNAVAILABLE, Fault.GATEWAY_PAGE, Fault.THROTTLE])
def test_nothing_has_happened_before_the_import_is_asked_for(site: Site, operation: str, fault: Fault) -> None:
    site.faults.script(fault, operation=operation)

    assert isinstance(site.erp.submit(a_journal(pairs=MANY)), Throttled)
    assert site.erp.locate(a_journal().external_ref, JOURNAL) == Absent()


def test_a_signature_that_has_expired_is_asked_for_anew(site: Site) -> None:
    site.faults.script(Fault.CLIENT_UNMAPPED, operation="upload_package")  # 401

    assert site.erp.submit(a_journal(pairs=MANY)) == Throttled()
    assert isinstance(site.post(a_journal(pairs=MANY)), Posted)


def test_an_import_whose_reply_was_lost_is_asked_after_by_its_id(site: Site) -> None:
    journal = a_journal(pairs=MANY)
    site.faults.script(Fault.LOSE_REPLY, operation="import_package")
    assert isinstance(site.erp.submit(journal), Uncertain)
    assert isinstance(site.erp.locate(journal.external_ref, JOURNAL), LookupFailed)

    site.later(minutes=2)

    assert isinstance(site.erp.locate(journal.external_ref, JOURNAL), Found)


@pytest.mark.parametrize("field", ["IntegrationKey", "Description"])
def test_a_package_is_posted_whichever_field_of_the_header_has_our_key(field: str) -> None:
    site = Site(with_settings(journal_reference_field=field))
    journal = a_journal(pairs=MANY)

    outcome = site.post(journal)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(journal, found) == ()
    assert site.rows("LedgerJournalHeaders")[0]["Description"] == f"{journal.external_ref} recognition/2026-10"


def test_a_description_that_begins_with_another_key_differs() -> None:
    site = Site(with_settings(journal_reference_field="Description"))
    submitted = site.erp.submit(a_journal())
    number = ref_of(submitted)
    header = {"JournalBatchNumber": number.value, "IsPosted": "No", "Description": "7Q2M4K2D3XAB5C6T typed over"}
    site.gateway.answer("GET", "LedgerJournalHeaders", httpx.Response(200, json={"value": [header]}))

    found = site.erp.read(number, JOURNAL)

    assert isinstance(found, PostedDocument)
    assert set(found.external_ref.split(", ")) == {"7Q2M4K2D3XAB5C6T", a_journal().external_ref}


def test_while_one_import_is_started_another_waits(site: Site) -> None:
    site.erp.submit(a_journal(posting_id="recognition/2026-09", pairs=MANY))

    assert site.erp.submit(a_journal(pairs=MANY)) == Throttled()


def test_an_import_that_left_a_line_out_takes_the_journal_away(site: Site) -> None:
    journal = a_journal(pairs=MANY)
    site.faults.script(Fault.IMPORT_PARTIAL, operation="import_package")

    outcome = site.post(journal)

    assert isinstance(outcome, Rejected)
    assert "gross is 14750.00 EUR in the ERP, 15000.00 EUR here" in outcome.text
    assert site.held() == []


def test_an_import_of_which_no_line_is_taken_leaves_no_header_behind() -> None:
    site = Site(replace(MAPPING, accounts=dict.fromkeys(MAPPING.accounts, "9999")))

    outcome = site.post(a_journal(pairs=MANY))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.MAPPING
    assert site.held() == []


def test_an_import_that_fails_says_why() -> None:
    site = Site(with_settings(journal_name="Nothing"))

    outcome = site.post(a_journal(pairs=MANY))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "IMPORT_FAILED"
    assert "'JournalName' is not found" in outcome.text


def test_a_data_project_that_is_not_there_is_a_wrong_configuration() -> None:
    site = Site(with_settings(data_project="Nothing"))

    outcome = site.erp.submit(a_journal(pairs=MANY))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.CONFIGURATION


def test_an_import_that_the_erp_has_never_heard_of_is_uncertain(site: Site) -> None:
    assert isinstance(site.erp.poll(Ticket("import/NOTHING"), a_journal()), Uncertain)
