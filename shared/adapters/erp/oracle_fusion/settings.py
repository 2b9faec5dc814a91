"""What an entity's mapping says of Fusion beyond products and tax codes, with what holds where it says nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.master_data.catalog import ErpMapping

JOURNAL_SETTINGS: Final = ("data_access_set_id", "journal_source", "journal_source_id", "journal_category")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_PERIOD_PARTS: Final = re.compile("(YYYY|YY|MON|Mon|MM)")
_ACCOUNT: Final = "account"


class NoCombinationError(ValueError):
    """The account's segments cannot be written; the text says what is missing."""


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
        """Return an account with its segments; raises NoCombinationError, also for a dimension that has no place."""
        template = self.of("account_combination", "{account}")
        values = {self.mapping.dimensions[name].field: value for name, value in dimensions}
        places = {found.group(1) for found in _PLACEHOLDER.finditer(template)}
        homeless = sorted(set(values) - places)
        if homeless:
            raise NoCombinationError(f"account_combination has no place for {', '.join(homeless)}")
        return _PLACEHOLDER.sub(lambda found: _filled(found, {**values, _ACCOUNT: account}), template)

    def segments(self, account: str, dimensions: tuple[tuple[str, str], ...]) -> list[str]:
        """Return the segments of an account, from the first on; raises NoCombinationError."""
        return self.combination(account, dimensions).split(self.of("segment_delimiter", "."))

    @property
    def _period_parts(self) -> list[str]:
        return _PERIOD_PARTS.split(self.of("period_format", "Mon-YY"))


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    name, default = found.group(1), found.group(2)
    if name in values:
        return values[name]
    if default is None:
        raise NoCombinationError(f"nothing is said of {name}")
    return default
