"""Posting intents as they are stored, and the message that asks for one to be sent."""

import json
import zlib
from typing import Any

from pydantic import BaseModel, TypeAdapter

from shared.domain.identifiers import PostingId, TenantId
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import PostingIntent

_DOCUMENT = TypeAdapter(PostingDocument)
_INTENT = TypeAdapter(PostingIntent)


class PostingRequest(BaseModel, frozen=True, extra="forbid"):
    """A message on erp-postings. The token is the waiting execution's; the relay has none to give."""

    tenant: TenantId
    posting_id: PostingId
    task_token: str | None = None


def pack_document(document: PostingDocument) -> bytes:
    return zlib.compress(_DOCUMENT.dump_json(document))


def pack_progress(intent: PostingIntent) -> str:
    """Return everything but the document as JSON text, so that a person can read it in the table."""
    return _INTENT.dump_json(intent, exclude={"document"}).decode()


def unpack_intent(*, progress: str, document: bytes) -> PostingIntent:
    """Return the stored intent; raises pydantic's ValidationError for anything this project has not written."""
    fields: dict[str, Any] = json.loads(progress)
    return _INTENT.validate_python(fields | {"document": json.loads(zlib.decompress(document))})
