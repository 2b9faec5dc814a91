"""What an entity's mapping says of Fusion beyond products and tax codes, with what holds where it says nothing."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.systems.oracle_fusion import PLACE

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIOD_PARTS: Final = re.compile("(YYYY|YY|MON|Mon|MM)")
_ACCOUNT: Final = "account"


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """The mapping of one legal entity; `mapping.company` is its business unit."""

    mapping: ErpMapping

    def of(self, name: str, default: str = "") -> str:
        return self.mapping.settings.get(name, default)

    @property
    def ledger_id(self) -> str:
        return self.of("ledger_id")

    @property
    def key_field(self) -> str:
        return self.of("key_field", "CrossReference")

    def period_name(self, day: date) -> str:
        """Return the name that the ledger's calendar has for the month of a day."""
        month = _MONTHS[day.month - 1]
        parts = {
            "YYYY": str(day.year),
            "YY": f"{day.year % 100:02}",
            "MON": month.upper(),
            "Mon": month,
            "MM": f"{day.month:02}",
        }
        return "".join(parts.get(part, part) for part in self._period_parts)

    def month_of(self, period_name: str) -> str:
        """Return the month (YYYY-MM) of a period by its name; raises ValueError for a name of another form."""
        groups = {
            "YYYY": r"(?P<year>\d{4})",
            "YY": r"(?P<short>\d{2})",
            "MON": r"(?P<name>[A-Za-z]{3})",
            "Mon": r"(?P<name>[A-Za-z]{3})",
            "MM": r"(?P<month>\d{2})",
        }
        pattern = "".join(groups.get(part) or re.escape(part) for part in self._period_parts)
        found = re.fullmatch(pattern, period_name)
        if found is None:
            raise ValueError(f"{period_name} is no period of the form {''.join(self._period_parts)}")
        said = found.groupdict()
        year = int(said["year"]) if said.get("year") else 2000 + int(said["short"])
        month = int(said["month"]) if said.get("month") else _MONTHS.index(said["name"].capitalize()) + 1
        return f"{year:04}-{month:02}"

    def combination(self, account: str, dimensions: tuple[tuple[str, str], ...]) -> str:
        """Return an account with its segments; every place has something (domain/posting/limits)."""
        values = {self.mapping.dimensions[name].field: value for name, value in dimensions} | {_ACCOUNT: account}
        template = self.of("account_combination", "{account}")
        return re.sub(PLACE, lambda place: values.get(place["field"]) or _default(place), template)

    def segments(self, account: str, dimensions: tuple[tuple[str, str], ...]) -> list[str]:
        """Return the segments of an account, from the first on."""
        return self.combination(account, dimensions).split(self.of("segment_delimiter", "."))

    @property
    def _period_parts(self) -> list[str]:
        return _PERIOD_PARTS.split(self.of("period_format", "Mon-YY"))


def _default(place: re.Match[str]) -> str:
    default = place["default"]
    assert isinstance(default, str), "an account without one of its segments is another account"
    return default
