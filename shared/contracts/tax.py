"""Tax intents as they are stored, and the message that asks for one to be recorded."""

import json
import zlib
from typing import Any, Self

from pydantic import BaseModel, TypeAdapter

from shared.contracts.posting import ForeignTenantError
from shared.domain.identifiers import TenantId
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.intent import TaxIntent, TaxIntentId

_INTENT = TypeAdapter(TaxIntent)
_DOCUMENTS = TypeAdapter(tuple[TaxDocument, TaxDocument | None])


class TaxMessage(BaseModel, frozen=True, extra="forbid"):
    """A message on tax-records."""

    tenant: TenantId
    tax_intent_id: TaxIntentId

    @classmethod
    def of(cls, tenant: TenantId, body: str) -> Self:
        """Read a message; raises ForeignTenantError for another tenant's, ValidationError for anything else."""
        message = cls.model_validate_json(body)
        if message.tenant != tenant:
            raise ForeignTenantError("the message is another tenant's")
        return message


def pack_documents(intent: TaxIntent) -> bytes:
    return zlib.compress(_DOCUMENTS.dump_json((intent.document, intent.original)))


def pack_progress(intent: TaxIntent) -> str:
    """Return everything but the documents as JSON text, so that a person can read it in the table."""
    return _INTENT.dump_json(intent, exclude={"document", "original"}).decode()


def unpack_tax_intent(*, progress: str, documents: bytes) -> TaxIntent:
    """Return the stored intent; raises pydantic's ValidationError for anything this project has not written."""
    fields: dict[str, Any] = json.loads(progress)
    document, original = json.loads(zlib.decompress(documents))
    return _INTENT.validate_python(fields | {"document": document, "original": original})
