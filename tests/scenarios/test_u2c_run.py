"""u2c run and u2c explain, as a person types them: exit statuses, files, the way back from a ledger to an event."""

import importlib.util
import json
import shutil
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.u2c import report
from operations.u2c.__main__ import main
from operations.u2c.commands import run as run_command
from operations.u2c.run import Stopwatch
from tests.contract.e_invoice.official_rules import official_rules
from tests.scenarios.small_month import MONTH_END, SmallMonth, usage

GOOD = [json.dumps(event) for event in MONTH_END if event["subject"] != "vandelay"]
FILES = {
    "invoices.jsonl",
    "postings.jsonl",
    "exceptions.jsonl",
    "lineage.jsonl",
    "tie-out.json",
    "ledger.beancount",
    "archive",
    "documents",
}
FIELDS = {
    "invoices.jsonl": {"invoice_id", "number", "state", "customer_id", "currency", "net", "tax", "gross", "lines"}
    | {"bill_to", "due_date", "purchase_order", "credited"},
    "postings.jsonl": {"posting_id", "invoice_number", "external_ref", "state", "erp_number", "accounting_period"},
    "exceptions.jsonl": {"code", "status", "subject", "message", "owner", "remedies"},
    "lineage.jsonl": {"kind", "id"},
}


def records(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text(encoding="utf-8").splitlines()]


def run(month: SmallMonth, out: Path, *more: str) -> int:
    """Write the month to disk and run it."""
    month.given()
    where = ["--catalog", str(month.folder / "catalog"), "--events", str(month.folder / "events.jsonl")]
    return main(["run", *where, "--out", str(out), *more])


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> SmallMonth:
    month = SmallMonth(tmp_path_factory.mktemp("month"))
    month.lines.append(json.dumps(usage("[/red]", "vandelay")))
    return month


@pytest.fixture(scope="module")
def out(month: SmallMonth) -> Path:
    """Run the month once, with its bad line and its stranger: the two exceptions make the status 3."""
    folder = month.folder / "results" / "out"
    assert run(month, folder) == 3
    return folder


def test_the_results_are_six_files_with_the_fields_that_are_promised_the_archive_and_the_documents(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == FILES
    for name, fields in FIELDS.items():
        assert records(out, name)
        assert all(fields <= record.keys() for record in records(out, name))
    tie_out = json.loads((out / "tie-out.json").read_text(encoding="utf-8"))
    assert tie_out["ties"]
    assert {"name", "ties", "left", "right", "unit", "difference", "explanations"} <= tie_out["checks"][0].keys()


def test_each_invoice_is_there_as_it_is_sent_and_an_e_invoice_passes_the_official_rules(out: Path) -> None:
    documents = content(out / "documents")
    numbers = [record["number"] for record in records(out, "invoices.jsonl")]
    e_invoices = [body for name, body in documents.items() if name.endswith(".xml")]

    assert [name for name in documents if name.endswith(".pdf")] == [f"{number}.pdf" for number in numbers]
    assert all(body.startswith(b"%PDF-") for name, body in documents.items() if name.endswith(".pdf"))
    assert len(e_invoices) == 1  # the American seller has none to send
    assert official_rules().broken_by(e_invoices[0]) == []
    assert b">136.97</cbc:PayableAmount>" in e_invoices[0]


def test_a_month_without_any_exception_ends_with_0(tmp_path: Path) -> None:
    assert run(SmallMonth(tmp_path, lines=GOOD), tmp_path / "out") == 0


def test_books_that_do_not_tie_end_with_1_and_say_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The road does not come to this by itself, so an event is taken out of the ledger's count."""
    month = SmallMonth(tmp_path)
    with month.played() as played:
        books = replace(played.result.books, events_in_ledger=played.result.books.events_in_ledger - 1)
        result = replace(played.result, books=books)
        reported = report.report_run(result, played.given, tmp_path / "out", Stopwatch(), Console(width=100))

    assert run_command.exit_status(reported) == 1
    shown = capsys.readouterr().out
    assert "DIFFERS" in shown
    assert "unexplained" in shown
    assert json.loads((tmp_path / "out" / "tie-out.json").read_text())["ties"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "no-such-file.jsonl"], "no-such-file.jsonl: there is no such file"),
        (["--events", "FOLDER"], ": it is a folder, not a file"),
        (["--until", "2026-03-29"], "the first event arrives only on 2026-03-30"),
        (["--until", "2206-03-31"], "more than 10 years after the last event, which arrives on 2026-04-01"),
        (["--erp-faults", "sabotage=1"], "there is no 'sabotage'; there are seed, throttle"),
        (["--erp-faults", "throttle=2"], "add up to at most 1"),
        (["--out", "FOLDER"], "catalog, which no run has written"),
    ],
)
def test_input_that_cannot_be_used_ends_with_2(
    arguments: list[str], said: str, month: SmallMonth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(month.folder) if word == "FOLDER" else word for word in arguments]

    assert run(month, tmp_path / "out", *arguments) == 2
    assert said in capsys.readouterr().out
    assert (month.folder / "catalog" / "tenant.json").exists()


def test_the_ledger_is_beancount_and_its_receivables_are_the_invoices(out: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its grammar's, of other people's code
        from beancount import loader  # noqa: PLC0415
        from beancount.core import data  # noqa: PLC0415

        entries, errors, _ = loader.load_string((out / "ledger.beancount").read_text(encoding="utf-8"))
    receivables: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            if posting.account.startswith("Assets:") and posting.units and posting.units.number is not None:
                receivables[posting.units.currency] += posting.units.number
    gross: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in records(out, "invoices.jsonl"):
        gross[invoice["currency"]] += Decimal(invoice["gross"])

    assert errors == []
    assert receivables == gross == {"EUR": Decimal("136.97"), "USD": Decimal("120.10")}


def test_every_line_of_lineage_walks_from_event_to_document_and_back(out: Path) -> None:
    by_kind: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for record in records(out, "lineage.jsonl"):
        key = record["delivery"] if record["kind"] == "event" else record["id"]
        assert key not in by_kind[record["kind"]]
        by_kind[record["kind"]][key] = record
    metered = [event for event in by_kind["event"].values() if event["fate"] == "metered"]

    for event in metered:
        assert {
            document
            for line in by_kind["window"][event["window"]]["lines"]
            for document in by_kind["line"][line]["documents"]
            if document in by_kind["document"]
        }
    for window in by_kind["window"].values():
        assert sum(event["window"] == window["id"] for event in metered) == window["events"]
    documents_of_lines = {document for line in by_kind["line"].values() for document in line["documents"]}
    assert documents_of_lines == by_kind["document"].keys()
    invoices = {
        f"{i['invoice_id']}#{line['line_id']}": i for i in records(out, "invoices.jsonl") for line in i["lines"]
    }
    assert invoices.keys() == by_kind["line"].keys()
    billed = {line for window in by_kind["window"].values() for line in window["lines"]}
    usage_lines = {
        f"{i['invoice_id']}#{line['line_id']}"
        for i in records(out, "invoices.jsonl")
        for line in i["lines"]
        if Decimal(line["quantity"]) and line["meter"]
    }
    assert billed == usage_lines


def an_event(_: Path) -> str:
    return "calls-1"


def an_invoice_number(out: Path) -> str:
    return str(records(out, "invoices.jsonl")[0]["number"])


def a_line(out: Path) -> str:
    calls = (line for line in records(out, "invoices.jsonl")[0]["lines"] if line["meter"] == "api_calls")
    return str(next(calls)["line_id"])


def an_erp_number(out: Path) -> str:
    return str(records(out, "postings.jsonl")[0]["erp_number"])


@pytest.mark.parametrize("named_by", [an_event, an_invoice_number, a_line, an_erp_number])
def test_explain_shows_the_chain_and_the_arithmetic(
    named_by: Callable[[Path], str], out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert main(["explain", named_by(out), "--out", str(out)]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    assert "invoice NDE-" in shown
    assert "100 x 0.10 = 10.00" in shown
    assert "20 x 0.055 = 1.100" in shown
    assert "115.10 + tax 21.87 = 136.97 EUR" in shown
    assert f"ERP document {an_erp_number(out)}" in shown
    assert "windows: 2, events: 2: /api#calls-1, /api#calls-2" in shown


@pytest.mark.parametrize("event_id", ["stranger", "[/red]"])
def test_explain_says_what_became_of_an_event_that_was_not_billed(
    event_id: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", event_id, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert event_id in shown
    assert "parked" in shown
    assert "UNKNOWN_CUSTOMER: no customer goes by the subject vandelay" in shown
    assert "Publish a catalogue in which a customer has the subject" in shown


def test_explain_of_an_id_that_nobody_knows_ends_with_1(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "NDE-999999", "--out", str(out)]) == 1
    assert "NDE-999999" in capsys.readouterr().out


def test_explain_without_results_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "calls-1", "--out", str(tmp_path)]) == 2
    assert "no results" in capsys.readouterr().out


def test_a_run_that_dies_leaves_the_earlier_results_and_the_next_one_makes_them_again(
    out: Path, month: SmallMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(out)

    class PowerCutError(BaseException):
        pass

    def cut(_: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as dying:
        dying.setattr("operations.u2c.outputs._tie_out", cut)
        with pytest.raises(PowerCutError):
            run(month, out)
    assert content(out) == before

    assert run(month, out) == 3
    assert content(out) == before  # byte by byte: equal inputs make equal results
    assert {path.name for path in out.parent.iterdir()} == {"out", "out.log"}


def test_faults_of_the_erps_are_the_same_in_every_run(tmp_path: Path) -> None:
    faults = ("--erp-faults", "seed=3,throttle=0.2,lose_reply=0.25,late_commit=0.1")
    month = SmallMonth(tmp_path)

    assert [run(month, tmp_path / name, *faults) for name in ("first", "second")] == [3, 3]
    assert content(tmp_path / "first") == content(tmp_path / "second")


def test_until_a_day_within_the_month_shows_its_usage_as_not_billed_yet(tmp_path: Path) -> None:
    month = SmallMonth(tmp_path, lines=[*GOOD, json.dumps(usage("next-month", time="2026-04-20T10:00:00Z"))])

    assert run(month, tmp_path / "out", "--until", "2026-03-31") == 0

    checks = {check["name"]: check for check in json.loads((tmp_path / "out" / "tie-out.json").read_text())["checks"]}
    assert records(tmp_path / "out", "invoices.jsonl") == []
    assert [e["reason"] for e in checks["quantity of api_calls"]["explanations"]] == [
        "billing period not ended, sealed and billed yet"
    ]
    # calls-2, the duplicate, ann-again, the late one and that of April
    assert checks["sent"]["explanations"] == [{"reason": "arriving after the simulated end", "amount": "5"}]


def test_the_demo_replaces_no_folder_that_is_not_a_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.tex").touch()

    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert "thesis.tex" in capsys.readouterr().out


def test_the_demos_usage_is_what_its_script_makes() -> None:
    demo = Path("events/scenarios/demo")
    specification = importlib.util.spec_from_file_location("make_march", demo / "make_march.py")
    assert specification
    assert specification.loader
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)

    assert (demo / "march.jsonl").read_text(encoding="utf-8") == "\n".join(script.march()) + "\n"


def recount(month: SmallMonth, archive: Path, ledger: Path) -> int:
    catalog = str(month.folder / "catalog")
    where = ["--archive", str(archive), "--catalog", catalog, "--ledger", str(ledger)]
    return main(["recount", *where, "--period", "2026-03"])


def test_the_archive_alone_counts_every_window_as_the_ledger_did(
    month: SmallMonth, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recount(month, out / "archive", out) == 0
    assert "Every window ties with the ledger." in capsys.readouterr().out


def test_a_window_that_the_ledger_counted_otherwise_is_named(
    month: SmallMonth, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = records(out, "lineage.jsonl")
    window = next(line for line in lines if line["kind"] == "window")
    window["events"] += 1
    (tmp_path / "lineage.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    assert recount(month, out / "archive", tmp_path) == 1
    assert f"ledger {window['events']} events" in capsys.readouterr().out


def test_an_archive_with_a_file_that_was_harmed_still_counts_and_says_so(
    month: SmallMonth, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(out / "archive", tmp_path / "archive")
    harmed = next((tmp_path / "archive").rglob("*.parquet"))
    harmed.write_bytes(b"harmed" * (harmed.stat().st_size // 6))

    assert recount(month, tmp_path / "archive", out) == 1
    said = capsys.readouterr().out
    assert harmed.name in said
    assert "Every window ties with the ledger." in said


def test_a_recount_names_what_it_cannot_use(
    month: SmallMonth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recount(month, tmp_path, tmp_path) == 2
    said = capsys.readouterr().out
    assert "--archive" in said
    assert "--ledger" in said
