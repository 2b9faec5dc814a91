"""What becomes of one event on arrival."""

from typing import TypeAlias

from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry

Verdict: TypeAlias = UsageEvent | UsageVoid | Telemetry | Heartbeat | Rejected
