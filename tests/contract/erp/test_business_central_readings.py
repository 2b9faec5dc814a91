"""What Business Central shows: settlements, periods, customers, reference data, and its connection."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId
from shared.domain.money import currency
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed, Posted
from shared.domain.posting.readings import (
    CustomerReady,
    NotSupported,
    PeriodReading,
    ReferenceItem,
    ReferenceKind,
    SettlementStatus,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.told import listed, settled, statuses

DUE = date(2026, 11, 30)


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    return open_site("business_central")


def test_payments_credits_and_cancellations_are_told_anew_and_drafts_not_at_all(site: PostingSite) -> None:
    paid, credited, voided, drafted = (a_document(posting_id=f"acme/{name}/r1", number=f"DE-{name}") for name in "abcd")
    refs = [site.post(document) for document in (paid, credited, voided)]
    assert isinstance(refs[1], Posted)
    site.erp.submit(drafted)
    before = settled(site)
    assert [one.status for one in before.settlements] == [SettlementStatus.OPEN] * 3
    site.clock.instant += timedelta(minutes=30)
    site.simulator.pay(paid.external_ref, Decimal("428.68"), DUE)
    site.post(a_credit_memo(of_invoice=refs[1].ref.value))
    site.simulator.void(voided.external_ref, DUE)

    changed = statuses(site, before.next_cursor)

    assert changed[paid.external_ref] == ("partly_paid", "1000.00")
    assert changed[credited.external_ref] == ("partly_paid", "1309.68")
    assert changed[voided.external_ref] == ("voided", "0")
    assert changed[a_credit_memo(of_invoice="1").external_ref] == ("paid", "0")
    site.simulator.pay(paid.external_ref, Decimal(1000), DUE)
    site.simulator.pay(credited.external_ref, Decimal("1309.68"), DUE)
    last = statuses(site)
    assert last[paid.external_ref] == ("paid", "0.00")
    assert last[credited.external_ref] == ("credited", "0.00")


def test_pages_go_on_where_the_last_one_ended_also_within_one_instant(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.erp.business_central.settlements._PAGE", 2)
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(5)]
    for document in documents:
        site.post(document)

    seen: list[str] = []
    page = settled(site)
    while not page.complete:
        seen += [one.external_ref for one in page.settlements]
        page = settled(site, page.next_cursor)
    seen += [one.external_ref for one in page.settlements]

    assert set(seen) == {document.external_ref for document in documents}


def test_months_are_open_where_the_posting_window_takes_any_of_their_days(site: PostingSite) -> None:
    company = site.under_test.mapping.company
    site.simulator.set_posting_window(company, posting_from=date(2026, 10, 15), posting_to=date(2026, 11, 30))

    found = listed(site.erp.periods(DocumentKind.INVOICE))

    assert PeriodReading("2026-09", PeriodStatus.CLOSED) in found
    assert PeriodReading("2026-10", PeriodStatus.OPEN) in found
    assert PeriodReading("2026-11", PeriodStatus.OPEN) in found
    assert PeriodReading("2026-12", PeriodStatus.CLOSED) in found


def test_customers_are_found_by_our_number_tax_id_and_name(site: PostingSite) -> None:
    party = a_document().party
    assert site.erp.ensure_customer(party, currency("EUR")) == CustomerReady("ACME")
    namesake = replace(party, customer_id=CustomerId("other"), tax_id="")
    site.erp.ensure_customer(namesake, currency("EUR"))

    found = listed(site.erp.find_customers(party))

    assert [(one.key, one.linked, one.tax_id, one.country) for one in found] == [
        ("ACME", True, "DE811907980", "DE"),
        ("OTHER", False, "", "DE"),
    ]


def test_reference_data_is_what_a_mapping_may_name(site: PostingSite) -> None:
    site.simulator.block_account(site.under_test.mapping.company, "1250")

    found = {kind: site.erp.reference(kind) for kind in ReferenceKind}

    assert {item.key: item.active for item in listed(found[ReferenceKind.ACCOUNTS])}["1250"] is False
    assert isinstance(found[ReferenceKind.ITEMS], NotSupported)
    assert ReferenceItem("VAT19", "VAT19") in listed(found[ReferenceKind.TAX_CODES])
    assert [item.key for item in listed(found[ReferenceKind.CURRENCIES])] == ["EUR", "JPY", "KWD", "USD"]
    assert [item.key for item in listed(found[ReferenceKind.DIMENSIONS])] == ["DEPT=4", "DEPT=7"]


def test_long_lists_are_read_page_by_page(site: PostingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = site.erp.reference(ReferenceKind.ACCOUNTS)
    monkeypatch.setattr("shared.adapters.erp.business_central.company._PAGE", 2)

    assert len(listed(whole)) > 4
    assert site.erp.reference(ReferenceKind.ACCOUNTS) == whole


def test_lines_of_invoices_carry_their_dimensions(site: PostingSite) -> None:
    document = a_document()
    lines = (replace(document.lines[0], dimensions=(("cost_centre", "99"),)), document.lines[1])

    refused = site.erp.submit(replace(document, lines=lines))
    taken = site.post(replace(document, lines=(replace(lines[0], dimensions=(("cost_centre", "4"),)), lines[1])))

    assert "Dimension Value" in str(refused)
    assert isinstance(taken, Posted)


def test_a_connection_that_can_post_has_no_problems(site: PostingSite) -> None:
    assert site.erp.check_connection().is_well
    assert site.master_data.entity is not None
    entity = site.master_data.entity
    site.master_data.entity = replace(entity, erp=replace(entity.erp, company="Acme GmbH"))

    (unseen,) = site.erp.check_connection().problems

    assert "needs its id, not its name" in unseen


def test_a_secret_that_entra_refuses_is_for_an_administrator(site: PostingSite) -> None:
    site.change_secret({"client_secret": "wrong"})

    (refused,) = site.erp.check_connection().problems

    assert "an administrator has to see to the application's secret" in refused


def test_an_erp_that_is_away_while_tokens_are_given_is_told_of_once(site: PostingSite) -> None:
    site.change_secret({"base_url": "http://127.0.0.1:9"})

    assert site.erp.check_connection().problems == (
        "it does not answer (ConnectError): see whether it is up, and to the addresses in its secret",
    )


def test_a_reading_without_an_answer_says_why(site: PostingSite) -> None:
    reads: dict[str, Callable[[], object]] = {
        "find_invoices": lambda: site.erp.settlements(""),
        "get_ledger_setup": lambda: site.erp.periods(DocumentKind.INVOICE),
        "find_accounts": lambda: site.erp.reference(ReferenceKind.ACCOUNTS),
        "find_customers": lambda: site.erp.find_customers(a_document().party),
    }
    for operation, read in reads.items():
        site.simulator.faults.script(Fault.GATEWAY_PAGE, operation=operation)
        assert isinstance(read(), LookupFailed), operation
