"""Which customers to hold against an ERP, and how they stand there."""

from typing import Any

from pydantic import BaseModel

from shared.domain.identifiers import CustomerId, LegalEntityId
from shared.domain.posting.customer_alignment import Alignment


class AlignCustomersEvent(BaseModel, frozen=True, extra="forbid"):
    legal_entity: LegalEntityId
    after: CustomerId | None = None


def answer(alignments: tuple[Alignment, ...], next_after: CustomerId | None) -> dict[str, Any]:
    return {
        "customers": [
            {
                "customer": one.party.customer_id,
                "name": one.party.name,
                "status": one.status.value,
                "keys": list(one.keys),
                "drift": list(one.drift),
            }
            for one in alignments
        ],
        "next_after": next_after,
    }


def refused(refusal: Exception) -> dict[str, Any]:
    """Say why this cannot be asked at all."""
    return {"refused": f"{refusal}"}


def not_read(failure: Exception) -> dict[str, Any]:
    """Say why the ERP did not tell this time."""
    return {"not_read": f"{failure}"}
