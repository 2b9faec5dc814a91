"""The Dynamics 365 Finance simulator keeps to the published contract of its OData service and data packages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest
from beancount import loader

from simulators.erp import AccountRole, CompanySetup, Fault
from simulators.erp.dynamics_finance.simulator import DynamicsFinanceSimulator
from simulators.erp.dynamics_finance.token_endpoint import DynamicsFinanceCredentials
from tests.contract.simulators.callers import HandClock
from tests.contract.simulators.dynamics_finance_caller import (
    CROSS,
    DE01,
    US01,
    DynamicsFinance,
    a_journal_line,
    a_line,
    a_package,
)
from tests.fakes.in_process_http import InProcess

ENVIRONMENT = "https://acme.operations.dynamics.com"  # the app is called in this process: a server takes 0.2 s a test
BATCH_JOB = timedelta(minutes=10)
DEBIT = "J1,GenJrn,1,Ledger,40100-042,250.00,0,2026-03-31,V1,USD,KEY"
CREDIT = "J1,GenJrn,2,Ledger,24000-,0,250.00,2026-03-31,V1,USD,KEY"


@pytest.fixture
def finance(clock: HandClock) -> Iterator[DynamicsFinance]:
    with a_caller(clock, US01, DE01) as caller:
        yield caller


@contextmanager
def a_caller(clock: HandClock, *companies: CompanySetup) -> Iterator[DynamicsFinance]:
    simulator = DynamicsFinanceSimulator(
        companies=companies, credentials=DynamicsFinanceCredentials("u2c", "s3cret"), now=clock.now, page_size=3
    )
    with httpx.Client(transport=InProcess(simulator.app)) as http:
        caller = DynamicsFinance(
            ENVIRONMENT,
            simulator.base_url(ENVIRONMENT),
            simulator.token_url(ENVIRONMENT),
            http,
            simulator=simulator,
            clock=clock,
        )
        caller.token = caller.sign_in().json()["access_token"]
        caller.customer()
        yield caller


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["innererror"]["message"]


def test_a_token_is_for_the_environment_that_it_names(finance: DynamicsFinance) -> None:
    assert finance.sign_in(scope="https://api.businesscentral.dynamics.com/.default").status_code == 400
    assert finance.sign_in(client_secret="guessed").status_code == 401


def test_a_good_token_of_an_application_that_is_no_user_is_refused(finance: DynamicsFinance) -> None:
    finance.simulator.faults.script(Fault.CLIENT_UNMAPPED, operation="find_customers")

    assert finance.get("/data/CustomersV3").status_code == 401
    assert finance.get("/data/CustomersV3").status_code == 200  # it was mapped meanwhile


def test_a_header_has_the_values_that_nobody_sent(finance: DynamicsFinance) -> None:
    answer = finance.header()

    assert answer.status_code == 201
    header = answer.json()
    assert header["InvoiceIdentifier"] > 2**32
    assert header["FreeTextNumber"] == "Not posted"
    assert header["IsPosted"] == "No"
    assert (header["InvoiceDate"], header["DueDate"]) == ("2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z")
    assert header["CashDiscountDate"] == "1900-01-01T12:00:00Z"
    assert (header["ExternalInvoiceId"], header["InvoiceAccount"], header["PostingProfile"]) == ("", "C-100", "GEN")


def test_rows_of_other_companies_are_seen_across_companies_only(finance: DynamicsFinance) -> None:
    finance.customer("D-1", company="de01")

    assert [row["CustomerAccount"] for row in finance.get("/data/CustomersV3").json()["value"]] == ["C-100"]
    wanted = "&$filter=dataAreaId eq 'de01'"
    assert [row["CustomerAccount"] for row in finance.rows("CustomersV3", wanted)] == ["D-1"]
    key = "(dataAreaId='de01',CustomerAccount='D-1')"
    assert finance.get(f"/data/CustomersV3{key}").status_code == 404
    assert finance.get(f"/data/CustomersV3{key}?{CROSS}").status_code == 200


def test_a_second_customer_of_one_number_is_refused(finance: DynamicsFinance) -> None:
    assert error_of(finance.customer())[1].endswith("The record already exists.")


def test_a_draft_is_posted_by_the_batch_job_and_by_nobody_else(finance: DynamicsFinance) -> None:
    identifier = finance.invoice()
    assert finance.read(identifier)["IsPosted"] == "No"

    finance.clock.instant += BATCH_JOB

    posted = finance.read(identifier)
    assert (posted["IsPosted"], posted["FreeTextNumber"]) == ("Yes", "FTI-000001")
    ledger = finance.simulator.ledger
    assert ledger.balance(company="US01", role=AccountRole.RECEIVABLE, currency="USD") == Decimal("1440.60")
    entries, errors, _ = loader.load_string(ledger.to_beancount())
    assert errors == []
    assert any("7Q2M4K2D3XAB5C6T" in (getattr(entry, "links", None) or ()) for entry in entries)


def test_a_header_without_lines_is_never_posted(finance: DynamicsFinance) -> None:
    identifier = finance.header().json()["InvoiceIdentifier"]

    finance.later(timedelta(days=30))

    assert finance.read(identifier)["FreeTextNumber"] == "Not posted"


@pytest.mark.parametrize(("fault", "posted"), [(Fault.POSTING_LATE, True), (Fault.POSTING_NEVER, False)])
def test_the_batch_job_may_come_late_or_never(finance: DynamicsFinance, fault: Fault, posted: bool) -> None:
    finance.simulator.faults.script(fault, operation="create_invoice_header")
    identifier = finance.invoice()

    finance.clock.instant += BATCH_JOB
    assert finance.read(identifier)["IsPosted"] == "No"
    finance.later(timedelta(days=1))
    assert (finance.read(identifier)["IsPosted"] == "Yes") is posted


def test_a_draft_of_a_closed_period_waits_until_it_is_open(finance: DynamicsFinance) -> None:
    finance.simulator.set_posting_window("US01", posting_from=date(2026, 4, 1), posting_to=None)
    identifier = finance.invoice()
    finance.later(timedelta(days=2))
    assert finance.read(identifier)["IsPosted"] == "No"

    finance.simulator.set_posting_window("US01", posting_from=None, posting_to=None)
    assert finance.read(identifier)["IsPosted"] == "Yes"


def test_tax_is_rounded_once_for_each_pair_of_groups(finance: DynamicsFinance) -> None:
    identifier = finance.invoice({"UnitPrice": 0.03}, {"UnitPrice": 0.03})

    lines = finance.rows("FreeTextInvoiceLines", f"&$filter=ParentRecId eq {identifier}&$orderby=LineNumber")

    assert [line["SalesTaxAmount"] for line in lines] == [0.01, 0]


def test_a_line_is_unique_by_its_number(finance: DynamicsFinance) -> None:
    identifier = finance.invoice()

    answer = finance.post("/data/FreeTextInvoiceLines", a_line(identifier))

    assert error_of(answer)[1].endswith("The record already exists.")


def test_a_changeset_is_all_or_nothing(finance: DynamicsFinance) -> None:
    identifier = finance.header().json()["InvoiceIdentifier"]

    unknown = a_line(identifier, 2) | {"MainAccountDisplayValue": "99999"}
    answer = finance.batch("FreeTextInvoiceLines", [a_line(identifier), unknown])

    assert answer.status_code == 200
    assert "HTTP/1.1 400" in answer.text
    assert "is not found in the related table" in answer.text
    assert finance.rows("FreeTextInvoiceLines") == []


def test_what_two_invoices_refer_to_may_be_the_same(finance: DynamicsFinance) -> None:
    finance.invoice()
    finance.invoice()
    finance.clock.instant += BATCH_JOB

    assert len(finance.rows("FreeTextInvoiceHeaders", "&$filter=CustomerReference eq '7q2m4k2d3xab5c6t'")) == 2
    assert len(finance.simulator.ledger.entries) == 2


def test_what_is_posted_is_not_deleted_and_a_stale_etag_deletes_nothing(finance: DynamicsFinance) -> None:
    identifier = finance.invoice()
    address = f"/data/FreeTextInvoiceHeaders(dataAreaId='us01',InvoiceIdentifier={identifier})?{CROSS}"
    etag = str(finance.read(identifier)["@odata.etag"])
    finance.clock.instant += BATCH_JOB

    assert finance.send("DELETE", address, If_Match=etag).status_code == 412
    assert error_of(finance.send("DELETE", address))[0] == 500


@pytest.mark.parametrize(
    ("constant", "once", "twice"), [("JB/", "%2F", "%252F"), ("JB\\", "%5C", "%255C"), ("JB+", "%2B", "%252B")]
)
def test_a_slash_in_a_key_is_found_where_it_is_encoded_twice_and_in_a_filter(
    clock: HandClock, constant: str, once: str, twice: str
) -> None:
    numbered = replace(US01, names={"journal_numbers": constant})
    with a_caller(clock, numbered) as finance:
        sent = {"dataAreaId": "us01", "JournalName": "GenJrn"}
        assert finance.post("/data/LedgerJournalHeaders", sent).json()["JournalBatchNumber"] == f"{constant}000001"

        def address(written: str) -> str:
            return f"/data/LedgerJournalHeaders(dataAreaId='us01',JournalBatchNumber='JB{written}000001')?{CROSS}"

        bare = finance.get(address(constant[-1]))
        lost = finance.get(address(once))
        assert (bare.status_code, lost.status_code) == (404, 404)
        assert lost.json()["Message"].startswith("No HTTP resource was found")
        assert finance.send("DELETE", address(once)).status_code == 404
        assert len(finance.rows("LedgerJournalHeaders", f"&$filter=JournalBatchNumber eq 'JB{once}000001'")) == 1
        assert finance.get(address(twice)).status_code == 200
        assert finance.send("DELETE", address(twice)).status_code == 204


def test_pages_have_a_link_to_the_next(finance: DynamicsFinance) -> None:
    for number in range(4):
        finance.customer(f"C-{number}")

    first = finance.get(f"/data/CustomersV3?{CROSS}&$orderby=CustomerAccount desc&$count=true").json()
    second = finance.get(first["@odata.nextLink"].removeprefix(finance.base)).json()

    assert first["@odata.count"] == 5
    shown = [row["CustomerAccount"] for row in (*first["value"], *second["value"])]
    assert shown == ["C-3", "C-2", "C-100", "C-1", "C-0"]
    assert "@odata.nextLink" not in second


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("IsPosted eq Microsoft.Dynamics.DataEntities.NoYes'No'", 1),
        ("CustomerReference eq '7Q2M*' and not (InvoiceDate lt 2026-03-01T00:00:00Z)", 1),
        ("CustomerReference eq 'x' or InvoiceIdentifier gt 5637144576", 1),
        ("InvoiceIdentifier lt 5 and IsPosted ne Microsoft.Dynamics.DataEntities.NoYes'Yes'", 0),
    ],
)
def test_filters(finance: DynamicsFinance, condition: str, found: int) -> None:
    finance.invoice()

    assert len(finance.rows("FreeTextInvoiceHeaders", f"&$filter={condition}")) == found


@pytest.mark.parametrize(
    "condition", ["IsPosted eq 'No'", "Nothing eq 1", "InvoiceDate", "CustomerReference eq 'a' and"]
)
def test_a_filter_that_fits_no_field_is_refused(finance: DynamicsFinance, condition: str) -> None:
    finance.invoice()

    assert finance.get(f"/data/FreeTextInvoiceHeaders?{CROSS}&$filter={condition}").status_code == 400


def test_a_busy_server_says_how_long_to_wait(finance: DynamicsFinance) -> None:
    finance.simulator.faults.script(Fault.THROTTLE)

    answer = finance.header()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")


def test_a_rule_of_the_business_fails_like_a_server(finance: DynamicsFinance) -> None:
    identifier = finance.invoice()
    finance.clock.instant += BATCH_JOB

    status, text = error_of(finance.post("/data/FreeTextInvoiceLines", a_line(identifier, 2)))

    assert status == 500
    assert text.startswith("Write failed for table row of type 'FreeTextInvoiceHeader'")


def test_a_credit_is_an_invoice_of_negative_lines_and_settles_what_it_corrects(finance: DynamicsFinance) -> None:
    finance.invoice()
    finance.clock.instant += BATCH_JOB
    finance.invoice({"Quantity": -1, "UnitPrice": 100}, CorrectedInvoiceId="FTI-000001")
    finance.clock.instant += BATCH_JOB

    invoice, credit = finance.rows("CustTransBiEntities")
    assert (invoice["AmountCur"], invoice["SettleAmountCur"]) == (1440.6, 120)
    assert (credit["AmountCur"], credit["SettleAmountCur"], credit["Closed"]) == (-120, -120, "2026-03-31T12:00:00Z")
    assert [document.kind for document in finance.simulator.documents()] == ["invoice", "credit_memo"]


def test_a_payment_is_a_journal_of_its_own_and_settles_the_invoice(finance: DynamicsFinance) -> None:
    finance.invoice()
    finance.clock.instant += BATCH_JOB

    finance.simulator.pay("7Q2M4K2D3XAB5C6T", Decimal("1440.60"), date(2026, 4, 15))

    (line,) = finance.rows("CustomerPaymentJournalLines")
    assert (line["AccountDisplayValue"], line["MarkedInvoice"], line["CreditAmount"]) == (
        "C\\-100",
        "FTI-000001",
        1440.6,
    )
    assert finance.rows("CustTransBiEntities")[0]["Closed"] == "2026-04-15T12:00:00Z"
    assert finance.simulator.documents()[0].open_amount == 0
    assert finance.simulator.ledger.balances(company="US01", role=AccountRole.RECEIVABLE) == {"USD": 0}


def test_a_journal_is_posted_when_its_vouchers_balance(finance: DynamicsFinance) -> None:
    sent = {"dataAreaId": "us01", "JournalName": "GenJrn", "IntegrationKey": "KEY"}
    batch = finance.post("/data/LedgerJournalHeaders", sent).json()["JournalBatchNumber"]
    finance.batch("LedgerJournalLines", [a_journal_line(batch, 1)])
    finance.clock.instant += BATCH_JOB
    assert finance.rows("LedgerJournalHeaders")[0]["IsPosted"] == "No"

    opposite = {"AccountDisplayValue": "24000", "DebitAmount": 0, "CreditAmount": 250}
    finance.batch("LedgerJournalLines", [a_journal_line(batch, 2, **opposite)])
    finance.clock.instant += BATCH_JOB

    header = finance.rows("LedgerJournalHeaders")[0]
    assert (header["IsPosted"], header["JournalTotalDebit"], header["JournalTotalCredit"]) == ("Yes", 250, 250)
    balances = finance.simulator.ledger.trial_balance(company="US01")
    assert balances == {("24000", "USD"): Decimal(-250), ("40100", "USD"): Decimal(250)}


def test_lines_without_a_voucher_are_vouchers_of_their_own(finance: DynamicsFinance) -> None:
    batch = finance.post("/data/LedgerJournalHeaders", {"dataAreaId": "us01", "JournalName": "GenJrn"}).json()
    finance.batch(
        "LedgerJournalLines", [a_journal_line(batch["JournalBatchNumber"], place, Voucher="") for place in (1, 2)]
    )

    assert {line["Voucher"] for line in finance.rows("LedgerJournalLines")} == {"GNJ000001", "GNJ000002"}


@pytest.mark.parametrize("account", ["40100-999", "4010", "40100-042-x"])
def test_accounts_and_dimensions_must_be_known(finance: DynamicsFinance, account: str) -> None:
    batch = finance.post("/data/LedgerJournalHeaders", {"dataAreaId": "us01", "JournalName": "GenJrn"}).json()

    answer = finance.batch(
        "LedgerJournalLines", [a_journal_line(batch["JournalBatchNumber"], 1, AccountDisplayValue=account)]
    )

    assert f"The value '{account}'" in answer.text


def test_periods_have_their_dates_in_one_entity_and_their_status_in_another(finance: DynamicsFinance) -> None:
    finance.simulator.set_posting_window("US01", posting_from=date(2026, 2, 1), posting_to=date(2026, 4, 30))

    wanted = "&$filter=LegalEntityId eq 'US01' and YearName eq '2026' and PeriodName eq "
    (january,), (march,), (may,) = (
        finance.rows("LedgerFiscalPeriodsV2", f"{wanted}'Period {month}'") for month in (1, 3, 5)
    )

    assert [period["PeriodStatus"] for period in (january, march, may)] == ["Closed", "Open", "Stopped"]
    (dates,) = finance.rows("FiscalPeriods", "&$filter=FiscalYear eq '2026' and PeriodName eq 'Period 2'")
    assert (dates["StartDate"], dates["EndDate"]) == ("2026-02-01T12:00:00Z", "2026-02-28T12:00:00Z")


def test_reference_data_is_what_the_company_was_set_up_with(finance: DynamicsFinance) -> None:
    assert {row["MainAccountId"] for row in finance.rows("MainAccounts", "&$top=3")} == {"11000", "13100", "22500"}
    values = finance.rows("FinancialDimensionValues", "&$filter=LegalEntityId eq 'DE01'")
    assert [(row["FinancialDimension"], row["DimensionValue"]) for row in values] == [
        ("CostCenter", "007"),
        ("CostCenter", "042"),
    ]


def test_a_package_becomes_a_journal_some_time_after_it_was_handed_in(finance: DynamicsFinance) -> None:
    assert finance.start_import(a_package(DEBIT, CREDIT)).json()["value"] == "EXEC-1"
    assert finance.status() == "NotRun"
    finance.clock.instant += timedelta(minutes=1)
    assert finance.status() == "Executing"
    finance.clock.instant += timedelta(minutes=1)
    assert finance.status() == "Succeeded"

    (journal,) = finance.rows("LedgerJournalHeaders")
    assert (journal["JournalTotalDebit"], journal["IsPosted"]) == (250, "No")
    finance.clock.instant += BATCH_JOB
    assert len(finance.simulator.ledger.entries) == 1


def test_an_import_of_which_rows_fail_names_their_keys(finance: DynamicsFinance) -> None:
    finance.start_import(a_package(DEBIT.replace("40100-042", "99999"), CREDIT))
    finance.clock.instant += timedelta(minutes=2)

    assert finance.status() == "PartiallySucceeded"
    named = {"executionId": "EXEC-1", "entityName": "General journal"}
    assert finance.act("GenerateImportTargetErrorKeysFile", **named).json()["value"] is True
    keys = finance.http.get(finance.act("GetImportTargetErrorKeysFileUrl", **named).json()["value"])
    assert keys.text == "LINENUMBER\r\n1\r\n"
    assert "is not found" in finance.act("GetExecutionErrors", executionId="EXEC-1").json()["value"]


@pytest.mark.parametrize(
    "package", [b"no zip", a_package(), a_package(DEBIT).replace(b"Manifest.xml", b"Manifest.xmx")]
)
def test_a_package_that_cannot_be_read_fails_with_a_staging_error(finance: DynamicsFinance, package: bytes) -> None:
    finance.start_import(package)
    finance.clock.instant += timedelta(minutes=2)

    assert finance.status() in {"Failed", "Succeeded"}
    assert finance.simulator.documents() == ()


def test_imports_are_not_started_at_once(finance: DynamicsFinance) -> None:
    finance.start_import(a_package(DEBIT, CREDIT))

    assert finance.start_import(a_package(DEBIT, CREDIT), "EXEC-2").status_code == 500
    assert finance.status("EXEC-2") == "Unknown"


def test_an_import_may_leave_rows_out(finance: DynamicsFinance) -> None:
    finance.simulator.faults.script(Fault.IMPORT_PARTIAL, operation="import_package")
    finance.start_import(a_package(DEBIT, CREDIT))
    finance.later(timedelta(days=1))

    assert finance.status() == "PartiallySucceeded"
    assert finance.simulator.ledger.entries == ()


def test_a_blob_takes_a_block_under_its_signature_only(finance: DynamicsFinance) -> None:
    url = finance.upload(b"package")

    assert finance.http.put(url, content=b"other").status_code == 400
    assert finance.http.put(url.replace("sig=", "sig=0"), content=b"x").status_code == 403
