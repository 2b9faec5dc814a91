"""What accumulates while a catalogue is read: its faults, and the periods that depend on a zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.contracts.catalog.values import instant_of
from shared.domain.issue import Issue
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.time_period import Period


class Faults:
    """Collects faults in the order in which they are found."""

    def __init__(self) -> None:
        self.found: list[Issue] = []

    def add(self, code: CatalogFaultCode, path: str, message: str) -> None:
        self.found.append(fault(code, path, message))

    def period(
        self, path: str, start: date | datetime | None, end: date | datetime | None, zone: ZoneInfo
    ) -> Period | None:
        """Return the period between two boundaries, or name the fault and return None. No start is since always."""
        starts_at = SINCE_ALWAYS if start is None else instant_of(start, zone)
        ends_at = None if end is None else instant_of(end, zone)
        if ends_at is not None and ends_at <= starts_at:
            message = f"valid_until {end} is not after valid_from {start}; it is the first day that is out"
            self.add(CatalogFaultCode.PERIOD_REVERSED, path, message)
            return None
        return Period(starts_at, ends_at)
