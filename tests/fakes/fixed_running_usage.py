"""A customer's usage so far as it is told (port RunningUsage)."""

from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.reading import UsageSoFar
from shared.domain.time_period import Period


class FixedRunningUsage:
    def __init__(self, *windows: WindowUsage, as_of: datetime) -> None:
        self.windows = list(windows)
        self.as_of = as_of

    def of(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageSoFar:
        windows = tuple(
            window
            for window in self.windows
            if window.key.customer_id == customer_id and window.key.window_start in period
        )
        return UsageSoFar(windows=windows, as_of=self.as_of, complete_until=self.as_of)
