"""What only SAP S/4HANA does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId
from shared.domain.money import currency
from shared.domain.posting.customer_creation import Creation
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
    Submission,
    Throttled,
)
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerReady,
    NotSupported,
    ReferenceItem,
    ReferenceKind,
)
from simulators.erp import Fault, FaultPlan
from tests.builders.posting import a_credit_memo, a_document, in_dollars
from tests.contract.erp.sap_s4hana_site import ROOT, Site
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations
from tests.fakes.posting_world import Died

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
    site.change_mapping(receivable_account="1100")
    assert isinstance(site.erp.submit(a_document()), Posted)


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


NEXT = a_document(posting_id="acme-2026/2026-11/r1", number="DE-000002")
CREATES_CUSTOMER = "create_customer"


def debtors(site: Site) -> set[str]:
    return {document.customer for document in site.simulator.documents()}


def partners(site: Site) -> list[str]:
    found = site.erp.find_customers(a_document().party)
    assert isinstance(found, tuple)
    return [customer.key for customer in found]


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


class Interrupted(InMemoryCustomerCreations):
    """Has something else happen once, right before or right after a creation is begun."""

    def __init__(self, meanwhile: Callable[[], object], *, first: bool) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]
        self._first = first

    def begin(self, connection: str, key: str, creation: Creation, *, looked_up_at: datetime) -> Creation | None:
        meanwhile = self._meanwhile.pop() if self._meanwhile else lambda: None
        if self._first:
            meanwhile()
        standing = super().begin(connection, key, creation, looked_up_at=looked_up_at)
        if not self._first:
            meanwhile()
        return standing


@pytest.mark.parametrize("overtaken", [True, False], ids=["before it begins", "while it creates"])
def test_two_documents_of_a_new_customer_at_once_go_to_one_debtor(site: Site, overtaken: bool) -> None:
    others: list[Submission] = []
    creations = Interrupted(lambda: others.append(site.erp.submit(NEXT)), first=overtaken)
    site.connections = replace(site.connections, creations=creations)

    own = site.erp.submit(a_document())

    first, second = (others[0], own) if overtaken else (own, others[0])
    assert isinstance(first, Posted)
    assert second == Throttled(15)
    site.clock.instant += timedelta(seconds=30)
    assert isinstance(site.erp.submit(a_document() if overtaken else NEXT), Posted)
    assert debtors(site) == {*partners(site)} == {"10100001"}


def test_who_slept_for_an_hour_after_its_look_up_looks_again(site: Site) -> None:
    def meanwhile() -> None:
        assert isinstance(site.erp.submit(NEXT), Posted)
        site.clock.instant += timedelta(hours=1)

    site.erp.check_connection()  # signs in
    site.http.under_way = meanwhile

    assert site.erp.submit(a_document()) == Throttled(15)
    assert isinstance(site.erp.submit(a_document()), Posted)
    assert debtors(site) == {*partners(site)} == {"10100001"}


@pytest.mark.parametrize("fault", [Fault.LATE_COMMIT, Fault.LOSE_REPLY, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON])
def test_a_customer_whose_creation_got_lost_is_not_created_again_within_the_quiet_period(
    site: Site, fault: Fault
) -> None:
    site.simulator.faults.plan = FaultPlan(late_commit_seconds=14 * 60)
    site.simulator.faults.script(fault, operation=CREATES_CUSTOMER)

    assert site.erp.submit(a_document()) == Throttled(16 * 60)

    site.clock.instant += timedelta(minutes=10)
    was_created = fault in {Fault.LOSE_REPLY, Fault.TRUNCATED_JSON}
    other = site.erp.submit(NEXT)
    assert isinstance(other, Posted) if was_created else other == Throttled(6 * 60)
    site.clock.instant += timedelta(minutes=6)
    assert isinstance(site.erp.submit(a_document()), Posted)
    assert debtors(site) == {*partners(site)} == {"10100001"}


def test_a_connection_with_a_longer_quiet_period_waits_longer_for_a_customer_that_got_lost(site: Site) -> None:
    site.change_mapping(settings={**site.entity.erp.settings, "quiet_period_minutes": "45"})
    site.simulator.faults.script(Fault.SERVER_ERROR, operation=CREATES_CUSTOMER)

    assert site.erp.submit(a_document()) == Throttled(45 * 60)
    site.clock.instant += timedelta(minutes=44)
    assert site.erp.submit(a_document()) == Throttled(60)


def test_a_busy_sap_has_created_no_customer_and_may_be_asked_again_at_once(site: Site) -> None:
    site.simulator.faults.script(Fault.THROTTLE, operation=CREATES_CUSTOMER)

    assert site.erp.submit(a_document()) == Throttled(0)
    assert isinstance(site.erp.submit(a_document()), Posted)


def test_who_dies_at_creating_a_customer_keeps_others_waiting_no_longer_than_it_may_still_come(site: Site) -> None:
    def dies() -> None:
        raise Died

    site.connections = replace(site.connections, creations=Interrupted(dies, first=False))
    with pytest.raises(Died):
        site.erp.submit(a_document())

    assert site.erp.submit(NEXT) == Throttled(15)
    site.clock.instant += timedelta(minutes=11)
    assert site.erp.submit(NEXT) == Throttled(20 * 60)  # 15 minutes that a function may live, and 16
    site.clock.instant += timedelta(minutes=20)
    assert isinstance(site.erp.submit(NEXT), Posted)
