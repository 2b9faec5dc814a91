"""The creation of a customer in an ERP that would take a second one with the same key: by one writer at a time.

Nobody else begins one while it may still come: for the quiet period after silence, and where the writer was never heard
of again, for that after as long as a function may live. Time comes in as values.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from shared.domain.posting.decisions import ATTEMPT_CEILING
from shared.domain.posting.pacing import ASK_AGAIN_SOON, PERMIT_LEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """One writer's, begun at an instant. Another may begin after a look-up without a finding at `until` or later."""

    began_at: datetime
    until: datetime

    @classmethod
    def begun(cls, now: datetime, *, quiet_period: timedelta) -> Self:
        """Return that of a writer who is about to send it, and may die at it."""
        return cls(began_at=now, until=now + ATTEMPT_CEILING + quiet_period)

    def ending(self, at: datetime) -> Self:
        return replace(self, until=at)

    def asked_again_after(self, now: datetime) -> int:
        """Return in how many seconds others look again: soon while it is under way, later when it got lost."""
        is_under_way = now - self.began_at < PERMIT_LEASE
        return math.ceil((ASK_AGAIN_SOON if is_under_way else max(self.until - now, ASK_AGAIN_SOON)).total_seconds())
