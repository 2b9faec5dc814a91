"""Elements of UBL: text that XML can hold, amounts with their currency, quantities with their unit."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET  # only ever used to write

from shared.domain.money import EXACT, Money

AGGREGATE = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
BASIC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_DECIMALS = 2


def group(parent: ET.Element, name: str) -> ET.Element:
    """Add an element that holds others (cac:)."""
    return ET.SubElement(parent, f"{{{AGGREGATE}}}{name}")


def text(parent: ET.Element, name: str, value: str, **attributes: str) -> None:
    """Add an element that holds a value (cbc:), unless there is none. What XML cannot hold is left out of it."""
    written = _NOT_IN_XML.sub("", value).strip()
    if written:
        ET.SubElement(parent, f"{{{BASIC}}}{name}", attributes).text = written


def day(parent: ET.Element, name: str, value: date) -> None:
    text(parent, name, value.isoformat())


def amount(parent: ET.Element, name: str, value: Money) -> None:
    """Add a rounded amount: with the currency's own decimals, but never more than two."""
    decimals = min(value.currency.minor_units, _MOST_DECIMALS)
    exact = value.amount.quantize(Decimal(1).scaleb(-decimals), context=EXACT)
    assert exact == value.amount, "e_invoice_faults names an amount that would have to be rounded"
    text(parent, name, f"{exact:f}", currencyID=value.currency.code)


def number(parent: ET.Element, name: str, value: Decimal, **attributes: str) -> None:
    """Add a number with the digits that count and no others."""
    text(parent, name, f"{value.normalize(EXACT):f}", **attributes)
