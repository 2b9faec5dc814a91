"""How far a file has come: on its way to the receiver, and through the receiver's answers."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from shared.domain.erp_files.answers import (
    ACKNOWLEDGEMENT_IDENTITY,
    Acknowledged,
    Acknowledgement,
    Received,
    ReceivedAnswer,
    Response,
    Unreadable,
)
from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.staged_document import Verdict, VerdictStatus
from shared.domain.identifiers import ExternalRef

# Progress is one item of a database, which holds 400 KB, and a file has a thousand documents.
_MOST_HEARD = 500
_MOST_LETTERS = 64  # of a number or code of the receiver's


class Delivery(StrEnum):
    WRITTEN = "written"  # nothing of it has left, or it is to leave again
    CONTENT_UNDER_WAY = "content under way"
    MANIFEST_UNDER_WAY = "manifest under way"  # the content has arrived
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProgress:
    """One file until its last document is answered. `version` fences writers: every change is conditional on it.

    `transfer` is what a transfer under way is asked by; `failure` is why one has not arrived, until the file has.
    `versions` are those of answers that were looked at, `heard` names the last answers that were taken in; `refusal` is
    why the receiver will not have the file, "" when it does or has not said. `verdicts` have no texts here: these are
    kept with each document.
    """

    file: DeliveryFile
    version: int = 1
    delivery: Delivery = Delivery.WRITTEN
    transfer: str = ""
    failure: str = ""
    acknowledged: bool = False
    refusal: str = ""
    versions: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether the receiver has said of every document what became of it."""
        return len(self.verdicts) == len(self.file.documents)

    def brought_to(self, delivery: Delivery, *, transfer: str = "", failure: str | None = None) -> Self:
        why = self.failure if failure is None else failure
        return replace(self, version=self.version + 1, delivery=delivery, transfer=transfer, failure=why)

    def to_leave_again(self) -> Self:
        """Return it as it is delivered once more: a receiver that refuses it in the same words has refused it anew.

        The refusal stays until the receiver takes the file: by that it shows that a person's exception is over.
        """
        heard = tuple(identity for identity in self.heard if not identity.startswith(ACKNOWLEDGEMENT_IDENTITY))
        return replace(self.brought_to(Delivery.WRITTEN), heard=heard)

    def verdict_of(self) -> dict[ExternalRef, Verdict]:
        return {verdict.external_ref: verdict for verdict in self.verdicts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What answers have changed. `wrong` says in words which of them cannot be right; these change nothing."""

    progress: FileProgress
    verdicts: tuple[Verdict, ...] = ()
    wrong: tuple[str, ...] = ()


def hear(progress: FileProgress, received: Received) -> Hearing:
    """Take in answers that may come twice, late, in any order, cut off, or for a part of the documents only."""
    hearing = Hearing(progress=replace(progress, versions=received.versions))
    for answer in received.answers:
        if answer.identity not in hearing.progress.heard:
            heard = (*hearing.progress.heard, answer.identity)[-_MOST_HEARD:]
            hearing = _taken_in(replace(hearing, progress=replace(hearing.progress, heard=heard)), answer)
    changed = hearing.progress != progress
    return replace(hearing, progress=replace(hearing.progress, version=progress.version + 1)) if changed else hearing


def _taken_in(hearing: Hearing, received: ReceivedAnswer) -> Hearing:
    answer, file = received.answer, hearing.progress.file
    if isinstance(answer, Unreadable):
        return hearing
    if answer.file != file.name:
        return _wrong(hearing, f"it is about {answer.file}")
    # What arrived damaged has another hash by its nature.
    if answer.sha256 != file.sha256 and not (isinstance(answer, Acknowledgement) and answer.is_passing_refusal):
        return _wrong(hearing, "it is about other bytes than were sent")
    return _acknowledged(hearing, answer) if isinstance(answer, Acknowledgement) else _responded(hearing, answer)


def _acknowledged(hearing: Hearing, answer: Acknowledgement) -> Hearing:
    progress = hearing.progress
    if answer.status is Acknowledged.VALIDATED:
        if progress.verdicts and progress.refusal:
            return _wrong(hearing, "it takes a file that was refused for good")
        return replace(hearing, progress=replace(progress, acknowledged=True, refusal=""))
    if progress.acknowledged:
        # An older answer that comes late; but what was taken cannot have been refused for good.
        return _wrong(hearing, "it refuses a file that was taken") if answer.is_final_refusal else hearing
    reason = f"{answer.code}: {answer.text}"
    refused = replace(hearing, progress=replace(progress, refusal=reason))
    if not answer.is_final_refusal or progress.verdicts:
        return refused
    return _with_verdicts(refused, tuple(_refused(one.external_ref, reason) for one in progress.file.documents))


def _responded(hearing: Hearing, answer: Response) -> Hearing:
    sent = {document.external_ref for document in hearing.progress.file.documents}
    known = {ref: _kept(verdict) for ref, verdict in hearing.progress.verdict_of().items()}
    new: list[Verdict] = []
    for verdict in answer.verdicts:
        kept = _kept(verdict)
        earlier = known.setdefault(verdict.external_ref, kept)
        if verdict.external_ref not in sent:
            hearing = _wrong(hearing, f"it answers {verdict.external_ref}, which is not in the file")
        elif earlier != kept:
            text = f"it says of {verdict.external_ref} that it is {verdict.status}, after {earlier.status}"
            hearing = _wrong(hearing, f"{text} (number {verdict.number or 'none'}, then {earlier.number or 'none'})")
        elif earlier is kept:
            new.append(verdict)
    if not new:
        return hearing
    # Who answers documents has taken the file, whatever has become of its acknowledgement.
    taken = replace(hearing, progress=replace(hearing.progress, acknowledged=True, refusal=""))
    return _with_verdicts(taken, tuple(new))


def _with_verdicts(hearing: Hearing, verdicts: tuple[Verdict, ...]) -> Hearing:
    progress = replace(hearing.progress, verdicts=(*hearing.progress.verdicts, *map(_kept, verdicts)))
    return replace(hearing, progress=progress, verdicts=(*hearing.verdicts, *verdicts))


def _kept(verdict: Verdict) -> Verdict:
    """Return what a second word on a document is held against: other words for the same are none."""
    return replace(verdict, text="", code=verdict.code[:_MOST_LETTERS], number=verdict.number[:_MOST_LETTERS])


def _refused(external_ref: ExternalRef, reason: str) -> Verdict:
    return Verdict(external_ref=external_ref, status=VerdictStatus.REJECTED, code="FILE_REFUSED", text=reason)


def _wrong(hearing: Hearing, why: str) -> Hearing:
    return replace(hearing, wrong=(*hearing.wrong, why))
