"""How old master data may be, as a function's settings say it."""

from shared.domain.master_data.freshness import Freshness
from shared.runtime.environment import Environment


def freshness_of(environment: Environment) -> Freshness:
    """Read MASTER_DATA_UNASKED_SECONDS and MASTER_DATA_MAX_AGE_SECONDS."""
    return Freshness.of(
        unasked_seconds=environment.number("MASTER_DATA_UNASKED_SECONDS"),
        at_most_seconds=environment.number("MASTER_DATA_MAX_AGE_SECONDS"),
    )
