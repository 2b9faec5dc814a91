"""u2c invoice preview shows a draft as it would be now, by two figures, and all that would stop it or make it wait."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from operations.u2c.__main__ import main
from operations.u2c.commands.invoice_preview import PREVIEWED, UNUSABLE_INPUT, WOULD_STOP
from operations.u2c.metered_usage import packed
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from tests.fakes.catalog_folder import spoil, write_catalog

NOON_OF_THE_TENTH = datetime(2026, 3, 10, 12, tzinfo=UTC)
FEBRUARY = {
    "invoice_id": "c-acme/2026-02",
    "number": "NIMBUS-US-000001",
    "state": "posted",
    "currency": "USD",
    "gross": "199.00",
    "service_period": "2026-02-01T05:00:00Z..2026-03-01T05:00:00Z",
}
HELD = {"status": "open", "subject": "c-acme/2026-03", "code": "ARCHIVE_DOES_NOT_TIE", "message": "3 are missing"}


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "catalog")


@pytest.fixture
def usage(tmp_path: Path) -> Path:
    """Return the results of a run in which acme has made 300 calls by the 16th of March."""
    folder = tmp_path / "out"
    folder.mkdir()
    key = WindowKey(CustomerId("acme"), MeterCode("api_calls"), NOON_OF_THE_TENTH, ())
    window = {
        "kind": "window",
        "start": "2026-03-10T12:00:00Z",
        "packed": packed(WindowUsage(key, 300, CountState(300))),
    }
    (folder / "lineage.jsonl").write_text(json.dumps(window))
    (folder / "invoices.jsonl").write_text(json.dumps(FEBRUARY))
    (folder / "exceptions.jsonl").write_text("")
    (folder / "tie-out.json").write_text(json.dumps({"simulated_until": "2026-03-16T04:00:00.000000Z"}))
    return folder


def preview(catalog: Path, usage: Path, *more: str) -> int:
    return main(["invoice", "preview", "--catalog", str(catalog), "--usage", str(usage), *(more or ("c-acme",))])


def as_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_draft_has_two_figures_with_two_names(catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(catalog, usage) == PREVIEWED

    said = capsys.readouterr().out
    assert said.startswith("c-acme/2026-03, as of 2026-03-16 04:00 UTC\n")
    assert "billed if closed now: 169.00 USD + 0.00 tax = 169.00 USD" in said
    assert "accrual value: 92.10 USD" in said  # the calls, and 15 of 31 days of the fee


def test_everything_is_there_as_json(catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(catalog, usage, "c-acme", "--json") == PREVIEWED

    found = as_json(capsys)
    assert found["invoice_id"] == "c-acme/2026-03"
    assert found["billed_if_closed_now"] == {"net": "169.00", "tax": "0.00", "gross": "169.00"}
    assert (found["accrual_value"], found["issued_as"]) == ("92.10", None)
    assert {line["line_id"]: line["amount"] for line in found["lines"]} == {
        "s-acme/base-fee": "149.00",
        "s-acme/api-calls": "20.00",
    }


def test_what_would_stop_it_is_named_whoever_found_it(
    catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(catalog, file="legal_entities.yaml", old="  approval:\n", new="  invoice_limits: {USD: 100}\n  approval:\n")
    (usage / "exceptions.jsonl").write_text(json.dumps(HELD))

    assert preview(catalog, usage) == WOULD_STOP

    said = capsys.readouterr().out
    assert "would stop it: 169.00 USD is over the limit of 100 USD" in said
    assert "would stop it: ARCHIVE_DOES_NOT_TIE: 3 are missing" in said


def test_why_it_would_wait_for_an_approver_is_named(
    catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(catalog, file="legal_entities.yaml", old="thresholds: {USD: 5000}", new="thresholds: {USD: 150}")

    assert preview(catalog, usage) == PREVIEWED

    assert "would wait for an approver: 169.00 USD reaches the threshold of 150 USD" in capsys.readouterr().out


def test_an_issued_period_says_its_number(catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(catalog, usage, "c-acme", "2026-02") == PREVIEWED

    assert "it is issued already, as NIMBUS-US-000001" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (("c-nobody",), "no contract c-nobody"),
        (("c-acme", "2026-04"), "no billing period 2026-04 that has begun by 2026-03-16"),
    ],
)
def test_what_is_not_there_is_said(
    catalog: Path, usage: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...], fault: str
) -> None:
    assert preview(catalog, usage, *names) == UNUSABLE_INPUT

    assert fault in capsys.readouterr().out


def test_a_folder_without_results_is_refused(catalog: Path, tmp_path: Path) -> None:
    assert preview(catalog, tmp_path) == UNUSABLE_INPUT
