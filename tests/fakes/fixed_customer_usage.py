"""A customer's usage as it is told (port CustomerUsage): what is sealed, and what comes late."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.reading import LateUsage, SlotsRead, UsageManifest, UsageReading, usage_manifest
from shared.domain.time_period import Period


class FixedCustomerUsage:
    def __init__(self, *windows: WindowUsage, sealed_through: datetime | None) -> None:
        self.windows = list(windows)
        self.late_usage: list[LateUsage] = []
        self.sealed = sealed_through

    def come_late(self, *windows: WindowUsage) -> None:
        """Count each window in a slot of its own at the end of its day's late log."""
        for usage in windows:
            day = usage.key.window_start.replace(hour=0, minute=0)
            number = 1 + sum(one.place.slice_start == day for one in self.late_usage)
            place = SlotsRead(layout_version=1, group=0, slice_start=day, last_slot=number)
            self.late_usage.append(LateUsage(place, usage))

    def sealed_through(self) -> datetime | None:
        return self.sealed

    def read(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest] = ()
    ) -> UsageReading:
        late = self.late(customer_id, subjects, period, after=after)
        last = {one.place.slice_start: one.place for one in late}
        return UsageReading(
            windows=(*self._sealed(customer_id, period), *(one.usage for one in late)),
            manifest=usage_manifest(sealed=(), late=last.values()),
        )

    def read_again(
        self, customer_id: CustomerId, period: Period, manifests: Sequence[UsageManifest]
    ) -> tuple[WindowUsage, ...]:
        late = self.late(customer_id, (), period, after=manifests)
        known = (one.usage for one in late if any(manifest.has_read_late(one.place) for manifest in manifests))
        return (*self._sealed(customer_id, period), *known)

    def late(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest]
    ) -> tuple[LateUsage, ...]:
        return tuple(one for one in self.late_usage if _is_in(one.usage, customer_id, period))

    def _sealed(self, customer_id: CustomerId, period: Period) -> tuple[WindowUsage, ...]:
        return tuple(usage for usage in self.windows if _is_in(usage, customer_id, period))


def _is_in(usage: WindowUsage, customer_id: CustomerId, period: Period) -> bool:
    return usage.key.customer_id == customer_id and usage.key.window_start in period
