"""Moto's queues, streams and notifications read the simulated clock, so that visibility, arrival and age are exact."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import moto.kinesis.models
import moto.s3.notifications
import moto.sqs.models

from operations.local.clock import SimulatedClock
from operations.local.patching import replaced


@contextmanager
def moto_on_simulated_time(clock: SimulatedClock) -> Iterator[None]:
    """Visibility time-outs, receive times, record arrivals and notification times follow the clock.

    A message is visible at its deadline, not only after it: time stands still between two calls, and a message made
    visible at once has to be so without anybody moving the clock.
    """
    sqs = moto.sqs.models
    with ExitStack() as stack:
        for module, name, value in (
            (sqs, "unix_time", _reading(clock)),
            (sqs, "unix_time_millis", clock.milliseconds),
            (sqs.Message, "visible", property(lambda message: clock.milliseconds() >= message.visible_at)),
            (moto.kinesis.models, "utcnow", lambda: clock.now().replace(tzinfo=None)),
            (moto.s3.notifications, "iso_8601_datetime_with_milliseconds", lambda: _iso_milliseconds(clock.now())),
        ):
            stack.enter_context(replaced(module, name, value))
        yield


def _reading(clock: SimulatedClock) -> Callable[..., float]:
    def unix_time(instant: datetime | None = None) -> float:
        return clock.seconds() if instant is None else instant.replace(tzinfo=UTC).timestamp()

    return unix_time


def _iso_milliseconds(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
