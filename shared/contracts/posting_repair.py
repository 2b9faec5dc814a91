"""What people ask of a refused posting, and what they are told."""

from typing import Annotated, Any, assert_never

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.names import PostedName, posted_name
from shared.domain.posting.repair import Adopted, Repair, RepairRefusedError, Replaced

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class RepairPostingEvent(BaseModel):
    """The input of repair_posting. Without `send` nothing is stored: the answer says what would come of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: Name
    asked_by: Name
    send: bool = False

    @field_validator("document")
    @classmethod
    def _names_a_document(cls, text: str) -> str:
        posted_name(text)
        return text

    @property
    def name(self) -> PostedName:
        return posted_name(self.document)


def answer(repair: Repair) -> dict[str, Any]:
    match repair:
        case Replaced(refused=refused, posting=posting, differences=differences):
            return {
                "outcome": "replaced",
                **_told(posting),
                "refused": {"posting_id": refused.posting_id, "reason": refused.reason},
                "differences": list(differences),
            }
        case Adopted(posting=posting):
            return {"outcome": "adopted", **_told(posting), "erp_number": posting.erp_number, "differs": posting.reason}
        case _ as never:
            assert_never(never)


def refused(refusal: RepairRefusedError) -> dict[str, Any]:
    return {"outcome": "refused", "reason": str(refusal)}


def _told(posting: PostingIntent) -> dict[str, Any]:
    document = posting.document
    return {
        "posting_id": posting.posting_id,
        "external_ref": posting.external_ref,
        "number": document.human_number,
        "posting_date": document.posting_date.isoformat(),
        "accounting_period": document.accounting_period,
        "net": str(document.net),
        "tax": str(document.tax),
        "gross": str(document.gross),
    }
