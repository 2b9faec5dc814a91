"""Two months with a discount, a minimum, a commitment, a credit and late usage: from events to the ledger."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.domain.posting.intent import IntentState
from tests.scenarios.small_month import Played, SmallMonth, instant, usage


def a_settled_month(folder: Path) -> SmallMonth:
    month = SmallMonth(folder, until=instant("2026-05-03T00:00:00"))
    catalog: dict[str, Any] = month.catalog
    catalog["products"].append({"id": "missing", "name": "Minimum and commitment"})
    for entity, account in zip(catalog["legal_entities"], ("8490", "503"), strict=True):
        entity["erp"]["products"]["missing"] = account
    calls, users = catalog["price_book"][0]["charges"][1:]
    calls["adjustments"] = [{"id": "partner", "percentage_discount": 20}]
    users["adjustments"] = [{"id": "seats-floor", "minimum": {"EUR": 15, "USD": 15}, "product": "missing"}]
    acme, initech = catalog["contracts"]
    acme["adjustments"] = [
        {"id": "spring", "commitment": 300, "product": "missing", "valid_until": "2026-05-01", "overage_factor": "1.5"}
    ]
    initech["adjustments"] = [
        {"id": "welcome", "credit": 5, "charges": ["calls"], "valid_until": "2026-04-01"},
    ]
    late = {"arrivaltime": "2026-04-04T08:00:00Z"}
    month.lines += [
        json.dumps(usage("late-calls", data={"meter": "api_calls", "quantity": 100}, **late)),
        json.dumps(usage("late-bob", data={"meter": "users", "unique_key": "bob"}, **late)),
        json.dumps(usage("late-initech", "initech", data={"meter": "api_calls", "quantity": 10}, **late)),
    ]
    return month


def lines(played: Played, invoice_id: str) -> dict[str, Decimal]:
    invoice = next(one for one in played.result.books.invoices.values() if one.invoice_id == invoice_id)
    return {line.line_id: line.amount.amount for line in invoice.lines}


def test_what_comes_late_is_settled_as_if_it_had_come_in_time_and_ties_to_the_cent(tmp_path: Path) -> None:
    with a_settled_month(tmp_path).played() as played:
        books = played.result.books

        assert lines(played, "c-acme/2026-03") == {
            "s-acme/fee": Decimal("99.00"),
            "s-acme/calls": Decimal("11.10"),
            "s-acme/calls+partner": Decimal("-2.22"),
            "s-acme/users": Decimal("5.00"),
            "s-acme/users+seats-floor": Decimal("10.00"),
        }
        # 220 calls are 16.60 at last, 20 % off them 3.32. April ends the commitment: 300 less 127.28 and 114.00.
        assert lines(played, "c-acme/2026-04") == {
            "s-acme/fee": Decimal("99.00"),
            "s-acme/users+seats-floor": Decimal("15.00"),
            "+spring": Decimal("58.72"),
            "s-acme/calls@2026-03": Decimal("5.50"),
            "s-acme/calls+partner@2026-03": Decimal("-1.10"),
            "s-acme/users@2026-03": Decimal("5.00"),
            "s-acme/users+seats-floor@2026-03": Decimal("-5.00"),
        }
        assert {intent.state for intent in books.intents} == {IntentState.POSTED}
        assert played.tie_out.is_settled


def test_a_credit_that_has_expired_pays_for_late_usage_of_its_time(tmp_path: Path) -> None:
    with a_settled_month(tmp_path).played() as played:
        march, april = lines(played, "c-initech/2026-03"), lines(played, "c-initech/2026-04")

        # 120 calls are 11.10, 20 % less 8.88, of which the credit pays 5.00; ten more leave it nothing to pay.
        assert march["s-initech/calls+welcome"] == Decimal("-5.00")
        assert {name: amount for name, amount in april.items() if "@" in name} == {
            "s-initech/calls@2026-03": Decimal("0.55"),
            "s-initech/calls+partner@2026-03": Decimal("-0.11"),
        }
        assert played.tie_out.is_settled
