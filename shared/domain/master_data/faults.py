"""What can be wrong with a catalogue: stable codes, one for each thing that its writer has to do about it."""

from enum import StrEnum

from shared.domain.issue import Issue, Severity


class CatalogFaultCode(StrEnum):
    # the files
    FILE_MISSING = "FILE_MISSING"
    FILE_UNKNOWN = "FILE_UNKNOWN"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    KEY_TWICE = "KEY_TWICE"
    # one value
    VALUE_MISSING = "VALUE_MISSING"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    INVALID_VALUE = "INVALID_VALUE"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    NEGATIVE_AMOUNT = "NEGATIVE_AMOUNT"
    UNKNOWN_CURRENCY = "UNKNOWN_CURRENCY"
    UNKNOWN_TIME_ZONE = "UNKNOWN_TIME_ZONE"
    PERIOD_REVERSED = "PERIOD_REVERSED"
    NOT_ON_WINDOW_EDGE = "NOT_ON_WINDOW_EDGE"
    UNKNOWN_ERP_SYSTEM = "UNKNOWN_ERP_SYSTEM"
    APPROVER_MISSING = "APPROVER_MISSING"
    TIERS_OUT_OF_ORDER = "TIERS_OUT_OF_ORDER"
    MODEL_DOES_NOT_FIT = "MODEL_DOES_NOT_FIT"
    INVALID_EXPRESSION = "INVALID_EXPRESSION"
    # values that contradict each other
    DUPLICATE_ID = "DUPLICATE_ID"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    SUBJECT_CLAIMED_TWICE = "SUBJECT_CLAIMED_TWICE"
    PARENT_CYCLE = "PARENT_CYCLE"
    PERIODS_CONTRADICT = "PERIODS_CONTRADICT"
    OVERLAPPING_PRICES = "OVERLAPPING_PRICES"
    OVERLAPPING_TAX_RATES = "OVERLAPPING_TAX_RATES"
    METER_CHARGED_TWICE = "METER_CHARGED_TWICE"
    PRICE_MISSING = "PRICE_MISSING"
    MAPPING_MISSING = "MAPPING_MISSING"
    TAX_RATE_MISSING = "TAX_RATE_MISSING"


def fault(code: CatalogFaultCode, path: str, message: str) -> Issue:
    """Name one fault. `path` starts with the section, e.g. "customers[2].country"."""
    return Issue(severity=Severity.CRITICAL, code=code, message=message, path=path)
