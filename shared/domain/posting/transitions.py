"""What may happen to a posting intent, as a table. A pair that is not in it is a defect, not a case."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from shared.domain.posting.intent import IntentState, PostingIntent


class Step(StrEnum):
    SEND = "send"  # an attempt starts; written before anything leaves
    POSTPONE = "postpone"  # the ERP certainly has not processed it; or the relay asked for it again
    ACCEPT = "accept"  # the ERP has taken it; its ledger has not, or not yet as far as it says
    LOSE = "lose"  # the attempt ended and nobody knows how
    LOOK_AGAIN = "look again"  # a look-up was not the last word
    PROVE_ABSENT = "prove absent"  # two spaced look-ups after the quiet period found nothing
    CONFIRM = "confirm"  # in the ERP's ledger, read back
    REFUSE = "refuse"  # certainly not in the ERP's ledger, and a person must look
    CANCEL = "cancel"  # a person gives it up; the ERP certainly does not have it
    REPLACE = "replace"  # another posting of the same document takes its place


TRANSITIONS: Mapping[tuple[IntentState, Step], IntentState] = MappingProxyType(
    {
        (IntentState.INTENT, Step.SEND): IntentState.SENDING,
        (IntentState.INTENT, Step.POSTPONE): IntentState.INTENT,
        (IntentState.INTENT, Step.REFUSE): IntentState.REJECTED,
        (IntentState.INTENT, Step.CANCEL): IntentState.CANCELLED,
        # It came late, or a person has booked what was refused before it.
        (IntentState.INTENT, Step.CONFIRM): IntentState.POSTED,
        (IntentState.SENDING, Step.CONFIRM): IntentState.POSTED,
        (IntentState.SENDING, Step.REFUSE): IntentState.REJECTED,
        (IntentState.SENDING, Step.POSTPONE): IntentState.INTENT,
        (IntentState.SENDING, Step.ACCEPT): IntentState.ACCEPTED,
        (IntentState.SENDING, Step.LOSE): IntentState.UNKNOWN,
        (IntentState.ACCEPTED, Step.ACCEPT): IntentState.ACCEPTED,
        (IntentState.ACCEPTED, Step.LOOK_AGAIN): IntentState.ACCEPTED,
        (IntentState.ACCEPTED, Step.SEND): IntentState.SENDING,  # what it was taken into is a draft for us to advance
        (IntentState.ACCEPTED, Step.CONFIRM): IntentState.POSTED,
        (IntentState.ACCEPTED, Step.REFUSE): IntentState.REJECTED,
        (IntentState.ACCEPTED, Step.LOSE): IntentState.UNKNOWN,
        # A draft of ours was found: bringing it into the ledger is an attempt like any other.
        (IntentState.UNKNOWN, Step.SEND): IntentState.SENDING,
        (IntentState.UNKNOWN, Step.LOOK_AGAIN): IntentState.UNKNOWN,
        (IntentState.UNKNOWN, Step.PROVE_ABSENT): IntentState.INTENT,
        (IntentState.UNKNOWN, Step.CONFIRM): IntentState.POSTED,
        (IntentState.UNKNOWN, Step.REFUSE): IntentState.REJECTED,
        (IntentState.POSTED, Step.LOOK_AGAIN): IntentState.POSTED,
        (IntentState.REJECTED, Step.CANCEL): IntentState.CANCELLED,
        (IntentState.CANCELLED, Step.LOOK_AGAIN): IntentState.CANCELLED,
        (IntentState.REJECTED, Step.LOOK_AGAIN): IntentState.REJECTED,
        (IntentState.REJECTED, Step.REPLACE): IntentState.REJECTED,
        # A person has booked it by hand with our key as its reference.
        (IntentState.REJECTED, Step.CONFIRM): IntentState.POSTED,
        # Taken for posted on a person's word alone, it is seen in the ERP after all.
        (IntentState.POSTED, Step.CONFIRM): IntentState.POSTED,
    }
)


class TransitionNotAllowedError(ValueError):
    """The table has no such step from the intent's state."""


def take(step: Step, intent: PostingIntent, **changes: Any) -> PostingIntent:  # noqa: ANN401 - fields of PostingIntent
    """Return the intent after a step, one version on; raises TransitionNotAllowedError."""
    if (intent.state, step) not in TRANSITIONS:
        raise TransitionNotAllowedError(f"{intent.posting_id}: no step {step} from state {intent.state}")
    state, version = TRANSITIONS[intent.state, step], intent.version + 1
    return replace(intent, state=state, version=version, asked_until=None, **changes)
