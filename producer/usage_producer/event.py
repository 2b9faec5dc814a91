"""A usage event that the usage contract accepts: one that it would refuse cannot be made."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from usage_producer.identity import event_id

CONTRACT = "urn:usage-contract:usage:2"
MAX_TEXT = 256
MAX_EVENT_BYTES = 64 * 1024
MAX_DIMENSIONS = 16
MAX_DECIMALS = 18
QUANTITY_LIMIT = Decimal(10) ** 15
_UNCLEAN = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class InvalidUsageError(ValueError):
    """The event breaks the usage contract; the message names the field and the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent:
    """What was used, as one record of yours says. Raises InvalidUsageError for what ingest would refuse.

    `record_key` is what tells the record from all others of `source`: a request id, a row's key, a file and its line.
    It becomes the event's id together with `meter`, so the same record gives the same event whenever it is sent.
    `occurred_at` has an offset. `quantity` is exact: an int or a Decimal of at least zero, below 10^15, with at most 18
    decimals. `unique_key` is what a unique-count meter counts.
    """

    source: str
    record_key: str
    subject: str
    meter: str
    occurred_at: datetime
    quantity: Decimal | int = 1
    unique_key: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_text("source", self.source)
        check_text("record_key", self.record_key, longest=None)
        check_text("subject", self.subject)
        check_text("meter", self.meter)
        check_time("occurred_at", self.occurred_at)
        _check_quantity(self.quantity)
        if self.unique_key is not None:
            check_text("unique_key", self.unique_key)
        _check_dimensions(self.dimensions)
        # A copy in a fixed order: what the caller does with theirs later changes nothing here.
        object.__setattr__(self, "dimensions", MappingProxyType(dict(sorted(self.dimensions.items()))))

    @property
    def id(self) -> str:
        return event_id(self.source, self.record_key, self.meter)

    def encoded(self) -> bytes:
        """Return the CloudEvent as JSON in UTF-8. Equal events give equal bytes."""
        return encode(self.cloud_event())

    def cloud_event(self) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": "usage.recorded",
            "subject": self.subject,
            "time": instant_text(self.occurred_at),
            "dataschema": CONTRACT,
            "data": self.data(),
        }

    def data(self) -> dict[str, Any]:
        # A Decimal travels as text: some parser on the way could take a number for a float.
        data: dict[str, Any] = {
            "meter": self.meter,
            "quantity": self.quantity if isinstance(self.quantity, int) else _plain(self.quantity),
        }
        if self.unique_key is not None:
            data["unique_key"] = self.unique_key
        if self.dimensions:
            data["dimensions"] = dict(self.dimensions)
        return data


def encode(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def check_text(name: str, value: object, *, longest: int | None = MAX_TEXT, may_be_empty: bool = False) -> None:
    if not isinstance(value, str):
        raise InvalidUsageError(f"{name} is {type(value).__name__}, not text")
    if not value and not may_be_empty:
        raise InvalidUsageError(f"{name} is empty")
    if longest is not None and len(value) > longest:
        raise InvalidUsageError(f"{name} has {len(value)} characters, {longest} at most")
    if unclean := _UNCLEAN.search(value):
        raise InvalidUsageError(f"{name} has the character U+{ord(unclean[0]):04X}, which cannot be stored everywhere")


def check_time(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise InvalidUsageError(f"{name} is {type(value).__name__}, not a datetime")
    if value.utcoffset() is None:
        raise InvalidUsageError(f"{name} has no offset: which instant it means cannot be known")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise InvalidUsageError(f"{name} is outside the years 1 to 9999 in UTC") from None


def _check_quantity(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidUsageError(f"quantity is {type(value).__name__}; only an int or a Decimal is exact")
    quantity = Decimal(value)
    if not quantity.is_finite():
        raise InvalidUsageError(f"quantity is {quantity}")
    if quantity < 0:
        raise InvalidUsageError("quantity is negative")
    if quantity >= QUANTITY_LIMIT:
        raise InvalidUsageError("quantity is 10^15 or more")
    if quantity and (quantity.adjusted() < -MAX_DECIMALS or len(_plain(quantity).partition(".")[2]) > MAX_DECIMALS):
        raise InvalidUsageError(f"quantity has more than {MAX_DECIMALS} decimals")


def _check_dimensions(value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidUsageError(f"dimensions is {type(value).__name__}, not a mapping of names to texts")
    if len(value) > MAX_DIMENSIONS:
        raise InvalidUsageError(f"dimensions has {len(value)} names, {MAX_DIMENSIONS} at most")
    for name, text in value.items():
        check_text("a dimension's name", name)
        check_text(f"dimension {name!a}", text, may_be_empty=True)


def _plain(quantity: Decimal) -> str:
    """Write without exponent and without zeros at the end, so that equal quantities are equal text."""
    if not quantity:
        return "0"
    text = f"{quantity:f}"
    return text.rstrip("0").removesuffix(".") if "." in text else text
