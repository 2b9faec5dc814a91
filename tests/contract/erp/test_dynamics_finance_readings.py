"""What Dynamics 365 Finance shows: settlements, periods, reference data, customers, what is wrong with a connection."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId
from shared.domain.money import currency
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind, PostingParty
from shared.domain.posting.outcome import AuthFailed, ErpRef, LookupFailed, Posted, Rejected
from shared.domain.posting.readings import (
    CustomerReading,
    CustomerReady,
    NotSupported,
    PeriodReading,
    ReferenceItem,
    ReferenceKind,
    Settlement,
    SettlementPage,
    SettlementStatus,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document, eur
from tests.contract.erp.dynamics_finance_site import Site, with_settings, without

EUR = currency("EUR")
ACME = a_document().party


@pytest.fixture
def site() -> Site:
    return Site()


def post_invoice(site: Site, number: int = 1) -> ErpRef:
    outcome = site.post(a_document(posting_id=f"acme-{number}/2026-10/r1", number=f"DE-{number}"))
    assert isinstance(outcome, Posted)
    return outcome.ref


def page(site: Site, cursor: str = "") -> SettlementPage:
    found = site.erp.settlements(cursor)
    assert isinstance(found, SettlementPage)
    return found


def standing(site: Site, cursor: str = "") -> list[tuple[SettlementStatus, str]]:
    return [(one.status, str(one.open_amount)) for one in page(site, cursor).settlements]


def test_an_invoice_is_open_then_partly_paid_then_paid(site: Site) -> None:
    post_invoice(site)
    key = site.simulator.documents()[0].external_ref
    assert standing(site) == [(SettlementStatus.OPEN, "1428.68 EUR")]

    site.simulator.pay(key, Decimal("1000.00"), date(2026, 11, 5))
    assert standing(site) == [(SettlementStatus.PARTLY_PAID, "428.68 EUR")]

    site.simulator.pay(key, Decimal("428.68"), date(2026, 11, 6))
    (settlement,) = page(site).settlements
    assert settlement == Settlement(
        external_ref=key,
        kind=DocumentKind.INVOICE,
        erp_number="FTI-000001",
        status=SettlementStatus.PAID,
        open_amount=settlement.open_amount,
        changed_at=settlement.changed_at,
        credited=eur("0.00"),
    )
    assert not settlement.open_amount.amount


def test_what_is_settled_beyond_an_invoice_is_told_as_such(site: Site) -> None:
    post_invoice(site)
    (transaction,) = site.simulator._books["de01"].transactions
    transaction["SettleAmountCur"] = Decimal("1478.68")

    assert standing(site) == [(SettlementStatus.PARTLY_PAID, "-50.00 EUR")]


def test_what_a_credit_note_took_is_credited(site: Site) -> None:
    invoice = post_invoice(site)
    outcome = site.post(a_credit_memo(of_invoice=invoice.value, net="1200.57", tax="228.11"))
    assert isinstance(outcome, Posted)

    first, second = page(site).settlements

    assert (first.kind, first.status) == (DocumentKind.INVOICE, SettlementStatus.CREDITED)
    assert (second.kind, second.status) == (DocumentKind.CREDIT_MEMO, SettlementStatus.PAID)
    assert second.external_ref == a_credit_memo(of_invoice="").external_ref


def test_after_a_complete_pass_what_was_closed_long_ago_is_not_said_again(site: Site) -> None:
    post_invoice(site, 1)
    site.simulator.pay(site.simulator.documents()[0].external_ref, Decimal("1428.68"), date(2026, 11, 1))
    site.later(days=60)
    post_invoice(site, 2)
    first = page(site)
    assert (len(first.settlements), first.complete) == (2, True)

    site.later(days=1)
    assert [one.erp_number for one in page(site, first.next_cursor).settlements] == ["FTI-000002"]


def test_a_payment_is_told_by_the_pass_after_it(site: Site) -> None:
    post_invoice(site)
    cursor = page(site).next_cursor
    site.simulator.pay(site.simulator.documents()[0].external_ref, Decimal("1428.68"), site.clock.now().date())

    assert [status for status, _ in standing(site, cursor)] == [SettlementStatus.PAID]


def test_a_payment_of_three_weeks_ago_that_is_entered_today_is_told_by_the_first_pass_of_the_next_day(
    site: Site,
) -> None:
    post_invoice(site)
    site.later(days=28)
    first = page(site)
    site.simulator.pay(site.simulator.documents()[0].external_ref, Decimal("1428.68"), date(2026, 11, 8))

    second = page(site, first.next_cursor)
    assert second.settlements == ()
    site.later(days=1)
    assert [status for status, _ in standing(site, second.next_cursor)] == [SettlementStatus.PAID]


def test_a_later_pass_of_a_day_states_what_is_new_or_settled_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.erp.dynamics_finance.settlements.PAGE", 2)
    for number in (1, 2, 3, 4):
        post_invoice(site, number)
    first, second, *_ = [one.external_ref for one in site.simulator.documents()]
    told, cursor = passed(site, "")
    assert sorted(told) == ["FTI-000001", "FTI-000002", "FTI-000003", "FTI-000004"]

    assert passed(site, cursor)[0] == {}
    today = site.clock.now().date()
    site.simulator.pay(first, Decimal("1428.68"), today)
    site.simulator.pay(second, Decimal("1000.00"), today)
    post_invoice(site, 5)
    told, cursor = passed(site, cursor)
    partly = {"FTI-000002": SettlementStatus.PARTLY_PAID}
    assert told == {"FTI-000001": SettlementStatus.PAID, **partly, "FTI-000005": SettlementStatus.OPEN}

    told, cursor = passed(site, cursor)
    assert told == {"FTI-000001": SettlementStatus.PAID, **partly}
    site.later(days=1)
    assert len(passed(site, cursor)[0]) == 5


def passed(site: Site, cursor: str) -> tuple[dict[str, SettlementStatus], str]:
    """Return how the documents of a whole pass stand by their numbers, and where the next pass begins."""
    told: dict[str, SettlementStatus] = {}
    while True:
        found = page(site, cursor)
        told |= {one.erp_number: one.status for one in found.settlements}
        cursor = found.next_cursor
        if found.complete:
            return told, cursor


def test_a_pass_goes_on_after_the_last_transaction_that_was_read(site: Site) -> None:
    for number in (1, 2, 3):
        post_invoice(site, number)
    keys = [row["SourceKey"] for row in site.rows("CustTransBiEntities")]

    assert len(page(site, f"1900-01-01;{keys[0]};2026-11-01;2026-11-01;0").settlements) == 2


def test_an_invoice_of_a_person_is_passed_over_whatever_it_is_in(site: Site) -> None:
    site.enter_by_hand(reference="your order 12", currency_code="BTC")
    post_invoice(site)

    found = page(site)

    assert [one.erp_number for one in found.settlements] == ["FTI-000002"]
    assert found.complete


def test_a_page_of_what_only_persons_wrote_is_gone_on_from(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.erp.dynamics_finance.settlements.PAGE", 2)
    site.enter_by_hand(reference="your order 12", currency_code="BTC")
    site.enter_by_hand(reference="", currency_code="EUR")
    post_invoice(site)

    first = page(site)
    second = page(site, first.next_cursor)

    assert (first.settlements, first.complete) == ((), False)
    assert ([one.erp_number for one in second.settlements], second.complete) == (["FTI-000003"], True)


@pytest.mark.parametrize("cursor", ["yesterday", "2026-11-01;x;2026-11-01;2026-11-01;0", "2026-11-01"])
def test_a_cursor_of_nobody_is_not_read_from(site: Site, cursor: str) -> None:
    assert isinstance(site.erp.settlements(cursor), LookupFailed)


def test_settlements_need_to_know_their_entity() -> None:
    assert isinstance(Site(without("transactions_entity")).erp.settlements(""), NotSupported)
    assert isinstance(Site(with_settings(transactions_entity="Nothing")).erp.settlements(""), LookupFailed)


def test_periods_are_as_the_ledger_calendar_has_them(site: Site) -> None:
    site.simulator.set_posting_window("DE01", posting_from=date(2026, 10, 1), posting_to=date(2026, 11, 30))

    periods = site.erp.periods(DocumentKind.INVOICE)

    assert isinstance(periods, tuple)
    assert [period.name for period in periods] == sorted(period.name for period in periods)
    autumn = {period.name: period.status for period in periods if period.name.startswith("2026-")}
    assert (autumn["2026-09"], autumn["2026-10"], autumn["2026-12"]) == (
        PeriodStatus.CLOSED,
        PeriodStatus.OPEN,
        PeriodStatus.SOFT_CLOSED,
    )
    assert PeriodReading("2026-11", PeriodStatus.OPEN) in periods


def test_periods_need_to_know_their_entity() -> None:
    assert isinstance(Site(without("period_entity")).erp.periods(DocumentKind.JOURNAL), NotSupported)
    assert isinstance(Site(with_settings(period_entity="Nothing")).erp.periods(DocumentKind.JOURNAL), LookupFailed)


def test_reference_data(site: Site) -> None:
    accounts = site.erp.reference(ReferenceKind.ACCOUNTS)
    assert isinstance(accounts, tuple)
    assert {item.key for item in accounts} >= {"4400", "4410", "1776", "1100", "2000"}
    assert site.erp.reference(ReferenceKind.TAX_CODES) == tuple(
        ReferenceItem(pair, pair) for pair in ("AR-DE/FULL", "AR-DE/NONE")
    )
    assert site.erp.reference(ReferenceKind.DIMENSIONS) == (
        ReferenceItem("CostCenter=042", "042"),
        ReferenceItem("Region=EU-1", "EU-1"),
    )
    currencies = site.erp.reference(ReferenceKind.CURRENCIES)
    assert isinstance(currencies, tuple)
    assert ReferenceItem("EUR", "EUR") in currencies
    assert isinstance(site.erp.reference(ReferenceKind.ITEMS), NotSupported)


@pytest.mark.parametrize("kind", [ReferenceKind.ACCOUNTS, ReferenceKind.TAX_CODES, ReferenceKind.DIMENSIONS])
def test_reference_data_that_cannot_be_read_is_said_so(site: Site, kind: ReferenceKind) -> None:
    for operation in ("find_ledgers", "find_tax_groups", "find_dimension_values"):
        site.faults.script(Fault.GATEWAY_PAGE, operation=operation)

    assert isinstance(site.erp.reference(kind), LookupFailed)


def test_a_customer_is_created_once_and_found_by_key_name_and_tax_id(site: Site) -> None:
    assert site.erp.ensure_customer(ACME, EUR) == CustomerReady("ACME")
    assert site.erp.ensure_customer(ACME, EUR) == CustomerReady("ACME")
    other = replace(ACME, customer_id=CustomerId("acme-two"))

    assert site.erp.find_customers(other) == (
        CustomerReading(
            key="ACME", name="Acme Corp", country="DE", tax_id="DE811907980", email="ap@acme.example", linked=False
        ),
    )


def test_a_star_in_a_name_finds_nobody_else(site: Site) -> None:
    site.erp.ensure_customer(ACME, EUR)
    star = PostingParty(customer_id=CustomerId("star"), name="A*", country="DE", tax_id="", email="")

    assert site.erp.find_customers(star) == ()


def test_a_customer_that_the_erp_refuses_says_why() -> None:
    site = Site()
    nameless = replace(ACME, name="")

    outcome = site.erp.ensure_customer(nameless, EUR)

    assert isinstance(outcome, Rejected)
    assert "OrganizationName" in outcome.text


def test_a_customer_cannot_be_looked_for_while_the_application_has_no_user(site: Site) -> None:
    site.faults.script(*[Fault.CLIENT_UNMAPPED] * 4, operation="find_customers")
    site.faults.script(*[Fault.CLIENT_UNMAPPED] * 2, operation="create_customer")

    assert isinstance(site.erp.ensure_customer(ACME, EUR), AuthFailed)
    assert isinstance(site.erp.find_customers(ACME), LookupFailed)


def test_a_connection_report_names_what_cannot_be_read(site: Site) -> None:
    site.faults.script(Fault.UNAVAILABLE, operation="find_journal_headers")
    site.faults.script(Fault.UNAVAILABLE, operation="find_ledger_fiscal_periods")

    first, second = site.erp.check_connection().problems

    assert first.startswith("LedgerJournalHeaders cannot be read")
    assert second.startswith("LedgerFiscalPeriodsV2 cannot be read")


def test_a_company_that_cannot_be_seen_is_a_problem_of_its_own() -> None:
    site = Site()
    elsewhere = Site(replace(site.mapping, company="XX99"))

    assert elsewhere.erp.check_connection().problems == (
        "the company xx99 cannot be seen: an administrator gives the application's user access",
    )
