"""A client that speaks Dynamics 365 Finance's protocol, its company, and what it sends."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import httpx

from simulators.erp import CompanySetup
from simulators.erp.company import AccountRole
from simulators.erp.dynamics_finance.simulator import DynamicsFinanceSimulator
from tests.contract.simulators.callers import Caller, HandClock

US01 = CompanySetup(
    company="US01",
    name="Acme Inc.",
    local_currency="USD",
    receivable_account="13100",
    tax_account="22500",
    revenue_accounts={"api_calls": "40100", "storage": "40200"},
    tax_codes={"AR-US/FULL": Decimal("0.20"), "AR-US/NONE": Decimal(0)},
    bank_account="11000",
    accounts={"24000": AccountRole.LIABILITY},
    dimensions={"CostCenter": frozenset({"007", "042"})},
)
DE01 = replace(US01, company="DE01", name="Acme GmbH", local_currency="EUR")
CROSS = "cross-company=true"
ACTIONS = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
NAMESPACES = (
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns="http://schemas.microsoft.com/dynamics/2015/01/DataManagement"'
)


@dataclass
class DynamicsFinance(Caller):
    simulator: DynamicsFinanceSimulator = field(kw_only=True)
    clock: HandClock = field(kw_only=True)

    def sign_in(self, *, client_secret: str = "s3cret", scope: str | None = None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": "u2c",
            "client_secret": client_secret,
            "scope": scope or f"{self.base}/.default",
        }
        return self.http.post(self.token_url, data=form)

    def later(self, duration: timedelta) -> None:
        """Let time pass, and sign in again: a token does not last for long."""
        self.clock.instant += duration
        self.token = self.sign_in().json()["access_token"]

    def customer(self, account: str = "C-100", *, company: str = "us01") -> httpx.Response:
        sent = {"CustomerAccount": account, "CustomerGroupId": "10", "OrganizationName": "Wayne Enterprises"}
        return self.post("/data/CustomersV3", {"dataAreaId": company, "SalesCurrencyCode": "USD", **sent})

    def header(self, **changes: object) -> httpx.Response:
        sent: dict[str, object] = {
            "dataAreaId": "us01",
            "CustomerAccount": "C-100",
            "InvoiceDate": "2026-03-31T12:00:00Z",
            "CurrencyCode": "USD",
            "CustomerReference": "7Q2M4K2D3XAB5C6T",
        }
        return self.post("/data/FreeTextInvoiceHeaders", sent | changes)

    def invoice(self, *lines: dict[str, object], **changes: object) -> int:
        identifier: int = self.header(**changes).json()["InvoiceIdentifier"]
        sent = [a_line(identifier, place) | line for place, line in enumerate(lines or ({},), start=1)]
        assert "201 Created" in self.batch("FreeTextInvoiceLines", sent).text
        return identifier

    def batch(self, entity_set: str, rows: Sequence[object]) -> httpx.Response:
        parts = [
            f"--changeset_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: {place}\r\n\r\nPOST /data/{entity_set} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
            f"{json.dumps(row)}\r\n"
            for place, row in enumerate(rows, start=1)
        ]
        body = (
            "--batch_1\r\nContent-Type: multipart/mixed; boundary=changeset_1\r\n\r\n"
            + "".join(parts)
            + "--changeset_1--\r\n--batch_1--\r\n"
        )
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "multipart/mixed; boundary=batch_1"}
        return self.http.post(f"{self.base}/data/$batch", content=body, headers=headers)

    def read(self, identifier: int) -> dict[str, object]:
        row: dict[str, object] = self.get(
            f"/data/FreeTextInvoiceHeaders(dataAreaId='us01',InvoiceIdentifier={identifier})?{CROSS}"
        ).json()
        return row

    def rows(self, entity_set: str, options: str = "") -> list[dict[str, object]]:
        answer = self.get(f"/data/{entity_set}?{CROSS}{options}")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, object]] = answer.json()["value"]
        return rows

    def act(self, action: str, **sent: object) -> httpx.Response:
        return self.post(ACTIONS + action, sent)

    def upload(self, package: bytes) -> str:
        url = str(json.loads(self.act("GetAzureWriteUrl", uniqueFileName="accruals.zip").json()["value"])["BlobUrl"])
        assert self.http.put(url, content=package, headers={"x-ms-blob-type": "BlockBlob"}).status_code == 201
        return url

    def start_import(self, package: bytes, execution_id: str = "EXEC-1") -> httpx.Response:
        return self.act(
            "ImportFromPackage",
            packageUrl=self.upload(package),
            definitionGroupId="GeneralJournalImport",
            executionId=execution_id,
            execute=True,
            overwrite=True,
            legalEntityId="US01",
        )

    def status(self, execution_id: str = "EXEC-1") -> str:
        return str(self.act("GetExecutionSummaryStatus", executionId=execution_id).json()["value"])


def a_line(identifier: int, place: int = 1) -> dict[str, object]:
    return {
        "dataAreaId": "us01",
        "ParentRecId": identifier,
        "LineNumber": place,
        "Description": "API calls",
        "MainAccountDisplayValue": "40100",
        "Quantity": 1,
        "UnitPrice": 1200.50,
        "SalesTaxGroupId": "AR-US",
        "SalesTaxItemGroupId": "FULL",
    }


def a_journal_line(batch: object, place: int, **changes: object) -> dict[str, object]:
    line: dict[str, object] = {
        "dataAreaId": "us01",
        "JournalBatchNumber": batch,
        "LineNumber": place,
        "AccountDisplayValue": "40100-042",
        "DebitAmount": 250,
        "TransDate": "2026-03-31T12:00:00Z",
        "Voucher": "V1",
        "Document": "KEY",
    }
    return line | changes


def a_package(*rows: str, fields: Sequence[str] = ()) -> bytes:
    names = fields or (
        "JOURNALBATCHNUMBER",
        "JOURNALNAME",
        "LINENUMBER",
        "ACCOUNTTYPE",
        "ACCOUNTDISPLAYVALUE",
        "DEBITAMOUNT",
        "CREDITAMOUNT",
        "TRANSDATE",
        "VOUCHER",
        "CURRENCYCODE",
        "DOCUMENT",
    )
    maps = "".join(
        f"<EntityMap><EntityField>{name}</EntityField><XMLField>{name}</XMLField></EntityMap>" for name in names
    )
    manifest = (
        f"<DataManagementPackageManifest {NAMESPACES}><PackageEntityList><DataManagementPackageEntityData>"
        f"<EntityMapList>{maps}</EntityMapList><EntityName>General journal</EntityName>"
        "<InputFilePath>General journal.csv</InputFilePath><SourceFormat>CSV-Unicode</SourceFormat>"
        "</DataManagementPackageEntityData></PackageEntityList></DataManagementPackageManifest>"
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("Manifest.xml", manifest)
        archive.writestr("PackageHeader.xml", f"<DataManagementPackageHeader {NAMESPACES}/>")
        archive.writestr("General journal.csv", "\r\n".join([",".join(names), *rows, ""]))
    return held.getvalue()
