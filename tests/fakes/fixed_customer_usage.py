"""A customer's usage as it is told (port CustomerUsage)."""

from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.reading import UsageManifest, UsageReading
from shared.domain.time_period import Period


class FixedCustomerUsage:
    def __init__(self, *windows: WindowUsage, sealed_through: datetime | None) -> None:
        self.windows = list(windows)
        self.sealed = sealed_through

    def sealed_through(self) -> datetime | None:
        return self.sealed

    def read(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageReading:
        windows = tuple(
            window
            for window in self.windows
            if window.key.customer_id == customer_id and window.key.window_start in period
        )
        return UsageReading(windows=windows, manifest=UsageManifest(sealed=(), late=(), digest=str(len(windows))))
