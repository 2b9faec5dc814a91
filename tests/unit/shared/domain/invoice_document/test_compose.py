"""A document says of an invoice what the invoice says, and of its parties what the catalogue knows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.identifiers import ContractId, PlanId
from shared.domain.invoice_document.compose import compose_document
from shared.domain.master_data.party import NO_BUYER_DETAILS, ElectronicAddress
from shared.domain.posting.compose import NotIssuedError
from shared.domain.vat_category import VatCategory
from tests.builders.billing import contract, plan, subscription
from tests.builders.invoice_documents import (
    ACME_AG,
    ACME_DETAILS,
    adjusted,
    document,
    fee_line,
    issued_invoice,
    of_rate,
    sources,
    usage_line,
    usual_lines,
)


def test_the_amounts_are_the_invoices_own() -> None:
    invoice = issued_invoice(*usual_lines())

    made = compose_document(invoice, sources())

    assert (made.net, made.tax, made.gross) == (invoice.net, invoice.tax, invoice.gross)
    assert [line.amount for line in made.lines] == [line.amount for line in invoice.lines]
    assert [(tax.base, tax.amount) for tax in made.taxes] == [(tax.base, tax.amount) for tax in invoice.taxes]


def test_days_are_those_of_the_customers_calendar() -> None:
    made = document(adjusted(usage_line("130"), quantity="100", amount="10.00"))

    assert (made.period_from, made.period_to) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (made.lines[0].service_from, made.lines[0].service_to) == (date(2026, 9, 1), date(2026, 9, 30))


def test_a_line_names_its_plan_as_long_as_the_contract_has_the_subscription() -> None:
    made = document(fee_line(), usage_line("5", name="s-left/api"))

    assert [(line.subscription, line.plan) for line in made.lines] == [("s-acme", "Growth"), ("s-left", "")]


def test_a_line_of_a_member_names_its_contract_and_the_plan_that_it_has_there() -> None:
    labs = replace(contract(subscription(plan_id="payg")), contract_id=ContractId("c-labs"))
    known = sources()
    plans = {**known.plans, PlanId("payg"): replace(plan(plan_id="payg"), name="Pay as you go")}
    of_labs = replace(fee_line(), contract_id=labs.contract_id)

    made = document(fee_line(), of_labs, known=replace(known, members=(labs,), plans=plans))

    assert [(line.contract, line.subscription, line.plan) for line in made.lines] == [
        ("", "s-acme", "Growth"),
        ("c-labs", "s-acme", "Pay as you go"),
    ]


def test_only_a_tax_id_that_starts_with_a_country_is_a_vat_id() -> None:
    def vat_id(tax_id: str) -> str:
        return document(known=replace(sources(), buyer=replace(ACME_AG, tax_id=tax_id))).buyer.vat_id

    assert [vat_id(tax_id) for tax_id in ("DE811907980", "EL094259216", "29AABCC1234D1Z5", "", "QQ1")] == [
        "DE811907980",
        "EL094259216",
        "",
        "",
        "",
    ]


def test_a_buyer_is_reached_by_its_own_address_and_by_email_otherwise() -> None:
    gln = ElectronicAddress(scheme="0088", identifier="7300010000001")
    known = replace(ACME_AG, details=replace(ACME_DETAILS, electronic_address=gln))
    nowhere = replace(ACME_AG, email="", details=NO_BUYER_DETAILS)
    by_email = ElectronicAddress(scheme="EM", identifier="ap@acme.example")

    found = [
        document(known=replace(sources(), buyer=buyer)).buyer.electronic_address for buyer in (known, ACME_AG, nowhere)
    ]

    assert found == [gln, by_email, None]


def test_a_rate_above_zero_is_standard_and_a_rate_of_zero_is_what_was_stated() -> None:
    unstated, free = of_rate("0.07", None, code="SEVEN"), of_rate("0", None, code="FREE")
    made = document(fee_line(tax=unstated), usage_line("5", tax=free), taxes=(unstated, free))

    assert [tax.category for tax in made.taxes] == [VatCategory.STANDARD, None]
    assert [(line.vat_category, line.tax_rate) for line in made.lines] == [
        (VatCategory.STANDARD, Decimal("0.07")),
        (None, Decimal(0)),
    ]


def test_what_is_not_issued_is_no_document() -> None:
    with pytest.raises(NotIssuedError):
        compose_document(replace(issued_invoice(*usual_lines()), due_date=None), sources())
