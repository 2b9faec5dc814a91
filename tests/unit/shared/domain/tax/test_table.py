"""Tax: the rate by the tax point of each line, one amount per rate, rounded once."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shared.domain.identifiers import AdjustmentId, ContractId, InvoiceId
from shared.domain.invoicing.invoice import Adjustment
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied
from shared.domain.tax.document import instant_of, tax_point
from shared.domain.tax.table import TaxTable
from shared.domain.time_period import Period, billing_period_containing
from shared.domain.vat_category import VatCategory
from tests.builders.billing import ALWAYS, BERLIN, a_draft, calls, euros, german_vat
from tests.builders.tax import taxed

NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
DECEMBER = billing_period_containing(datetime(2020, 12, 15, tzinfo=UTC), BERLIN).period
SIXTEEN = german_vat("0.16", valid=Period(datetime(2020, 7, 1, tzinfo=UTC), NEW_YEAR))
NINETEEN = german_vat("0.19", valid=Period(NEW_YEAR, None))


def test_tax_is_calculated_per_rate_on_the_sum_of_its_lines() -> None:
    invoice = taxed(a_draft(calls(150)))

    assert [(tax.code, tax.base, tax.amount) for tax in invoice.taxes] == [("DE-19", euros("111.50"), euros("21.19"))]
    assert (invoice.net, invoice.tax, invoice.gross) == (euros("111.50"), euros("21.19"), euros("132.69"))


def test_half_a_cent_is_rounded_up() -> None:
    assert taxed(a_draft(calls(150)), german_vat("0.01")).tax == euros("1.12")  # 1.115


def test_calculating_tax_twice_changes_nothing() -> None:
    once = taxed(a_draft(calls(150)))

    assert taxed(once) == once


def test_tax_changes_nothing_else_of_a_line() -> None:
    adjusts = Adjustment(
        invoice_id=InvoiceId("c-acme/2026-09"), invoice_number=None, quantity=Decimal(100), amount=euros("10.00")
    )
    line = replace(
        a_draft(calls(150)).lines[1],
        tax_code="DE-16",
        tax_rate=Decimal("0.16"),
        vat_category=VatCategory.EXEMPT,
        tax=euros("2.00"),
        adjusts=adjusts,
        applied=Applied(adjustment_id=AdjustmentId("floor"), kind=AdjustmentKind.MINIMUM, target="s-acme/api-calls"),
        priced_by=(("region", "eu"),),
        contract_id=ContractId("c-labs"),
    )
    assert all(getattr(line, one.name) != one.default for one in fields(line)), "a line that has everything"

    (after,) = taxed(replace(a_draft(calls(150)), lines=(line,))).lines

    assert after == replace(
        line, tax_code="DE-19", tax_rate=Decimal("0.19"), vat_category=VatCategory.STANDARD, tax=None
    )


def test_every_line_without_a_rate_is_an_issue() -> None:
    invoice = taxed(a_draft(calls(150)), replace(german_vat(), category="books"))

    assert [(issue.code, issue.path) for issue in invoice.issues] == [
        ("TAX_RATE_MISSING", "s-acme/base-fee"),
        ("TAX_RATE_MISSING", "s-acme/api-calls"),
    ]


def test_an_issue_goes_when_its_rate_arrives() -> None:
    without = taxed(a_draft(calls(150)), replace(german_vat(), category="books"))

    assert taxed(without).issues == ()


@pytest.mark.parametrize("rate_starts", [NEW_YEAR, datetime(2020, 12, 31, 23, tzinfo=UTC)])
def test_december_is_taxed_at_decembers_rate_even_when_invoiced_in_january(rate_starts: datetime) -> None:
    table = TaxTable(
        (replace(SIXTEEN, valid=Period(ALWAYS.start, rate_starts)), replace(NINETEEN, valid=Period(rate_starts, None))),
        "DE",
        "DE",
    )

    rate = table.rate_at(instant_of(tax_point(DECEMBER, BERLIN)), "standard")

    assert rate is not None
    assert rate.rate == Decimal("0.16")


def test_the_tax_point_is_the_last_local_day_of_the_service() -> None:
    new_york = ZoneInfo("America/New_York")
    december = billing_period_containing(datetime(2020, 12, 15, tzinfo=UTC), new_york).period

    assert tax_point(december, new_york).isoformat() == "2020-12-31"


def test_a_rate_for_the_buyers_country_goes_before_one_for_any_country() -> None:
    export = replace(german_vat("0.00"), code="EXPORT", buyer_country="*")
    table = TaxTable((export, german_vat()), "DE", "DE")

    found = table.rate_at(NEW_YEAR, "standard")
    elsewhere = replace(table, buyer_country="US").rate_at(NEW_YEAR, "standard")

    assert found is not None
    assert elsewhere is not None
    assert (found.code, elsewhere.code) == ("DE-19", "EXPORT")
