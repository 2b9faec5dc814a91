"""Powertools' circuit breaker reads the simulated clock, and forgets what an earlier cloud of this process counted."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import aws_lambda_powertools.utilities.circuit_breaker.base as handling
import aws_lambda_powertools.utilities.circuit_breaker.persistence.base as keeping
import aws_lambda_powertools.utilities.circuit_breaker.persistence.dynamodb as storing

from operations.local.patching import replaced


@contextmanager
def circuit_breaker_on_simulated_time(read_seconds: Callable[[], float]) -> Iterator[None]:
    """Have `datetime.now()` of the circuit breaker's modules follow a clock. It asks for nothing else of them."""

    def now() -> datetime:
        return datetime.fromtimestamp(read_seconds(), UTC)

    with ExitStack() as stack:
        for module in (handling, keeping, storing):
            stack.enter_context(replaced(module, "dt", SimpleNamespace(datetime=SimpleNamespace(now=now))))
        for counter in ("_LOCAL_FAILURES", "_LOCAL_SUCCESSES", "_LAST_OBSERVED_STATE"):
            stack.enter_context(replaced(handling, counter, {}))
        yield
