"""Everything a tax engine may answer: closed sets, so that no caller has to read a status code."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from shared.domain.money import Money
from shared.domain.vat_category import VatCategory


class TaxGapCode(StrEnum):
    TAX_RATE_MISSING = "TAX_RATE_MISSING"
    TAX_ATTRIBUTE_MISSING = "TAX_ATTRIBUTE_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGap:
    """What is missing before a line, or None for the whole document, can be taxed, and what to do about it."""

    code: TaxGapCode
    line: int | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedLine:
    """The tax of one line. `rate` is a fraction, of several jurisdictions together.

    `tax` is None where tax is rounded once for each rate of the invoice; an engine that rounds each line says it.
    """

    line: int
    code: str
    rate: Decimal
    vat_category: VatCategory | None
    exemption_reason: str = ""
    tax: Money | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """The tax of the lines that could be taxed, and what the others lack."""

    lines: tuple[TaxedLine, ...]
    gaps: tuple[TaxGap, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The engine has it, for good. `tax` is what it worked out itself; None where it does not say."""

    tax: Money | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """The engine has reported the document to an authority: it is changed and voided no more."""

    text: str


@dataclass(frozen=True, slots=True)
class TaxRefused:
    """Definitely not processed; a person must look."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class TaxUnavailable:
    """Definitely not processed; try again later."""

    reason: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TaxUncertain:
    """Nobody knows. What is recorded goes by the document's code, so trying again is safe."""

    reason: str


@dataclass(frozen=True, slots=True)
class TaxAuthFailed:
    """Not processed; the engine does not take our credentials, or is not to be trusted with them."""

    text: str


Quotation: TypeAlias = Quoted | TaxRefused | TaxUnavailable | TaxAuthFailed
Recording: TypeAlias = Recorded | Frozen | TaxRefused | TaxUnavailable | TaxUncertain | TaxAuthFailed
