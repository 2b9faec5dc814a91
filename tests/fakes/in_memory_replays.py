"""Replays in memory (port Replays)."""

from datetime import datetime

from shared.domain.replay.progress import ReplayProgress
from shared.domain.replay.request import ReplayRequest
from shared.ports.replays import OtherReplayError


class InMemoryReplays:
    def __init__(self) -> None:
        self._replays: dict[str, tuple[ReplayRequest, ReplayProgress]] = {}

    def begin(self, request: ReplayRequest, at: datetime) -> ReplayProgress:
        known, progress = self._replays.setdefault(request.replay_id, (request, ReplayProgress()))
        if known != request:
            raise OtherReplayError(f"replay {request.replay_id} is of something else: {known}")
        return progress

    def advance(self, replay_id: str, known: ReplayProgress, reached: ReplayProgress, at: datetime) -> bool:
        request, progress = self._replays[replay_id]
        if progress not in (known, reached):
            return False
        self._replays[replay_id] = (request, reached)
        return True
