"""Subscriptions and amendments in contracts.yaml: what they say is published, and what cannot be is named at once."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.identifiers import PlanId
from shared.domain.master_data.catalog import Catalog, Contract
from shared.domain.subscriptions.amendment import Upgrade
from tests.builders.catalog import catalog


def sections(*amendments: dict[str, str], **subscription: str) -> dict[str, Any]:
    """Return the catalogue with acme's contract for 2026 on the plans growth and scale, amended."""
    document: dict[str, Any] = deepcopy(dict(catalog_sections(catalog())))
    document["price_book"].append({**document["price_book"][0], "id": "scale"})
    contract = document["contracts"][0]
    contract["subscriptions"][0] |= subscription
    contract["amendments"] = [{"subscription": "s-acme", **one} for one in amendments]
    return document


def read(document: dict[str, Any]) -> Catalog:
    known = read_catalog(document)
    assert isinstance(known, Catalog), known
    return known


def agreed(*amendments: dict[str, str], **subscription: str) -> Contract:
    return read(sections(*amendments, **subscription)).contracts[0]


def faults(*amendments: dict[str, str], **subscription: str) -> list[tuple[str, str]]:
    issues = read_catalog(sections(*amendments, **subscription))
    assert isinstance(issues, tuple), "it was read"
    return [(issue.code, issue.path.removeprefix("contracts[0].")) for issue in issues]


def on(effective: str, change: str, **more: str) -> dict[str, str]:
    return {"effective": effective, "change": change, **more}


def test_a_date_is_a_day_of_the_customers() -> None:
    contract = agreed(on("2026-07-01", "upgrade", plan="scale"))

    assert [one.change for one in contract.amendments] == [Upgrade(PlanId("scale"))]
    assert contract.amendments[0].effective_at == datetime(2026, 7, 1, 4, tzinfo=UTC)  # midnight in New York
    assert [one.subscription_id for one in contract.subscriptions] == ["s-acme", "s-acme@2026-07-01"]


def test_seats_start_with_those_agreed() -> None:
    (subscription,) = agreed(on("2026-03-01", "quantity", quantity="8"), quantity="5").subscriptions

    assert [one.value for one in subscription.quantities] == [Decimal(5), Decimal(8)]


@pytest.mark.parametrize(
    "written",
    [
        sections(quantity="5", trial_until="2026-02-01"),
        sections(
            on("2026-03-01", "quantity", quantity="8"),
            on("2026-04-01", "upgrade", plan="scale"),
            on("2026-05-01", "pause"),
            on("2026-06-01", "resumption"),
            on("2026-07-01", "downgrade", plan="growth"),
            on("2026-08-01", "cancellation"),
        ),
        sections(
            on("2026-03-01", "renewal", until="2026-05-01"),
            on("2026-05-01", "renewal", until="2027-01-01"),
            valid_until="2026-03-01",
        ),
    ],
    ids=["trial", "changes", "renewals"],
)
def test_what_was_agreed_and_amended_is_published_as_it_was_written(written: dict[str, Any]) -> None:
    known = read(written)

    assert read(json.loads(json.dumps(catalog_sections(known)))) == known


def test_every_amendment_that_cannot_be_is_named() -> None:
    found = faults(
        on("2025-12-01", "upgrade", plan="scale"),
        on("2026-03-01", "upgrade", plan="growth"),
        {"subscription": "s-globex", **on("2026-03-01", "pause")},
    )

    assert found == [
        ("AMENDMENT_OUT_OF_TIME", "amendments[0]"),
        ("AMENDMENTS_CONTRADICT", "amendments[1]"),
        ("UNKNOWN_REFERENCE", "amendments[2]"),
    ]


def test_an_amendment_to_a_plan_that_is_not_there_is_named_where_it_is_written() -> None:
    assert faults(on("2026-03-01", "upgrade", plan="huge")) == [("UNKNOWN_REFERENCE", "amendments[0].plan")]


def test_a_renewal_beyond_the_contract_is_a_contradiction() -> None:
    found = faults(on("2026-03-01", "renewal", until="2028-01-01"), valid_until="2026-03-01")

    assert ("PERIODS_CONTRADICT", "subscriptions[0]") in found


@pytest.mark.parametrize(
    "entry",
    [
        on("2026-03-01", "upgrade"),
        on("2026-03-01", "pause", plan="scale"),
        on("2026-03-01", "quantity"),
        on("2026-03-01", "cancellation", until="2026-04-01"),
        on("2026-03-01", "quantity", quantity="-1"),
        on("2026-03-01", "halt"),
    ],
)
def test_an_entry_says_what_its_change_needs_and_nothing_else(entry: dict[str, str]) -> None:
    assert [path.partition(".")[0] for _, path in faults(entry)] == ["amendments[0]"]


def test_a_trial_ends_within_its_subscription() -> None:
    assert faults(trial_until="2027-02-01") == [("PERIODS_CONTRADICT", "subscriptions[0].trial_until")]


def charge(**terms: object) -> dict[str, Any]:
    """Return the catalogue with the terms of a fee on its first charge, which has no meter."""
    document = sections()
    document["price_book"][0]["charges"][0] |= terms
    return document


@pytest.mark.parametrize(
    "terms",
    [
        {"billed": "in_advance", "proration": "days"},
        {"proration": "seconds"},
        {"once": True},
        {"seats": True, "prices": [{"currency": "USD", "per_unit": "12.50"}]},
    ],
)
def test_the_terms_of_a_fee_are_published_as_they_were_written(terms: dict[str, object]) -> None:
    known = read(charge(**terms))

    assert read(json.loads(json.dumps(catalog_sections(known)))) == known


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"once": True, "billed": "in_advance"}, "FEE_CONTRADICTS"),
        ({"once": True, "proration": "days"}, "FEE_CONTRADICTS"),
        ({"seats": True}, "MODEL_DOES_NOT_FIT"),
        ({"prices": [{"currency": "USD", "per_unit": "12.50"}]}, "MODEL_DOES_NOT_FIT"),
        ({"billed": "later"}, "INVALID_VALUE"),
    ],
)
def test_terms_that_contradict_each_other_are_named(terms: dict[str, object], code: str) -> None:
    issues = read_catalog(charge(**terms))

    assert isinstance(issues, tuple), "it was read"
    assert code in {issue.code for issue in issues}


def test_usage_has_no_terms_of_a_fee() -> None:
    document = sections()
    document["price_book"][0]["charges"][1] |= {"proration": "days"}
    issues = read_catalog(document)

    assert isinstance(issues, tuple), "it was read"
    assert ("FEE_CONTRADICTS", "price_book[0].charges[1]") in {(issue.code, issue.path) for issue in issues}
