"""An invoice, a credit memo, a journal and a payment leave the same trial balance in every ERP."""

from datetime import date
from decimal import Decimal

from beancount import loader
from beancount.core.data import Transaction

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Posted
from tests.builders.posting import a_credit_memo, a_document, a_journal
from tests.contract.erp.conftest import PostingSite
from tests.contract.erp.systems.every_system import on_every_system

# 1200.50 and 0.07 with 19 % tax, of which 119.00 is credited and 309.68 paid, and 300.00 accrued.
EXPECTED = {
    "1100": "1000.00",  # receivable
    "1200": "309.68",  # bank
    "1250": "300.00",  # unbilled
    "1776": "-209.11",  # tax
    "4400": "-1400.50",  # revenue of the API, and what is accrued of it
    "4410": "-0.07",
}


@on_every_system
def test_what_was_posted_and_paid_is_on_the_same_accounts_whichever_the_erp(site: PostingSite) -> None:
    invoice = site.post(a_document())
    assert isinstance(invoice, Posted)
    memo = a_credit_memo(of_invoice=invoice.ref.value)
    assert isinstance(site.post(memo), Posted)
    if DocumentKind.JOURNAL in site.erp.capabilities().kinds:
        journal = a_journal()
        assert isinstance(site.finish(site.erp.submit(journal), journal), Posted)
    site.simulator.pay(a_document().external_ref, Decimal("309.68"), date(2026, 11, 25))

    entries, errors, _ = loader.load_string(site.simulator.ledger.to_beancount())

    assert errors == []
    held: dict[str, Decimal] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            assert posting.units is not None
            assert posting.units.number is not None
            account = posting.account.rpartition(":")[2]
            held[account] = held.get(account, Decimal(0)) + posting.units.number
    assert {account: str(amount) for account, amount in sorted(held.items())} == EXPECTED
