"""The money half of the tie-out, on one customer's March: what differs must have a name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from shared.domain.identifiers import (
    CatalogVersion,
    ChargeId,
    ContractId,
    CustomerId,
    InvoiceId,
    LegalEntityId,
    MeterCode,
    ProductId,
    SubscriptionId,
    TenantId,
)
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState, InvoiceTax, RatedPart
from shared.domain.metering.aggregate import AggregateState, SumState, UniqueState, WindowKey, WindowUsage
from shared.domain.metering.reading import SlotsRead, usage_manifest
from shared.domain.money import Money, currency
from shared.domain.reconciliation.cash import (
    BilledUsage,
    LateUsage,
    LedgerFigures,
    billed_usage,
    invoice_checks,
    posting_checks,
    quantity_checks,
)
from shared.domain.reconciliation.tie_out import TieOut
from shared.domain.time_period import BillingPeriod

ACME = CustomerId("acme")
CALLS = MeterCode("api_calls")
SEATS = MeterCode("active_users")
NIMBUS_DE = LegalEntityId("nimbus-de")
EUR = currency("EUR")
MARCH = BillingPeriod("2026-03", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def window(day: int, meter: MeterCode = CALLS) -> WindowKey:
    return WindowKey(ACME, meter, datetime(2026, 3, day, tzinfo=UTC), ())


APRIL_FOOL = WindowKey(ACME, CALLS, datetime(2026, 4, 1, tzinfo=UTC), ())


def line(quantity: str, price: str, amount: str, meter: MeterCode = CALLS) -> InvoiceLine:
    precise = Decimal(quantity) * Decimal(price)
    return InvoiceLine(
        line_id=f"sub-1/{meter}",
        subscription_id=SubscriptionId("sub-1"),
        charge_id=ChargeId(meter),
        product_id=ProductId("API"),
        description="API calls",
        meter=meter,
        quantity=Decimal(quantity),
        parts=(RatedPart("per unit", Decimal(quantity), Decimal(price), Decimal(0), precise),),
        precise_amount=precise,
        amount=Money(Decimal(amount), EUR),
        service_period=MARCH.period,
        tax_category="standard",
    )


def invoice(*lines: InvoiceLine) -> Invoice:
    net = sum((item.amount.amount for item in lines), Decimal(0))
    return Invoice(
        tenant=TenantId("nimbus"),
        invoice_id=InvoiceId("acme-1/2026-03"),
        revision=1,
        state=InvoiceState.POSTED,
        customer_id=ACME,
        contract_id=ContractId("acme-1"),
        legal_entity_id=NIMBUS_DE,
        billing_period=MARCH,
        lines=lines,
        taxes=(InvoiceTax(code="VAT20", rate=Decimal("0.2"), base=Money(net, EUR), amount=Money(net / 5, EUR)),),
        net=Money(net, EUR),
        tax=Money(net / 5, EUR),
        gross=Money(net * Decimal("1.2"), EUR),
        manifest=usage_manifest(sealed=(), late=()),
        catalog_version=CatalogVersion("1"),
        prepared_by="bill-run",
    )


def checked(
    windows: Mapping[WindowKey, AggregateState],
    issued: Invoice,
    *,
    unbilled_reason: Mapping[WindowKey, str] | None = None,
    late: Sequence[LateUsage] = (),
    told: bool = True,
) -> TieOut:
    subscription = SubscriptionId("sub-1")
    matches: dict[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]] = {
        (subscription, ChargeId(CALLS)): (),
        (subscription, ChargeId(SEATS)): (),
    }
    billed: BilledUsage = billed_usage([issued], windows, matches, late)
    return TieOut(
        quantity_checks(
            invoices=[issued],
            windows=windows,
            billed=billed,
            units={CALLS: "call"},
            late_after_issue=frozenset({(ACME, CALLS), (ACME, SEATS)} if told else ()),
            unbilled_reason=unbilled_reason or {},
        )
    )


def test_metered_calls_on_the_invoice_tie() -> None:
    windows = {window(1): SumState(Decimal(40)), window(31): SumState(Decimal(60))}

    assert checked(windows, invoice(line("100", "0.01", "1.00"))).ties


def test_a_window_on_no_invoice_without_a_reason_does_not_tie() -> None:
    windows = {window(1): SumState(Decimal(100)), APRIL_FOOL: SumState(Decimal(5))}

    (check,) = checked(windows, invoice(line("100", "0.01", "1.00"))).checks

    assert check.unexplained == 5


def test_usage_of_a_period_that_has_not_ended_is_named() -> None:
    windows = {window(1): SumState(Decimal(100)), APRIL_FOOL: SumState(Decimal(5))}

    tie_out = checked(
        windows, invoice(line("100", "0.01", "1.00")), unbilled_reason={APRIL_FOOL: "billing period not ended"}
    )

    assert tie_out.ties
    assert [item.amount for item in tie_out.checks[0].explanations] == [5]


def test_a_line_that_bills_more_than_the_ledger_holds_does_not_tie() -> None:
    assert not checked({window(1): SumState(Decimal(99))}, invoice(line("100", "0.01", "1.00"))).ties


def late_usage(state: AggregateState, *, slot: int = 1, meter: MeterCode = CALLS) -> LateUsage:
    """Return what one slot of the late log holds of the first of March."""
    place = SlotsRead(layout_version=1, group=0, slice_start=window(1).window_start, last_slot=slot)
    return LateUsage(place, WindowUsage(window(1, meter), 1, state))


def test_usage_late_after_issue_ties_only_with_its_exception() -> None:
    windows = {window(1): SumState(Decimal(103))}
    issued = invoice(line("100", "0.01", "1.00"))
    three = [late_usage(SumState(Decimal(3)))]

    assert checked(windows, issued, late=three).ties
    assert not checked(windows, issued, late=three, told=False).ties


def test_late_usage_explains_what_the_late_log_holds_and_nothing_more() -> None:
    """A line that bills too little must not hide behind late usage of its customer."""
    windows = {window(1): SumState(Decimal(103))}

    (check,) = checked(windows, invoice(line("90", "0.01", "0.90")), late=[late_usage(SumState(Decimal(3)))]).checks

    assert [item.amount for item in check.explanations] == [3]
    assert check.unexplained == 10


def test_late_usage_that_the_invoice_has_read_explains_nothing() -> None:
    windows = {window(1): SumState(Decimal(103))}
    late = late_usage(SumState(Decimal(3)))
    issued = replace(invoice(line("100", "0.01", "1.00")), manifest=usage_manifest(sealed=(), late=[late.place]))

    assert not checked(windows, issued, late=[late]).ties


def test_a_late_user_who_was_not_billed_ties_with_the_exception() -> None:
    windows: dict[WindowKey, AggregateState] = {window(1, SEATS): UniqueState(frozenset({"ann", "bob"}))}
    late = [late_usage(UniqueState(frozenset({"bob"})), meter=SEATS)]

    assert checked(windows, invoice(line("1", "10", "10.00", SEATS)), late=late).ties


def test_a_user_seen_in_two_windows_is_billed_once() -> None:
    windows: dict[WindowKey, AggregateState] = {
        window(1, SEATS): UniqueState(frozenset({"ann", "bob"})),
        window(2, SEATS): UniqueState(frozenset({"bob"})),
    }

    assert checked(windows, invoice(line("2", "10", "20.00", SEATS))).ties


def test_rounding_of_a_line_is_named_and_a_wrong_amount_is_not_forgiven() -> None:
    honest = TieOut(invoice_checks([invoice(line("1", "1.004", "1.00"))]))
    wrong = TieOut(invoice_checks([invoice(line("1", "1.004", "1.01"))]))

    assert honest.ties
    assert [item.amount for item in honest.checks[0].explanations] == [Decimal("0.004")]
    assert not wrong.ties


def test_an_invoice_missing_in_the_erp_does_not_tie_until_its_reason_is_known() -> None:
    issued = invoice(line("100", "0.01", "1.00"))

    assert not TieOut(posting_checks([issued], {}, {})).ties
    assert TieOut(posting_checks([issued], {}, {issued.invoice_id: "PERIOD_CLOSED"})).ties


def test_a_double_in_the_erp_does_not_tie() -> None:
    issued = invoice(line("100", "0.01", "1.00"))
    once = LedgerFigures(documents=1, gross=Decimal("1.200"), receivable=Decimal("1.20"))
    twice = LedgerFigures(documents=2, gross=Decimal("2.40"), receivable=Decimal("2.40"))

    assert TieOut(posting_checks([issued], {(NIMBUS_DE, "EUR"): once}, {})).ties
    assert not TieOut(posting_checks([issued], {(NIMBUS_DE, "EUR"): twice}, {})).ties
