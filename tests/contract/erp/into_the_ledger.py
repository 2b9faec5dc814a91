"""Brings a document through the steps of its ERP, with time passing on the test's clock."""

from datetime import timedelta

from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Accepted, Draft, Submission
from shared.ports.erp import Erp
from tests.fakes.posting_world import SimulatedClock

_MOST_STEPS = 100


def into_the_ledger(submission: Submission, document: Document, *, erp: Erp, clock: SimulatedClock) -> Submission:
    """Advance and poll until there is nothing left to do; return what it came to."""
    for _ in range(_MOST_STEPS):
        match submission:
            case Draft(ref=ref):
                submission = erp.advance(ref, document)
            case Accepted(ticket=ticket):
                clock.instant += timedelta(seconds=erp.capabilities().poll_seconds)
                submission = erp.poll(ticket, document)
            case _:
                break
    return submission
