"""Accounts with dimensions written as one text, in the order that the environment's setup gives them."""

import re
from dataclasses import dataclass

from simulators.erp.company import CompanySetup
from simulators.erp.dynamics_finance.dialect import unknown_value

DELIMITER = "-"
UNESCAPED = re.compile(r"(?<!\\)-")


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """A main account, and the values of its dimensions."""

    main_account: str
    dimensions: dict[str, str]


def ledger_account(setup: CompanySetup, text: str, *, entity: str, field: str) -> LedgerAccount:
    """Read MainAccount-Dimension-Dimension; trailing parts may be missing or empty. Raises a Refusal."""
    main_account, *values = split(text)
    if main_account not in setup.chart():
        raise unknown_value(entity, field, text)
    return LedgerAccount(main_account, _dimensions(setup, values, text, entity=entity, field=field))


def default_dimensions(setup: CompanySetup, text: str, *, entity: str, field: str) -> dict[str, str]:
    """Read Dimension-Dimension; raises a Refusal for a value that the dimension does not have."""
    return _dimensions(setup, split(text) if text else [], text, entity=entity, field=field)


def split(text: str) -> list[str]:
    """Take a text apart at its delimiters; one that belongs to a value has a backslash before it."""
    return [part.replace("\\" + DELIMITER, DELIMITER) for part in UNESCAPED.split(text)]


def escaped(value: str) -> str:
    return value.replace(DELIMITER, "\\" + DELIMITER)


def _dimensions(setup: CompanySetup, values: list[str], text: str, *, entity: str, field: str) -> dict[str, str]:
    names = list(setup.dimensions)
    if len(values) > len(names) and any(values[len(names) :]):
        raise unknown_value(entity, field, text)
    given = {name: value for name, value in zip(names, values, strict=False) if value}
    for name, value in given.items():
        if value not in setup.dimensions[name]:
            raise unknown_value(entity, field, text)
    return given
