"""Two months of prices by region, of agreed prices and of an invoice for two contracts, with late usage."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.posting.intent import IntentState
from tests.scenarios.small_month import Played, SmallMonth, instant, usage


def calls(event_id: str, region: str, quantity: int, subject: str = "acme", **more: Any) -> str:
    data = {"meter": "api_calls", "quantity": quantity, "dimensions": {"region": region}}
    return json.dumps(usage(event_id, subject, data=data, **more))


def a_month_priced_by_region(folder: Path) -> SmallMonth:
    month = SmallMonth(folder, until=instant("2026-05-03T00:00:00"))
    catalog: dict[str, Any] = month.catalog
    catalog["meters"][0]["dimensions"] = ["region"]
    priced = catalog["price_book"][0]["charges"][1]
    priced["price_by"] = ["region"]
    for currency in ("EUR", "USD"):
        priced["prices"].append({"currency": currency, "match": {"region": "eu"}, "per_unit": "0.01"})
    priced["adjustments"] = [{"id": "partner", "percentage_discount": 20}]
    catalog["contracts"][1]["prices"] = [{"charge": "calls", "match": {"region": "eu"}, "per_unit": "0.004"}]
    catalog["price_book"].append({"id": "calls-only", "name": "Calls", "charges": [priced]})
    catalog["customers"].append({"id": "acme-labs", "name": "ACME Labs", "country": "US", "time_zone": "UTC"})
    labs = {"id": "c-labs", "customer": "acme-labs", "bill_to": "acme", "invoiced_with": "c-acme"}
    catalog["contracts"].append(
        catalog["contracts"][0] | labs | {"subscriptions": [{"id": "s-labs", "plan": "calls-only"}]}
    )
    late = {"arrivaltime": "2026-04-04T08:00:00Z"}
    month.lines += [
        calls("eu-1", "eu", 50),
        calls("us-1", "us", 110),
        calls("eu-initech", "eu", 1000, "initech"),
        calls("late-eu", "eu", 10, **late),
        calls("late-us", "us", 10, **late),
        calls("late-ap", "ap", 3, **late),
        calls("labs-1", "eu", 30, "acme-labs"),
        calls("labs-late", "eu", 10, "acme-labs", **late),
    ]
    return month


def invoice(played: Played, invoice_id: str) -> Invoice:
    return next(one for one in played.result.books.invoices.values() if one.invoice_id == invoice_id)


def lines(played: Played, invoice_id: str) -> dict[str, Decimal]:
    own = (line for line in invoice(played, invoice_id).own_lines if line.charge_id == "calls")
    return {line.line_id: line.amount.amount for line in own}


def of_labs(played: Played, month: str) -> list[tuple[str, Decimal]]:
    """Return what acme's invoice has of its daughter, whose own bill has the same and the same number."""
    sent, bill = invoice(played, f"c-acme/{month}"), invoice(played, f"c-labs/{month}")
    assert (bill.state, bill.number) == (InvoiceState.CONSOLIDATED, sent.number)
    found = [(line.line_id, line.amount.amount) for line in sent.lines if line.contract_id == "c-labs"]
    assert found == [(f"c-labs|{line.line_id}", line.amount.amount) for line in bill.lines]
    return found


def test_each_region_is_billed_adjusted_and_tied_out_by_itself(tmp_path: Path) -> None:
    with a_month_priced_by_region(tmp_path).played() as played:
        # 120 calls came without a region: the price for all others takes them, in tiers of their own.
        assert lines(played, "c-acme/2026-03") == {
            "s-acme/calls[region=]": Decimal("11.10"),
            "s-acme/calls[region=eu]": Decimal("0.50"),
            "s-acme/calls[region=us]": Decimal("10.55"),
            "s-acme/calls[region=]+partner": Decimal("-2.22"),
            "s-acme/calls[region=eu]+partner": Decimal("-0.10"),
            "s-acme/calls[region=us]+partner": Decimal("-2.11"),
        }
        assert lines(played, "c-acme/2026-04") == {
            "s-acme/calls[region=ap]@2026-03": Decimal("0.30"),
            "s-acme/calls[region=eu]@2026-03": Decimal("0.10"),
            "s-acme/calls[region=us]@2026-03": Decimal("0.55"),
            "s-acme/calls[region=ap]+partner@2026-03": Decimal("-0.06"),
            "s-acme/calls[region=eu]+partner@2026-03": Decimal("-0.02"),
            "s-acme/calls[region=us]+partner@2026-03": Decimal("-0.11"),
        }
        assert lines(played, "c-initech/2026-03")["s-initech/calls[region=eu]"] == Decimal("4.00")
        invoices = played.result.books.invoices.values()
        assert {line.price for one in invoices for line in one.lines if line.line_id.endswith("calls[region=eu]")} == {
            "0.01 each",
            "agreed price: 0.004 each",
        }
        assert of_labs(played, "2026-03") == [
            ("c-labs|s-labs/calls[region=eu]", Decimal("0.30")),
            ("c-labs|s-labs/calls[region=eu]+partner", Decimal("-0.06")),
        ]
        assert of_labs(played, "2026-04") == [
            ("c-labs|s-labs/calls[region=eu]@2026-03", Decimal("0.10")),
            ("c-labs|s-labs/calls[region=eu]+partner@2026-03", Decimal("-0.02")),
        ]
        assert [name for name in played.sent if "labs" in name] == []
        assert {intent.posting_id for intent in played.result.books.intents if "labs" in intent.posting_id} == set()
        assert {intent.state for intent in played.result.books.intents} == {IntentState.POSTED}
        assert played.tie_out.is_settled
