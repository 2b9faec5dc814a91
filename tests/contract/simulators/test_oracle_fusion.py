"""The receivables of the Fusion simulator, by the published contract."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader

from simulators.erp import Fault
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.receipts import NothingToPayError
from tests.contract.one_address import Switchboard, one_address
from tests.contract.simulators.callers import HandClock
from tests.contract.simulators.oracle_fusion_caller import (
    OracleFusion,
    a_credit_memo,
    a_line,
    error_of,
    running,
)


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with one_address() as board:
        yield board


@pytest.fixture
def fusion(board: Switchboard, clock: HandClock) -> OracleFusion:
    return running(board, clock)


def test_an_invoice_is_created_incomplete_and_completed(fusion: OracleFusion) -> None:
    created = fusion.invoice()

    assert created.status_code == 201
    assert created.json()["EnteredAmount"] == 1440.60
    assert created.json()["receivablesInvoiceLines"][0]["receivablesInvoiceLineTaxLines"][0]["TaxAmount"] == 240.10
    assert fusion.simulator.ledger.entries == ()

    assert fusion.completed(created).json()["InvoiceStatus"] == "Complete"
    (document,) = fusion.simulator.documents()
    assert (document.posted, document.net, document.tax, document.open_amount) == (
        True,
        Decimal("1200.5"),
        Decimal("240.10"),
        Decimal("1440.60"),
    )
    _, errors, _ = loader.load_string(fusion.simulator.ledger.to_beancount())
    assert errors == []


def test_it_is_read_by_id_and_by_a_query_in_the_syntax_of_each_version(fusion: OracleFusion) -> None:
    transaction_id = fusion.invoice().json()["CustomerTransactionId"]
    one = f"/receivablesInvoices/{transaction_id}"

    assert fusion.get(one).json()["TransactionNumber"] == "INV-2026-000123"
    with_semicolon = "/receivablesInvoices?q=CrossReference='7Q2M4K2D3XAB5C6T';BusinessUnit='Acme BU'"
    assert [row["CustomerTransactionId"] for row in fusion.rows(with_semicolon)] == [transaction_id]
    with_and = with_semicolon.replace(";", " and ")
    assert len(fusion.rows(with_and, REST_Framework_Version="2")) == 1
    assert fusion.get(with_and).status_code == 400  # version 1 knows no "and"
    assert fusion.get(with_semicolon, REST_Framework_Version="2").status_code == 400
    nested = fusion.get(f"{one}?expand=receivablesInvoiceLines", REST_Framework_Version="4").json()
    assert nested["receivablesInvoiceLines"]["items"][0]["LineAmount"] == 1200.50


def test_lists_come_in_pages(fusion: OracleFusion) -> None:
    for number in range(3):
        fusion.invoice({"TransactionNumber": f"INV-{number}"})

    page = fusion.get("/receivablesInvoices?limit=2&orderBy=TransactionNumber:desc&onlyData=true").json()

    assert [row["TransactionNumber"] for row in page["items"]] == ["INV-2", "INV-1"]
    assert page["hasMore"] is True
    assert "links" not in page["items"][0]
    assert fusion.get("/receivablesInvoices?limit=2&offset=2").json()["hasMore"] is False


def test_tax_lines_of_the_caller_replace_the_computed_tax(fusion: OracleFusion) -> None:
    tax = {"TaxAmount": 240.09, "TaxRegimeCode": "ACME", "TaxRateCode": "VAT20"}

    created = fusion.invoice({"receivablesInvoiceLines": [a_line(receivablesInvoiceLineTaxLines=[tax])]})

    assert created.json()["EnteredAmount"] == 1440.59


def test_revenue_goes_to_the_account_that_a_distribution_names(fusion: OracleFusion) -> None:
    row = {
        "AccountClass": "Revenue",
        "AccountCombination": "4020.EMEA",
        "Amount": 1200.50,
        "InvoiceLineNumber": 1,
    }

    fusion.completed(fusion.invoice({"receivablesInvoiceDistributions": [row]}))

    assert fusion.simulator.ledger.trial_balance(company="Acme BU")["4020", "USD"] == Decimal("-1200.5")
    wrong = [row | {"AccountCombination": "4020.MARS"}]
    answer = fusion.invoice({"TransactionNumber": "INV-2", "receivablesInvoiceDistributions": wrong})
    assert error_of(answer) == (400, "AR-SIM-ACCOUNT")


def test_what_is_not_valid_is_refused_by_name(fusion: OracleFusion) -> None:
    refusals: list[tuple[dict[str, object], str]] = [
        ({"BillToCustomerNumber": "99999"}, "AR_BILL_TO_CUST_NOT_FOUND"),
        ({"BillToSite": "Mars"}, "AR_BILL_TO_SITE_NOT_FOUND"),
        ({"BusinessUnit": "Globex BU"}, "AR_BU_NOT_FOUND"),
        ({"TransactionSource": "Manual"}, "AR_BATCH_SOURCE_NOT_FOUND"),
        ({"receivablesInvoiceLines": [a_line(MemoLine="Coffee")]}, "AR_ITEM_NOT_FOUND"),
        ({"receivablesInvoiceLines": [a_line(TaxClassificationCode="NONE")]}, "AR-SIM-TAX"),
        ({"InvoiceCurrencyCode": "XXX"}, "AR-SIM-CURRENCY"),
        ({"InvoiceCurrencyCode": "EUR"}, "AR-SIM-RATE"),
        ({"AccountingDate": "2026-02-30"}, "27000"),
        ({"TransactionNumber": "X" * 21}, "27024"),
        ({"InvoiceNumber": "1"}, "27000"),
    ]

    for changes, code in refusals:
        assert error_of(fusion.invoice(changes)) == (400, code)
    assert fusion.simulator.documents() == ()


def test_a_foreign_currency_comes_with_its_rate(fusion: OracleFusion) -> None:
    rate = {"ConversionRateType": "User", "ConversionRate": 1.0842, "ConversionDate": "2026-03-31"}

    answer = fusion.invoice({"InvoiceCurrencyCode": "EUR", **rate})

    assert answer.json()["ConversionRate"] == 1.0842


def test_a_number_repeats_only_where_its_source_lets_it(
    fusion: OracleFusion, board: Switchboard, clock: HandClock
) -> None:
    fusion.invoice()

    assert error_of(fusion.invoice()) == (400, "AR-SIM-NUMBER")
    careless = running(board, clock, FusionOptions(duplicate_numbers=True))
    careless.completed(careless.invoice())
    careless.completed(careless.invoice())
    assert careless.simulator.ledger.trial_balance(company="Acme BU")["4010", "USD"] == Decimal("-2401.0")


def test_a_complete_invoice_can_neither_be_changed_nor_deleted(fusion: OracleFusion) -> None:
    incomplete = f"/receivablesInvoices/{fusion.invoice().json()['CustomerTransactionId']}"
    assert fusion.send("DELETE", incomplete).status_code == 204
    assert fusion.get(incomplete).status_code == 404

    complete = f"/receivablesInvoices/{fusion.completed(fusion.invoice()).json()['CustomerTransactionId']}"
    assert fusion.send("DELETE", complete).status_code == 400
    assert fusion.send("PATCH", complete, {"TransactionDate": "2026-04-01"}).status_code == 400


def test_some_releases_take_complete_invoices_only(board: Switchboard, clock: HandClock) -> None:
    fusion = running(board, clock, FusionOptions(incomplete_on_create=False))
    assert error_of(fusion.invoice()) == (400, "AR-857798")
    assert fusion.invoice({"InvoiceStatus": "Complete"}).json()["InvoiceBalanceAmount"] == 1440.60
    assert len(fusion.simulator.ledger.entries) == 1


def test_a_credit_memo_has_negative_amounts_and_books_the_other_way_round(fusion: OracleFusion) -> None:
    fusion.completed(fusion.invoice())

    memo = fusion.post("/receivablesCreditMemos", a_credit_memo())

    assert (memo.status_code, memo.json()["EnteredAmount"], memo.json()["CreditMemoStatus"]) == (201, -120, "Complete")
    assert fusion.simulator.ledger.trial_balance(company="Acme BU") == {
        ("1210", "USD"): Decimal("1320.60"),
        ("2520", "USD"): Decimal("-220.10"),
        ("4010", "USD"): Decimal("-1100.5"),
    }
    wrong = {"LineNumber": 1, "MemoLine": "API calls", "LineQuantityCredit": 1, "UnitSellingPrice": 100}
    answer = fusion.post(
        "/receivablesCreditMemos", a_credit_memo(TransactionNumber="CM-2", receivablesCreditMemoLines=[wrong])
    )
    assert error_of(answer) == (400, "AR-SIM-SIGN")


def test_payments_show_on_the_installment(fusion: OracleFusion) -> None:
    invoice = fusion.completed(fusion.invoice()).json()["CustomerTransactionId"]
    fusion.simulator.pay("7Q2M4K2D3XAB5C6T", Decimal(440), date(2026, 4, 2))

    read = fusion.get(f"/receivablesInvoices/{invoice}?expand=receivablesInvoiceInstallments").json()

    (installment,) = read["receivablesInvoiceInstallments"]
    assert (read["InvoiceBalanceAmount"], installment["AmountPaid"], installment["InstallmentStatus"]) == (
        1000.60,
        440,
        "Open",
    )
    assert [row["Amount"] for row in fusion.rows("/standardReceipts?q=CustomerAccountNumber='10060'")] == [440]
    assert fusion.simulator.ledger.trial_balance(company="Acme BU")["1200", "USD"] == Decimal(440)
    with pytest.raises(NothingToPayError):
        fusion.simulator.pay("7Q2M4K2D3XAB5C6T", Decimal(2000), date(2026, 4, 2))


def test_periods_have_a_status_for_each_application(fusion: OracleFusion) -> None:
    ledger_id = fusion.simulator.books_of("Acme BU").ledger_id
    fusion.simulator.set_posting_window("Acme BU", posting_from=date(2026, 3, 1), posting_to=None)
    fusion.simulator.set_period_status("Acme BU", application=222, month="2026-03", status="C")

    def status(application: int, month: str) -> str:
        query = f"LedgerId={ledger_id};ApplicationId={application};PeriodNameId={month}"
        (row,) = fusion.rows(f"/accountingPeriodStatusLOV?q={query}")
        return str(row["ClosingStatus"])

    assert [status(222, "Mar-26"), status(101, "Mar-26"), status(222, "Feb-26")] == ["C", "O", "C"]
    assert [status(222, "Apr-26"), status(222, "May-26")] == ["O", "F"]
    assert error_of(fusion.invoice()) == (400, "AR-SIM-PERIOD")


def test_a_source_that_adjusts_moves_the_date_and_says_nothing(board: Switchboard, clock: HandClock) -> None:
    fusion = running(board, clock, FusionOptions(accounting_date="adjust"))
    fusion.simulator.set_posting_window("Acme BU", posting_from=date(2026, 4, 1), posting_to=None)

    created = fusion.invoice()

    assert created.status_code == 201
    assert created.json()["AccountingDate"] == "2026-04-01"


def test_customers_are_looked_up_by_a_finder_and_made_by_people(
    fusion: OracleFusion, board: Switchboard, clock: HandClock
) -> None:
    finder = "/receivablesCustomerAccountSiteActivities?finder=CustomerAccountSiteActivitiesFinder;AccountNumber="
    new = {"PartyNumber": "ACME", "OrganizationName": "Acme Corp", "BusinessUnit": "Acme BU"}

    assert [row["CustomerName"] for row in fusion.rows(finder + "10060")] == ["Wayne Enterprises"]
    assert fusion.rows(finder + "99") == []
    creation = fusion.root + "/crmRestApi/resources/11.13.18.05/hubOrganizations"
    bearer = {"Authorization": f"Bearer {fusion.token}"}
    assert fusion.http.post(creation, json=new, headers=bearer).status_code == 403
    other = running(board, clock, FusionOptions(customers_by_rest=True))
    creation = other.root + "/crmRestApi/resources/11.13.18.05/hubOrganizations"
    assert other.http.post(creation, json=new, auth=("u2c.integration", "Welcome1")).status_code == 201
    assert other.http.post(creation, json=new, auth=("u2c.integration", "Welcome1")).status_code == 400
    assert len(other.rows(finder + "ACME")) == 1


def test_a_missing_grant_is_an_empty_list_and_no_403(fusion: OracleFusion) -> None:
    fusion.invoice()
    fusion.simulator.faults.script(Fault.GRANT_MISSING, operation="find_invoices")

    assert fusion.rows("/receivablesInvoices") == []
    assert len(fusion.rows("/receivablesInvoices")) == 1
    fusion.simulator.grant("Acme BU", granted=False)
    assert fusion.rows("/receivablesInvoices") == fusion.rows("/accountingPeriodStatusLOV") == []
    assert error_of(fusion.invoice()) == (400, "AR_BU_NOT_FOUND")


def test_refusals_are_cut_at_a_thousand_characters(fusion: OracleFusion) -> None:
    answer = fusion.get(f"/receivablesInvoices?q={'x' * 2_000}")

    assert answer.headers["content-type"] == "application/vnd.oracle.adf.error+json"
    assert len(answer.json()["detail"]) == 1_000


def test_not_every_refusal_is_json(fusion: OracleFusion) -> None:
    for fault, status, text in (
        (Fault.MAINTENANCE, 503, "maintenance"),
        (Fault.PLAIN_TEXT_ERROR, 400, "JBO-26061"),
        (Fault.REQUEST_TIMEOUT, 504, "300 seconds"),
        (Fault.THROTTLE, 429, "Too Many"),
    ):
        fusion.simulator.faults.script(fault, operation="create_invoice")

        answer = fusion.invoice()

        assert (answer.status_code, text in answer.text) == (status, True)
        assert "json" not in answer.headers["content-type"]
    assert fusion.simulator.documents() == ()


def test_a_shifted_date_and_a_cent_of_tax_come_by_script(fusion: OracleFusion) -> None:
    fusion.simulator.faults.script(Fault.DATE_ADJUSTED, Fault.TAX_CENT_OFF, operation="create_invoice")

    assert fusion.invoice().json()["AccountingDate"] == "2026-04-01"
    assert fusion.invoice({"TransactionNumber": "INV-2"}).json()["EnteredAmount"] == 1440.61


def test_a_caller_signs_in_with_a_client_of_the_domain_or_with_a_password(fusion: OracleFusion) -> None:
    assert fusion.sign_in(secret="wrong").status_code == 401
    assert fusion.sign_in(scope="openid").status_code == 400
    assert fusion.sign_in(grant_type="password").status_code == 400
    assert fusion.http.get(fusion.base + "/ledgersLOV").status_code == 401
    assert fusion.http.get(fusion.base + "/ledgersLOV", auth=("u2c.integration", "Welcome1")).status_code == 200
    assert fusion.http.get(fusion.base + "/ledgersLOV", auth=("u2c.integration", "guess")).status_code == 401
    fusion.clock.pass_(minutes=60)
    assert fusion.get("/ledgersLOV").status_code == 401


def test_lists_of_values_show_what_a_mapping_may_name(fusion: OracleFusion) -> None:
    assert [row["MemoLineName"] for row in fusion.rows("/memoLinesLOV")] == ["API calls", "Storage"]
    assert [row["CurrencyCode"] for row in fusion.rows("/currenciesLOV")] == ["EUR", "USD"]
    assert [row["LookupCode"] for row in fusion.rows("/taxClassificationsLOV")] == ["EXEMPT", "VAT20"]
    values = fusion.rows("/valueSets/ACME_ACCOUNT/child/values")
    assert {row["Value"] for row in values} >= {"1210", "4010", "6100"}
    assert fusion.rows("/receivablesPaymentTermsLOV")[0]["Name"] == "30 Net"
