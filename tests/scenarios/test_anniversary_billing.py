"""A contract by months from the 31st and one by quarters from the 15th, beside others by calendar months."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.domain.invoicing.invoice import Invoice
from tests.scenarios.small_month import Played, SmallMonth, instant, usage


def by_anniversaries(folder: Path) -> SmallMonth:
    """Globex in New York is billed from the 31st, Hooli for its calls by quarters and for its users by months."""
    month = SmallMonth(folder, until=instant("2026-05-04T00:00:00"))
    catalog: dict[str, Any] = month.catalog
    fee, calls, users = catalog["price_book"][0]["charges"]
    catalog["price_book"] += [
        {"id": "calls-only", "name": "Calls", "charges": [fee, calls]},
        {"id": "users-only", "name": "Users", "charges": [users]},
    ]
    for name in ("globex", "hooli"):
        catalog["customers"].append({"id": name, "name": name, "country": "US", "time_zone": "America/New_York"})
    catalog["contracts"] += [
        contract("globex", "2026-01-31", billing={"anchor_day": 31}),
        contract("hooli", "2026-01-15", plan="calls-only", billing={"anchor_day": 15, "every_months": 3}),
        contract("hooli", "2026-01-15", name="hooli-users", plan="users-only"),
    ]
    events = [
        usage("hooli-january", "hooli", "2026-01-20T10:00:00Z"),
        usage("hooli-ann", "hooli", "2026-01-20T11:00:00Z", data={"meter": "users", "unique_key": "ann"}),
        usage("globex-february", "globex", "2026-02-27T10:00:00Z"),
        usage("hooli-late-march", "hooli", "2026-03-31T10:00:00Z"),
        # New York's 30 March ends at 04:00Z: the last instants of one period, and the first of the next one.
        usage("globex-30-march", "globex", "2026-03-31T03:59:59Z"),
        usage("globex-31-march", "globex", "2026-03-31T04:00:00Z"),
        usage("hooli-april", "hooli", "2026-04-14T10:00:00Z"),
        usage("hooli-next-quarter", "hooli", "2026-04-15T10:00:00Z"),
        # These come after the invoices of their time.
        usage("globex-late", "globex", "2026-02-26T10:00:00Z", arrivaltime="2026-03-05T08:00:00Z"),
        usage("hooli-late", "hooli", "2026-04-10T10:00:00Z", arrivaltime="2026-04-18T08:00:00Z"),
    ]
    month.lines += [json.dumps(event) for event in events]
    return month


def contract(customer: str, valid_from: str, *, name: str = "", plan: str = "team", **more: Any) -> dict[str, Any]:
    name = name or customer
    return {
        "id": f"c-{name}",
        "customer": customer,
        "legal_entity": "nimbus-us",
        "currency": "USD",
        "valid_from": valid_from,
        "subscriptions": [{"id": f"s-{name}", "plan": plan}],
    } | more


def invoices(played: Played) -> dict[str, Invoice]:
    return {invoice.invoice_id: invoice for invoice in played.result.books.invoices.values() if invoice.lines}


def lines(invoice: Invoice) -> dict[str, tuple[Decimal, Decimal]]:
    return {line.line_id: (line.quantity, line.amount.amount) for line in invoice.lines if line.meter is not None}


def test_contracts_of_any_calendar_are_billed_once_by_their_own_periods_and_tie(tmp_path: Path) -> None:
    with by_anniversaries(tmp_path).played() as played:
        found = invoices(played)

        assert sorted(found) == [
            "c-acme/2026-03",
            "c-acme/2026-04",
            "c-globex/2026-01-31",
            "c-globex/2026-02-28",
            "c-globex/2026-03-31",
            "c-hooli-users/2026-01",
            "c-hooli/2026-01-15",
            "c-initech/2026-03",
            "c-initech/2026-04",
        ]
        assert lines(found["c-globex/2026-01-31"]) == {"s-globex/calls": (Decimal(60), Decimal("6.00"))}
        # 60 more calls of the period before: 120 are 10.00 and 20 at 0.055.
        assert lines(found["c-globex/2026-02-28"]) == {
            "s-globex/calls": (Decimal(60), Decimal("6.00")),
            "s-globex/calls@2026-01-31": (Decimal(60), Decimal("5.10")),
        }
        assert lines(found["c-globex/2026-03-31"]) == {"s-globex/calls": (Decimal(60), Decimal("6.00"))}
        # One quarter's 180 calls fill the tiers once.
        assert lines(found["c-hooli/2026-01-15"]) == {"s-hooli/calls": (Decimal(180), Decimal("14.40"))}
        assert lines(found["c-hooli-users/2026-01"]) == {"s-hooli-users/users": (Decimal(1), Decimal("5.00"))}
        assert str(found["c-hooli/2026-01-15"].billing_period.period) == (
            "2026-01-15T05:00:00.000000Z..2026-04-15T04:00:00.000000Z"
        )
        assert played.tie_out.is_settled
