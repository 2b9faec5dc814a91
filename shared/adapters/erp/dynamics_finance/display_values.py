"""Accounts and dimensions in one text, in the order that the environment's integration formats give them."""

from collections.abc import Sequence

from shared.adapters.erp.dynamics_finance.settings import Settings


def ledger_account(main_account: str, dimensions: Sequence[tuple[str, str]], settings: Settings) -> str:
    """Return MainAccount-Dimension-Dimension; `dimensions` are by our names."""
    return settings.delimiter.join([_escaped(main_account, settings), *_values(dimensions, settings)])


def main_account(display_value: str, settings: Settings) -> str:
    """Return the account of what `ledger_account` writes, however many parts the ERP shows behind it."""
    parts = display_value.replace("\\" + settings.delimiter, "\0").split(settings.delimiter)
    return parts[0].replace("\0", settings.delimiter)


def default_dimensions(dimensions: Sequence[tuple[str, str]], settings: Settings) -> str:
    return settings.delimiter.join(_values(dimensions, settings)) if dimensions else ""


def customer_account(key: str, settings: Settings) -> str:
    return _escaped(key, settings)


def _values(dimensions: Sequence[tuple[str, str]], settings: Settings) -> list[str]:
    given = {settings.mapping.dimensions[name].field: value for name, value in dimensions}
    return [_escaped(given.get(name, ""), settings) for name in settings.dimension_order]


def _escaped(value: str, settings: Settings) -> str:
    """Put a backslash before what would otherwise part the text."""
    return value.replace(settings.delimiter, "\\" + settings.delimiter)
