"""What every ERP shows of itself and of our documents: its connection, names, periods, what is paid, customers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

import pytest

from shared.domain.identifiers import CustomerId, ExternalRef
from shared.domain.money import Money, currency
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import CorrectedDocument, DocumentKind, PostingDocument
from shared.domain.posting.mapping_check import UnknownName, named_by, unknown_names
from shared.domain.posting.outcome import ErpRef, LookupFailed, Posted, PostedDocument
from shared.domain.posting.readings import (
    CustomerReady,
    NotSupported,
    PeriodReading,
    ReferenceKind,
    Settlement,
    SettlementPage,
    SettlementStatus,
)
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.conftest import PostingSite
from tests.contract.erp.systems.every_system import on_every_system

Standing: TypeAlias = tuple[SettlementStatus, Decimal]

EUR = currency("EUR")
ACME = a_document().party
FIRST, SECOND = (a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in (1, 2))
FULL, NOTHING = FIRST.gross.amount, Decimal(0)
NOBODY_THERE = "http://127.0.0.1:9"
A_DAY = timedelta(days=1)  # some ERPs tell no more of a change than its day
OPEN, PARTLY_PAID, PAID, CREDITED = (
    SettlementStatus.OPEN,
    SettlementStatus.PARTLY_PAID,
    SettlementStatus.PAID,
    SettlementStatus.CREDITED,
)


@on_every_system
def test_a_connection_that_can_post_has_no_problems(site: PostingSite) -> None:
    assert site.erp.check_connection().problems == ()


def test_wrong_credentials_name_the_connection_and_who_mends_it(site: PostingSite) -> None:
    site.change_secret(site.under_test.wrong_credentials)

    problems = site.erp.check_connection().problems

    assert site.under_test.mapping.connection in problems[0]
    assert says_who_acts(problems[0])


def test_a_check_that_signs_in_anew_sees_credentials_that_were_changed_a_moment_ago(site: PostingSite) -> None:
    assert site.erp.check_connection().is_well
    site.change_secret(site.under_test.wrong_credentials)

    site.connections.sign_in_anew()

    assert site.under_test.mapping.connection in site.erp.check_connection().problems[0]


def test_a_secret_that_is_not_there_is_the_one_problem_and_how_to_make_it_is_told(site: PostingSite) -> None:
    site.lose_secret()

    (problem,) = site.erp.check_connection().problems

    assert f"secret {site.under_test.mapping.connection}: ResourceNotFoundException" in problem
    assert "tagged erp-connection=true" in problem
    assert not says_who_acts(problem)


def test_an_address_where_nothing_answers_is_the_one_problem_and_no_matter_of_permissions(site: PostingSite) -> None:
    site.change_secret({name: NOBODY_THERE for name in ("base_url", "token_url") if name in site.secret})

    (problem,) = site.erp.check_connection().problems

    assert "ConnectError" in problem
    assert "see whether it is up" in problem
    assert not says_who_acts(problem)


def test_a_company_that_is_not_visible_is_named_with_who_mends_it(site: PostingSite) -> None:
    map_to(site, company=site.under_test.other_company)

    problems = site.erp.check_connection().problems

    assert site.under_test.other_company in problems[0]
    assert says_who_acts(problems[0])


@on_every_system
@pytest.mark.parametrize("kind", ReferenceKind)
def test_all_that_a_mapping_names_is_there_and_what_is_not_there_is_found(
    site: PostingSite, kind: ReferenceKind
) -> None:
    there = site.erp.reference(kind)

    assert isinstance(there, NotSupported) is (kind in site.under_test.not_listed), there
    assert not isinstance(there, LookupFailed), there
    if isinstance(there, NotSupported):
        return
    assert site.master_data.entity is not None
    assert list(unknown_names(named_by(site.master_data.entity)[kind], there)) == []
    map_to(site, accounts={"unbilled": "9999"}, receivable_account="1100")
    missing = list(unknown_names(named_by(site.master_data.entity)[ReferenceKind.ACCOUNTS], there))
    assert kind is not ReferenceKind.ACCOUNTS or missing == [UnknownName("account unbilled", "9999")]


@on_every_system
@pytest.mark.parametrize("kind", [DocumentKind.INVOICE, DocumentKind.JOURNAL])
def test_months_are_closed_and_open_as_finance_has_them(site: PostingSite, kind: DocumentKind) -> None:
    if not site.erp.capabilities().periods_readable:
        assert isinstance(site.erp.periods(kind), NotSupported)
        return

    set_window(site, posting_from=date(2026, 11, 1))
    assert status(site, kind, "2026-10") is PeriodStatus.CLOSED

    set_window(site, posting_from=date(2026, 10, 1))
    assert status(site, kind, "2026-09") is PeriodStatus.CLOSED
    assert status(site, kind, "2026-10") is PeriodStatus.OPEN


@on_every_system
def test_what_is_paid_and_credited_is_told_once_it_changes_and_nothing_else(site: PostingSite) -> None:
    if not site.erp.capabilities().settlements_readable:
        assert isinstance(site.erp.settlements(""), NotSupported)
        return
    told = Told(site)
    post(site, FIRST)
    of_second = post(site, SECOND)
    assert told.by_now() == told.of_open({FIRST: (OPEN, FULL), SECOND: (OPEN, FULL)})
    assert told.by_now() == told.of_open({FIRST: (OPEN, FULL), SECOND: (OPEN, FULL)})

    site.simulator.pay(FIRST.external_ref, Decimal("428.68"), date(2026, 11, 3))
    assert told.by_now() == {
        **told.of_open({SECOND: (OPEN, FULL)}),
        FIRST.external_ref: (PARTLY_PAID, Decimal(1000)),
    }

    site.simulator.pay(FIRST.external_ref, Decimal("1000.00"), date(2026, 11, 4))
    memo = a_credit_memo(of_invoice=of_second, net="1200.57", tax="228.11")
    memo = replace(memo, corrects=CorrectedDocument(human_number=SECOND.human_number, erp_ref=of_second))
    post(site, memo)
    if site.under_test.applies_credit is not None:
        site.under_test.applies_credit(site.simulator, SECOND.external_ref, memo.external_ref)
    changed = told.by_now()
    assert changed[FIRST.external_ref] == (PAID, NOTHING)
    assert changed[SECOND.external_ref] == (CREDITED, NOTHING)
    assert set(changed) <= {FIRST.external_ref, SECOND.external_ref, memo.external_ref}
    assert told.by_now() == changed
    assert told.since("") == changed


@on_every_system
def test_what_a_person_credits_there_is_told_by_its_amount_beside_what_was_credited_by_us_and_paid(
    site: PostingSite,
) -> None:
    if not site.erp.capabilities().settlements_readable:
        return
    told = Told(site)
    invoice = post(site, FIRST)
    ours = a_credit_memo(of_invoice=invoice, net="10.00", tax="1.90")
    typed = a_credit_memo(of_invoice=invoice, posting_id="typed", number="CM-1001", net="100.00", tax="19.00")
    site.simulator.pay(FIRST.external_ref, Decimal("428.68"), date(2026, 11, 3))
    for memo in (ours, replace(typed, external_ref=ExternalRef("TYPED-BY-HAND"))):
        key = post(site, replace(memo, corrects=CorrectedDocument(human_number=FIRST.human_number, erp_ref=invoice)))
    if site.under_test.applies_credit is not None:
        site.under_test.applies_credit(site.simulator, FIRST.external_ref, ours.external_ref, "TYPED-BY-HAND")

    told.by_now()

    credited = told.credited[FIRST.external_ref]
    assert str(credited) == ("130.90 EUR" if site.under_test.tells_credits else "None")
    read = site.erp.read(ErpRef(key), DocumentKind.CREDIT_MEMO)  # as mark-posted does, which names it here
    assert isinstance(read, PostedDocument)
    assert (read.posted, str(read.gross)) == (True, "119.00 EUR")


@on_every_system
def test_pages_leave_nothing_out(site: PostingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    if not site.erp.capabilities().settlements_readable:
        return
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(5)]
    for document in documents:
        post(site, document)
        site.simulator.pay(document.external_ref, document.gross.amount, date(2026, 11, 3))
    for name in site.under_test.pages_by:
        monkeypatch.setattr(name, 2)

    pages = list(pages_since(site, ""))

    told = {one.external_ref: (one.status, one.open_amount.amount) for page in pages for one in page.settlements}
    assert told == dict.fromkeys((document.external_ref for document in documents), (PAID, NOTHING))
    assert len(pages) > 1 or not site.under_test.pages_by


@on_every_system
def test_a_customer_is_made_once_and_one_of_the_same_name_is_shown_beside_it(site: PostingSite) -> None:
    if not site.under_test.lists_customers:
        assert isinstance(site.erp.find_customers(ACME), NotSupported)
        assert site.erp.ensure_customer(ACME, EUR) == site.erp.ensure_customer(ACME, EUR)
        return
    assert site.erp.find_customers(ACME) == ()

    made = site.erp.ensure_customer(ACME, EUR)

    assert isinstance(made, CustomerReady)
    assert site.erp.ensure_customer(ACME, EUR) == made
    assert links(site) == [True]

    site.erp.ensure_customer(replace(ACME, customer_id=CustomerId("acme-again"), tax_id=""), EUR)
    assert links(site) == [True, False]


class Told:
    """What an ERP has told of our documents, poll after poll from where the last one ended."""

    def __init__(self, site: PostingSite) -> None:
        self._site = site
        self._cursor = ""
        self._known: dict[str, Standing] = {}
        self.credited: dict[str, Money | None] = {}

    def by_now(self) -> dict[str, Standing]:
        """Poll, and return how all documents stand by what was told so far; a day goes by."""
        self._site.clock.instant += A_DAY
        self._known |= self.since(self._cursor)
        return dict(self._known)

    def since(self, cursor: str) -> dict[str, Standing]:
        found: dict[str, Standing] = {}
        for page in pages_since(self._site, cursor):
            found |= {one.external_ref: standing(one) for one in page.settlements}
            self.credited |= {one.external_ref: one.credited for one in page.settlements}
            self._cursor = page.next_cursor
        return found

    def of_open(self, expected: dict[PostingDocument, Standing]) -> dict[str, Standing]:
        """Return what is told of open documents: nothing, where the ERP tells of changes alone."""
        if not self._site.under_test.tells_of_open:
            return {}
        return {document.external_ref: stands for document, stands in expected.items()}


def standing(settlement: Settlement) -> Standing:
    return settlement.status, settlement.open_amount.amount


def pages_since(site: PostingSite, cursor: str) -> Iterator[SettlementPage]:
    for _ in range(20):
        page = site.erp.settlements(cursor)
        assert isinstance(page, SettlementPage), page
        yield page
        cursor = page.next_cursor
        if page.complete:
            return
    raise AssertionError("the pages have no end")


def post(site: PostingSite, document: PostingDocument) -> str:
    outcome = site.post(document)
    assert isinstance(outcome, Posted), outcome
    return outcome.ref.value


def map_to(site: PostingSite, **fields: object) -> None:
    entity = site.master_data.entity
    assert entity is not None
    site.master_data.entity = replace(entity, erp=replace(entity.erp, **fields))  # type: ignore[arg-type]


def set_window(site: PostingSite, *, posting_from: date) -> None:
    site.simulator.set_posting_window(site.under_test.mapping.company, posting_from=posting_from, posting_to=None)


def status(site: PostingSite, kind: DocumentKind, month: str) -> PeriodStatus:
    periods = site.erp.periods(kind)
    assert isinstance(periods, tuple), periods
    (found,) = (period for period in periods if period.name == month)
    assert isinstance(found, PeriodReading)
    return found.status


def links(site: PostingSite) -> list[bool]:
    found = site.erp.find_customers(ACME)
    assert isinstance(found, tuple), found
    return sorted((one.linked for one in found), reverse=True)


def says_who_acts(problem: str) -> bool:
    who = ("an administrator", "administrator of", "see the communication arrangements", "grant it", "finance ")
    return any(words in problem for words in who)
