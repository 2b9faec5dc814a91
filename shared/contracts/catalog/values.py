"""Single values of the catalogue: read from their exact text, refused with a code that says what is wrong."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

from shared.domain.money import UnknownCurrencyError, currency
from shared.domain.time_period import format_instant, local_midnight, parse_instant

# As exact as a quantity of the usage contract, and small enough that any product of the two is exact.
MOST_DECIMALS = 18
LIMIT = Decimal(10) ** 15
HUNDRED = Decimal(100)
HOUR = timedelta(hours=1)
LONGEST_GRACE_HOURS = 31 * 24  # the next billing period has ended by then
# Beyond them a boundary has no day in some zone: the last one is the midnight of 9999-12-31 furthest west.
FIRST_YEAR = 1900
LAST_INSTANT = datetime(9999, 12, 31, 12, tzinfo=UTC)


class CatalogModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _amount(value: object) -> Decimal:
    if isinstance(value, float | bool) or not isinstance(value, str | int | Decimal):
        raise PydanticCustomError("NOT_A_NUMBER", "a number is needed, as a number or as text")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise PydanticCustomError("NOT_A_NUMBER", "a decimal number is needed") from None
    if not amount.is_finite():
        raise PydanticCustomError("NOT_A_NUMBER", "a finite number is needed")
    if amount < 0:
        raise PydanticCustomError("NEGATIVE_AMOUNT", "a number of at least zero is needed")
    exponent = amount.as_tuple().exponent
    if amount >= LIMIT or not isinstance(exponent, int) or exponent < -MOST_DECIMALS:
        raise PydanticCustomError("INVALID_VALUE", "a number below 1e15 with at most 18 decimals is needed")
    return amount.copy_abs()  # -0 is 0; abs() would round to 28 digits


def _positive(value: object) -> Decimal:
    amount = _amount(value)
    if not amount:
        raise PydanticCustomError("INVALID_VALUE", "a number above zero is needed")
    return amount


def _yes(value: object) -> bool:
    if value is not True and value != "true":
        raise PydanticCustomError("INVALID_VALUE", "it is true, or left out")
    return True


def _rate(value: object) -> Decimal:
    rate = _amount(value)
    if rate > 1:
        raise PydanticCustomError("INVALID_VALUE", "a rate is a fraction: 0.19 stands for 19 %")
    return rate


def _percent(value: object) -> Decimal:
    percent = _amount(value)
    if percent > HUNDRED:
        raise PydanticCustomError("INVALID_VALUE", "a percentage is at most 100: 20 stands for 20 %")
    return percent


def _factor(value: object) -> Decimal:
    factor = _amount(value)
    if factor < 1:
        raise PydanticCustomError("INVALID_VALUE", "a factor is at least 1: 1.2 stands for 20 % more")
    return factor


def _currency_code(value: object) -> str:
    try:
        return currency(str(value)).code
    except UnknownCurrencyError:
        raise PydanticCustomError("UNKNOWN_CURRENCY", "an ISO 4217 currency code is needed, e.g. EUR") from None


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("UNKNOWN_TIME_ZONE", "an IANA time zone is needed, e.g. Europe/Berlin") from None


def _boundary(value: object) -> date | datetime:
    """Read a date ("2026-03-01") or an instant with its offset ("2026-03-01T00:00:00Z")."""
    text = str(value)
    try:
        boundary = date.fromisoformat(text) if len(text) == len("2026-03-01") else parse_instant(text)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "INVALID_VALUE", "a date (2026-03-01) or an instant with its offset (2026-03-01T00:00:00Z) is needed"
        ) from None
    if boundary.year < FIRST_YEAR or (isinstance(boundary, datetime) and boundary > LAST_INSTANT):
        raise PydanticCustomError("INVALID_VALUE", "a day from 1900 to 9999-12-31 is needed; leave out what has no end")
    return boundary


def _day(value: object) -> date:
    text = str(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # 20260331 and 2026-W14-2 are the same day
        raise PydanticCustomError("INVALID_VALUE", "a date is needed, e.g. 2026-03-31")
    return day


def instant_of(boundary: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant that a boundary stands for: that of a date is its midnight in the zone."""
    return boundary if isinstance(boundary, datetime) else local_midnight(boundary, zone)


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def _text_of(boundary: date | datetime) -> str:
    return format_instant(boundary) if isinstance(boundary, datetime) else boundary.isoformat()


# Ids become parts of keys, document numbers and paths.
Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=100)]
# Parts of the names of invoice lines, in which "@" begins the period that a line adjusts.
LinePart: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=100)]
Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
OptionalText: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256)]
# What every ERP takes of a customer and a document: it would refuse a longer one after the invoice has its number.
PartyName: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=83)]
PartyEmail: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
PurchaseOrder: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, max_length=35)]
Country: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
CountryOrAny: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|\*)$")]
Amount: TypeAlias = Annotated[Decimal, BeforeValidator(_amount), PlainSerializer(_plain, return_type=str)]
PositiveAmount: TypeAlias = Annotated[Decimal, BeforeValidator(_positive), PlainSerializer(_plain, return_type=str)]
Yes: TypeAlias = Annotated[bool, BeforeValidator(_yes)]
Rate: TypeAlias = Annotated[Decimal, BeforeValidator(_rate), PlainSerializer(_plain, return_type=str)]
Percent: TypeAlias = Annotated[Decimal, BeforeValidator(_percent), PlainSerializer(_plain, return_type=str)]
Factor: TypeAlias = Annotated[Decimal, BeforeValidator(_factor), PlainSerializer(_plain, return_type=str)]
GraceHours: TypeAlias = Annotated[int, Field(ge=0, le=LONGEST_GRACE_HOURS)]
CurrencyCode: TypeAlias = Annotated[str, BeforeValidator(_currency_code)]
Zone: TypeAlias = Annotated[str, BeforeValidator(_zone)]
Boundary: TypeAlias = Annotated[date | datetime, BeforeValidator(_boundary), PlainSerializer(_text_of, return_type=str)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
