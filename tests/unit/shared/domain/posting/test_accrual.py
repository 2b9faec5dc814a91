"""The two journals of an accrual, line by line."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.identifiers import LegalEntityId, ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping, LegalEntity, revenue_of
from shared.domain.posting.accrual import NotAccruableError, accrual_of, last_day_served
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Journal
from shared.domain.posting.names import next_posting
from tests.builders.billing import nimbus
from tests.builders.exchange_rates import FRIDAYS_RATE
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, a_document, an_intent, eur, in_dollars

END_OF_OCTOBER, FIRST_DAY = date(2026, 10, 31), date(2026, 11, 1)
ENTITY = replace(nimbus(), legal_entity_id=LegalEntityId(GERMANY))
MAPPING = replace(
    ENTITY.erp,
    products={ProductId("api"): "8400", ProductId("storage"): "8410"},
    accounts={"unbilled_receivables": "1500"},
    dimensions={"region": DimensionMapping(field="REGION", values={ProductId("api"): "EU"})},
)


def an_entity(mapping: ErpMapping = MAPPING) -> LegalEntity:
    return replace(ENTITY, erp=mapping)


def an_invoice() -> PostingDocument:
    """1200.50 of the API in the region EU and 0.07 of storage for October, posted on the first of November."""
    document = a_document(posting_date=FIRST_DAY)
    api, storage = document.lines
    return replace(document, lines=(replace(api, dimensions=(("region", "EU"),)), storage))


def accrued(document: PostingDocument, entity: LegalEntity | None = None) -> tuple[Journal, Journal]:
    posted = replace(an_intent(document), state=IntentState.POSTED, posted_period=document.accounting_period)
    both = accrual_of(posted, END_OF_OCTOBER, entity or an_entity(), now=FIRST_OF_NOVEMBER)
    journals = [one.document for one in both]
    assert all(isinstance(one, Journal) for one in journals)
    accrual, reversal = journals
    assert isinstance(accrual, Journal)
    assert isinstance(reversal, Journal)
    return accrual, reversal


def sides(journal: Journal) -> list[tuple[str, str]]:
    return [(line.account, str(line.amount)) for line in journal.lines]


def test_revenue_is_accrued_line_by_line_without_tax() -> None:
    accrual, _ = accrued(an_invoice())

    assert sides(accrual) == [
        ("unbilled_receivables", "1200.57 EUR"),
        ("revenue=api", "-1200.50 EUR"),
        ("revenue=storage", "-0.07 EUR"),
    ]
    assert [line.dimensions for line in accrual.lines] == [(), (("region", "EU"),), ()]
    assert (accrual.human_number, accrual.text) == ("DE-000001-ACC", "Accrual 2026-10, DE-000001")


def test_the_reversal_takes_back_every_line_on_the_day_of_the_invoice() -> None:
    accrual, reversal = accrued(an_invoice())

    assert sides(reversal) == [(line.account, str(-line.amount)) for line in accrual.lines]
    assert [line.dimensions for line in reversal.lines] == [line.dimensions for line in accrual.lines]
    assert (reversal.posting_date, reversal.reverses) == (FIRST_DAY, accrual.posting_id)
    assert (reversal.human_number, reversal.text) == ("DE-000001-REV", "Reversal 2026-10, DE-000001")


def test_every_posting_of_an_invoice_has_the_same_accrual() -> None:
    document = an_invoice()
    again = replace(document, posting_id=next_posting(document.posting_id))

    assert accrued(again) == accrued(document)


def test_it_is_booked_in_the_currency_of_the_books_at_the_rate_of_the_invoice() -> None:
    accrual, reversal = accrued(in_dollars(an_invoice()))

    dollars = in_dollars(an_invoice())
    worth = [FRIDAYS_RATE.converted(line.amount) for line in dollars.lines]
    assert [-line.amount for line in accrual.lines[1:]] == worth
    assert accrual.net == reversal.net == worth[0] + worth[1]


def test_a_discount_line_is_a_debit_of_revenue() -> None:
    document = an_invoice()
    api, storage = document.lines
    accrual, _ = accrued(replace(document, lines=(api, replace(storage, amount=eur("-200.50")))))

    assert sides(accrual) == [
        ("unbilled_receivables", "1000.00 EUR"),
        ("revenue=api", "-1200.50 EUR"),
        ("revenue=storage", "200.50 EUR"),
    ]


def test_what_came_late_from_a_month_before_is_revenue_of_the_posting() -> None:
    document = an_invoice()
    api, storage = document.lines
    late = replace(storage, service_from=date(2026, 9, 1), service_to=date(2026, 9, 30))
    accrual, _ = accrued(replace(document, lines=(api, late)))

    assert sides(accrual) == [("unbilled_receivables", "1200.50 EUR"), ("revenue=api", "-1200.50 EUR")]


def test_a_service_since_an_earlier_month_is_a_persons_to_divide() -> None:
    document = an_invoice()
    api, storage = document.lines
    quarter = replace(storage, service_from=date(2026, 8, 1))

    with pytest.raises(NotAccruableError, match="line 2 is for a service since 2026-08-01"):
        accrued(replace(document, lines=(api, quarter)))


def test_what_its_erp_would_refuse_is_not_sent() -> None:
    with pytest.raises(NotAccruableError, match="no mapping for account unbilled_receivables"):
        accrued(an_invoice(), an_entity(replace(MAPPING, accounts={})))
    in_dynamics = replace(MAPPING, system="dynamics_finance", settings={"customer_group": "30", "journal_name": "U2C"})
    with pytest.raises(NotAccruableError, match=r"dimension region \(dimension_order has no place for REGION\)"):
        accrued(an_invoice(), an_entity(in_dynamics))
    without_journals = {"customer_group": "30", "dimension_order": "REGION"}
    with pytest.raises(NotAccruableError, match="no mapping for setting journal_name"):
        accrued(an_invoice(), an_entity(replace(in_dynamics, settings=without_journals)))


def test_what_the_erp_has_in_another_month_is_a_persons() -> None:
    posted = replace(an_intent(an_invoice()), state=IntentState.POSTED, posted_period="2026-12")

    with pytest.raises(NotAccruableError, match="the ERP has the invoice in 2026-12"):
        accrual_of(posted, END_OF_OCTOBER, an_entity(), now=FIRST_OF_NOVEMBER)


@pytest.mark.parametrize(
    ("posted_on", "served_through"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), END_OF_OCTOBER),
        (date(2027, 1, 15), END_OF_OCTOBER),
    ],
)
def test_only_months_before_that_of_the_posting_are_looked_at(posted_on: date, served_through: date | None) -> None:
    assert last_day_served(a_document(posting_date=posted_on)) == served_through


def test_a_service_that_came_to_nothing_needs_no_accrual() -> None:
    document = an_invoice()

    assert last_day_served(replace(document, lines=(replace(document.lines[0], amount=eur("0.00")),))) is None


def test_the_revenue_account_of_a_journal_is_that_of_the_products_invoices() -> None:
    items = replace(MAPPING, revenue_accounts={ProductId("api"): "4000"})

    accounts = [items.account(revenue_of(ProductId(one))) for one in ("api", "storage")]
    assert accounts == ["4000", "8410"]
    assert items.account("unbilled_receivables") == "1500"
    assert not items.has_account(revenue_of(ProductId("seats")))


def test_an_amount_that_comes_to_nothing_in_the_books_is_told_of() -> None:
    document = in_dollars(an_invoice())
    dust = replace(document.lines[0], amount=replace(document.lines[0].amount, amount=Decimal("0.001")))

    with pytest.raises(NotAccruableError, match="comes to nothing"):
        accrued(replace(document, lines=(dust,)))
