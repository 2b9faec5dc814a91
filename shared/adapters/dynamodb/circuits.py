"""Circuit breakers by Powertools, their state in DynamoDB (port Circuits).

What to know of them: failures are counted in a process, so that each of several has to see its own before the circuit
opens for all; a state is up to five seconds old; a table that cannot be read is a closed circuit. One success closes
it: the probes are bound to the process that made the first one, which may get nothing more to do.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker import CircuitState as StoredState
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from shared.domain.identifiers import TenantId
from shared.domain.posting.circuit import FAILURES_THAT_OPEN, LEFT_ALONE_FOR, Circuit, CircuitState, Health

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Result = TypeVar("Result")

_STATES = {
    StoredState.CLOSED: CircuitState.CLOSED,
    StoredState.OPEN: CircuitState.OPEN,
    StoredState.HALF_OPEN: CircuitState.PROBING,
}


class _DownError(Exception):
    """A failure: the circuit breaker knows nothing but exceptions."""


class _UntoldError(Exception):
    """Neither a failure nor a success: as a success it would close a circuit that was never tried."""


_CONFIG = CircuitBreakerConfig(
    failure_threshold=FAILURES_THAT_OPEN,
    recovery_timeout=int(LEFT_ALONE_FOR.total_seconds()),
    success_threshold=1,
    handled_exceptions=_DownError,
)


class PowertoolsCircuits:
    """The circuits of one tenant, all in one partition. Their item has no use for a time to live: an open one stays."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._tenant = tenant
        self._store = CircuitBreakerDynamoDBPersistence(
            table_name=table,
            key_attr="pk",
            static_pk_value=f"{tenant}#circuits",
            sort_key_attr="sk",
            boto3_client=client,
        )

    def call(
        self, connection: str, send: Callable[[], Result], *, health: Callable[[Result], Health]
    ) -> Result | Circuit:
        results: list[Result] = []

        def told() -> None:
            results.append(result := send())
            match health(result):
                case Health.DOWN:
                    raise _DownError
                case Health.UNTOLD:
                    raise _UntoldError
                case Health.UP:
                    pass

        guarded = circuit_breaker(self._name(connection), self._store, config=_CONFIG)(told)
        try:
            guarded()
        except CircuitBreakerOpenError:
            return self.circuit(connection)
        except (_DownError, _UntoldError):
            pass
        return results[0]

    def circuit(self, connection: str) -> Circuit:
        name = self._name(connection)
        self._store.configure(_CONFIG, name)
        record = self._store.get_state(name)
        state = _STATES[record.state]
        if state is CircuitState.CLOSED:
            return Circuit(state)
        tried_at = record.probe_lease_expiry or (record.opened_at or 0) + LEFT_ALONE_FOR.total_seconds()
        return Circuit(state, datetime.fromtimestamp(tried_at, UTC))

    def _name(self, connection: str) -> str:
        return f"{self._tenant}/{connection}"  # counters are kept by name for the whole process
