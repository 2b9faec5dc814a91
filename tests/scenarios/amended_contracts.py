"""A deployment with a published catalogue and a CRM, in which contracts are amended."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from infra.synthesize import templates
from operations.catalog.load import load_catalog
from operations.local.cloud import LocalCloud
from operations.u2c.run import SYNTH_CACHE
from operations.u2c.simulated_erps import simulated_erps
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.contracts.catalog.document import catalog_document
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId, InvoiceId, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.subscriptions.amendment_request import AmendmentRequestId
from shared.runtime import aws
from simulators.crm import SalesforceSimulator
from simulators.erp import NO_FAULTS
from simulators.erp.netsuite.simulator import NetSuiteSimulator
from simulators.http.server import serve
from tests.scenarios.small_month import SmallMonth, instant

NIMBUS = TenantId("nimbus")
START = instant("2026-03-10")
UPGRADE = {"subscription": "s-acme", "effective": "2026-03-16", "change": "upgrade", "plan": "business"}
BUSINESS = {
    "id": "business",
    "name": "Business",
    "charges": [
        {"id": "fee", "product": "platform", "proration": "days", "prices": [{"currency": "EUR", "flat": "310.00"}]}
    ],
}


@dataclass(frozen=True)
class Amending:
    """The deployment, and what a test looks at of it."""

    cloud: LocalCloud
    crm: SalesforceSimulator
    folder: Path

    def publish(self, *, amend_acme: Mapping[str, str] | None = None, **changes: Any) -> None:
        """Publish the small month's catalogue with a plan `business`, and changes of whole sections."""
        catalog = small_catalog(self.folder, amend_acme, changes)
        document = catalog_document(catalog, published_at=self.cloud.clock.now())
        aws.s3().put_object(Bucket=self.cloud.resource("CatalogBucket"), Key=document.key, Body=document.body)
        self.cloud.send("MasterDataChanges", dict(document.message))
        self.cloud.settle()

    def ask(self, request_id: str = "order-1", *, execution: str = "", customer: str = "acme", **amendment: Any) -> str:
        """Ask for an amendment, by default an upgrade from 16 March on; return how the execution ended."""
        asked = {
            "tenant": NIMBUS,
            "request_id": request_id,
            "customer": customer,
            "contract": f"c-{customer}",
            "amendment": amendment or UPGRADE,
            "asked_by": "carl@nimbus.example",
        }
        started = boto3.client("stepfunctions").start_execution(
            stateMachineArn=self.cloud.resource("AmendSubscriptionStateMachineArn"),
            name=execution or request_id,
            input=json.dumps({"request": asked}),
        )
        self.cloud.settle()
        ended = boto3.client("stepfunctions").describe_execution(executionArn=started["executionArn"])
        return str(ended["status"])

    def states(self, request_id: str = "order-1") -> list[str]:
        table = self.cloud.resource("MasterDataTable")
        request = DynamoAmendments(aws.dynamodb(), table, NIMBUS).read(AmendmentRequestId(request_id))
        return [step.state.value for step in request.history] if request else []

    def subscriptions(self) -> list[str]:
        master_data = DynamoMasterData(aws.dynamodb(), self.cloud.resource("MasterDataTable"), NIMBUS)
        master_data.version()
        account = master_data.account(CustomerId("acme"))
        assert account is not None
        return [one.subscription_id for one in account.contracts[0].subscriptions]

    def told(self) -> list[str]:
        return [status for _, status in self.crm.told()]

    def pass_until(self, instant: datetime) -> None:
        """Let time pass day by day, so that every schedule fires."""
        while self.cloud.clock.now() < instant:
            self.cloud.advance_to(min(instant, self.cloud.clock.now() + timedelta(days=1)))

    def fees_of(self, invoice_id: str) -> dict[str, str]:
        """Return the net amount of each fee of an invoice, by the id of its line."""
        invoices = DynamoInvoices(
            aws.dynamodb(),
            self.cloud.resource("InvoicesTable"),
            NIMBUS,
            postings_table=self.cloud.resource("PostingsTable"),
        )
        stored = invoices.read(InvoiceId(invoice_id), 1)
        return (
            {line.line_id: str(line.amount.amount) for line in stored.invoice.lines if "/fee" in line.line_id}
            if stored
            else {}
        )

    def message_of(self, code: ExceptionCode) -> str:
        (record,) = self._exceptions.open_records(code)
        return record.message

    def exceptions(self) -> set[ExceptionCode]:
        return {code for code in ExceptionCode if any(self._exceptions.open_records(code))}

    @property
    def _exceptions(self) -> DynamoExceptionStore:
        return DynamoExceptionStore(aws.dynamodb(), self.cloud.resource("ExceptionsTable"), NIMBUS)


def small_catalog(folder: Path, amend_acme: Mapping[str, str] | None, changes: Mapping[str, Any]) -> Catalog:
    month = SmallMonth(folder)
    month.catalog["price_book"].append(BUSINESS)
    month.catalog["price_book"][0]["charges"][0]["proration"] = "days"
    month.catalog["contracts"][0]["amendments"] = [amend_acme] if amend_acme else []
    month.catalog["legal_entities"][1]["erp"]["settings"]["sales_order_item"] = "501"  # of initech's contract
    month.catalog |= changes
    month.given()
    loaded = load_catalog(folder / "catalog")
    assert isinstance(loaded, Catalog), loaded
    return loaded


@contextmanager
def amending(folder: Path, start: datetime = START) -> Iterator[Amending]:
    with LocalCloud(templates(SYNTH_CACHE), NIMBUS, start) as cloud:
        crm = SalesforceSimulator(client_id="u2c", client_secret="hush", now=cloud.clock.now)
        with serve(crm.app) as address:
            secret = {"base_url": address, "client_id": "u2c", "client_secret": "hush"}
            aws.secretsmanager().create_secret(Name=f"{NIMBUS}/crm", SecretString=json.dumps(secret))
            world = Amending(cloud, crm, folder)
            world.publish()
            yield world


@contextmanager
def amending_with_an_erp(folder: Path) -> Iterator[tuple[Amending, NetSuiteSimulator]]:
    """Yield a deployment, and the ERP that holds the contract of initech."""
    with amending(folder) as world:
        catalog = small_catalog(folder, None, {})
        entities, rates = catalog.legal_entities[1:], catalog.tax_rates
        with simulated_erps(
            legal_entities=entities, tax_rates=rates, cloud=world.cloud, faults=NO_FAULTS, now=world.cloud.clock.now
        ) as erps:
            (erp,) = erps.by_connection.values()
            assert isinstance(erp, NetSuiteSimulator)
            yield world, erp
