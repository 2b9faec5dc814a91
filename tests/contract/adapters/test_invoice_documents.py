"""What was sent for an invoice is kept as it was: the first write of everything wins, for good."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.s3.invoice_documents import S3InvoiceDocuments, document_key
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.ports.invoice_documents import DocumentFormat, InvoiceDocuments
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket
from tests.builders.billing import TENANT
from tests.builders.credit_documents import credit_document
from tests.builders.invoice_documents import document
from tests.fakes.in_memory_invoice_documents import InMemoryInvoiceDocuments

Stored = Callable[[InvoiceDocument, DocumentFormat], bytes]


@pytest.fixture(params=["in memory", "s3"])
def documents_and_stored(request: pytest.FixtureRequest) -> Iterator[tuple[InvoiceDocuments, Stored]]:
    if request.param == "in memory":
        in_memory = InMemoryInvoiceDocuments()
        yield in_memory, lambda one, of: in_memory.files[one.document_id, of]
        return
    with mock_aws():
        bucket = create_bucket("invoice-documents")

        def stored(one: InvoiceDocument, of: DocumentFormat) -> bytes:
            key = document_key(TENANT, one.document_id, of.value)
            return aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read()

        yield S3InvoiceDocuments(aws.s3(), bucket, TENANT), stored


@pytest.fixture
def documents(documents_and_stored: tuple[InvoiceDocuments, Stored]) -> InvoiceDocuments:
    return documents_and_stored[0]


def test_nothing_is_kept_of_an_invoice_at_first(documents: InvoiceDocuments) -> None:
    assert documents.kept(document().document_id) is None


def test_what_is_kept_is_given_back_to_the_last_digit(documents: InvoiceDocuments) -> None:
    first = document()

    assert documents.keep(first) == first
    assert documents.kept(first.document_id) == first


def test_what_is_kept_wins_over_what_comes_later(documents: InvoiceDocuments) -> None:
    first = documents.keep(document())
    later = replace(first, purchase_order="PO-89")

    assert documents.keep(later) == first
    assert documents.kept(first.document_id) == first


def test_each_revision_has_documents_of_its_own(documents: InvoiceDocuments) -> None:
    first = documents.keep(document())
    second = replace(first, revision=2)

    assert documents.kept(second.document_id) is None
    assert documents.keep(second) == second


def test_each_credit_note_has_documents_of_its_own_beside_the_invoices(
    documents_and_stored: tuple[InvoiceDocuments, Stored],
) -> None:
    documents, stored = documents_and_stored
    documents.add(documents.keep(document()), DocumentFormat.PDF, b"%PDF invoice")
    credit = credit_document()

    assert documents.kept(credit.document_id) is None
    documents.postpone(credit.document_id)
    assert documents.keep(credit) == credit
    documents.add(credit, DocumentFormat.PDF, b"%PDF credit note")

    assert documents.kept(credit.document_id) == credit
    assert stored(credit, DocumentFormat.PDF) == b"%PDF credit note"
    assert stored(document(), DocumentFormat.PDF) == b"%PDF invoice"
    assert not documents.was_postponed(document().document_id)


def test_the_first_rendering_stays(documents_and_stored: tuple[InvoiceDocuments, Stored]) -> None:
    documents, stored = documents_and_stored
    kept = documents.keep(document())

    documents.add(kept, DocumentFormat.PDF, b"%PDF first")
    documents.add(kept, DocumentFormat.PDF, b"%PDF second")
    documents.add(kept, DocumentFormat.UBL, b"<Invoice/>")

    assert stored(kept, DocumentFormat.PDF) == b"%PDF first"
    assert stored(kept, DocumentFormat.UBL) == b"<Invoice/>"


def test_an_invoice_that_had_to_wait_is_remembered(documents: InvoiceDocuments) -> None:
    first = document()
    assert not documents.was_postponed(first.document_id)

    documents.postpone(first.document_id)
    documents.postpone(first.document_id)

    assert documents.was_postponed(first.document_id)
    assert not documents.was_postponed(DocumentId(first.invoice_id, 2))
