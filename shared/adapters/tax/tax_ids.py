"""Check digits and shapes of tax ids, by python-stdnum (port TaxIds). Only what takes in catalogues carries it."""

from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

_STARTS_OTHERWISE = {"EL": "GR"}
_REASONS: dict[type[ValidationError], str] = {
    InvalidChecksum: "its check digits do not fit",
    InvalidLength: "it has too many or too few characters",
    InvalidFormat: "it is not written like one",
    InvalidComponent: "a part of it cannot be",
}


class StandardTaxIds:
    def fault(self, tax_id: str, country: str) -> str:
        where = _country_of(tax_id, country)
        module = get_cc_module(where.lower(), "vat")
        if module is None:
            return ""
        try:
            module.validate(tax_id)
        except ValidationError as error:
            reason = next((text for kind, text in _REASONS.items() if isinstance(error, kind)), "it is not one")
            return f"no tax id of {where}: {reason}"
        return ""


def _country_of(tax_id: str, country: str) -> str:
    """Return the country that the id starts with, where that can be: a customer may be registered in another one."""
    start = _STARTS_OTHERWISE.get(tax_id[:2], tax_id[:2])
    return start if start.lower() in MEMBER_STATES and tax_id[2:3].isalnum() else country
