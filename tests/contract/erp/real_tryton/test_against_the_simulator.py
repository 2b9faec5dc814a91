"""The same documents sent to Tryton and to its simulator: both hold the same, and the ledger is what we add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.posting.document import PostingDocument
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import Posted
from shared.domain.posting.readings import SettlementPage
from simulators.erp.documents import SimulatedDocument
from tests.builders.posting import a_credit_memo, a_document, a_journal, eur, reversed_by
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.real_tryton import people
from tests.contract.real_tryton.running import VARIABLE

PAID_ON = date(2026, 11, 20)


def post(site: PostingSite, document: PostingDocument | Journal) -> str:
    outcome = site.finish(site.erp.submit(document), document)
    assert isinstance(outcome, Posted), outcome
    return outcome.ref.value


def a_quarter(site: PostingSite) -> None:
    """Three invoices, one paid in parts, one credited in parts to the last cent, accruals and their reversal."""
    paid, credited, open_one = (a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-00000{n}") for n in (1, 2, 3))
    for document in (paid, open_one):
        post(site, document)
    invoice = post(site, credited)
    for part in ("309.68", "1119.00"):
        site.simulator.pay(paid.external_ref, Decimal(part), PAID_ON)
    for number, tax in enumerate(("76.04", "76.04", "76.03"), start=1):
        name = f"acme-2/2026-10/r1/credit/{number}"
        post(site, a_credit_memo(of_invoice=invoice, posting_id=name, number=f"CN-{number}", net="400.19", tax=tax))
    post(site, a_journal())
    post(site, reversed_by(a_journal()))
    post(site, a_journal("accrual-11", amount="0.01", posted_on=date(2026, 11, 20)))


# Revenue of three invoices less one credited, on the API's account but for the seven cents of storage on each.
BY_HAND = {
    ("1100", "EUR"): Decimal("1428.68"),
    ("1200", "EUR"): Decimal("1428.68"),
    ("1250", "EUR"): Decimal("0.01"),
    ("1776", "EUR"): Decimal("-456.22"),
    ("4400", "EUR"): -(3 * Decimal("1200.50") - 3 * Decimal("400.19") + Decimal("0.01")),
    ("4410", "EUR"): Decimal("-0.21"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an ERP holds. Documents without their ids: a database that rolls back leaves ids out."""

    trial_balance: Mapping[tuple[str, str], Decimal]
    documents: Sequence[SimulatedDocument]
    settlements: Mapping[str, tuple[str, Decimal]]


def held_after_a_quarter(site: PostingSite) -> Held:
    a_quarter(site)
    return Held(
        trial_balance=site.simulator.ledger.trial_balance(company="1"),
        documents=[replace(document, document_id="") for document in site.simulator.documents()],
        settlements=settled(site),
    )


def test_the_ledgers_of_both_are_what_we_add_up(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = open_site("tryton")
    real = held_after_a_quarter(site)

    assert real.trial_balance == BY_HAND
    assert by_tryton(site) == {account: amount for (account, _), amount in BY_HAND.items()}

    site.lose_secret()
    monkeypatch.delenv(VARIABLE)
    assert held_after_a_quarter(open_site("tryton")) == real


def by_tryton(site: PostingSite) -> dict[str, Decimal]:
    """Return the balances as Tryton adds them up itself; without `posted` it would count drafts."""
    of_posted = {"posted": True, "fiscalyear": site.simulator.people.only("account.fiscalyear", [])}
    rows = site.simulator.people.rows("account.account", [], ["code", "balance"], context=of_posted)
    return {row["code"]: row["balance"] for row in rows if row["balance"]}


def settled(site: PostingSite) -> Mapping[str, tuple[str, Decimal]]:
    page = site.erp.settlements("")
    assert isinstance(page, SettlementPage)
    return {one.external_ref: (one.status.value, one.open_amount.amount) for one in page.settlements}


def test_an_invoice_that_a_person_credits_with_the_wizard_comes_back_as_credited(open_site: OpenSite) -> None:
    site = open_site("tryton")
    invoice = post(site, a_document())

    people.credit_in_whole(site.simulator.people, int(invoice), on=PAID_ON)

    assert settled(site) == {a_document().external_ref: ("credited", eur("0").amount)}
    page = site.erp.settlements("")
    assert isinstance(page, SettlementPage)
    assert [one.credited for one in page.settlements] == [a_document().gross]
    assert site.simulator.ledger.trial_balance(company="1") == {}
