"""Journals of the Fusion simulator: a file is uploaded, loaded and imported by jobs that end later."""

import base64
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader

from simulators.erp import Fault
from simulators.erp.oracle_fusion.options import FusionOptions
from tests.contract.one_address import Switchboard, one_address
from tests.contract.simulators.callers import HandClock
from tests.contract.simulators.oracle_fusion_caller import OracleFusion, an_archive, running

BATCHES = "/journalBatches?q=BatchName like '7Q2M4K2D3XAB5C6T*'&expand=journalHeaders"
FILES = "/erpintegrations?finder=DocumentIdsByFilePrefixRF;filePrefix=U2C_7Q2M,docAccount=%23NULL,comment=%23NULL"


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with one_address() as board:
        yield board


@pytest.fixture
def fusion(board: Switchboard, clock: HandClock) -> OracleFusion:
    return running(board, clock)


def balanced(fusion: OracleFusion, **changes: str) -> list[dict[str, str]]:
    return [
        fusion.side("1650", debit="75.25", SEGMENT2="EMEA", **changes),
        fusion.side("4010", credit="75.25", **changes),
    ]


def test_a_file_is_loaded_imported_and_posted_on_the_clock(fusion: OracleFusion) -> None:
    request = fusion.journal(balanced(fusion))

    assert set(fusion.jobs(request).values()) == {"RUNNING", "WAIT"}
    assert fusion.rows(BATCHES) == []
    fusion.clock.pass_(minutes=1)
    assert fusion.jobs(request) == {
        "Load Interface File for Import": "SUCCEEDED",
        "Import Journals": "RUNNING",
        "Import Journals: Child": "RUNNING",
    }
    fusion.clock.pass_(minutes=1)
    assert set(fusion.jobs(request).values()) == {"SUCCEEDED"}

    (batch,) = fusion.rows(BATCHES)
    assert (batch["Status"], batch["RunningTotalDr"], batch["DefaultPeriodName"]) == ("P", 75.25, "Mar-26")
    assert batch["journalHeaders"][0]["CurrencyCode"] == "USD"
    assert fusion.get(f"/journalBatches/{batch['JeBatchId']}").json()["BatchName"] == batch["BatchName"]
    assert fusion.simulator.ledger.trial_balance(company="Acme BU") == {
        ("1650", "USD"): Decimal("75.25"),
        ("4010", "USD"): Decimal("-75.25"),
    }
    _, errors, _ = loader.load_string(fusion.simulator.ledger.to_beancount())
    assert errors == []


def test_what_is_imported_waits_for_a_person_where_nothing_posts_it(board: Switchboard, clock: HandClock) -> None:
    fusion = running(board, clock, FusionOptions(autopost=False))
    fusion.journal(balanced(fusion))
    clock.pass_(minutes=2)

    assert [row["Status"] for row in fusion.rows(BATCHES)] == ["U"]
    (document,) = fusion.simulator.documents()
    assert (document.kind, document.external_ref, document.posted) == ("journal", "7Q2M4K2D3XAB5C6T", False)
    fusion.simulator.post_journals("Acme BU")
    assert [row["Status"] for row in fusion.rows(BATCHES)] == ["P"]


def test_an_import_can_fail_after_the_load_succeeded(fusion: OracleFusion) -> None:
    fusion.simulator.set_posting_window("Acme BU", posting_from=date(2026, 3, 1), posting_to=None)
    failures = [
        ({"ACCOUNTING_DATE": "2026/01/31"}, "EP01"),
        ({"SEGMENT1": "9999"}, "EF04"),
        ({"SEGMENT2": "MARS"}, "EF04"),
        ({"ENTERED_DR": "75.26"}, "EU02"),
        ({"CURRENCY_CODE": "XXX"}, "EC08"),
        ({"CURRENCY_CODE": "EUR"}, "EC03"),
        ({"PERIOD_NAME": "Feb-26"}, "EP05"),
        ({"USER_JE_SOURCE_NAME": "Manual"}, "ESIM2"),
    ]
    for group, (changes, code) in enumerate(failures, start=100):
        debit, credit = balanced(fusion, GROUP_ID=str(group))
        on_both = {name: value for name, value in changes.items() if name in {"ACCOUNTING_DATE", "CURRENCY_CODE"}}
        request = fusion.journal([debit | changes, credit | on_both], group=str(group))
        fusion.clock.pass_(minutes=2)

        assert fusion.jobs(request) == {
            "Load Interface File for Import": "SUCCEEDED",
            "Import Journals": "ERROR",
            "Import Journals: Child": "ERROR",
        }
        assert code in log_of(fusion, request)
    assert fusion.rows(BATCHES) == []
    assert len(fusion.simulator.books_of("Acme BU").interface) == 2 * len(failures)  # orphans


def test_a_warning_is_a_failed_import_too(fusion: OracleFusion) -> None:
    fusion.simulator.faults.script(Fault.IMPORT_WARNING, operation="import_bulk_data")
    request = fusion.journal(balanced(fusion))
    fusion.clock.pass_(minutes=2)

    assert set(fusion.jobs(request).values()) == {"WARNING"}
    assert fusion.rows(BATCHES) == []


def test_a_file_that_cannot_be_loaded_stops_its_import(fusion: OracleFusion) -> None:
    for archive in (b"no archive", an_archive([], name="Other.csv"), an_archive([{"STATUS": "OLD"}])):
        content = base64.b64encode(archive).decode()
        request = fusion.post("/erpintegrations", a_request(fusion) | {"DocumentContent": content}).json()["ReqstId"]
        fusion.clock.pass_(minutes=2)

        assert fusion.jobs(request)["Load Interface File for Import"] == "ERROR"
        assert fusion.jobs(request)["Import Journals"] == "CANCELLED"


def test_a_row_that_goes_over_two_lines_cannot_be_loaded(fusion: OracleFusion) -> None:
    """The loader reads lines; to a reader of CSV files it is one row, with a line break between quotes."""
    request = fusion.journal(balanced(fusion, REFERENCE5="Deferred revenue\nof October"))
    fusion.clock.pass_(minutes=2)

    assert fusion.jobs(request)["Load Interface File for Import"] == "ERROR"
    assert fusion.rows(BATCHES) == []


def test_a_careless_second_file_doubles_the_journal(fusion: OracleFusion) -> None:
    fusion.journal(balanced(fusion))
    fusion.clock.pass_(minutes=2)
    fusion.journal(balanced(fusion))
    fusion.clock.pass_(minutes=2)

    assert len(fusion.rows(BATCHES)) == 2
    assert fusion.simulator.ledger.trial_balance(company="Acme BU")["4010", "USD"] == Decimal("-150.50")
    assert len(fusion.rows(FILES)) == 2


def test_two_files_of_one_group_at_once_are_one_journal_with_twice_the_amount(fusion: OracleFusion) -> None:
    fusion.journal(balanced(fusion))
    second = fusion.journal(balanced(fusion))
    fusion.clock.pass_(minutes=2)

    (batch,) = fusion.rows(BATCHES)
    assert batch["RunningTotalDr"] == 150.50
    assert fusion.jobs(second)["Import Journals"] == "ERROR"  # nothing was left for it


def test_a_group_of_all_takes_the_rows_of_others_with_it(fusion: OracleFusion) -> None:
    fusion.simulator.faults.script(Fault.IMPORT_FAILED, operation="import_bulk_data")
    fusion.journal(balanced(fusion, GROUP_ID="7", REFERENCE1="SOMEBODY ELSE"), group="7")
    fusion.clock.pass_(minutes=2)
    fusion.journal(balanced(fusion), group="ALL")
    fusion.clock.pass_(minutes=2)

    assert len(fusion.rows("/journalBatches")) == 2


def test_what_it_cannot_schedule_gets_the_number_minus_one(fusion: OracleFusion) -> None:
    for changes in (
        {"JobName": "/oracle/apps/ess/financials/payables,APXIIMPT"},
        {"DocumentAccount": "fin$/payables$/import$"},
        {"ParameterList": "1,2"},
    ):
        assert fusion.post("/erpintegrations", a_request(fusion) | changes).json()["ReqstId"] == "-1"


def test_an_unknown_request_is_an_empty_list(fusion: OracleFusion) -> None:
    assert fusion.rows("/erpintegrations?finder=ESSExecutionDetailsRF;requestId=1") == []
    assert fusion.get("/erpintegrations?finder=Nothing").status_code == 400


def a_request(fusion: OracleFusion) -> dict[str, str]:
    books = fusion.simulator.books_of("Acme BU")
    return {
        "OperationName": "importBulkData",
        "DocumentContent": "",
        "FileName": "U2C_7Q2M.zip",
        "DocumentAccount": "fin$/journal$/import$",
        "JobName": "oracle/apps/ess/financials/generalLedger/programs/common,JournalImportLauncher",
        "ParameterList": f"{books.access_set_id},1,{books.ledger_id},42,N,N,N",
    }


def log_of(fusion: OracleFusion, request: str) -> str:
    address = f"/erpintegrations?finder=ESSJobExecutionDetailsRF;requestId={request},fileType=LOG"
    (item,) = fusion.rows(address)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(item["DocumentContent"]))) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())
