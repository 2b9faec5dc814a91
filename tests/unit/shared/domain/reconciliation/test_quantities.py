"""What was metered is rated, on one customer's March: what differs must have a name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from shared.domain.identifiers import ChargeId, InvoiceId, MeterCode, SubscriptionId
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, Invoice
from shared.domain.metering.aggregate import (
    AggregateState,
    LatestState,
    SumState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.reading import LateUsage, SlotsRead, usage_manifest
from shared.domain.reconciliation.billed_usage import billed_usage
from shared.domain.reconciliation.late_windows import LateWindow
from shared.domain.reconciliation.quantities import quantity_checks
from shared.domain.reconciliation.tie_out import Check, TieOut
from tests.builders.reconciliation import ACME, APRIL, APRIL_FOOL, CALLS, SEATS, invoice, line, window

SUBSCRIPTION = SubscriptionId("sub-1")
WAITS = "on the next invoice"


def checked(
    windows: Mapping[WindowKey, AggregateState],
    *issued: Invoice,
    unbilled_reason: Mapping[WindowKey, str] | None = None,
    late: Mapping[WindowKey, LateWindow] | None = None,
    told: bool = True,
) -> TieOut:
    matches: dict[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]] = {
        (SUBSCRIPTION, ChargeId(CALLS)): (),
        (SUBSCRIPTION, ChargeId(SEATS)): (),
    }
    parts = {key: (bucket,) for key, bucket in (late or {}).items()}
    billed = billed_usage(issued, issued, windows, parts, matches)
    return TieOut(
        quantity_checks(
            windows=windows,
            billed=billed,
            units={CALLS: "call"},
            unread_reason={charge: WAITS for charge in billed.charges if charge.unread and told},
            unbilled_reason=unbilled_reason or {},
        )
    )


def test_metered_calls_on_the_invoice_tie() -> None:
    windows = {window(1): SumState(Decimal(40)), window(31): SumState(Decimal(60))}

    assert checked(windows, invoice(line("100", "0.01", "1.00"))).ties


def test_a_difference_in_the_last_of_many_digits_shows() -> None:
    metered, rated = "12345678901.123456789012345678", "12345678901.123456789012345677"

    (check,) = checked({window(1): SumState(Decimal(metered))}, invoice(line(rated, "0", "0.00"))).checks

    assert check.unexplained == Decimal("0.000000000000000001")


def test_a_window_on_no_invoice_without_a_reason_does_not_tie() -> None:
    windows = {window(1): SumState(Decimal(100)), APRIL_FOOL: SumState(Decimal(5))}

    (check,) = checked(windows, invoice(line("100", "0.01", "1.00"))).checks

    assert check.unexplained == 5


def test_seats_that_carry_in_are_metered_where_they_are_billed() -> None:
    """Five seats of February and nothing in March: the ledger says five for March, too."""
    reported = datetime(2026, 2, 10, tzinfo=UTC)
    seats = LatestState(reported, "crm", "seats-1", Decimal(5))
    windows = {WindowKey(ACME, SEATS, reported, ()): seats}
    level = Level(reported, "crm", "seats-1", Decimal(5))
    carried = CarriedLevel(meter=SEATS, aggregation=Aggregation.LATEST, dimensions=(), level=level)
    manifest = usage_manifest(sealed=(), late=(), opening=[carried])
    march = replace(invoice(line("5", "10", "50.00", SEATS)), manifest=manifest)

    waiting = dict.fromkeys(windows, "not billed here")
    assert checked(windows, march, unbilled_reason=waiting).ties
    not_carried = replace(invoice(line("0", "10", "0.00", SEATS)), manifest=usage_manifest(sealed=(), late=()))
    assert not checked(windows, not_carried, unbilled_reason=waiting).ties


def test_usage_of_a_period_that_has_not_ended_is_named() -> None:
    windows = {window(1): SumState(Decimal(100)), APRIL_FOOL: SumState(Decimal(5))}

    tie_out = checked(
        windows, invoice(line("100", "0.01", "1.00")), unbilled_reason={APRIL_FOOL: "billing period not ended"}
    )

    assert tie_out.ties
    assert [item.amount for item in tie_out.checks[0].explanations] == [5]


def test_a_line_that_bills_more_than_the_ledger_holds_does_not_tie() -> None:
    assert not checked({window(1): SumState(Decimal(99))}, invoice(line("100", "0.01", "1.00"))).ties


def test_a_user_seen_in_two_windows_is_billed_once() -> None:
    windows: dict[WindowKey, AggregateState] = {
        window(1, SEATS): UniqueState(frozenset({"ann", "bob"})),
        window(2, SEATS): UniqueState(frozenset({"bob"})),
    }

    assert checked(windows, invoice(line("2", "10", "20.00", SEATS))).ties


def late(sealed: AggregateState, *slots: AggregateState, meter: MeterCode = CALLS) -> dict[WindowKey, LateWindow]:
    """Return the first of March, sealed with one state, and what each slot of its late log says."""
    key = window(1, meter)
    return {
        key: LateWindow(
            (WindowUsage(key, 1, sealed),),
            tuple(LateUsage(late_slot(number), WindowUsage(key, 1, state)) for number, state in enumerate(slots, 1)),
        )
    }


def late_slot(number: int) -> SlotsRead:
    return SlotsRead(layout_version=1, group=0, slice_start=window(1).window_start, last_slot=number)


HUNDRED, THREE = SumState(Decimal(100)), SumState(Decimal(3))


def test_usage_late_after_issue_ties_only_with_a_reason() -> None:
    windows = {window(1): SumState(Decimal(103))}
    issued = invoice(line("100", "0.01", "1.00"))

    assert checked(windows, issued, late=late(HUNDRED, THREE)).ties
    assert not checked(windows, issued, late=late(HUNDRED, THREE), told=False).ties


def test_late_usage_explains_what_the_late_log_holds_and_nothing_more() -> None:
    """A line that bills too little must not hide behind late usage of its customer."""
    windows = {window(1): SumState(Decimal(103))}

    (check,) = checked(windows, invoice(line("90", "0.01", "0.90")), late=late(HUNDRED, THREE)).checks

    assert [item.amount for item in check.explanations] == [3]
    assert check.unexplained == 10


def test_late_usage_that_the_invoice_has_read_explains_nothing() -> None:
    windows = {window(1): SumState(Decimal(103))}
    issued = replace(invoice(line("100", "0.01", "1.00")), manifest=usage_manifest(sealed=(), late=[late_slot(1)]))

    assert not checked(windows, issued, late=late(HUNDRED, THREE)).ties


ANN, BOB, CAT = (UniqueState(frozenset({name})) for name in ("ann", "bob", "cat"))


def users(bills: str) -> Check:
    """Check an invoice of so many users against ann, sealed, and bob, who came late, as did ann once more."""
    windows: dict[WindowKey, AggregateState] = {window(1, SEATS): UniqueState(frozenset({"ann", "bob"}))}
    amount = str(Decimal(bills) * 10)
    (check,) = checked(windows, invoice(line(bills, "10", amount, SEATS)), late=late(ANN, BOB, ANN, meter=SEATS)).checks
    return check


def test_a_late_user_is_one_more_and_one_who_comes_again_is_none() -> None:
    check = users("1")

    assert check.ties
    assert [item.amount for item in check.explanations] == [1]


def test_late_users_hide_no_line_that_bills_another_number_of_them() -> None:
    """The whole difference used to be taken for late usage where quantities do not add up."""
    assert users("0").unexplained == 1
    assert users("2").unexplained == -1


def adjusted(quantity_before: str, *, reads: int) -> tuple[Invoice, Invoice]:
    """Bill 100 calls in March; bill March again in April's invoice, as 103 less what it says was billed before."""
    march = invoice(line("100", "0.01", "1.00"))
    whole = line("103", "0.01", "1.03")
    adjusts = Adjustment(
        invoice_id=march.invoice_id,
        invoice_number=march.number,
        quantity=Decimal(quantity_before),
        amount=march.lines[0].amount,
    )
    again = replace(whole, line_id="sub-1/api_calls@2026-03", adjusts=adjusts)
    manifest = usage_manifest(sealed=(), late=[late_slot(reads)])
    return march, replace(
        invoice(again),
        invoice_id=InvoiceId("acme-1/2026-04"),
        billing_period=APRIL,
        adjusted=(AdjustedPeriod(invoice_id=march.invoice_id, manifest=manifest, was_kept_back=False),),
    )


def test_an_adjustment_bills_what_the_ledger_has_beyond_the_invoice_before() -> None:
    windows = {window(1): SumState(Decimal(103))}

    (check,) = checked(windows, *adjusted("100", reads=1), late=late(HUNDRED, THREE)).checks

    assert check.ties
    assert check.explanations == ()


def test_an_adjustment_that_takes_off_less_than_was_billed_bills_twice_and_shows() -> None:
    windows = {window(1): SumState(Decimal(103))}

    (check,) = checked(windows, *adjusted("90", reads=1), late=late(HUNDRED, THREE)).checks

    assert check.unexplained == -10


def test_what_comes_after_the_adjustment_waits_again() -> None:
    windows = {window(1): SumState(Decimal(106))}

    (check,) = checked(windows, *adjusted("100", reads=1), late=late(HUNDRED, THREE, THREE)).checks

    assert check.ties
    assert [item.amount for item in check.explanations] == [3]


def test_a_window_that_came_late_is_on_the_lines_that_have_read_it() -> None:
    key, three = window(1), WindowUsage(window(1), 1, THREE)
    parts = {key: (LateWindow((), (LateUsage(late_slot(1), three),)),)}
    march, april = adjusted("100", reads=1)
    matches: dict[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]] = {(SUBSCRIPTION, ChargeId(CALLS)): ()}

    before = billed_usage([march], [march], {key: THREE}, parts, matches)
    after = billed_usage([march, april], [march, april], {key: THREE}, parts, matches)

    assert before.lines_of_window == {key: ()}
    assert after.lines_of_window == {key: (("acme-1/2026-04", "sub-1/api_calls@2026-03"),)}
