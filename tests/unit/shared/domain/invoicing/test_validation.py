"""Validation names every fault at once, and each kind of fault becomes one exception."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.validation import exceptions_of, is_critical, validate
from shared.domain.issue import Issue, Severity
from shared.domain.metering.aggregate import SumState
from shared.domain.money import currency
from shared.domain.posting.systems.business_central import BUSINESS_CENTRAL
from shared.domain.time_period import Period
from tests.builders.billing import ALWAYS, SECOND_OF_NOVEMBER, a_draft, calls, euros, german_vat, nimbus
from tests.builders.tax import taxed


def a_taxed_invoice() -> Invoice:
    return taxed(a_draft(calls(150)))


def codes(issues: tuple[Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


def test_a_sound_invoice_has_no_issue() -> None:
    assert validate(a_taxed_invoice(), entity=nimbus(), holds=()) == ()


def test_a_quantity_of_many_digits_is_added_up_to_the_last_one() -> None:
    """An average or a level over time has 18 decimals before it meets a price: more than a bare sum keeps."""
    measured = replace(calls(1), state=SumState(Decimal("12345678901.123456789012345678")))
    invoice = taxed(a_draft(measured))

    assert validate(invoice, entity=nimbus(), holds=()) == ()


def test_all_faults_are_named_at_once() -> None:
    warning = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part")
    invoice = replace(a_taxed_invoice(), gross=euros("1.00"), issues=(warning,))

    issues = validate(invoice, entity=nimbus(products=["platform"]), holds=["ARCHIVE_DOES_NOT_TIE:2026-10"])

    assert codes(issues) == ["FEE_NOT_PRORATED", "USAGE_ON_HOLD", "MAPPING_MISSING", "TOTALS_DO_NOT_TIE"]


def test_validating_again_names_no_fault_twice() -> None:
    held = replace(a_taxed_invoice(), issues=validate(a_taxed_invoice(), entity=nimbus(), holds=["conflict"]))

    assert codes(validate(held, entity=nimbus(), holds=["conflict"])) == ["USAGE_ON_HOLD"]


def test_a_tax_code_and_a_foreign_currency_need_a_name_in_the_erp() -> None:
    entity = nimbus()
    without = replace(entity, erp=replace(entity.erp, system="netsuite", tax_codes={}))

    assert codes(validate(a_taxed_invoice(), entity=without, holds=())) == ["MAPPING_MISSING", "MAPPING_MISSING"]


def test_business_central_takes_a_foreign_currency_by_its_own_code() -> None:
    """As the catalogue check and the adapter have it: what was accepted on loading must not stop every invoice."""
    swiss = replace(nimbus(), functional_currency=currency("CHF"))

    assert validate(a_taxed_invoice(), entity=swiss, holds=()) == ()


def test_a_tax_must_be_the_tax_of_its_lines() -> None:
    invoice = a_taxed_invoice()
    (tax,) = invoice.taxes
    wrong = replace(tax, amount=tax.amount + euros("0.01"))
    total = replace(invoice, taxes=(wrong,), tax=wrong.amount, gross=invoice.net + wrong.amount)

    assert codes(validate(total, entity=nimbus(), holds=())) == ["TAX_DOES_NOT_TIE"]
    untaxed = replace(invoice, taxes=(), tax=euros("0.00"), gross=invoice.net)
    assert codes(validate(untaxed, entity=nimbus(), holds=())) == ["TAX_DOES_NOT_TIE"]


def test_a_rate_may_change_under_its_code_within_an_invoice_unless_the_erp_knows_one_rate_a_code() -> None:
    draft = a_draft(calls(150))
    october = draft.lines[0].service_period
    ended = replace(draft.lines[0], service_period=Period(october.start, october.start + timedelta(days=9)))
    change = datetime(2026, 10, 15, tzinfo=UTC)
    rates = tuple(
        replace(german_vat(rate, valid=valid), code="DE-19")
        for rate, valid in (("0.19", Period(ALWAYS.start, change)), ("0.16", Period(change, None)))
    )

    invoice = taxed(replace(draft, lines=(ended, *draft.lines[1:])), *rates)

    assert [(tax.code, tax.rate, tax.base) for tax in invoice.taxes] == [
        ("DE-19", Decimal("0.16"), euros("12.50")),
        ("DE-19", Decimal("0.19"), euros("99.00")),
    ]
    netsuite_entity = replace(nimbus(), erp=replace(nimbus().erp, system="netsuite", currencies={"EUR": "1"}))
    assert codes(validate(invoice, entity=netsuite_entity, holds=())) == []
    assert codes(validate(invoice, entity=nimbus(), holds=())) == ["MAPPING_MISSING"]


def test_a_line_must_be_its_parts_rounded() -> None:
    invoice = a_taxed_invoice()
    line = replace(invoice.lines[0], precise_amount=Decimal("98.994"))

    issues = validate(replace(invoice, lines=(line, *invoice.lines[1:])), entity=nimbus(), holds=())

    assert codes(issues) == ["LINE_DOES_NOT_TIE"]


@pytest.mark.parametrize(("quantity", "unit_price"), [("101", "0.10"), ("100", "0.01")])
def test_a_part_must_be_its_quantity_at_its_price(quantity: str, unit_price: str) -> None:
    invoice = a_taxed_invoice()
    first, *rest = invoice.lines[1].parts
    wrong = replace(first, quantity=Decimal(quantity), unit_price=Decimal(unit_price))
    line = replace(invoice.lines[1], parts=(wrong, *rest))

    issues = validate(replace(invoice, lines=(invoice.lines[0], line)), entity=nimbus(), holds=())

    assert codes(issues) == ["LINE_DOES_NOT_TIE"]


def test_a_text_that_the_erp_refuses_stops_the_invoice_before_it_takes_a_number() -> None:
    """After issue the number is used up and a rejected posting is the end: the limit must be known before."""
    invoice = a_taxed_invoice()
    longer = replace(invoice.lines[0], description="x" * (BUSINESS_CENTRAL.widths.line_text + 1))
    wordy = replace(invoice, lines=(longer, *invoice.lines[1:]))
    entity = nimbus()
    in_netsuite = replace(entity, erp=replace(entity.erp, system="netsuite", currencies={"EUR": "1"}))

    assert codes(validate(wordy, entity=entity, holds=())) == ["TEXT_TOO_LONG"]
    assert validate(wordy, entity=in_netsuite, holds=()) == ()


def test_a_negative_total_needs_a_credit_note() -> None:
    invoice = a_taxed_invoice()
    refund = replace(invoice, lines=(), taxes=(), net=euros("-5.00"), tax=euros("0.00"), gross=euros("-5.00"))

    assert "NEGATIVE_TOTAL" in codes(validate(refund, entity=nimbus(), holds=()))


def test_a_warning_stops_nothing() -> None:
    assert not is_critical((Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message=""),))


def test_each_kind_of_fault_becomes_one_exception_that_names_all_of_its_kind() -> None:
    missing = [
        Issue(severity=Severity.CRITICAL, code="PRICE_MISSING", message="no EUR price", path=path)
        for path in ("s-acme/one", "s-acme/two")
    ]
    held = Issue(severity=Severity.CRITICAL, code="USAGE_ON_HOLD", message="the usage behind it is held: conflict")
    invoice = replace(a_taxed_invoice(), issues=(*missing, held))

    records = {record.code: record for record in exceptions_of(invoice, raised_at=SECOND_OF_NOVEMBER)}

    assert records.keys() == {ExceptionCode.PRICE_MISSING, ExceptionCode.INVOICE_INVALID}
    assert records[ExceptionCode.PRICE_MISSING].message == "s-acme/one: no EUR price; s-acme/two: no EUR price"
    assert records[ExceptionCode.INVOICE_INVALID].subject == "c-acme/2026-10"
    assert "conflict" in records[ExceptionCode.INVOICE_INVALID].message
