"""u2c price preview lists what a proposed price book changes, by size, names what has no price, and stores nothing."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.u2c.__main__ import main
from operations.u2c.commands.price_preview import PREVIEWED, UNUSABLE_INPUT, WOULD_WAIT
from operations.u2c.metered_usage import packed
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from tests.fakes.catalog_folder import spoil, write_catalog

MARCH = datetime(2026, 3, 15, 12, tzinfo=UTC)
CHEAPER = ("- {up_to: 500, unit_price: 0.05}", "- {up_to: 500, unit_price: 0.04}")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "catalog")


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "proposed")


@pytest.fixture
def usage(tmp_path: Path) -> Path:
    """Return the results of a run in which acme made 300 calls in March, and chandra 50."""
    folder = tmp_path / "out"
    folder.mkdir()
    windows = [calls("acme", 300), calls("chandra", 50)]
    (folder / "lineage.jsonl").write_text("\n".join(json.dumps(one) for one in windows))
    (folder / "invoices.jsonl").write_text(json.dumps({"service_period": "2026-03-01T05:00:00Z..2026-04-01T04:00:00Z"}))
    return folder


def calls(customer: str, count: int) -> dict[str, Any]:
    window = WindowUsage(WindowKey(CustomerId(customer), MeterCode("api_calls"), MARCH, ()), count, CountState(count))
    return {"kind": "window", "start": "2026-03-15T12:00:00.000000Z", "packed": packed(window)}


def preview(catalog: Path, proposed: Path, usage: Path, *more: str) -> int:
    return main(
        ["price", "preview", "--catalog", str(catalog), "--proposed", str(proposed), "--usage", str(usage), *more]
    )


def as_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_changes_is_named_with_both_amounts_and_both_prices(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="price_book.yaml", old=CHEAPER[0], new=CHEAPER[1])

    assert preview(catalog, proposed, usage, "--json") == PREVIEWED

    found = as_json(capsys)
    (invoice,) = found["invoices"]
    # 100 x 0.10 + 200 x 0.05 = 20.00, with the fee 169.00; by 0.04 it is 2.00 less
    assert (invoice["contract"], invoice["now"], invoice["proposed"], invoice["change"]) == (
        "c-acme",
        "169.00",
        "167.00",
        "-2.00",
    )
    (line,) = invoice["lines"]
    assert (line["line"], line["now"], line["proposed"]) == ("s-acme/api-calls", "20.00", "18.00")
    assert "to 500 0.04 each" in line["price_proposed"]
    assert found["totals"] == {"USD": {"now": "323.00", "proposed": "321.00", "change": "-2.00"}}
    assert (found["invoices_unchanged"], found["customers_not_affected"]) == (1, 1)


def test_the_greatest_change_comes_first(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="price_book.yaml", old="{up_to: 100, unit_price: 0.10}", new="{up_to: 100, unit_price: 0.20}")

    assert preview(catalog, proposed, usage, "--json") == PREVIEWED
    changes = [(one["contract"], Decimal(one["change"])) for one in as_json(capsys)["invoices"]]
    assert changes == [("c-acme", Decimal("10.00")), ("c-chandra", Decimal("5.00"))]


def test_the_table_says_it_for_people(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="price_book.yaml", old=CHEAPER[0], new=CHEAPER[1])

    assert preview(catalog, proposed, usage) == PREVIEWED

    shown = " ".join(capsys.readouterr().out.split())
    assert "c-acme/2026-03 169.00 167.00 -2.00 (-1.2%) USD" in shown
    assert "2026-03 in all: 323.00 now, 321.00 proposed, -2.00 (-0.6%) USD" in shown
    assert "Invoices that change: 1 of 2. Customers that are not affected: 1." in shown


def test_the_same_catalogue_changes_nothing(catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(catalog, catalog, usage) == PREVIEWED
    assert "Invoices that change: 0 of 2. Customers that are not affected: 2." in capsys.readouterr().out


def test_a_new_charge_and_one_that_vanishes_are_named(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="price_book.yaml", old="- id: api-calls", new="- id: requests")

    assert preview(catalog, proposed, usage) == PREVIEWED
    shown = capsys.readouterr().out
    assert "new: requests on invoices: 2, 25.00 USD" in shown
    assert "vanishing: api-calls on invoices: 2, 25.00 USD" in shown


def test_usage_that_would_have_no_price_is_named_and_ends_with_1(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(
        proposed, file="price_book.yaml", old="meter: api_calls\n", new="meter: api_calls\n      match: {region: eu}\n"
    )

    assert preview(catalog, proposed, usage) == WOULD_WAIT
    assert "c-acme would wait: api_calls: usage of api_calls" in capsys.readouterr().out


def test_every_fault_of_the_proposed_catalogue_is_named(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="price_book.yaml", old="0.10", new="-0.10")

    assert preview(catalog, proposed, usage) == UNUSABLE_INPUT
    assert "NEGATIVE_AMOUNT" in capsys.readouterr().out


@pytest.mark.parametrize("lineage", ["garbage", '{"kind": "window", "start": "2026-03-15T12:00:00Z"}', None])
def test_what_is_no_results_of_a_run_is_refused(
    lineage: str | None, catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = usage / "lineage.jsonl"
    file.unlink() if lineage is None else file.write_text(lineage)

    assert preview(catalog, catalog, usage) == UNUSABLE_INPUT
    assert str(usage) in "".join(capsys.readouterr().out.split())


def test_a_contract_that_changes_its_currency_cannot_be_compared(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(proposed, file="contracts.yaml", old="customer: chandra", new="customer: acme")
    spoil(proposed, file="contracts.yaml", old="valid_from: 2026-02-01", new="valid_from: 2027-02-01")

    assert preview(catalog, proposed, usage) == UNUSABLE_INPUT
    assert "c-chandra has another customer or currency" in capsys.readouterr().out


def test_the_last_month_is_found_whatever_contracts_are_billed_by(
    catalog: Path, proposed: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    periods = ("2026-02-01T00:00:00Z..2026-03-01T00:00:00Z", "2026-02-15T00:00:00Z..2026-03-15T00:00:00Z")
    (usage / "invoices.jsonl").write_text("\n".join(json.dumps({"service_period": one}) for one in periods))

    assert preview(catalog, proposed, usage, "--json") == PREVIEWED

    assert as_json(capsys)["period"] == "2026-03"
