"""Journals reach the ledger of every ERP that takes them, once, on the mapped accounts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.identifiers import CustomerId, ProductId
from shared.domain.master_data.catalog import revenue_of
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import (
    Absent,
    Draft,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    RejectionKind,
    Submission,
    Uncertain,
)
from shared.domain.posting.systems.registry import SYSTEMS
from simulators.erp import Fault
from tests.builders.posting import a_document, a_journal, reversed_by
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS, EVERY_SYSTEM

JOURNAL = DocumentKind.JOURNAL
MOST_LOOKS = 3
ACCRUED = {("1250", "EUR"): "300.00", ("4400", "EUR"): "-300.00"}

JOURNALLING = tuple(system for system in EVERY_SYSTEM if JOURNAL in SYSTEMS[system].capabilities.kinds)
# The ledger of Oracle Fusion has no customers; what is told by files says of each what it is created by.
NAME_CUSTOMERS = tuple(system for system in JOURNALLING if system not in {"oracle_fusion", "legacy_files"})


@pytest.fixture(params=JOURNALLING)
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> PostingSite:
    return open_site(request.param)


on_called_systems = pytest.mark.parametrize("site", [s for s in JOURNALLING if s in CALLED_SYSTEMS], indirect=True)


def posted(site: PostingSite, journal: Journal) -> object:
    return site.finish(site.erp.submit(journal), journal)


def test_a_journal_is_in_the_ledger_is_read_back_and_can_be_reversed(site: PostingSite) -> None:
    accrual = a_journal()

    outcome = posted(site, accrual)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(accrual, found) == ()
    assert found.posted
    assert site.erp.locate(accrual.external_ref, JOURNAL) == Found(found)
    assert balances(site) == ACCRUED

    assert isinstance(posted(site, reversed_by(accrual)), Posted)
    assert balances(site) == {}


@on_called_systems
def test_a_journal_never_sent_is_absent_and_one_whose_reply_is_lost_is_found(site: PostingSite) -> None:
    assert site.erp.locate(a_journal().external_ref, JOURNAL) == Absent()
    site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.under_test.creates[JOURNAL])

    assert isinstance(site.erp.submit(a_journal()), Uncertain)

    assert isinstance(brought_on(site, found_in_time(site)), Posted)
    assert balances(site) == ACCRUED


@on_called_systems
def test_a_journal_that_commits_late_is_found_after_the_quiet_period(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LATE_COMMIT, operation=site.under_test.creates[JOURNAL])

    assert isinstance(site.erp.submit(a_journal()), Uncertain)
    site.clock.instant += timedelta(seconds=site.erp.capabilities().quiet_period_seconds)

    assert isinstance(brought_on(site, found_in_time(site)), Posted)
    assert balances(site) == ACCRUED


def test_a_closed_period_takes_no_journal(site: PostingSite) -> None:
    outcome = posted(site, a_journal(posted_on=date(2026, 9, 30)))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    assert balances(site) == {}


def test_an_account_without_a_mapping_and_one_that_is_not_there_are_refused(site: PostingSite) -> None:
    entity = site.master_data.entity
    assert entity is not None
    site.master_data.entity = replace(entity, erp=replace(entity.erp, accounts={"revenue": "4400"}))
    unmapped = site.erp.submit(a_journal())
    site.master_data.entity = replace(entity, erp=replace(entity.erp, accounts={"revenue": "4400", "unbilled": "9999"}))
    unknown = posted(site, a_journal())

    assert unmapped == Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for account unbilled")
    assert isinstance(unknown, Rejected)
    assert unknown.kind is RejectionKind.MAPPING
    assert balances(site) == {}


def test_revenue_of_a_product_is_booked_where_its_invoices_book_it(site: PostingSite) -> None:
    journal = a_journal()
    revenue = replace(journal.lines[1], account=revenue_of(ProductId("storage")))

    outcome = posted(site, replace(journal, lines=(journal.lines[0], revenue)))

    assert isinstance(outcome, Posted)
    assert balances(site)[site.under_test.mapping.revenue_account(ProductId("storage")), "EUR"] == "-300.00"


def test_a_line_on_receivables_names_its_customer(site: PostingSite) -> None:
    site.post(a_document())
    journal = a_journal()
    written_off = replace(journal.lines[1], account="receivable", customer_id=CustomerId("acme"))

    outcome = posted(site, replace(journal, lines=(journal.lines[0], written_off)))

    assert isinstance(outcome, Posted)
    assert balances(site)["1100", "EUR"] == "1128.68"


@pytest.mark.parametrize("site", NAME_CUSTOMERS, indirect=True)
def test_a_customer_that_the_erp_does_not_have_is_created_for_no_journal(site: PostingSite) -> None:
    journal = a_journal()
    written_off = replace(journal.lines[1], account="receivable", customer_id=CustomerId("globex"))

    outcome = posted(site, replace(journal, lines=(journal.lines[0], written_off)))

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionCode.CUSTOMER_MISSING.kind
    assert balances(site) == {}


def test_lines_carry_their_dimensions(site: PostingSite) -> None:
    journal = a_journal()
    first = replace(journal.lines[0], dimensions=(("cost_centre", "4"),))
    fine = replace(journal, lines=(first, journal.lines[1]))
    strange = replace(fine, lines=(replace(first, dimensions=(("cost_centre", "99"),)), journal.lines[1]))

    refused = posted(site, strange)
    outcome = posted(site, replace(fine, external_ref=a_journal("second").external_ref))

    assert isinstance(refused, Rejected)
    assert refused.kind is RejectionKind.MAPPING
    if site.under_test.system.mapping.dimension_fields == {}:
        assert outcome == refused, "an ERP without dimensions refuses a line that has one, it does not drop it"
    else:
        assert isinstance(outcome, Posted)


def found_in_time(site: PostingSite) -> Found:
    """Look for the journal until the ERP shows it; it is absent at no time."""
    for _ in range(MOST_LOOKS):
        located = site.erp.locate(a_journal().external_ref, JOURNAL)
        if isinstance(located, Found):
            return located
        assert not isinstance(located, Absent)
        site.clock.instant += timedelta(seconds=site.erp.capabilities().poll_seconds)
    raise AssertionError("it was never found")


def brought_on(site: PostingSite, found: Found) -> Submission:
    ref = found.document.ref
    return Posted(ref) if found.document.posted else site.finish(Draft(ref), a_journal())


def balances(site: PostingSite) -> dict[tuple[str, str], str]:
    ledger = site.simulator.ledger.trial_balance(company=site.under_test.mapping.company)
    return {key: str(amount) for key, amount in ledger.items()}
