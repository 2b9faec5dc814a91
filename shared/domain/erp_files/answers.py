"""What a receiver answers to a file, as far as it can be believed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from shared.domain.erp_files.staged_document import Verdict


class Acknowledged(StrEnum):
    VALIDATED = "VALIDATED"
    REJECTED_FILE = "REJECTED_FILE"


# Why a file was refused that may be delivered again, with the same name and bytes: it has not used its number up.
PASSING_REFUSALS = frozenset({"DAMAGED", "SEQUENCE_GAP", "CHAIN_BROKEN"})
ACKNOWLEDGEMENT_IDENTITY = "ack "  # what the identity of each begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The `.ack`: whether the file arrived as it was sent, and adds up."""

    file: str
    sha256: str
    status: Acknowledged
    code: str = ""
    text: str = ""

    @property
    def is_passing_refusal(self) -> bool:
        return self.status is Acknowledged.REJECTED_FILE and self.code in PASSING_REFUSALS

    @property
    def is_final_refusal(self) -> bool:
        return self.status is Acknowledged.REJECTED_FILE and self.code not in PASSING_REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The `.rsp`: what became of documents of the file, not necessarily of all."""

    file: str
    sha256: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Half an answer, or none: the receiver is still writing it, or writes it again."""

    reason: str


Answer: TypeAlias = Acknowledgement | Response | Unreadable


@dataclass(frozen=True, slots=True)
class ReceivedAnswer:
    """An answer with the name of what it was read from: kind and content, so that a repeat is known for one."""

    identity: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What lies there of answers: every version that is listed, and the answers in those not seen before."""

    versions: tuple[str, ...] = ()
    answers: tuple[ReceivedAnswer, ...] = ()
