"""Posting intents as they are stored, and the message that asks for one to be sent."""

import json
import zlib
from typing import Any, Self

from pydantic import BaseModel, TypeAdapter

from shared.domain.identifiers import PostingId, TenantId
from shared.domain.posting.intent import PostingIntent, PostingRequest
from shared.domain.posting.journal import Document

_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)
_INTENT = TypeAdapter(PostingIntent)


class ForeignTenantError(ValueError):
    """A message of another tenant: posting ids of two tenants may be equal, so it must not be looked at."""


class PostingMessage(BaseModel, frozen=True, extra="forbid"):
    """A message on erp-postings. The token is the waiting execution's; the relay has none to give."""

    tenant: TenantId
    posting_id: PostingId
    task_token: str | None = None

    @classmethod
    def of(cls, tenant: TenantId, body: str) -> Self:
        """Read a message; raises ForeignTenantError for another tenant's, ValidationError for anything else."""
        request = cls.model_validate_json(body)
        if request.tenant != tenant:
            raise ForeignTenantError("the message is another tenant's")
        return request

    def to_domain(self) -> PostingRequest:
        return PostingRequest(posting_id=self.posting_id, task_token=self.task_token)


def pack_document(document: Document) -> bytes:
    return zlib.compress(_DOCUMENT.dump_json(document))


def pack_progress(intent: PostingIntent) -> str:
    """Return everything but the document as JSON text, so that a person can read it in the table."""
    return _INTENT.dump_json(intent, exclude={"document"}).decode()


def unpack_intent(*, progress: str, document: bytes) -> PostingIntent:
    """Return the stored intent; raises pydantic's ValidationError for anything this project has not written."""
    fields: dict[str, Any] = json.loads(progress)
    return _INTENT.validate_python(fields | {"document": json.loads(zlib.decompress(document))})
