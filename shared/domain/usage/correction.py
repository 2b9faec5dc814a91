"""Corrections: one event of usage that is not to count, and perhaps what counts instead. Nothing is ever erased."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Original:
    """The event that is corrected: its identity, and the subject and time (UTC) that say where it is counted."""

    source: str
    event_id: str
    subject: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageVoid:
    """What a usage.voided event says, and a usage.amended one beside its own usage: an original does not count.

    `source` and `event_id` are those of the correcting event; `reason` is for people. Voiding an original twice is
    voiding it once, whoever says it and why.
    """

    source: str
    event_id: str
    original: Original
    reason: str

    @property
    def contract(self) -> str:
        """Return "": a void is of no usage contract, as something that cannot be read is of none."""
        return ""
