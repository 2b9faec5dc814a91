"""What people ask of a refused posting, and what they are told."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, TypeAdapter, field_validator

from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.names import PostedName, posted_name
from shared.domain.posting.repair import Adopted, Cancelled, Remedy, RepairRefusedError, Replaced

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class RemedyEvent(BaseModel):
    """What is asked of one posting. Without `send` nothing is stored: the answer says what would come of it."""

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


class RepairPostingEvent(RemedyEvent):
    """Send another in the place of a refused one, or take over what was booked by hand with our key."""

    remedy: Literal["repair"] = "repair"


class MarkPostedEvent(RemedyEvent):
    """Take a refused one for posted, under the number that the ERP gave to what was booked by hand."""

    remedy: Literal["mark_posted"] = "mark_posted"
    number: Name
    erp_key: str = Field(default="", max_length=300)
    unverified: bool = False


class CancelPostingEvent(RemedyEvent):
    """Give up one that was refused or is unsent."""

    remedy: Literal["cancel"] = "cancel"
    reason: Name


AnyRemedyEvent: TypeAlias = Annotated[
    RepairPostingEvent | MarkPostedEvent | CancelPostingEvent, Discriminator("remedy")
]
_REMEDY: TypeAdapter[AnyRemedyEvent] = TypeAdapter(AnyRemedyEvent)


def remedy_event(event: Mapping[str, Any]) -> AnyRemedyEvent:
    """Read an input of repair_posting; one that names no remedy repairs. Raises ValidationError."""
    return _REMEDY.validate_python({"remedy": "repair", **event})


def answer(remedy: Remedy) -> dict[str, Any]:
    match remedy:
        case Replaced(refused=refused, posting=posting, differences=differences, is_repeat=is_repeat):
            return {
                "outcome": "replaced",
                **_told(posting),
                "refused": {"posting_id": refused.posting_id, "reason": refused.reason},
                "differences": list(differences),
                "is_repeat": is_repeat,
            }
        case Adopted(posting=posting, verified=verified, has_our_key=has_our_key, is_repeat=is_repeat):
            return {
                "outcome": "adopted",
                **_told(posting),
                "erp_number": posting.erp_number,
                "differs": posting.reason,
                "verified": verified,
                "has_our_key": has_our_key,
                "is_repeat": is_repeat,
            }
        case Cancelled(posting=posting, is_repeat=is_repeat):
            return {"outcome": "cancelled", **_told(posting), "reason": posting.reason, "is_repeat": is_repeat}
        case _ as never:
            assert_never(never)


def refused(refusal: RepairRefusedError) -> dict[str, Any]:
    return {"outcome": "refused", "reason": str(refusal)}


def _told(posting: PostingIntent) -> dict[str, Any]:
    document = posting.document
    return {
        "posting_id": posting.posting_id,
        "kind": document.kind.value,
        "external_ref": posting.external_ref,
        "number": document.human_number,
        "posting_date": document.posting_date.isoformat(),
        "accounting_period": document.accounting_period,
        "net": str(document.net),
        "tax": str(document.tax),
        "gross": str(document.gross),
    }
