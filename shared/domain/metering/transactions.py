"""Transactions: amounts that are priced one by one, so that their sum would not do."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Transaction(NamedTuple):
    """One amount and whose it is. The order is that of (occurred_at, source, event_id), whenever it arrived."""

    occurred_at: datetime
    source: str
    event_id: str
    amount: Decimal


def in_sequence(transactions: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """Sort transactions: "the first ten" are the first ten of this order."""
    return tuple(sorted(transactions))
