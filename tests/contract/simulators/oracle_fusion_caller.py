"""A client that speaks Fusion's protocol, the company it talks about, and what it sends."""

import base64
import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.oracle_fusion.gl_interface import COLUMNS
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.simulator import OracleFusionSimulator
from simulators.erp.oracle_fusion.token_endpoint import OracleFusionCredentials
from tests.contract.one_address import Switchboard
from tests.contract.simulators.callers import NONE, Caller, HandClock

CREDENTIALS = OracleFusionCredentials("u2c", "s3cret", password="Welcome1")
ACME = CompanySetup(
    company="Acme BU",
    name="Acme Inc.",
    local_currency="USD",
    receivable_account="1210",
    tax_account="2520",
    revenue_accounts={"API calls": "4010", "Storage": "4020"},
    tax_codes={"VAT20": Decimal("0.20"), "EXEMPT": Decimal(0)},
    currencies={"EUR": "EUR"},
    accounts={"1650": AccountRole.ASSET, "6100": AccountRole.EXPENSE},
    dimensions={"SEGMENT2": frozenset({"EMEA", "APAC"})},
)
JOB = "/oracle/apps/ess/financials/generalLedger/programs/common,JournalImportLauncher"


@dataclass
class OracleFusion(Caller):
    simulator: OracleFusionSimulator = field(kw_only=True)
    clock: HandClock = field(kw_only=True)

    def sign_in(self, *, secret: str = "s3cret", **changes: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "scope": CREDENTIALS.scope} | changes
        return self.http.post(self.token_url, data=form, auth=("u2c", secret))

    def invoice(self, changes: Mapping[str, object] = NONE) -> httpx.Response:
        return self.post("/receivablesInvoices", an_invoice() | dict(changes))

    def completed(self, invoice: httpx.Response) -> httpx.Response:
        address = f"/receivablesInvoices/{invoice.json()['CustomerTransactionId']}"
        return self.send("PATCH", address, {"InvoiceStatus": "Complete"})

    def rows(self, path: str, **headers: str) -> list[dict[str, Any]]:
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def journal(self, rows: Sequence[Mapping[str, str]], *, name: str = "U2C_7Q2M.zip", group: str = "42") -> str:
        """Hand a file in and return the number of the request."""
        books = self.simulator.books_of("Acme BU")
        sent = {
            "OperationName": "importBulkData",
            "DocumentContent": base64.b64encode(an_archive(rows)).decode(),
            "ContentType": "zip",
            "FileName": name,
            "DocumentAccount": "fin$/generalLedger$/import$",
            "JobName": JOB,
            "ParameterList": f"{books.access_set_id},1,{books.ledger_id},{group},N,N,N",
            "CallbackURL": "#NULL",
            "NotificationCode": "10",
            "JobOptions": "ExtractFileType=ALL",
        }
        answer = self.post("/erpintegrations", sent)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ReqstId"])

    def jobs(self, request_id: str) -> dict[str, str]:
        """Return the status of each job of a request by its name."""
        (item,) = self.rows(f"/erpintegrations?finder=ESSExecutionDetailsRF;requestId={request_id}")
        load = json.loads(item["RequestStatus"])["JOBS"]
        child = load["CHILD"][-1]
        return {job["JOBNAME"]: job["STATUS"] for job in (load, child, child["CHILD"])}

    def side(self, account: str, *, debit: str = "", credit: str = "", **changes: str) -> dict[str, str]:
        """Return a row of GL_INTERFACE: one side of a journal."""
        ledger_id = str(self.simulator.books_of("Acme BU").ledger_id)
        row = {
            "STATUS": "NEW",
            "LEDGER_ID": ledger_id,
            "ACCOUNTING_DATE": "2026/03/31",
            "USER_JE_SOURCE_NAME": "U2C",
            "USER_JE_CATEGORY_NAME": "Usage",
            "CURRENCY_CODE": "USD",
            "ACTUAL_FLAG": "A",
            "SEGMENT1": account,
            "ENTERED_DR": debit,
            "ENTERED_CR": credit,
            "REFERENCE1": "7Q2M4K2D3XAB5C6T",
            "REFERENCE4": "JE-1",
            "GROUP_ID": "42",
        }
        return row | changes


def running(board: Switchboard, clock: HandClock, options: FusionOptions | None = None) -> OracleFusion:
    """Return a caller who is signed in to a new environment with one customer."""
    simulator = OracleFusionSimulator(companies=[ACME], credentials=CREDENTIALS, now=clock.now, options=options)
    simulator.add_customer("Acme BU", number="10060", name="Wayne Enterprises")
    board.plug_in(simulator.app)
    base, token_url = simulator.base_url(board.root), simulator.token_url(board.root)
    caller = OracleFusion(board.root, base, token_url, board.http, simulator=simulator, clock=clock)
    caller.token = caller.sign_in().json()["access_token"]
    return caller


def an_invoice() -> dict[str, object]:
    return {
        "BusinessUnit": "Acme BU",
        "TransactionSource": "U2C",
        "TransactionType": "Invoice",
        "TransactionNumber": "INV-2026-000123",
        "TransactionDate": "2026-03-31",
        "AccountingDate": "2026-03-31",
        "DueDate": "2026-04-30",
        "BillToCustomerNumber": "10060",
        "InvoiceCurrencyCode": "USD",
        "CrossReference": "7Q2M4K2D3XAB5C6T",
        "InvoiceStatus": "Incomplete",
        "receivablesInvoiceLines": [a_line()],
    }


def a_line(**changes: object) -> dict[str, object]:
    line: dict[str, object] = {
        "LineNumber": 1,
        "MemoLine": "API calls",
        "Description": "API calls in March",
        "Quantity": 1,
        "UnitSellingPrice": 1200.50,
        "TaxClassificationCode": "VAT20",
    }
    return line | changes


def a_credit_memo(**changes: object) -> dict[str, object]:
    memo: dict[str, object] = {
        "BusinessUnit": "Acme BU",
        "TransactionSource": "U2C",
        "TransactionType": "Credit Memo",
        "TransactionNumber": "CM-2026-000001",
        "TransactionDate": "2026-03-31",
        "BillToCustomerNumber": "10060",
        "CreditMemoCurrency": "USD",
        "CrossReference": "MEMO4K2D3XAB5C6T",
        "receivablesCreditMemoLines": [
            {
                "LineNumber": 1,
                "MemoLine": "API calls",
                "LineDescription": "Credit for downtime",
                "LineQuantityCredit": 1,
                "UnitSellingPrice": -100,
                "TaxClassificationCode": "VAT20",
            }
        ],
    }
    return memo | changes


def an_archive(rows: Sequence[Mapping[str, str]], *, name: str = "GlInterface.csv") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([row.get(column, "") for column in COLUMNS])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text.getvalue())
    return packed.getvalue()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, str(answer.json()["o:errorDetails"][0]["o:errorCode"])
