"""Whatever producers and authors of catalogues get wrong: each fault is named, blocks nothing and loses nothing."""

import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.u2c.__main__ import main
from tests.fakes.catalog_folder import spoil, write_catalog
from tests.scenarios.bad_events import EVERY_ONE, Bad, measured
from tests.scenarios.small_month import CATALOG, MONTH_END, usage


@dataclass(frozen=True)
class Ran:
    status: int
    out: Path

    def records(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / name).read_text(encoding="utf-8").splitlines()]

    def tie_out(self) -> dict[str, Any]:
        return dict(json.loads((self.out / "tie-out.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run the month once, with one call by initech before each bad line."""
    folder = tmp_path_factory.mktemp("bad-input")
    (folder / "catalog").mkdir()
    for section, content in CATALOG.items():
        (folder / "catalog" / f"{section}.json").write_text(json.dumps(content))
    lines = [json.dumps(event).encode() for event in MONTH_END if event["subject"] != "vandelay"]
    for number, each in enumerate(EVERY_ONE):
        lines += [json.dumps(usage(f"beside-{number}", "initech", data=measured(1))).encode(), each.line]
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    given = {"--catalog": folder / "catalog", "--events": folder / "events.jsonl", "--out": folder / "out"}
    status = main(["run", *(str(word) for pair in given.items() for word in pair)])
    return Ran(status, folder / "out")


@pytest.mark.parametrize("each", EVERY_ONE, ids=str)
def test_a_bad_event_gets_its_own_code_and_a_clear_reason(each: Bad, ran: Ran) -> None:
    (found,) = (
        record
        for record in ran.records("exceptions.jsonl")
        if record["code"] == each.code
        and each.reason in record["message"]
        and (each.named in record["subject"] or each.named == record["detail"].get("event_id"))
    )

    assert found["status"] == "open"
    assert found["owner"]
    assert found["remedies"]


def test_there_is_no_exception_beyond_those(ran: Ran) -> None:
    assert len(ran.records("exceptions.jsonl")) == len(EVERY_ONE) + 1  # and the approval, which is decided
    assert ran.status == 3


def test_every_good_neighbour_is_billed(ran: Ran) -> None:
    billed = {
        invoice["customer_id"]: Decimal(line["quantity"])
        for invoice in ran.records("invoices.jsonl")
        for line in invoice["lines"]
        if line["meter"] == "api_calls"
    }

    # initech: two events of 60, two more inside the batch with the bad member, and one call beside each bad line
    assert billed == {"acme": Decimal(120), "initech": Decimal(240 + len(EVERY_ONE))}
    assert {invoice["state"] for invoice in ran.records("invoices.jsonl")} == {"posted"}


def test_nothing_is_lost_and_everything_ties(ran: Ran) -> None:
    events = [record for record in ran.records("lineage.jsonl") if record["kind"] == "event"]
    fates = [event["fate"] for event in events]
    tie_out = ran.tie_out()

    assert tie_out["ties"]
    assert {fate: fates.count(fate) for fate in set(fates)} == {
        "metered": 6 + 2 + len(EVERY_ONE),
        "duplicate": 1,
        "conflicting": 1,
        "parked": 2,
        "quarantined": len(EVERY_ONE) - 4,  # less the conflict, the two parked, and the line no record can hold
    }
    assert tie_out["checks"][0]["left"] == {"name": "events in the file", "value": str(len(events) + 1)}


@dataclass(frozen=True)
class Contradiction:
    """One change that makes a sound catalogue contradict itself, and the fault it must be given."""

    file: str
    old: str
    new: str
    code: str
    at: str  # the line that is to blame reads so

    def __str__(self) -> str:
        return f"{self.code}-{self.file}"


CONTRADICTIONS = (
    Contradiction("price_book.yaml", ", valid_until: 2026-07-01", "", "OVERLAPPING_PRICES", "flat: 159.00"),
    Contradiction("legal_entities.yaml", ', api: "502"', "", "MAPPING_MISSING", "products:"),
    Contradiction("legal_entities.yaml", '{US-EXEMPT: "7"}', "{}", "MAPPING_MISSING", "tax_codes:"),
    Contradiction("contracts.yaml", "currency: USD", "currency: QQQ", "UNKNOWN_CURRENCY", "currency: QQQ"),
    Contradiction("contracts.yaml", "customer: acme", "customer: acne", "UNKNOWN_REFERENCE", "customer: acne"),
    Contradiction("customers.yaml", "[acme-production]", "[chandra]", "SUBJECT_CLAIMED_TWICE", "chandra"),
    Contradiction("contracts.yaml", "valid_until: 2027-01-01", "valid_until: 2025-01-01", "PERIOD_REVERSED", "c-acme"),
    Contradiction("price_book.yaml", "unit_price: 0.10", "unit_price: .nan", "NOT_A_NUMBER", ".nan"),
    Contradiction("price_book.yaml", "unit_price: 0.10", "unit_price: -1", "NEGATIVE_AMOUNT", "-1"),
    Contradiction("tax_rates.yaml", '"*"', '"*", "US"', "OVERLAPPING_TAX_RATES", "US-EXEMPT"),
    Contradiction("meters.yaml", "unit: request", "unit: [request", "FILE_UNREADABLE", "api_calls"),
)


@pytest.mark.parametrize("wrong", CONTRADICTIONS, ids=str)
@pytest.mark.parametrize("command", ["run", "catalog check"])
def test_a_catalogue_that_contradicts_itself_is_refused_with_file_and_line(
    command: str, wrong: Contradiction, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_catalog(tmp_path / "a catalogue in a folder whose name is longer than a screen is wide, no doubt")
    spoil(folder, file=wrong.file, old=wrong.old, new=wrong.new)
    events, out = str(tmp_path / "events.jsonl"), str(tmp_path / "out")
    run = ["run", "--catalog", str(folder), "--events", events, "--out", out]

    status = main(run if command == "run" else ["catalog", "check", str(folder)])

    assert status == 2
    named = [line for line in capsys.readouterr().out.splitlines() if f": {wrong.code} " in line]
    places = [line.removeprefix(f"{folder / wrong.file}:").split(":")[0] for line in named]
    blamed = [(folder / wrong.file).read_text().splitlines()[int(place) - 1] for place in places]
    assert any(wrong.at in line for line in blamed), (named, blamed)
    assert not Path(out).exists()


def test_faults_are_told_before_the_platform_is_loaded(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path / "catalog")
    spoil(folder, file="customers.yaml", old="acme", new="acme corporation")
    arguments = ["run", "--catalog", str(folder), "--events", "none.jsonl", "--out", str(tmp_path / "out")]
    program = (
        "import sys; from operations.u2c.__main__ import main; status = main(sys.argv[1:]);"
        "sys.exit('moto was imported' if 'moto' in sys.modules else status)"
    )

    done = subprocess.run([sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (2, "")
    assert "customers.yaml:1: INVALID_VALUE" in done.stdout
