"""Account combinations: the natural account is SEGMENT1; the company's dimensions are called by their segments."""

from collections.abc import Sequence

from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity

DELIMITER = "."
NO_VALUE = "000"


class InvalidCombinationError(ValueError):
    """These segment values are no valid account."""


def natural_account(books: UnitBooks, segments: Sequence[str]) -> str:
    """Return the natural account of a combination whose every segment is valid; raises InvalidCombinationError."""
    account, *others = segments
    known = account in books.setup.chart()
    for place, value in enumerate(others, start=2):
        known = known and value in {"", NO_VALUE, *books.setup.dimensions.get(f"SEGMENT{place}", ())}
    if not known:
        raise InvalidCombinationError(DELIMITER.join(segments))
    return account


def values_of_set(books: UnitBooks, value_set: str) -> list[Entity]:
    """Return the values of a segment whose value set is called as the segment; any other set is that of the accounts.

    What value sets are called is each customer's own.
    """
    if value_set in books.setup.dimensions:
        values = sorted(books.setup.dimensions[value_set])
        return [{"Value": value, "Description": f"Value {value}", "EnabledFlag": "Y"} for value in values]
    return [
        {"Value": account, "Description": f"{role.value} {account}", "EnabledFlag": "Y"}
        for account, role in sorted(books.setup.chart().items())
    ]
