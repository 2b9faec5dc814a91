"""What is posted and paid leaves the same trial balance in every ERP, whatever rates and currency it is of."""

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

import pytest
from beancount import loader
from beancount.core.data import Transaction

from shared.domain.identifiers import ProductId
from shared.domain.money import Money, currency, total
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingTax
from shared.domain.posting.outcome import Found, Posted, PostedDocument
from tests.builders.exchange_rates import FRIDAYS_RATE
from tests.builders.posting import a_credit_memo, a_document, a_journal
from tests.contract.erp.conftest import PostingSite
from tests.contract.erp.systems.every_system import on_every_system
from tests.contract.real_tryton.running import VARIABLE

# 1200.50 and 0.07 with 19 % tax, of which 119.00 is credited and 309.68 paid, and 300.00 accrued.
EXPECTED = {
    "1100": "1000.00",  # receivable
    "1200": "309.68",  # bank
    "1250": "300.00",  # unbilled
    "1776": "-209.11",  # tax
    "4400": "-1400.50",  # revenue of the API, and what is accrued of it
    "4410": "-0.07",
}

RATES = {"VAT19": Decimal("0.19"), "SERVICES19": Decimal("0.19"), "VAT7": Decimal("0.07"), "REVERSE": Decimal(0)}
# Product, tax code and minor units: a discount, what is less than nothing at its rate, and what is nothing.
BILLED = (
    ("api", "VAT19", 120_050),
    ("storage", "VAT19", -5_007),
    ("api", "SERVICES19", 2),
    ("storage", "VAT7", -1_111),
    ("api", "REVERSE", 2_500),
    ("api", "REVERSE", 0),
)
TAXED = {"VAT19": 21_858, "VAT7": -78}  # 21,858.17, 0.38 and -77.77
CREDITED_FIRST, TAXED_FIRST = (("api", "VAT19", 60_024),), {"VAT19": 11_405}  # 11,404.56
CREDITED_LAST = (("api", "VAT19", 60_026), *BILLED[1:5])
TAXED_LAST = {"VAT19": 10_453, "VAT7": -78}  # what is left: of its own it would be 10,454


@pytest.mark.parametrize(
    "code",
    [
        "EUR",
        *(
            pytest.param(code, marks=pytest.mark.skipif(VARIABLE in os.environ, reason="the real Tryton has no rates"))
            for code in ("JPY", "KWD")
        ),
    ],
)
@on_every_system
def test_many_rates_and_discounts_are_on_their_accounts_and_credited_to_nothing(site: PostingSite, code: str) -> None:
    invoice = of_many_rates(a_document(), code, BILLED, TAXED)
    ref = in_ledger_as_told(site, invoice)
    assert in_minor_units(site, code) == {"1100": 138_214, "1776": -21_780, "4400": -122_552, "4410": 6_118}

    for part, (lines, taxes) in enumerate([(CREDITED_FIRST, TAXED_FIRST), (CREDITED_LAST, TAXED_LAST)], start=1):
        memo = a_credit_memo(of_invoice=ref, posting_id=f"acme/r1/credit/{part}", number=f"CN-{part}")
        in_ledger_as_told(site, of_many_rates(memo, code, lines, taxes))
    assert in_minor_units(site, code) == {}


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


def of_many_rates(
    document: PostingDocument, code: str, lines: tuple[tuple[str, str, int], ...], taxes: dict[str, int]
) -> PostingDocument:
    unit, line = currency(code), document.lines[0]

    def money(minor: int) -> Money:
        return Money(Decimal(minor).scaleb(-unit.minor_units), unit)

    told = tuple(
        replace(
            line,
            line_no=number,
            product_id=ProductId(product),
            amount=money(minor),
            tax_code=tax_code,
            tax_rate=RATES[tax_code],
        )
        for number, (product, tax_code, minor) in enumerate(lines, start=1)
    )
    by_code = groupby(sorted(told, key=lambda one: one.tax_code), key=lambda one: one.tax_code)
    taxed = tuple(
        PostingTax(
            code=tax_code,
            rate=RATES[tax_code],
            base=total((one.amount for one in of_code), unit),
            amount=money(taxes.get(tax_code, 0)),
        )
        for tax_code, of_code in by_code
    )
    net, tax = total((one.amount for one in told), unit), total((one.amount for one in taxed), unit)
    rate = None if code == "EUR" else replace(FRIDAYS_RATE, quote=unit)
    return replace(document, lines=told, taxes=taxed, net=net, tax=tax, gross=net + tax, rate=rate)


def in_ledger_as_told(site: PostingSite, document: PostingDocument) -> str:
    outcome = site.post(document)
    assert isinstance(outcome, Posted), outcome
    found = site.erp.read(outcome.ref, document.kind)
    assert isinstance(found, PostedDocument)
    assert differences(document, found) == ()
    assert site.erp.locate(document.external_ref, document.kind) == Found(found)
    return outcome.ref.value


def in_minor_units(site: PostingSite, code: str) -> dict[str, int]:
    balances = site.simulator.ledger.trial_balance(company=site.under_test.mapping.company)
    return {account: int(amount.scaleb(currency(code).minor_units)) for (account, _), amount in balances.items()}
