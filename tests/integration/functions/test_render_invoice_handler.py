"""render_invoice through its handler, on moto: a message in, the documents in the bucket, and no others again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.credit_notes import StoredCreditNote
from shared.ports.invoices import StoredInvoice
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket, create_queue, create_table, messages_of
from tests.builders.billing import TENANT, catalog
from tests.builders.credit_documents import issued_credit
from tests.builders.invoice_documents import ACME_AG, NIMBUS, NIMBUS_DETAILS, issued_invoice, usual_lines
from tests.builders.lambda_functions import cold_start, sample_event
from tests.contract.e_invoice.official_rules import official_rules

PREFIX = "nimbus/c-acme/2026-10/r001/invoice."


class Deployed:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.exceptions_url = create_queue("exceptions")
        self.bucket = create_bucket("invoice-documents")
        self._invoke = cold_start(
            "render_invoice",
            monkeypatch,
            TENANT=TENANT,
            INVOICES_TABLE=create_table("invoices"),
            POSTINGS_TABLE=create_table("postings"),
            MASTER_DATA_TABLE=create_table("master-data"),
            INVOICE_DOCUMENTS_BUCKET=self.bucket,
            EXCEPTIONS_QUEUE_URL=self.exceptions_url,
        )
        invoices = DynamoInvoices(aws.dynamodb(), "invoices", TENANT, postings_table="postings")
        invoices.save(StoredInvoice(invoice=issued_invoice(*usual_lines()), version=1))
        notes = DynamoCreditNotes(aws.dynamodb(), "invoices", TENANT, postings_table="postings")
        notes.save(StoredCreditNote(note=issued_credit(issued_invoice(*usual_lines())), version=1))
        self.publish("v1", NIMBUS)

    def publish(self, version: str, entity: LegalEntity) -> None:
        versions = DynamoMasterDataVersions(aws.dynamodb(), "master-data", TENANT)
        versions.write(CatalogVersion(version), replace(catalog(entity=entity), customers=(ACME_AG,)))
        assert versions.publish(CatalogVersion(version))

    def ask(self, **changes: object) -> dict[str, Any]:
        event = sample_event("render_invoice")
        body = json.loads(event["Records"][0]["body"]) | changes
        event["Records"][0]["body"] = json.dumps(body)
        return self._invoke(event)

    def stored(self) -> dict[str, bytes]:
        listed = aws.s3().list_objects_v2(Bucket=self.bucket).get("Contents", [])
        objects = {entry["Key"]: aws.s3().get_object(Bucket=self.bucket, Key=entry["Key"]) for entry in listed}
        return {key: one["Body"].read() for key, one in objects.items()}

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in messages_of(self.exceptions_url)]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with mock_aws():
        yield Deployed(monkeypatch)


def test_a_message_makes_the_documents_and_the_same_message_makes_no_others(deployed: Deployed) -> None:
    assert deployed.ask() == {"batchItemFailures": []}
    stored = deployed.stored()

    assert sorted(stored) == [f"{PREFIX}json", f"{PREFIX}pdf", f"{PREFIX}xml"]
    assert stored[f"{PREFIX}pdf"].startswith(b"%PDF-")
    assert official_rules().broken_by(stored[f"{PREFIX}xml"]) == []

    deployed.publish("v2", replace(NIMBUS, name="Nimbus Europe SE"))

    assert deployed.ask() == {"batchItemFailures": []}
    assert deployed.stored() == stored
    assert deployed.told() == []


def test_a_message_about_a_credit_makes_the_documents_of_the_credit_note(deployed: Deployed) -> None:
    prefix = "nimbus/c-acme/2026-10/r001/credit-sla-7."

    assert deployed.ask(credit="sla-7") == {"batchItemFailures": []}
    stored = deployed.stored()

    assert sorted(stored) == [f"{prefix}json", f"{prefix}pdf", f"{prefix}xml"]
    assert b"381</cbc:CreditNoteTypeCode>" in stored[f"{prefix}xml"]


def test_what_is_missing_is_told_once_for_all_and_resolved_when_it_is_there(deployed: Deployed) -> None:
    deployed.publish("v2", replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id="")))

    assert deployed.ask() == {"batchItemFailures": []}

    assert list(deployed.stored()) == [f"{PREFIX}postponed"]
    (raised,) = deployed.told()
    assert raised["raise"][0]["exception_id"] == "INVOICE_NOT_RENDERED:c-acme/2026-10"
    assert raised["raise"][0]["message"] == "legal_entities nimbus-de details.vat_id is missing (BT-31)"

    deployed.publish("v3", NIMBUS)

    assert deployed.ask() == {"batchItemFailures": []}
    assert len(deployed.stored()) == 4
    (resolved,) = deployed.told()
    assert resolved["resolve"][0]["exception_id"] == "INVOICE_NOT_RENDERED:c-acme/2026-10"


@pytest.mark.parametrize("changes", [{"tenant": "globex"}, {"invoice_id": "c-acme/1999-01"}, {"revision": "one"}])
def test_a_message_that_nothing_can_be_made_of_comes_again_and_ends_with_the_dead_letters(
    deployed: Deployed, changes: dict[str, object]
) -> None:
    failures = deployed.ask(**changes)["batchItemFailures"]

    assert [failure["itemIdentifier"] for failure in failures] == ["7c2b1a44-5a11-4c0e-9d4e-2f0f5f6f1c7b"]
    assert deployed.stored() == {}
