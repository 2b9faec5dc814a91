import json
from datetime import UTC, datetime, timedelta

import pytest

from operations.local.functions import FunctionError
from operations.local.schedule_expressions import parse_schedule
from operations.local.scheduler import Schedule, Scheduler, UndeliveredScheduleError

START = datetime(2026, 1, 1, tzinfo=UTC)
DUE = START + timedelta(hours=1)
KEYWORDS = {"time": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}


def hourly(name: str = "relay-postings", *, retries: int = 185, dead_letters: str | None = None) -> Schedule:
    return Schedule(
        name=name,
        arn=f"arn:aws:scheduler:eu-central-1:123456789012:schedule/default/{name}",
        timing=parse_schedule("rate(1 hour)", created_at=START),
        target_arn="arn:aws:lambda:eu-central-1:123456789012:function:relay",
        input_text=json.dumps(KEYWORDS),
        retry_attempts=retries,
        dead_letter_queue_arn=dead_letters,
    )


class Target:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.delivered: list[dict[str, str]] = []
        self.dead: list[tuple[str, str]] = []

    def deliver(self, target_arn: str, text: str, firing: str) -> None:
        self.delivered.append(json.loads(text))
        if len(self.delivered) <= self.failures:
            raise FunctionError("ErpUnavailableError", "later")

    def dead_letter(self, queue_arn: str, text: str) -> None:
        self.dead.append((queue_arn, text))

    def scheduler(self, *schedules: Schedule) -> Scheduler:
        return Scheduler(schedules=schedules, deliver=self.deliver, dead_letter=self.dead_letter)


def test_the_keywords_of_the_input_are_replaced() -> None:
    target = Target()

    target.scheduler().fire(DUE, hourly())

    assert target.delivered == [{"time": "2026-01-01T01:00:00Z", "try": "1"}]


def test_a_failing_target_is_tried_three_times_with_the_same_scheduled_time() -> None:
    target = Target(failures=2)

    target.scheduler().fire(DUE, hourly())

    assert [each["try"] for each in target.delivered] == ["1", "2", "3"]
    assert {each["time"] for each in target.delivered} == {"2026-01-01T01:00:00Z"}


def test_what_keeps_failing_goes_to_the_dead_letter_queue() -> None:
    target = Target(failures=9)

    target.scheduler().fire(DUE, hourly(retries=1, dead_letters="arn:aws:sqs:eu-central-1:123456789012:dead"))

    assert len(target.delivered) == 2
    assert target.dead[0][0] == "arn:aws:sqs:eu-central-1:123456789012:dead"


def test_what_keeps_failing_is_never_lost_silently() -> None:
    with pytest.raises(UndeliveredScheduleError, match="relay-postings"):
        Target(failures=9).scheduler().fire(DUE, hourly())


def test_missed_firings_are_coalesced_and_come_in_the_order_of_time_and_name() -> None:
    scheduler = Target().scheduler(hourly("b"), hourly("a"))

    due = scheduler.due(after=START, until=START + timedelta(hours=3, minutes=59))

    assert [(instant, schedule.name) for instant, schedule in due] == [
        (START + timedelta(hours=3), "a"),
        (START + timedelta(hours=3), "b"),
    ]
