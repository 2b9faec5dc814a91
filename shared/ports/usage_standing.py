"""What has become of usage that may be on its way, counted, or waiting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.standing import Standing


class UsageStanding(Protocol):
    def of(self, usage: Sequence[AcceptedUsage], now: datetime) -> Sequence[Standing]:
        """Return the standing of each, in its order. What is on its way may still seem NEW."""
