"""The end of one month of a small seller: two legal entities, two ERPs, every kind of charge."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.catalog.load import load_catalog
from operations.local.calls import CallObserver
from operations.u2c import tie_out
from operations.u2c.events_file import read_events_file
from operations.u2c.run import RunInput, RunResult, Stopwatch, run
from shared.domain.master_data.catalog import Catalog
from shared.domain.reconciliation.tie_out import TieOut
from shared.runtime import aws
from simulators.erp import NO_FAULTS, FaultPlan

CATALOG = {
    "tenant": {"id": "nimbus", "name": "Nimbus Cloud"},
    "legal_entities": [
        {
            "id": "nimbus-de",
            "name": "Nimbus Deutschland GmbH",
            "country": "DE",
            "currency": "EUR",
            "invoice_series": "NDE-",
            "details": {
                "e_invoices": True,
                "address": {"lines": ["Invalidenstraße 117"], "postal_code": "10115", "city": "Berlin"},
                "vat_id": "DE136695976",
                "bank_account": {"number": "DE89370400440532013000"},
            },
            "erp": {
                "system": "business_central",
                "connection": "nimbus-de/erp",
                "company": "5d1f2a9c-7c1e-4a55-9d1b-3f0f6c0b8e21",
                "receivable_account": "1400",
                "tax_account": "1776",
                "products": {"platform": "8400", "api": "8410"},
                "tax_codes": {"VAT-19": "VAT19"},
            },
            "approval": {"approver": "clara@nimbus.example", "thresholds": {"EUR": 100}},
        },
        {
            "id": "nimbus-us",
            "name": "Nimbus Inc.",
            "country": "US",
            "currency": "USD",
            "invoice_series": "NUS-",
            "erp": {
                "system": "netsuite",
                "connection": "nimbus-us/erp",
                "company": "3",
                "receivable_account": "1100",
                "tax_account": "2200",
                "products": {"platform": "501", "api": "502"},
                "tax_codes": {"US-EXEMPT": "7"},
                "currencies": {"USD": "1"},
                "settings": {"tax_type": "9"},
            },
        },
    ],
    "customers": [
        {
            "id": "acme",
            "name": "ACME AG",
            "country": "DE",
            "time_zone": "UTC",
            "details": {"address": {"lines": ["Hafenstraße 12"], "postal_code": "20457", "city": "Hamburg"}},
        },
        {"id": "initech", "name": "Initech", "country": "US", "time_zone": "UTC"},
    ],
    "contracts": [
        {
            "id": "c-acme",
            "customer": "acme",
            "legal_entity": "nimbus-de",
            "currency": "EUR",
            "valid_from": "2026-03-01",
            "subscriptions": [{"id": "s-acme", "plan": "team"}],
        },
        {
            "id": "c-initech",
            "customer": "initech",
            "legal_entity": "nimbus-us",
            "currency": "USD",
            "valid_from": "2026-03-01",
            "subscriptions": [{"id": "s-initech", "plan": "team"}],
        },
    ],
    "products": [{"id": "platform", "name": "Platform"}, {"id": "api", "name": "API"}],
    "meters": [
        {"id": "api_calls", "name": "API calls", "unit": "call", "aggregation": "sum"},
        {"id": "users", "name": "Users", "unit": "user", "aggregation": "unique"},
    ],
    "price_book": [
        {
            "id": "team",
            "name": "Team",
            "charges": [
                {
                    "id": "fee",
                    "product": "platform",
                    "prices": [{"currency": "EUR", "flat": "99.00"}, {"currency": "USD", "flat": "109.00"}],
                },
                {
                    "id": "calls",
                    "product": "api",
                    "meter": "api_calls",
                    "prices": [
                        {
                            "currency": currency,
                            "graduated": [{"up_to": 100, "unit_price": "0.10"}, {"unit_price": "0.055"}],
                        }
                        for currency in ("EUR", "USD")
                    ],
                },
                {
                    "id": "users",
                    "product": "platform",
                    "meter": "users",
                    "prices": [{"currency": currency, "per_unit": "5.00"} for currency in ("EUR", "USD")],
                },
            ],
        }
    ],
    "tax_rates": [
        {"code": "VAT-19", "seller": "DE", "buyers": ["DE"], "rate": "0.19"},
        {"code": "US-EXEMPT", "seller": "US", "buyers": ["*"], "rate": 0},
    ],
}


def usage(event_id: str, subject: str = "acme", time: str = "2026-03-30T10:00:00Z", **more: Any) -> dict[str, Any]:
    """Return an event of 60 API calls, or whatever `data` says."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/api",
        "type": "usage.recorded",
        "subject": subject,
        "time": time,
        "dataschema": "urn:usage-contract:usage:2",
        "data": {"meter": "api_calls", "quantity": 60},
    }
    return event | more


MONTH_END = (
    usage("calls-1"),
    usage("calls-2", time="2026-03-31T09:00:00Z"),
    usage("calls-1", arrivaltime="2026-03-31T10:00:00Z"),
    usage("calls-3", "initech"),
    usage("ann", data={"meter": "users", "unique_key": "ann"}),
    usage("ann-again", time="2026-03-31T12:00:00Z", data={"meter": "users", "unique_key": "ann"}),
    usage("stranger", "vandelay"),
    usage("offline", "initech", arrivaltime="2026-04-01T05:00:00Z"),
)
BAD_LINE = '{"specversion": "1.0", "id": "cut'


@dataclass
class SmallMonth:
    """A catalogue and events on disk; `played` runs them."""

    folder: Path
    catalog: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(CATALOG)))
    lines: list[str] = field(default_factory=lambda: [*map(json.dumps, MONTH_END), BAD_LINE])
    faults: FaultPlan = NO_FAULTS
    until: datetime | None = None

    def given(self) -> RunInput:
        catalog_folder = self.folder / "catalog"
        catalog_folder.mkdir(exist_ok=True)
        for section, content in self.catalog.items():
            (catalog_folder / f"{section}.json").write_text(json.dumps(content))
        events = self.folder / "events.jsonl"
        events.write_text("\n".join(self.lines))
        loaded = load_catalog(catalog_folder)
        assert isinstance(loaded, Catalog), loaded
        return RunInput(
            catalogs=[(None, loaded)],
            events=read_events_file(events),
            events_name="events.jsonl",
            until=self.until,
            faults=self.faults,
        )

    @contextmanager
    def played(self, observer: CallObserver | None = None) -> Iterator["Played"]:
        given = self.given()
        with run(given, console=Console(quiet=True), watch=Stopwatch(), observer=observer) as result:
            yield Played(given, result)


@dataclass(frozen=True)
class Played:
    """A run and what it comes to."""

    given: RunInput
    result: RunResult

    @property
    def tie_out(self) -> TieOut:
        books, catalog = self.result.books, self.given.catalog
        return tie_out.tie_out(books, catalog, self.result.erps, tie_out.billed(books, catalog))

    @property
    def sent(self) -> list[str]:
        """Return what is kept of what customers were sent."""
        bucket = self.result.cloud.resource("InvoiceDocumentsBucket")
        return sorted(entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", []))

    @property
    def totals(self) -> dict[str, object]:
        """Return everything that must come out the same whatever failed on the way."""
        books = self.result.books
        return {
            "fates": sorted((fate.event_id, fate.fate.value, fate.code) for fate in books.fates),
            "invoices": sorted(
                (i.invoice_id, i.state.value, str(i.net), str(i.tax), str(i.gross)) for i in books.invoices.values()
            ),
            "numbers": sorted(str(i.number) for i in books.invoices.values()),
            "documents": sorted(
                (d.external_ref, d.accounting_period, d.currency, str(d.gross.normalize())) for d in books.erp_documents
            ),
            "receivables": sorted(
                (str(key), str(f.receivable.normalize())) for key, f in self.result.erps.figures().items()
            ),
            "taxed": sorted(
                (document.code, document.status, str(document.net), str(document.tax))
                for engine in self.result.tax_engines.values()
                for document in engine.documents()
            ),
            "sent": self.sent,
            "settled": self.tie_out.is_settled,
        }


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
