"""Usage that no invoice will take is told once, and what is on an invoice is not told at all."""

from datetime import UTC, datetime, timedelta

from functions.detect_late_usage.use_case import LateUsageDetector
from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.reading import UsageManifest
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, NOON, TENANT, MeteringWorld, a_row

DAY = datetime(2026, 1, 15, tzinfo=UTC)
THE_DAY = Period(DAY, DAY + timedelta(days=1))
TEN_DAYS_LATER = DAY + timedelta(days=10)
ACME = CustomerId("acme")


class _Issued:
    """The manifests of issued invoices, all of the one day, one contract a customer and none after it."""

    def __init__(self) -> None:
        self.of_customer: dict[CustomerId, tuple[UsageManifest, ...]] = {}

    def of_closed_billing(self, window: WindowKey) -> tuple[tuple[UsageManifest, ...], ...]:
        manifests = self.of_customer.get(window.customer_id)
        return (manifests,) if manifests and window.window_start in THE_DAY else ()


class _Billing:
    def __init__(self) -> None:
        self.world = MeteringWorld()
        self.issued = _Issued()
        self.world.count(a_row("call-1"), a_row("call-1", subject="globex"))
        self.world.close(DAY + timedelta(days=2, hours=1))

    def issue(self, customer_id: CustomerId = ACME) -> None:
        usage = LedgerCustomerUsage(
            snapshots=self.world.snapshots, logs=self.world.logs, closing=self.world.closing, layout=LAYOUT
        )
        reading = usage.read(customer_id, (customer_id,), THE_DAY)
        self.issued.of_customer[customer_id] = (*self.issued.of_customer.get(customer_id, ()), reading.manifest)

    def detect(self) -> int:
        detector = LateUsageDetector(
            tenant=TENANT,
            layout=LAYOUT,
            logs=self.world.logs,
            manifests=self.issued,
            reporter=self.world.reporter,
        )
        return detector.detect(TEN_DAYS_LATER)


def test_late_usage_before_the_invoice_is_on_it() -> None:
    billing = _Billing()
    billing.world.count(a_row("call-2"))
    billing.issue()

    assert billing.detect() == 0


def test_late_usage_of_a_period_that_is_not_billed_yet_waits_for_its_invoice() -> None:
    billing = _Billing()
    billing.world.count(a_row("call-2"))

    assert billing.detect() == 0


def test_usage_that_a_later_invoice_has_taken_is_not_told() -> None:
    billing = _Billing()
    billing.issue()
    billing.world.count(a_row("call-2"))
    billing.issue()

    assert billing.detect() == 0


def test_usage_after_the_last_invoice_is_told_by_customer_meter_and_slot() -> None:
    billing = _Billing()
    billing.issue()
    billing.world.count(a_row("call-2", quantity="5"), a_row("call-3", quantity="7"), a_row("call-4", subject="globex"))

    assert billing.detect() == 1

    [told] = billing.world.reporter.reported
    assert told.code is ExceptionCode.LATE_AFTER_ISSUE
    assert told.subject == "acme/api_calls/2026-01-15T00:00:00.000000Z/1.1.1"
    assert (told.detail["events"], told.detail["quantities"]) == ("2", "12")


def test_usage_that_comes_after_an_exception_has_one_of_its_own() -> None:
    """One exception for all would keep its first facts, and once settled it would hide what came since."""
    billing = _Billing()
    billing.issue()
    billing.world.count(a_row("call-2", quantity="5"))
    billing.detect()
    billing.world.count(a_row("call-3", quantity="7"))

    billing.detect()

    assert {told.exception_id: told.detail["quantities"] for told in billing.world.reporter.reported} == {
        "LATE_AFTER_ISSUE:acme/api_calls/2026-01-15T00:00:00.000000Z/1.1.1": "5",
        "LATE_AFTER_ISSUE:acme/api_calls/2026-01-15T00:00:00.000000Z/1.1.2": "7",
    }


def test_only_what_lies_beyond_the_manifest_is_told() -> None:
    billing = _Billing()
    billing.world.count(a_row("call-2", quantity="5"))
    billing.issue()
    billing.world.count(a_row("call-3", quantity="7"))

    billing.detect()

    assert billing.world.reporter.reported[0].detail["quantities"] == "7"


def test_the_same_usage_told_again_is_as_old_as_before() -> None:
    """So an exception that a person has resolved is not opened again by the next day's look."""
    billing = _Billing()
    billing.issue()
    billing.world.count(a_row("call-2"))

    for _ in range(2):
        billing.detect()

    first, second = billing.world.reporter.reported
    assert first == second
    assert first.raised_at == NOON
