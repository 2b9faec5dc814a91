"""What only SAP S/4HANA does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId
from shared.domain.money import currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
)
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerReady,
    NotSupported,
    ReferenceItem,
    ReferenceKind,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document, in_dollars
from tests.contract.erp.sap_s4hana_site import ROOT, Site

CREATES = "create_journal_entry"
INVOICE = DocumentKind.INVOICE
EUR = currency("EUR")


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_customer_or_account_that_somebody_works_on_is_busy_not_wrong(site: Site) -> None:
    site.simulator.faults.script(Fault.OBJECT_LOCKED, operation=CREATES)

    assert site.erp.submit(a_document()) == Throttled()
    assert isinstance(site.erp.submit(a_document()), Posted)


def test_receivables_can_be_closed_while_the_ledger_is_open(site: Site) -> None:
    site.simulator.set_window_of("D", "1010", posting_from=date(2026, 11, 1), posting_to=None)

    outcome = site.erp.submit(a_document())

    assert outcome == Rejected(
        RejectionKind.PERIOD, "201(F5)", "Posting period 010 2026 is not open for account type D"
    )
    assert isinstance(site.erp.periods(INVOICE), NotSupported)


def test_an_entry_is_found_by_either_reference_and_a_copy_is_seen(site: Site) -> None:
    site.simulator.faults.script(Fault.REFERENCE_REPLACED, operation=CREATES)
    first = site.erp.submit(a_document())
    assert isinstance(first, Posted)
    found = site.erp.locate(a_document().external_ref, INVOICE)
    assert isinstance(found, Found)
    assert found.document.ref == first.ref

    second = site.erp.submit(a_document())  # SAP keeps no copy out
    assert isinstance(second, Posted)
    assert site.erp.locate(a_document().external_ref, INVOICE) == Ambiguous((first.ref, second.ref))


def test_a_reversal_under_the_same_reference_is_no_copy(site: Site) -> None:
    posted = site.erp.submit(a_document())
    assert isinstance(posted, Posted)

    site.simulator.reverse(a_document().external_ref, date(2026, 11, 2))

    found = site.erp.locate(a_document().external_ref, INVOICE)
    assert isinstance(found, Found)
    assert found.document.ref == posted.ref


def test_a_wrong_password_is_sent_once_so_that_nobody_is_locked_out(site: Site) -> None:
    site.secret.fields = {"base_url": ROOT, "user": "U2CPOST", "password": "forgotten"}

    assert isinstance(site.erp.submit(a_document()), AuthFailed)
    assert site.simulator.user.wrong_passwords == 1


def test_user_and_password_post_as_an_oauth_client_does(site: Site) -> None:
    site.secret.fields = {"base_url": ROOT, "user": "U2CPOST", "password": "right"}

    assert isinstance(site.erp.submit(a_document()), Posted)
    assert isinstance(site.erp.locate(a_document().external_ref, INVOICE), Found)


def test_a_token_against_forged_requests_is_renewed_once(site: Site) -> None:
    site.simulator.faults.script(Fault.CSRF_EXPIRED, operation="create_customer")
    assert isinstance(site.erp.submit(a_document()), Posted)

    site.simulator.faults.script(Fault.CSRF_EXPIRED, Fault.CSRF_EXPIRED, operation="create_customer")
    other = replace(a_document(), party=replace(a_document().party, customer_id=CustomerId("globex")))
    refused = site.erp.submit(other)
    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.PERMISSION


def test_a_service_that_is_not_where_it_is_looked_for_is_for_somebody_to_mend(site: Site) -> None:
    site.change_mapping(settings={**site.entity.erp.settings, "journal_service": "/sap/bc/srt/elsewhere"})

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Rejected)
    assert (outcome.kind, outcome.code) == (RejectionKind.CONFIGURATION, "404")


def test_where_nobody_outside_makes_customers_they_are_only_looked_up(site: Site) -> None:
    site.change_mapping(settings={"created_by": "U2CPOST"})

    refused = site.erp.submit(a_document())

    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.code) == (RejectionKind.MAPPING, "CUSTOMER_MISSING")
    assert site.simulator.faults.writes == 0


def test_a_customer_that_sap_refuses_comes_with_its_words(site: Site) -> None:
    site.change_mapping(receivable_account="4400")

    refused = site.erp.submit(a_document())

    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.text) == (RejectionKind.CONFIGURATION, "4400 is no reconciliation account")


def test_a_foreign_invoice_is_in_the_books_at_our_rate_to_the_cent(site: Site) -> None:
    ours = in_dollars(a_document())

    posted = site.erp.submit(ours)

    assert isinstance(posted, Posted)
    assert isinstance(site.erp.read(posted.ref, INVOICE), PostedDocument)
    (items,) = [document.items for document in site.simulator.books_of("1010").documents]
    in_euros = [item.local_amount for item in items]
    assert in_euros == [Decimal("-1074.56"), Decimal("-0.06"), Decimal("1278.80"), Decimal("-204.18")]


def test_lines_carry_what_their_mapping_assigns_and_how_to_find_back(site: Site) -> None:
    first, second = a_document().lines
    lines = (replace(first, dimensions=(("cost_centre", "4"),)), second)

    site.erp.submit(replace(a_document(), lines=lines))

    (document,) = site.simulator.books_of("1010").documents
    revenue, _, customer, _ = document.items
    assert (revenue.cost_center, revenue.text, revenue.assignment) == ("4", "api usage", "20261001-20261031")
    assert (customer.text, customer.assignment, customer.net_days) == ("acme-2026/2026-10/r1", "DE-000001", 30)
    assert (document.header_text, document.created_by) == ("DE-000001", "U2CPOST")


def test_the_connection_says_what_it_cannot_see(site: Site) -> None:
    assert site.erp.check_connection() == ConnectionReport(())

    site.simulator.faults.script(Fault.SERVER_ERROR, operation="find_customers")
    site.change_mapping(company="9999")
    problems = site.erp.check_connection().problems
    assert [problem.partition(" ")[0] for problem in problems] == ["there", "business"]


def test_a_mapping_is_held_against_accounts_and_centres(site: Site) -> None:
    accounts = site.erp.reference(ReferenceKind.ACCOUNTS)

    assert isinstance(accounts, tuple)
    assert ReferenceItem("4400", "4400") in accounts
    assert site.erp.reference(ReferenceKind.DIMENSIONS) == (
        ReferenceItem("CostCenter=4", "4"),
        ReferenceItem("CostCenter=7", "7"),
    )
    assert isinstance(site.erp.reference(ReferenceKind.TAX_CODES), NotSupported)


def test_customers_are_found_by_key_tax_number_and_name(site: Site) -> None:
    site.erp.submit(a_document())
    party = a_document().party
    (found,) = site.erp.find_customers(party)  # type: ignore[misc]
    assert (found.name, found.country, found.tax_id, found.email, found.linked) == (
        "Acme Corp",
        "DE",
        "DE811907980",
        "ap@acme.example",
        True,
    )

    renamed = replace(party, customer_id=CustomerId("acme-2"), name="Acme Corporation")
    (by_number,) = site.erp.find_customers(renamed)  # type: ignore[misc]
    assert (by_number.key, by_number.linked) == (found.key, False)
    assert site.erp.find_customers(replace(renamed, tax_id="", name="O'Hara")) == ()


WIDER_THAN_TWO_LINES = "Arbeitsgemeinschaft Wasserversorgungsunternehmen Nordwestmecklenburg eG"  # of 71 characters


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("tax_id", "8" * 21, "a customer's tax number of 21 characters; sap_s4hana takes 20"),
        ("name", WIDER_THAN_TWO_LINES, "a customer's name of 3 lines of 40 characters; sap_s4hana takes 2"),
    ],
)
def test_no_customer_is_created_whose_name_or_tax_number_does_not_fit(
    site: Site, field: str, text: str, told: str
) -> None:
    party = a_document().party
    wider = replace(party, **{field: text})  # type: ignore[arg-type]

    refused = site.erp.submit(replace(a_document(), party=wider))
    assert refused == Rejected(RejectionKind.VALIDATION, "TEXT_TOO_LONG", told)
    assert site.erp.find_customers(party) == ()
    assert isinstance(site.erp.submit(a_document()), Posted)
    of_one_that_is_there = a_document(posting_id="acme-2026/2026-11/r1", number="DE-000002")
    assert isinstance(site.erp.submit(replace(of_one_that_is_there, party=wider)), Posted)


def test_what_is_read_by_a_key_that_is_none_is_not_there(site: Site) -> None:
    assert site.erp.locate(a_document().external_ref, INVOICE) == Absent()


def debtors(site: Site) -> set[str]:
    return {document.customer for document in site.simulator.documents()}


def test_a_credit_memo_goes_to_the_debtor_of_its_invoice_whoever_has_the_customers_key_by_now(site: Site) -> None:
    older = site.erp.ensure_customer(replace(a_document().party, customer_id=CustomerId("acme-of-old")), EUR)
    assert isinstance(older, CustomerReady)
    invoice = site.erp.submit(a_document())
    assert isinstance(invoice, Posted)
    site.simulator.give_key(older.key, "ACME")

    memo = site.erp.submit(a_credit_memo(of_invoice=invoice.ref.value))

    assert isinstance(memo, Posted)
    assert debtors(site) == {"10100002"} != {older.key}


def test_a_credit_memo_tells_of_refused_credentials_as_other_documents_do(site: Site) -> None:
    invoice = site.erp.submit(a_document())
    assert isinstance(invoice, Posted)
    site.secret.fields = {"base_url": ROOT}
    site.connections.sign_in_anew()

    assert isinstance(site.erp.submit(a_credit_memo(of_invoice=invoice.ref.value)), AuthFailed)
