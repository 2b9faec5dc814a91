"""Backfills and the parts that they are loaded in. Each change happens once, and says who made it."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.backfill.backfill import Backfill, Decision, Part
from shared.domain.replay.progress import ReplayProgress


class BackfillError(ValueError):
    """The backfill is not there, or not in a state in which this can be done to it. Nothing was changed."""


class Backfills(Protocol):
    def open(self, backfill_id: str, opened: Decision, reason: str) -> Backfill:
        """Open a backfill, or return it if it was opened for the same reason. Raises BackfillError otherwise."""

    def read(self, backfill_id: str) -> Backfill:
        """Return a backfill as it is now. Raises BackfillError if there is none."""

    def every(self) -> Iterator[Backfill]:
        """Yield all backfills of the tenant by id."""

    def add_part(self, backfill_id: str, part: Part) -> None:
        """Take a stored part in; once more changes nothing. Raises BackfillError when it is too late for that."""

    def parts(self, backfill_id: str, after: str) -> Iterator[Part]:
        """Yield the parts by name, those behind a name ("" is the beginning)."""

    def begin_closing(self, backfill_id: str, decision: Decision) -> Backfill:
        """From here on it counts. One that is closing or closed stays as it is; one reverted raises BackfillError."""

    def advance(self, backfill_id: str, known: ReplayProgress, reached: ReplayProgress) -> bool:
        """Keep how far closing came; finished is closed. False: another run has gone on from what was known."""

    def revert(self, backfill_id: str, decision: Decision) -> Backfill:
        """End it as if it had never been. Raises BackfillError from closing on."""


class BackfillParts(Protocol):
    """The bytes of parts: JSON arrays of events, each as large as one stream record may be."""

    def store(self, backfill_id: str, part: Part, data: bytes) -> None: ...

    def load(self, backfill_id: str, part: Part) -> bytes: ...
