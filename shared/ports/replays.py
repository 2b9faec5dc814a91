"""Replays under way and done."""

from datetime import datetime
from typing import Protocol

from shared.domain.replay.progress import ReplayProgress
from shared.domain.replay.request import ReplayRequest


class OtherReplayError(ValueError):
    """The id names a replay of something else."""


class Replays(Protocol):
    def begin(self, request: ReplayRequest, at: datetime) -> ReplayProgress:
        """Keep a new request, or return how far it came. Raises OtherReplayError for another one of its id."""

    def advance(self, replay_id: str, known: ReplayProgress, reached: ReplayProgress, at: datetime) -> bool:
        """Keep how far it came. False: another run has meanwhile gone on from what was known."""
