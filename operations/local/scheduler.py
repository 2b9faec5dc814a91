"""EventBridge Scheduler on simulated time. What was due several times since the clock last moved fires once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from operations.local.functions import FunctionError
from operations.local.schedule_expressions import Cron, Rate

# Lambda runs what reaches it asynchronously at most three times, and the scheduler invokes asynchronously.
_MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    name: str
    arn: str
    timing: Rate | Cron
    target_arn: str
    input_text: str
    retry_attempts: int
    dead_letter_queue_arn: str | None

    def input_at(self, due: datetime, *, attempt: int) -> str:
        """Replace the scheduler's keywords in the input."""
        replacements = {
            "schedule-arn": self.arn,
            "scheduled-time": due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "execution-id": str(uuid5(NAMESPACE_OID, f"{self.arn}/{due.isoformat()}")),
            "attempt-number": str(attempt),
        }
        text = self.input_text
        for keyword, value in replacements.items():
            text = text.replace(f"<aws.scheduler.{keyword}>", value)
        return text


class UndeliveredScheduleError(RuntimeError):
    """A schedule's target kept failing and the schedule has no dead-letter queue: it would be lost silently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """`deliver` gets the target's ARN, the input and a unique id of the firing; it raises FunctionError."""

    schedules: Sequence[Schedule]
    deliver: Callable[[str, str, str], None]
    dead_letter: Callable[[str, str], None]

    def due(self, *, after: datetime, until: datetime) -> list[tuple[datetime, Schedule]]:
        """Each schedule that was due in (after, until], with the last instant it was due, in that order."""
        last = [(schedule.timing.last_due(after=after, until=until), schedule) for schedule in self.schedules]
        return sorted(
            ((instant, schedule) for instant, schedule in last if instant is not None),
            key=lambda firing: (firing[0], firing[1].name),
        )

    def fire(self, due: datetime, schedule: Schedule) -> None:
        """Deliver, retry at once, and at last put the input into the schedule's dead-letter queue."""
        firing = str(uuid5(NAMESPACE_OID, f"{schedule.arn}/{due.isoformat()}"))
        error: FunctionError | None = None
        for attempt in range(1, min(schedule.retry_attempts + 1, _MOST_ATTEMPTS) + 1):
            try:
                self.deliver(schedule.target_arn, schedule.input_at(due, attempt=attempt), firing)
            except FunctionError as raised:
                error = raised
            else:
                return
        if schedule.dead_letter_queue_arn is None:
            raise UndeliveredScheduleError(f"{schedule.name} at {due}") from error
        self.dead_letter(schedule.dead_letter_queue_arn, schedule.input_at(due, attempt=_MOST_ATTEMPTS))
