"""A line that is booked in another month still says when its usage was: ERPs get the days of service with it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.adapters.erp.business_central import documents as business_central_documents
from shared.adapters.erp.netsuite import documents as netsuite_documents
from shared.domain.identifiers import ProductId
from shared.domain.posting.document import PostingDocument
from tests.builders.billing import nimbus
from tests.builders.posting import a_document


@pytest.fixture
def document() -> PostingDocument:
    document = a_document(posting_date=date(2026, 12, 1))
    return replace(
        document, lines=tuple(replace(line, product_id=ProductId("api"), tax_code="DE-19") for line in document.lines)
    )


def test_business_central_has_them_in_the_second_description(document: PostingDocument) -> None:
    fields: Any = business_central_documents.document_fields(document, nimbus())

    _number, first, *_ = fields["salesInvoiceLines"]
    assert (first["description"], first["description2"]) == ("api usage", "2026-10-01 to 2026-10-31")


def test_netsuite_has_them_behind_the_description(document: PostingDocument) -> None:
    entity = nimbus()
    erp = replace(entity.erp, system="netsuite", currencies={"EUR": "1"}, settings={"tax_type": "9"})
    fields: Any = netsuite_documents.document_fields(
        replace(document, taxes=()), replace(entity, erp=erp), period_id="215"
    )

    assert fields["item"]["items"][0]["description"] == "api usage (2026-10-01 to 2026-10-31)"
