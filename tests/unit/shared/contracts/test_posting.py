"""How postings are stored and asked for."""

import zlib
from dataclasses import replace

import pytest
from pydantic import ValidationError

from shared.contracts.posting import ForeignTenantError, PostingMessage, pack_document, pack_progress, unpack_intent
from shared.domain.posting.journal import Document
from tests.builders.posting import TENANT, a_credit_memo, a_document, a_journal, an_intent, reversed_by


@pytest.mark.parametrize("document", [a_document(), a_credit_memo(of_invoice="inv-1"), reversed_by(a_journal())])
def test_a_stored_intent_is_read_back_with_every_digit(document: Document) -> None:
    intent = replace(an_intent(document), task_tokens=("AQCEAAAAKgAAAAMAAAAA", "AQCEAAAAKgAAAAMAAAAB"))

    read = unpack_intent(progress=pack_progress(intent), document=pack_document(intent.document))

    assert read == intent
    assert [str(line.amount.amount) for line in read.document.lines] == [
        str(line.amount.amount) for line in document.lines
    ]


def test_amounts_are_stored_as_text() -> None:
    assert b'"amount":"1200.50"' in zlib.decompress(pack_document(an_intent().document))


def test_a_message_of_another_tenant_is_refused() -> None:
    with pytest.raises(ForeignTenantError):
        PostingMessage.of(TENANT, '{"tenant": "globex", "posting_id": "acme-2026/2026-10/r1"}')


@pytest.mark.parametrize(
    "body", ["", "[]", '{"tenant": "default"}', '{"tenant":"default","posting_id":"a","amount":1}']
)
def test_anything_else_is_no_message(body: str) -> None:
    with pytest.raises(ValidationError):
        PostingMessage.of(TENANT, body)
