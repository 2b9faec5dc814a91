"""Clients that speak each ERP's protocol, the companies they talk about, and what they send."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from simulators.erp import AccountRole, CompanySetup
from simulators.erp.business_central.simulator import BusinessCentralSimulator
from simulators.erp.netsuite.simulator import NetSuiteSimulator

NONE: Mapping[str, object] = MappingProxyType({})
ACME_ID = "7f5e9f0a-4b1c-4d8e-9a53-0c1d2e3f4a5b"
ACME = CompanySetup(
    company=ACME_ID,
    name="Acme GmbH",
    local_currency="EUR",
    receivable_account="13100",
    tax_account="22500",
    revenue_accounts={"api_calls": "40100", "storage": "40200"},
    tax_codes={"VAT20": Decimal("0.20"), "VAT7": Decimal("0.07"), "VAT0": Decimal(0)},
    currencies={"USD": "USD", "JPY": "JPY"},
    bank_account="12000",
    accounts={"24000": AccountRole.LIABILITY, "60100": AccountRole.EXPENSE},
    dimensions={"DEPARTMENT": frozenset({"SALES", "OPS"})},
)
GLOBEX = CompanySetup(
    company="2",
    name="Globex Inc.",
    local_currency="USD",
    receivable_account="1100",
    tax_account="2200",
    revenue_accounts={"540": "4000", "541": "4010"},
    tax_codes={"11": Decimal("0.20"), "12": Decimal(0)},
    currencies={"USD": "1", "EUR": "4"},
    bank_account="1010",
    accounts={"2400": AccountRole.LIABILITY, "6100": AccountRole.EXPENSE},
    dimensions={"department": frozenset({"4"}), "class": frozenset({"9"})},
)
INITECH = CompanySetup(
    company="3",
    name="Initech Ltd",
    local_currency="USD",
    receivable_account="1100",
    tax_account="2200",
    revenue_accounts={"540": "4000"},
    tax_codes={"11": Decimal("0.20")},
    currencies={"USD": "1"},
)


@dataclass
class HandClock:
    """Stands still until a test moves it."""

    instant: datetime = datetime(2026, 4, 2, 6, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def pass_(self, **duration: int) -> None:
        self.instant += timedelta(**duration)


@dataclass
class Caller:
    """Speaks to one served simulator with a bearer token."""

    root: str
    base: str
    token_url: str
    http: httpx.Client
    token: str = ""

    def send(self, method: str, path: str, body: object | None = None, **headers: str) -> httpx.Response:
        return self.http.request(
            method,
            self.base + path,
            json=body,
            headers={"Authorization": f"Bearer {self.token}"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object | None = None, **headers: str) -> httpx.Response:
        return self.send("POST", path, body, **headers)


@dataclass
class BusinessCentral(Caller):
    simulator: BusinessCentralSimulator = field(kw_only=True)
    clock: HandClock = field(kw_only=True)

    def sign_in(self, *, client_secret: str = "s3cret", scope: str | None = None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": "u2c",
            "client_secret": client_secret,
            "scope": scope or "https://api.businesscentral.dynamics.com/.default",
        }
        return self.http.post(self.token_url, data=form)

    def path(self, rest: str) -> str:
        return f"/companies({ACME_ID})/{rest}"

    def customer(self, number: str = "C-100") -> None:
        answer = self.post(self.path("customers"), {"number": number, "displayName": "Wayne Enterprises"})
        assert answer.status_code == 201

    def draft(self, **changes: object) -> httpx.Response:
        return self.post(self.path("salesInvoices"), an_invoice_for_business_central() | changes)

    def journal(self, code: str = "U2C-1") -> str:
        """Return the address of a new batch."""
        answer = self.post(self.path("journals"), {"code": code, "displayName": code})
        assert answer.status_code == 201
        return self.path(f"journals({answer.json()['id']})")

    def posted(self, invoice_id: str) -> httpx.Response:
        return self.post(self.path(f"salesInvoices({invoice_id})/Microsoft.NAV.post"))


@dataclass
class NetSuite(Caller):
    simulator: NetSuiteSimulator = field(kw_only=True)
    clock: HandClock = field(kw_only=True)
    key: ec.EllipticCurvePrivateKey = field(kw_only=True)

    def assertion(self, claims: Mapping[str, object] = NONE, *, header: Mapping[str, object] = NONE) -> str:
        issued_at = int(self.clock.now().timestamp())
        told: dict[str, object] = {
            "iss": "integration-1",
            "scope": ["rest_webservices"],
            "aud": self.token_url,
            "iat": issued_at,
        }
        told |= {"exp": issued_at + 3600, **claims}
        head = {"typ": "JWT", "alg": "ES256", "kid": "cert-1", **header}
        signed = b".".join(encoded(json.dumps(part).encode()) for part in (head, told))
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(SHA256())))
        return (signed + b"." + encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))).decode()

    def sign_in(self, assertion: str | None = None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion() if assertion is None else assertion,
        }
        return self.http.post(self.token_url, data=form)

    def customer(self, external_id: str = "acme", **changes: object) -> httpx.Response:
        sent = {
            "externalId": external_id,
            "companyName": "Wayne Enterprises",
            "subsidiary": {"id": "2"},
            "currency": {"id": "1"},
        }
        return self.post("/record/v1/customer", sent | changes)

    def invoice(self, changes: Mapping[str, object] = NONE, **headers: str) -> httpx.Response:
        return self.post("/record/v1/invoice", self.an_invoice() | dict(changes), **headers)

    def an_invoice(self) -> dict[str, object]:
        return {
            "externalId": "7Q2M4K2D3XAB5C6T",
            "entity": {"externalId": "acme"},
            "tranId": "INV-2026-000123",
            "tranDate": "2026-03-31",
            "dueDate": "2026-04-30",
            "postingPeriod": {"id": self.period("Mar 2026")},
            "subsidiary": {"id": "2"},
            "currency": {"id": "1"},
            "taxDetailsOverride": True,
            "item": {
                "items": [{"item": {"id": "540"}, "quantity": 1, "rate": 1200.50, "taxDetailsReference": "L1"}],
            },
            "taxDetails": {"items": [a_tax_detail()]},
        }

    def journal(self, changes: Mapping[str, object] = NONE, **headers: str) -> httpx.Response:
        return self.post("/record/v1/journalEntry", self.a_journal() | dict(changes), **headers)

    def a_journal(self) -> dict[str, object]:
        return {
            "externalId": "J7Q2M4K2D3XAB5C6",
            "tranId": "JRN-2026-03",
            "tranDate": "2026-03-31",
            "postingPeriod": {"id": self.period("Mar 2026")},
            "subsidiary": {"id": "2"},
            "currency": {"id": "1"},
            "line": {
                "items": [
                    {"account": {"id": "2400"}, "debit": 250.00, "memo": "earned in March", "department": {"id": "4"}},
                    {"account": {"id": "4000"}, "credit": 250.00, "memo": "earned in March"},
                ]
            },
        }

    def query(self, query: str, **headers: str) -> httpx.Response:
        return self.post("/query/v1/suiteql", {"q": query}, **({"Prefer": "transient"} | headers))

    def period(self, name: str) -> str:
        rows = self.query(f"SELECT id FROM accountingperiod WHERE periodname = '{name}'").json()["items"]
        return str(rows[0]["id"])


def a_tax_detail(**changes: object) -> dict[str, object]:
    detail: dict[str, object] = {
        "taxDetailsReference": "L1",
        "taxType": {"id": "5"},
        "taxCode": {"id": "11"},
        "taxBasis": 1200.50,
        "taxRate": 20.0,
        "taxAmount": 240.10,
    }
    return detail | changes


def an_invoice_for_business_central() -> dict[str, object]:
    return {
        "externalDocumentNumber": "7Q2M4K2D3XAB5C6T",
        "customerNumber": "C-100",
        "invoiceDate": "2026-03-31",
        "postingDate": "2026-03-31",
        "dueDate": "2026-04-30",
        "currencyCode": "",
        "salesInvoiceLines": [a_line(), a_line(lineObjectNumber="40200", description="Storage", unitPrice=99.99)],
    }


def a_line(**changes: object) -> dict[str, object]:
    line: dict[str, object] = {
        "lineType": "Account",
        "lineObjectNumber": "40100",
        "description": "API calls",
        "quantity": 1,
        "unitPrice": 1200.50,
        "taxCode": "VAT20",
    }
    return line | changes


def a_journal_line(account: str, amount: float, **changes: object) -> dict[str, object]:
    line: dict[str, object] = {
        "accountNumber": account,
        "postingDate": "2026-03-31",
        "documentNumber": "JRN-1",
        "externalDocumentNumber": "7Q2M4K2D3XAB5C6T",
        "amount": amount,
        "description": "earned in March",
    }
    return line | changes


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
