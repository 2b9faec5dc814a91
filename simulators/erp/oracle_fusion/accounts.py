"""Account combinations: the natural account first, then one segment for each dimension of the company, in its order."""

from collections.abc import Sequence

from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity

DELIMITER = "."
NO_VALUE = "000"


class InvalidCombinationError(ValueError):
    """These segment values are no valid account."""


def natural_account(books: UnitBooks, segments: Sequence[str]) -> str:
    """Return the natural account of a combination whose every segment is valid; raises InvalidCombinationError."""
    dimensions = list(books.setup.dimensions.values())
    account, *others = segments
    if account not in books.setup.chart() or len(others) > len(dimensions):
        raise InvalidCombinationError(DELIMITER.join(segments))
    for value, allowed in zip(others, dimensions, strict=False):
        if value not in {"", NO_VALUE, *allowed}:
            raise InvalidCombinationError(DELIMITER.join(segments))
    return account


def account_values(books: UnitBooks) -> list[Entity]:
    """Return the natural accounts as their value set shows them."""
    return [
        {"Value": account, "Description": f"{role.value} {account}", "EnabledFlag": "Y"}
        for account, role in sorted(books.setup.chart().items())
    ]
